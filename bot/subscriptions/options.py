"""What a chat gets and may choose from: its subscriptions, its mutes, the rules that run."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

from bot.rulebook.rule_definition import RuleDefinition
from bot.severity import Severity
from bot.signals.timeframe import Instant
from bot.store.store import Store
from bot.store.subscribers.mutes import Mute, mutes_of
from bot.store.subscribers.subscribers import EVERYTHING, subscriber
from bot.subscriber import Chat, Subscriber

Target = tuple[str, str]
"""What is subscribed to: (all, ""), (rule, id), (tag, name) or (severity, the least)."""


@dataclass(frozen=True, slots=True)
class SubscriptionOptions:
    """A chat with what it may choose from: what it is now (None: not known), the rules that run, its mutes."""

    known: Subscriber | None
    rules: Sequence[RuleDefinition]
    mutes: Sequence[Mute]

    @property
    def active(self) -> bool:
        """Whether alerts come."""
        return self.known is not None and self.known.state == "active"

    @property
    def targets(self) -> frozenset[Target]:
        """The chat's subscriptions, none where it gets nothing."""
        if self.known is None or self.known.state not in {"active", "pending"}:
            return frozenset()
        return frozenset(self.known.subscriptions)

    @property
    def muted(self) -> frozenset[str]:
        """Ids of the rules that are muted, "" for all of them."""
        return frozenset(mute.rule for mute in self.mutes)

    def names(self, kind: str) -> tuple[str, ...]:
        """What there is to subscribe to: ids of rules, tags, severities, and "" for all."""
        return {
            "all": ("",),
            "severity": tuple(severity.word for severity in Severity),
            "tag": tuple(tag for rule in self.rules for tag in rule.tags),
            "rule": tuple(rule.rule.id for rule in self.rules),
        }[kind]

    def rule(self, rule_id: str) -> RuleDefinition | None:
        """The rule of that id, if it runs."""
        return next((rule for rule in self.rules if rule.rule.id == rule_id), None)

    def covered(self, rule: RuleDefinition) -> bool:
        """Whether the chat wants this rule because of something other than the rule itself."""
        return bool({EVERYTHING, *_groups_of(rule)} & self.targets)

    def wanted(self, rule: RuleDefinition) -> bool:
        """Whether the chat wants this rule, muted or not."""
        return ("rule", rule.rule.id) in self.targets or self.covered(rule)

    def brought_by_others(self, target: Target) -> tuple[RuleDefinition, ...]:
        """Rules of a tag or a severity that alerts come of without it, too; those that are muted are none of them."""
        left = self.without([target])
        of_target = [rule for rule in self.rules if target in _groups_of(rule)]
        return tuple(rule for rule in of_target if left.wanted(rule) and rule.rule.id not in self.muted)

    def muted_of(self, targets: Collection[Target]) -> tuple[RuleDefinition, ...]:
        """Rules that these targets bring along but for their own mutes."""
        asked = set(targets)
        brought = [rule for rule in self.rules if asked & {EVERYTHING, ("rule", rule.rule.id), *_groups_of(rule)}]
        return tuple(rule for rule in brought if rule.rule.id in self.muted)

    def without(self, targets: Collection[Target]) -> SubscriptionOptions:
        """The options of the chat once it has given these up."""
        if self.known is None:
            return self
        left = tuple(each for each in self.known.subscriptions if each not in targets)
        return replace(self, known=replace(self.known, subscriptions=left))


def _groups_of(rule: RuleDefinition) -> set[Target]:
    """What brings a rule along beside the rule itself and everything."""
    severities = {("severity", least.word) for least in Severity if least <= rule.severity}
    return severities | {("tag", tag) for tag in rule.tags}


async def load_options(store: Store, chat: Chat, rules: Sequence[RuleDefinition], now: Instant) -> SubscriptionOptions:
    """The options of a chat as they are now."""
    known = await store.run(subscriber, chat.chat_id, chat.thread_id)
    mutes = await store.run(mutes_of, chat.chat_id, chat.thread_id, now)
    return SubscriptionOptions(known, rules, mutes)
