"""Environment of a worker process: a list of what may reach it, since nothing that is secret has any use there."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Mapping
from typing import Final

from bot.redaction import hide_tokens

_ALLOWED: Final = re.compile(
    r"""
    PATH | HOME | USER | LOGNAME | SHELL | LANG | LANGUAGE | LC_\w+ | TZ | TZDIR | TMPDIR | TEMP | TMP
    | PYTHON(HOME|UTF8|IOENCODING|HASHSEED|DONTWRITEBYTECODE|PYCACHEPREFIX|NOUSERSITE|USERBASE|WARNINGS|FAULTHANDLER)
    | VIRTUAL_ENV | LD_LIBRARY_PATH | DYLD_\w+ | MALLOC_\w+
    | XDG_(CACHE|CONFIG|DATA)_HOME | FONTCONFIG_(PATH|FILE)
    | SSL_CERT_(FILE|DIR) | REQUESTS_CA_BUNDLE | CURL_CA_BUNDLE
    """,
    re.VERBOSE,
)
_PROXIES: Final = re.compile("(HTTP|HTTPS|ALL|NO)_PROXY", re.IGNORECASE)

_ONE_THREAD: Final = dict.fromkeys(("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"), "1")
"""A worker multiplies no matrices, and the stacks of one thread per core would count against its memory."""


def worker_environment(parent: Mapping[str, str]) -> dict[str, str]:
    """What of the bot's environment a worker gets: paths, language, certificates, proxies, and the import path.

    A variable that holds a secret in spite of its name is left out too.
    """
    allowed = {key: value for key, value in parent.items() if _ALLOWED.fullmatch(key) and hide_tokens(value) == value}
    proxies = {key: value for key, value in parent.items() if _PROXIES.fullmatch(key)}
    paths = os.pathsep.join(entry or os.getcwd() for entry in sys.path)  # noqa: PTH109  # a str
    return {**allowed, **proxies, **_ONE_THREAD, "PYTHONPATH": paths}
