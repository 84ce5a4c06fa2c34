"""Hints on formulas that pair different days of two markets, because these close at different hours."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from bot.rulebook.rule_definition import RuleDefinition
from bot.signals.formula import Node

_BETTER = {"correlation": "return_correlation", "beta": "return_beta"}


def clock_hints(definition: RuleDefinition, calendars: Mapping[str, str]) -> Iterator[str]:
    """One line for each call that pairs different days of two markets; `calendars` are theirs by market."""
    for formula in definition.formulas:
        for part in formula.root.walk():
            if part.function is not None and part.function.name in _BETTER:
                yield from _hint(part, definition, calendars)


def _hint(part: Node, definition: RuleDefinition, calendars: Mapping[str, str]) -> Iterator[str]:
    own = definition.rule.market
    names = {clock or own for child in part.children for clock in _clocks(child)}
    others = sorted(name for name in names if calendars.get(name) != calendars.get(own))
    if others and len(names) > 1:
        better = f"{_BETTER[part.symbol]}({others[0]}, {part.constants.get('n', 90)})"
        told = f"'{part.text}' pairs different days of {own} and {others[0]}; {better} pairs the same dates"
        yield f"{definition.file}: hint: {told}"


def _clocks(part: Node) -> Iterator[str]:
    """The clocks of the series in a part."""
    for each in part.walk():
        if not each.children and each.clock is not None:
            yield each.clock
