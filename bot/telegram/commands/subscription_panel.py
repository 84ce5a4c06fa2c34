"""Panel of buttons by which a chat chooses its alerts."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from bot.alert import Buttons
from bot.rulebook.rule_definition import RuleDefinition
from bot.severity import Severity
from bot.store.subscribers.mutes import Mute
from bot.store.subscribers.subscribers import EVERYTHING
from bot.subscriber import Subscriber
from bot.telegram.command import Reply, button
from bot.views.alerts.buttons import rule_word
from bot.views.chats.subscription_panel import PanelFacts, render_panel
from bot.views.formatting import html

ON, OFF, MUTED = "✅", "▫️", "🔇"

_RULES_A_PAGE = 12
_TAGS = 12
_GONE = 12
_PER_ROW = 2
_SEVERITIES = (("high", "High severity"), ("normal", "Normal and high"))
_TITLE = 40


@dataclass(frozen=True, slots=True)
class SubscriptionOptions:
    """A chat with what it may choose from: what it is now (None: not known), the rules that run, its mutes."""

    known: Subscriber | None
    rules: Sequence[RuleDefinition]
    mutes: Sequence[Mute]

    @property
    def wants(self) -> frozenset[tuple[str, str]]:
        """The chat's subscriptions, none where it gets nothing."""
        listening = self.known is not None and self.known.state in {"active", "pending"}
        return frozenset(self.known.subscriptions) if self.known is not None and listening else frozenset()

    @property
    def muted(self) -> frozenset[str]:
        """Ids of the rules that are muted, "" for all of them."""
        return frozenset(mute.rule for mute in self.mutes)

    def names(self, kind: str) -> tuple[str, ...]:
        """What there is to subscribe to: ids of rules, tags, severities, and "" for all."""
        return {
            "all": ("",),
            "severity": tuple(each.word for each in Severity),
            "tag": tuple(tag for rule in self.rules for tag in rule.tags),
            "rule": tuple(rule.rule.id for rule in self.rules),
        }[kind]

    def covered(self, rule: RuleDefinition) -> bool:
        """Whether the chat wants this rule because of something other than the rule itself."""
        others = {EVERYTHING, *(("tag", tag) for tag in rule.tags)}
        others |= {("severity", least.word) for least in Severity if least <= rule.severity}
        return bool(others & self.wants)

    def wanted(self, rule: RuleDefinition) -> bool:
        """Whether the chat wants this rule, muted or not."""
        return ("rule", rule.rule.id) in self.wants or self.covered(rule)


def panel(choices: SubscriptionOptions, page: int = 0) -> Reply:
    """What the chat gets, and the buttons that change it; rules are paged."""
    pages = max(1, -(-len(choices.rules) // _RULES_A_PAGE))
    page = min(max(page, 0), pages - 1)
    rows = [
        (_switch("Everything", EVERYTHING, EVERYTHING in choices.wants, page),),
        *(() if EVERYTHING in choices.wants else _groups(choices, page)),
        *((_rule(choices, rule, page),) for rule in choices.rules[page * _RULES_A_PAGE :][:_RULES_A_PAGE]),
        *(() if page else _gone(choices)),
        *_turning(page, pages),
        (("🔇 Muted", "/mute"), ("⚙️ Settings", "/settings")),
    ]
    return Reply(render_panel(_facts(choices)), tuple(rows), in_place=True)


def _groups(choices: SubscriptionOptions, page: int) -> Buttons:
    """Severities and tags: of no use where everything comes anyway."""
    tags = sorted({tag for rule in choices.rules for tag in rule.tags})[:_TAGS]
    severities = tuple(
        _switch(text, ("severity", name), ("severity", name) in choices.wants, page) for name, text in _SEVERITIES
    )
    made = [_switch(f"#{tag}", ("tag", tag), ("tag", tag) in choices.wants, page) for tag in tags if len(tag) <= _TITLE]
    return (severities, *(tuple(made[at : at + _PER_ROW]) for at in range(0, len(made), _PER_ROW)))


def _rule(choices: SubscriptionOptions, rule: RuleDefinition, page: int) -> tuple[str, str]:
    """A muted rule looks muted, and one tap brings it back."""
    wanted, muted = choices.wanted(rule), rule.rule.id in choices.muted
    mark = (MUTED if muted else ON) if wanted else OFF
    sign = "-" if wanted and not muted else "+"
    return button(f"{mark} {html.clip(rule.title, _TITLE)}", "choose", f"{sign}rule:{rule_word(rule.rule.id)} {page}")


def _gone(choices: SubscriptionOptions) -> Iterable[tuple[tuple[str, str], ...]]:
    """What the chat still asks for and nothing provides any more: it can be switched off."""
    there = {("rule", rule.rule.id) for rule in choices.rules} | {
        ("tag", t) for rule in choices.rules for t in rule.tags
    }
    for kind, value in sorted(choices.wants - there)[:_GONE]:
        if kind in {"rule", "tag"}:
            word = rule_word(value)
            yield (button(f"{ON} {html.clip(value, _TITLE)} (gone)", "choose", f"-{kind}:{word} 0"),)


def _switch(text: str, what: tuple[str, str], on: bool, page: int) -> tuple[str, str]:  # noqa: FBT001  # a fact among facts
    argument = f"{'-' if on else '+'}{':'.join(filter(None, what))} {page}"
    return button(f"{ON if on else OFF} {text}", "choose", argument)


def _turning(page: int, pages: int) -> Buttons:
    if pages == 1:
        return ()
    before, after = (page - 1) % pages, (page + 1) % pages
    return ((("«", f"/choose {before}"), (f"{page + 1} of {pages}", f"/choose {page}"), ("»", f"/choose {after}")),)


def _facts(choices: SubscriptionOptions) -> PanelFacts:
    titles = {rule.rule.id: rule.title for rule in choices.rules}
    names = {"tag": "#{}", "severity": "severity {} and above"}
    others = tuple(
        titles.get(value, value) if kind == "rule" else names[kind].format(value)
        for kind, value in sorted(choices.wants - {EVERYTHING})
    )
    return PanelFacts(
        state=choices.known.state if choices.known is not None else "",
        everything=EVERYTHING in choices.wants,
        others=others,
        muted=sum(rule.rule.id in choices.muted and choices.wanted(rule) for rule in choices.rules),
        all_muted="" in choices.muted,
        rules=len(choices.rules),
    )
