"""Rules that must be replayed so that others, which speak of them, can be."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from bot.rulebook.rule_definition import RuleDefinition


def with_needs(rules: Mapping[str, RuleDefinition], wanted: Iterable[str]) -> list[RuleDefinition]:
    """The wanted rules and all that they speak of, in the order of `rules`, which is that of need."""
    waiting = list(wanted)
    needed: set[str] = set()
    while waiting:
        id_ = waiting.pop()
        if id_ not in needed:
            needed.add(id_)
            waiting.extend(rules[id_].needs)
    return [rule for id_, rule in rules.items() if id_ in needed]
