"""Targets of a subscription as people write them: all, a rule, a tag, a severity."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from bot.rulebook.book import Rulebook
from bot.telegram.parsing.command_text import nearest, normalized
from bot.views.alerts.buttons import rule_meant

EVERYTHING = ("all", "")
_WORDS_FOR_EVERYTHING = frozenset({"", "all", "everything", "alerts", "any"})
_SEVERITIES = ("low", "normal", "high")
_PREFIX = re.compile(r"\s*(?:(rule|tag|severity)\s*[:=\s]\s*|(#))(.+)", re.IGNORECASE | re.DOTALL)


@dataclass(frozen=True, slots=True)
class Targets:
    """What there is to subscribe to: rules with their titles, and tags."""

    rules: Mapping[str, str]
    tags: frozenset[str]


@dataclass(frozen=True, slots=True)
class UnknownTarget:
    """Nothing is called so; `near` is what was probably meant."""

    said: str
    near: str | None


def targets_of(book: Rulebook) -> Targets:
    """The rules that run and their tags."""
    running = [written for written in book.rules.values() if written.enabled]
    return Targets(
        {written.rule.id: written.title for written in running},
        frozenset(tag for written in running for tag in written.tags),
    )


def parse_target(said: str, topics: Targets) -> tuple[str, str] | UnknownTarget:
    """The subscription that was meant: (all, ""), (rule, id), (tag, name) or (severity, the least).

    Case, quotes, blanks and underscores do not matter; "rule:", "tag:", "#" and "severity:" may stand before.
    A rule is also known by its title and by any words of its id that only it has.
    """
    prefixed = _PREFIX.fullmatch(said)
    kind = (prefixed[1] or "tag").lower() if prefixed else ""
    word = normalized(prefixed[3] if prefixed else said)
    if not kind and word in _WORDS_FOR_EVERYTHING:
        return EVERYTHING
    for name, found in (
        ("rule", _rule(word, topics.rules)),
        ("tag", _same(word, topics.tags)),
        ("severity", _same(word, _SEVERITIES)),
    ):
        if found is not None and kind in {"", name}:
            return name, found
    return UnknownTarget(said, nearest(word, [*map(normalized, topics.rules), *map(normalized, topics.tags)]))


def _rule(word: str, rules: Mapping[str, str]) -> str | None:
    exact = _same(word, rules) or rule_meant(word, rules)
    if exact is not None:
        return exact
    titled = [rule for rule, title in rules.items() if normalized(title) == word]
    parts = set(word.split("-"))
    akin = titled or [rule for rule in rules if len(parts) > 1 and parts <= set(normalized(rule).split("-"))]
    return akin[0] if len(akin) == 1 else None


def _same(word: str, names: Iterable[str]) -> str | None:
    return next((name for name in names if normalized(name) == word), None)
