"""What a person wants muted: all, rules, the rules of a tag."""

from __future__ import annotations

from bot.rulebook.book import Rulebook
from bot.store.subscribers.subscribers import EVERYTHING
from bot.subscriptions.muting import ALL_RULES
from bot.subscriptions.options import Target
from bot.telegram.parsing.resolve import Ambiguous, NotFound, resolve_rule
from bot.telegram.parsing.subscription_target import parse_targets, target_names


def targets_to_mute(book: Rulebook, said: str) -> tuple[Target, ...] | Ambiguous | NotFound:
    """One or several of them; a rule that does not run can be named, too."""
    found = parse_targets(said, target_names(book))
    if isinstance(found, tuple):
        return found
    rule = resolve_rule(book, said)
    if isinstance(rule, str):
        return (("rule", rule),)
    return found if isinstance(found, NotFound) and found.said != said else rule


def rules_of(book: Rulebook, targets: tuple[Target, ...]) -> tuple[str, ...]:
    """The ids that are muted for these targets, those of a tag as it is now; none for a severity."""
    if EVERYTHING in targets:
        return (ALL_RULES,)
    rules: list[str] = []
    for kind, name in targets:
        rules += [name] if kind == "rule" else []
        rules += [written.rule.id for written in book.enabled if name in written.tags] if kind == "tag" else []
    return tuple(dict.fromkeys(rules))
