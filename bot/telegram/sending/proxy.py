"""Proxy on the way to Telegram: the configured one, else HTTPS_PROXY and NO_PROXY as everybody reads them."""

from __future__ import annotations

import ipaddress
from functools import lru_cache
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

USABLE_SCHEMES = ("http", "https")


class ProxyError(Exception):
    """A proxy that can't be used, and why."""


@lru_cache(maxsize=64)
def proxy_for(address: str, configured: str | None = None) -> str | None:
    """The proxy for a server's address; None: straight. This machine itself is never asked for through a proxy.

    Raises ProxyError where a proxy is named that is none for HTTP.
    """
    try:
        parts = urlsplit(address)
        scheme, host = parts.scheme, parts.hostname or ""
    except ValueError:  # the client says better what is wrong with it
        return None
    if _is_loopback(host):
        return None
    proxy = configured
    if proxy is None and not proxy_bypass(host):
        known = getproxies()
        proxy = known.get(scheme) or known.get("all")
    if not proxy:
        return None
    if "://" not in proxy:
        proxy = f"http://{proxy}"
    if urlsplit(proxy).scheme not in USABLE_SCHEMES:
        raise ProxyError(f"a proxy of the kind {urlsplit(proxy).scheme}:// can't be used; allowed: http://, https://")
    return proxy


def shown_proxy(proxy: str) -> str:
    """A proxy's address without the name and the password in it."""
    parts = urlsplit(proxy)
    return f"{parts.scheme}://{parts.hostname}{f':{parts.port}' if parts.port else ''}"


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")
