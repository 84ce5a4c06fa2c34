"""What a person wants muted: all, all but some, rules, the rules of a tag."""

from __future__ import annotations

import re

from bot.rulebook.book import Rulebook
from bot.severity import Severity
from bot.store.subscribers.subscribers import EVERYTHING
from bot.subscriptions.muting import ALL_RULES
from bot.subscriptions.options import Target
from bot.telegram.parsing.resolve import Ambiguous, NotFound, exactly, resolve_rule
from bot.telegram.parsing.subscription_target import parse_targets, target_names
from bot.views.alerts.buttons import rule_word

SPARED = "spared"
"""The kind of a target that is not muted: all except iwm."""

_SEVERITIES = frozenset(severity.word for severity in Severity)
_EXCEPT = re.compile(
    r"(?:(?:all|everything|every\s+(?:rule|alert)|all\s+(?:rules|alerts))\s*,?\s*)?"
    r"(?:except|excluding|excl\.?|but|besides|without|apart\s+from|other\s+than|save)\s+(?:for\s+|of\s+|from\s+)?(?P<spared>.+)",
    re.IGNORECASE | re.DOTALL,
)


def targets_to_mute(book: Rulebook, said: str) -> tuple[Target, ...] | Ambiguous | NotFound:
    """One or several of them; a rule that does not run can be named, too.

    "All except iwm" is each rule that runs but those, which stand behind them as SPARED: there a word may fit several.
    """
    but = _EXCEPT.fullmatch(said)
    if but is not None and not any(exactly(said, rule, written.title) for rule, written in book.rules.items()):
        return _all_but(book, but["spared"])
    found = parse_targets(said, target_names(book))
    if isinstance(found, tuple):
        return found
    rule = resolve_rule(book, said)
    if isinstance(rule, str):
        return (("rule", rule),)
    return found if isinstance(found, NotFound) and found.said != said else rule


def _all_but(book: Rulebook, said: str) -> tuple[Target, ...] | NotFound:
    found = targets_to_mute(book, said)
    if isinstance(found, NotFound) or said.strip().casefold() in _SEVERITIES:
        return found if isinstance(found, NotFound) else NotFound(said, None)
    spared = found.names if isinstance(found, Ambiguous) else rules_of(book, found)
    rest = [written.rule.id for written in book.enabled if written.rule.id not in spared]
    if not spared or spared == (ALL_RULES,) or not rest:
        return NotFound(said, None)
    return (*(("rule", rule) for rule in rest), *((SPARED, rule) for rule in spared))


def rules_of(book: Rulebook, targets: tuple[Target, ...]) -> tuple[str, ...]:
    """The ids that are muted for these targets, those of a tag as it is now; none for a severity."""
    if EVERYTHING in targets:
        return (ALL_RULES,)
    rules: list[str] = []
    for kind, name in targets:
        rules += [name] if kind == "rule" else []
        rules += [written.rule.id for written in book.enabled if name in written.tags] if kind == "tag" else []
    return tuple(dict.fromkeys(rules))


def word_of(targets: tuple[Target, ...]) -> str:
    """These targets as they stand behind a button."""
    if EVERYTHING in targets:
        return "all"
    spared = [rule_word(name) for kind, name in targets if kind == SPARED]
    if spared:
        return f"all except {', '.join(spared)}"
    return ", ".join(rule_word(name) if kind == "rule" else f"tag:{name}" for kind, name in targets)
