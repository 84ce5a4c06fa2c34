"""Which rules must be replayed so that some of them can be?"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from bot.rulebook.written import WrittenRule


def with_needs(rules: Mapping[str, WrittenRule], wanted: Iterable[str]) -> list[WrittenRule]:
    """The wanted rules and all that they speak of, in the order of `rules`, which is that of need."""
    waiting = list(wanted)
    needed: set[str] = set()
    while waiting:
        id_ = waiting.pop()
        if id_ not in needed:
            needed.add(id_)
            waiting.extend(rules[id_].needs)
    return [rule for id_, rule in rules.items() if id_ in needed]
