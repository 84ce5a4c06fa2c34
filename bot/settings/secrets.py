"""The token and the sources' keys: where they come from, and whether others can read them there."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from pydantic import SecretStr

from bot.market.sources.registry import source_types
from bot.problem import Problem
from bot.redaction import register_secret
from bot.regular_file import read_regular
from bot.settings.model import Settings

TOKEN = "TELEGRAM_TOKEN"  # noqa: S105  # the variable's name
_LONGEST_SECRET = 4_096
_OTHERS = stat.S_IRWXG | stat.S_IRWXO
_WRITABLE = stat.S_IWUSR | stat.S_IWGRP | stat.S_IWOTH


def register_misplaced(data: Mapping[str, Any]) -> None:
    """Hide whatever stands where secrets belong, before anything complains of its form."""
    telegram = data.get("telegram")
    for text in _texts([data.get("keys"), telegram.get("token") if isinstance(telegram, dict) else None]):
        register_secret(text)


def _texts(value: object) -> Iterator[str]:
    if isinstance(value, Mapping):
        value = list(value.values())
    if isinstance(value, list):
        for each in value:
            yield from _texts(each)
    elif value is not None and not isinstance(value, bool):
        yield str(value)


def with_token(settings: Settings, path: Path | None, environ: Mapping[str, str], problems: list[Problem]) -> Settings:
    """The token from the environment, its file, or the config if nobody else can read that."""
    token, telegram = environ.get(TOKEN, "").strip(), settings.telegram
    if not token and telegram.token_file:
        source = (path.parent if path else Path()) / telegram.token_file
        token = _secret(source, "telegram.token_file", problems)
    elif not token and telegram.token:
        token = telegram.token.get_secret_value()
        if path and others_can_read(path):
            problems.append(_too_open(path, "telegram.token"))
    register_secret(token)
    secret = SecretStr(token) if token else None
    return settings.model_copy(update={"telegram": telegram.model_copy(update={"token": secret})})


def with_keys(settings: Settings, path: Path | None, environ: Mapping[str, str], problems: list[Problem]) -> Settings:
    """The sources' API keys, each from an environment variable, else from the config if nobody else can read that."""
    if settings.keys and path and others_can_read(path):
        problems.append(_too_open(path, "keys"))
    named = {kind: environ.get(each.key, "").strip() for kind, each in source_types().items() if each.key}
    for key in (*named.values(), *(each.get_secret_value() for each in settings.keys.values())):
        register_secret(key)
    given = {kind: SecretStr(key) for kind, key in named.items() if key}
    return settings.model_copy(update={"keys": {**settings.keys, **given}})


def _secret(source: Path, key: str, problems: list[Problem]) -> str:
    try:
        if others_can_read(source) and not _is_mounted_secret(source):
            problems.append(_too_open(source, key))
        raw = read_regular(source, _LONGEST_SECRET)
    except OSError as error:
        problems.append(Problem.in_file(source, f"can't be read: {error.strerror}", key))
        return ""
    if len(raw) > _LONGEST_SECRET:
        problems.append(Problem.in_file(source, "too long; allowed: a file that holds the token alone", key))
        return ""
    try:
        return raw.decode().strip()
    except UnicodeDecodeError:
        problems.append(Problem.in_file(source, "not UTF-8 text; allowed: a file that holds the token alone", key))
        return ""


def others_can_read(path: Path) -> bool:
    """Whether the file's mode lets anybody but its owner at it."""
    return bool(path.stat().st_mode & _OTHERS)


def _is_mounted_secret(path: Path) -> bool:
    """Whether a file is as containers mount secrets, whose mode nobody can change: read-only, or out of reach."""
    read_only = not path.stat().st_mode & _WRITABLE or bool(os.statvfs(path).f_flag & os.ST_RDONLY)
    return read_only or not path.resolve().parent.stat().st_mode & _OTHERS


def _too_open(path: Path, key: str) -> Problem:
    mode = stat.S_IMODE(path.stat().st_mode)
    return Problem.in_file(
        path, f"others can read the token here (got mode {mode:04o}); allowed: 0600, so: chmod 600 {path}", key
    )
