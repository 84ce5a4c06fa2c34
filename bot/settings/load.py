"""Loading the settings: file, environment and defaults, with every mistake at its place."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from bot.market.model import MarketKind
from bot.problem import Problem, ProblemError
from bot.settings.cross_checks import CRYPTO_KINDS, cross_checks
from bot.settings.environment import environment_problems, environment_values, put_value
from bot.settings.model import MarketShape, Settings
from bot.settings.secrets import register_misplaced, with_keys, with_token
from bot.settings.shipped import EXAMPLE, OWN_RULES, SHIPPED, holds_rules, shipped
from bot.yamlfile.document import Document
from bot.yamlfile.load import read_bytes, read_yaml, scan_yaml
from bot.yamlfile.pydantic_errors import problems_of

CONFIG = "config.yaml"
Places = frozenset[tuple[str, ...]]
"""Settings, and single markets, that are wrong."""

_FROM_EXAMPLE = ("markets", "crypto", "exchanges")


def find_config(environ: Mapping[str, str], folder: Path) -> Path | None:
    """The config file to use: $BELLWETHER_CONFIG, else config.yaml in `folder`; None where there is none."""
    if named := environ.get("BELLWETHER_CONFIG"):
        return Path(named)
    return folder / CONFIG if (folder / CONFIG).exists() else None


def load_settings(path: Path | None, environ: Mapping[str, str], folder: Path) -> Settings:
    """Settings from `path` (None: the shipped example's) and the environment.

    Relative paths count from the config's folder, without a config from `folder`. The folder of one's own rules may
    be named and absent. Raises ProblemError with every mistake.
    """
    document, problems = _read(path) if path else (Document(EXAMPLE, {}, {}, {}), [])
    if not isinstance(document.data, dict):
        raise ProblemError(
            [document.problem((), f"not settings (got {document.data!r}); allowed: keys, like `rules: rules`")]
        )
    register_misplaced(document.data)
    overlay = environment_values(environ)
    settings, wrong = _validate(document, overlay, problems)
    told = {(each.file, each.path) for each in problems}
    problems += [
        each for each in cross_checks(settings, document, overlay, wrong) if (each.file, each.path) not in told
    ]
    settings = _rooted(settings, path.parent if path else folder)
    if settings.database.is_dir():
        problems.append(document.problem(("database",), f"a folder (got {settings.database}); allowed: a file in it"))
    settings = with_token(settings, path, environ, problems)
    settings = with_keys(settings, path, environ, problems)
    if problems:
        raise ProblemError(problems)
    return settings


def _read(path: Path) -> tuple[Document, list[Problem]]:
    """The file's document, and the mistakes that leave one."""
    document, problems = scan_yaml(read_bytes(path, str(path)), str(path))
    if document is None:
        raise ProblemError(problems)
    return document, problems


def _validate(
    document: Document, overlay: Mapping[tuple[str, ...], Any], problems: list[Problem]
) -> tuple[Settings, Places]:
    """The file's settings, then the environment's put over them, so that each mistake is said where it was made.

    Where there are mistakes, the settings without the places that are wrong, and these: the rest can be judged too.
    """
    data = _completed(document.data)
    try:
        settings = Settings.model_validate(data)
    except ValidationError as error:
        problems += problems_of(error, document, Settings)
        problems.sort()
    for path, value in overlay.items():
        put_value(data, path, value)
    try:
        settings = Settings.model_validate(data)
    except ValidationError as error:
        problems += environment_problems(error, overlay)
        settings, wrong = _what_stands(data, error, problems)
        return settings, wrong
    return settings, frozenset()


def _what_stands(data: Mapping[str, Any], error: ValidationError, problems: list[Problem]) -> tuple[Settings, Places]:
    """The settings without the places that are wrong, as good as they can be read; raises where they can't."""
    wrong = frozenset(_place(item["loc"]) for item in error.errors(include_url=False, include_input=False))
    rest = {key: value for key, value in data.items() if (key,) not in wrong}
    if ("markets",) in wrong:
        rest = {key: value for key, value in rest.items() if key not in {"crypto", "funds"}}
    given = rest.get("markets", {})
    rest["markets"] = {name: market for name, market in given.items() if ("markets", name) not in wrong}
    try:
        settings = Settings.model_validate({key: value for key, value in rest.items() if value or key != "markets"})
    except ValidationError:
        raise ProblemError(problems) from None
    rough = {name: settings.markets.get(name) or _rough_market(market) for name, market in given.items()}
    return settings.model_copy(update={"markets": rough}), wrong


def _place(loc: tuple[int | str, ...]) -> tuple[str, ...]:
    """The setting, or the market, that a mistake is in."""
    return tuple(str(part) for part in loc[: 2 if loc[:1] == ("markets",) else 1])


def _rough_market(given: object) -> MarketShape:
    """What can be read of a market with a mistake: its kind, and the markets that it names."""
    data = given if isinstance(given, dict) else {}
    kind, members = data.get("kind"), data.get("members")
    words = {key: data[key] for key in ("calendar", "sister") if isinstance(data.get(key), str)}
    return MarketShape.model_construct(
        title="",
        kind=MarketKind(kind) if kind in list(MarketKind) else MarketKind.CRYPTO,
        members=tuple(map(str, members)) if isinstance(members, list) else (),
        **words,
    )


def _completed(given: Mapping[str, Any]) -> dict[str, Any]:
    """What the operator left out of markets, crypto and exchanges is the example's."""
    lacking = [key for key in _FROM_EXAMPLE if key not in given]
    example = read_yaml(shipped(EXAMPLE).read_bytes(), EXAMPLE).data if lacking else {}
    data = {**{key: example[key] for key in lacking}, **given}
    if "markets" in given and "crypto" not in given and isinstance(given["markets"], dict):
        data["crypto"] = [name for name in example["crypto"] if _is_crypto(given["markets"].get(name))]
    return data


def _is_crypto(market: object) -> bool:
    return isinstance(market, dict) and market.get("kind") in list(CRYPTO_KINDS)


def without_absent(settings: Settings) -> Settings:
    """The settings without the folder of one's own rules, where nobody has made one yet."""
    there = tuple(each for each in settings.rules if each.name != OWN_RULES.name or each.is_dir())
    return settings.model_copy(update={"rules": there or settings.rules})


def _rules_folder(folder: Path, named: Path, *, chosen: bool) -> Path:
    """A folder of rules; `shipped` is that of the program, wherever it lies, unless a folder of that name holds some.

    Where nobody chose, a folder `rules` that holds some stands for it too, as in a checkout.
    """
    path = folder / named
    if named != SHIPPED or holds_rules(path):
        return path.absolute()
    here = folder / "rules"
    return here.absolute() if not chosen and holds_rules(here) else shipped("rules").absolute()


def _rooted(settings: Settings, folder: Path) -> Settings:
    """Make paths absolute."""
    chosen = "rules" in settings.model_fields_set
    rules = tuple(_rules_folder(folder, each, chosen=chosen) for each in settings.rules)
    rooted: dict[str, object] = {"database": (folder / settings.database).absolute(), "rules": rules}
    if (beat := settings.monitoring.heartbeat_file) is not None:
        rooted["monitoring"] = settings.monitoring.model_copy(update={"heartbeat_file": (folder / beat).absolute()})
    return settings.model_copy(update=rooted)
