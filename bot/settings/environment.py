"""Settings from environment variables: BELLWETHER_A__B is the key `a: {b: …}` of the config."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import ValidationError

from bot.problem import Problem, ProblemError
from bot.settings.model import Settings
from bot.yamlfile.load import read_yaml
from bot.yamlfile.model_keys import fields_at
from bot.yamlfile.pydantic_errors import not_among, pydantic_message

PREFIX = "BELLWETHER_"
CONFIG_VARIABLE = "BELLWETHER_CONFIG"
"""Names the config file; no setting."""

_SERVICE_LINK = re.compile(r"BELLWETHER_(\w+_)?(SERVICE_(HOST|PORT\w*)|PORT(_\d+_(TCP|UDP|SCTP)\w*)?)")
"""What Kubernetes, and Docker's links, put into the environment of a container beside a service `bellwether`."""


def environment_values(environ: Mapping[str, str]) -> dict[tuple[str, ...], Any]:
    """Values of BELLWETHER_A__B by their place (a, b). An empty variable is one that is not set."""
    names = [name for name in sorted(environ) if name.startswith(PREFIX) and name != CONFIG_VARIABLE]
    given = [name for name in names if environ[name].strip() and not _SERVICE_LINK.fullmatch(name)]
    return {tuple(name.removeprefix(PREFIX).lower().split("__")): _yaml_value(environ[name]) for name in given}


def put_value(data: dict[str, Any], path: tuple[str, ...], value: Any) -> None:
    """Set the value at a place in nested mappings, of which only copies are changed."""
    for section in path[:-1]:
        inner = data.get(section)
        data[section] = data = dict(inner) if isinstance(inner, dict) else {}
    data[path[-1]] = value


def environment_problems(error: ValidationError, overlay: Mapping[tuple[str, ...], Any]) -> Iterator[Problem]:
    """The complaints about what the environment said; those about the file have been made."""
    for item in error.errors(include_url=False, include_input=False):
        culprit = _culprit(item["loc"], overlay)
        if culprit is None:
            continue
        name = _name(culprit)
        if item["type"] == "extra_forbidden":
            message = not_among("no such setting", culprit[-1], list(fields_at(Settings, culprit[:-1])))
        else:
            message = pydantic_message(item, overlay[culprit])
        yield Problem.in_file("environment", message, name)


def variable_of(path: tuple[str | int, ...], overlay: Mapping[tuple[str, ...], Any]) -> str:
    """The name of the variable that the setting at `path` comes from; "" where it is none's."""
    culprit = _culprit(path, overlay)
    return _name(culprit) if culprit is not None else ""


def _culprit(path: tuple[str | int, ...], overlay: Mapping[tuple[str, ...], Any]) -> tuple[str, ...] | None:
    place = tuple(str(part).lower() for part in path)
    return next((each for each in overlay if place[: len(each)] == each), None)


def _name(path: tuple[str, ...]) -> str:
    return PREFIX + "__".join(path).upper()


def _yaml_value(text: str) -> Any:
    try:
        return read_yaml(text.encode(), "environment").data
    except ProblemError:
        return text
