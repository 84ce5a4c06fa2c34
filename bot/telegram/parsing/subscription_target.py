"""Targets of a subscription as people write them: all, a rule, a tag, a severity."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from bot.rulebook.book import Rulebook
from bot.severity import Severity
from bot.store.subscribers.subscribers import EVERYTHING
from bot.subscriptions.options import Target
from bot.suggest import nearest
from bot.telegram.parsing.command_text import normalized
from bot.telegram.parsing.resolve import Ambiguous, NotFound, exactly, resolve, signed

_WORDS_FOR_EVERYTHING = frozenset({"", "all", "everything", "alerts", "any"})
_BETWEEN = re.compile(r"\s*(?:[,;+&\n]|\band\b)\s*", re.IGNORECASE)
_PREFIX = re.compile(r"\s*(?:(rule|tag|severity)\s*[:=\s]\s*|(#))(.+)", re.IGNORECASE | re.DOTALL)


@dataclass(frozen=True, slots=True)
class TargetNames:
    """What there is to subscribe to: rules with their titles and markets, and tags."""

    rules: Mapping[str, str]
    tags: frozenset[str]
    markets: Mapping[str, str] = field(default_factory=dict)


def target_names(book: Rulebook) -> TargetNames:
    """The rules that run and their tags."""
    running = [written for written in book.rules.values() if written.enabled]
    return TargetNames(
        {written.rule.id: written.title for written in running},
        frozenset(tag for written in running for tag in written.tags),
        {written.rule.id: written.rule.market for written in running},
    )


def parse_target(said: str, names: TargetNames) -> Target | Ambiguous | NotFound:
    """The subscription that was meant: (all, ""), (rule, id), (tag, name) or (severity, the least).

    Case, quotes, blanks and underscores do not matter; "rule:", "tag:", "#" and "severity:" may stand before.
    What is written out counts before words that only one rule has. A slip of the pen is never guessed at.
    """
    prefixed = _PREFIX.fullmatch(said)
    kind = (prefixed[1] or "tag").lower() if prefixed else ""
    rest = prefixed[3] if prefixed else said
    word = normalized(rest)
    if not kind and word in _WORDS_FOR_EVERYTHING and not signed(said):
        return EVERYTHING
    for name, found in (
        ("rule", next((rule for rule, title in names.rules.items() if exactly(rest, rule, title)), None)),
        ("tag", None if signed(rest) else _same(word, names.tags)),
        ("severity", None if signed(rest) else _same(word, (severity.word for severity in Severity))),
    ):
        if found is not None and kind in {"", name}:
            return name, found
    if kind in {"", "rule"}:
        rule = resolve(rest, names.rules, guess=False, also=names.markets)
        if not isinstance(rule, NotFound):
            return ("rule", rule) if isinstance(rule, str) else rule
    return NotFound(said, next(iter(nearest(word, [*names.rules, *map(normalized, names.tags)])), None))


def parse_targets(said: str, names: TargetNames) -> tuple[Target, ...] | Ambiguous | NotFound:
    """Several of them: "tag:iwm, tag:russell", "iwm-break and russell-record". What one piece leaves open, all do."""
    whole = parse_target(said, names)
    if isinstance(whole, tuple):
        return (whole,)
    pieces = [piece for piece in _BETWEEN.split(said) if piece.strip()]
    pieces = pieces if len(pieces) > 1 else said.split()
    found = [parse_target(piece, names) for piece in pieces] if len(pieces) > 1 else []
    understood = [each for each in found if isinstance(each, tuple)]
    if not understood:
        return whole
    open_still = [each for each in found if not isinstance(each, tuple)]
    return open_still[0] if open_still else tuple(dict.fromkeys(understood))


def unknown_tag(said: str) -> str | None:
    """The tag that was named as such, "tag:foo", "#foo"; None where none was."""
    found = _PREFIX.fullmatch(said)
    return found[3].strip() if found is not None and (found[1] or "tag").lower() == "tag" else None


def _same(word: str, names: Iterable[str]) -> str | None:
    return next((name for name in names if normalized(name) == word), None)
