"""Panel of buttons by which a chat chooses its alerts."""

from __future__ import annotations

from collections.abc import Iterable

from bot.alert import Buttons
from bot.rulebook.rule_definition import RuleDefinition
from bot.store.subscribers.subscribers import EVERYTHING
from bot.subscriptions.options import SubscriptionOptions
from bot.telegram.command import Reply
from bot.telegram.keyboard import button
from bot.views.alerts.buttons import rule_word
from bot.views.chats.subscription_panel import PanelFacts, render_panel
from bot.views.formatting import html

ON, OFF, MUTED = "✅", "▫️", "🔇"

_RULES_A_PAGE = 12
_MAX_TAGS = 12
_MAX_GONE = 12
_PER_ROW = 2
_SEVERITIES = (("high", "High severity"), ("normal", "Normal and high"))
_TITLE_CHARACTERS = 40


def panel(options: SubscriptionOptions, page: int = 0) -> Reply:
    """What the chat gets, and the buttons that change it; rules are paged."""
    pages = max(1, -(-len(options.rules) // _RULES_A_PAGE))
    page = min(max(page, 0), pages - 1)
    rows = [
        (_switch("Everything", EVERYTHING, EVERYTHING in options.targets, page),),
        *(() if EVERYTHING in options.targets else _groups(options, page)),
        *((_rule(options, rule, page),) for rule in options.rules[page * _RULES_A_PAGE :][:_RULES_A_PAGE]),
        *(() if page else _gone(options)),
        *_turning(page, pages),
        (("🔇 Muted", "/mute"), ("⚙️ Settings", "/settings")),
    ]
    return Reply(render_panel(_facts(options)), tuple(rows), in_place=True)


def _groups(options: SubscriptionOptions, page: int) -> Buttons:
    """Severities and tags: of no use where everything comes anyway."""
    tags = sorted({tag for rule in options.rules for tag in rule.tags})[:_MAX_TAGS]
    severities = tuple(
        _switch(text, ("severity", name), ("severity", name) in options.targets, page) for name, text in _SEVERITIES
    )
    made = [
        _switch(f"#{tag}", ("tag", tag), ("tag", tag) in options.targets, page)
        for tag in tags
        if len(tag) <= _TITLE_CHARACTERS
    ]
    return (severities, *(tuple(made[at : at + _PER_ROW]) for at in range(0, len(made), _PER_ROW)))


def _rule(options: SubscriptionOptions, rule: RuleDefinition, page: int) -> tuple[str, str]:
    """A muted rule looks muted, and one tap brings it back."""
    wanted, muted = options.wanted(rule), rule.rule.id in options.muted
    mark = (MUTED if muted else ON) if wanted else OFF
    sign = "-" if wanted and not muted else "+"
    return button(
        f"{mark} {html.clip(rule.title, _TITLE_CHARACTERS)}",
        "choose",
        f"{sign}rule:{rule_word(rule.rule.id)} {page}",
    )


def _gone(options: SubscriptionOptions) -> Iterable[tuple[tuple[str, str], ...]]:
    """What the chat still asks for and nothing provides any more: it can be switched off."""
    there = {("rule", rule.rule.id) for rule in options.rules} | {
        ("tag", t) for rule in options.rules for t in rule.tags
    }
    for kind, value in sorted(options.targets - there)[:_MAX_GONE]:
        if kind in {"rule", "tag"}:
            word = rule_word(value)
            yield (button(f"{ON} {html.clip(value, _TITLE_CHARACTERS)} (gone)", "choose", f"-{kind}:{word} 0"),)


def _switch(text: str, what: tuple[str, str], on: bool, page: int) -> tuple[str, str]:  # noqa: FBT001  # a fact among facts
    argument = f"{'-' if on else '+'}{':'.join(filter(None, what))} {page}"
    return button(f"{ON if on else OFF} {text}", "choose", argument)


def _turning(page: int, pages: int) -> Buttons:
    if pages == 1:
        return ()
    before, after = (page - 1) % pages, (page + 1) % pages
    return ((("«", f"/choose {before}"), (f"{page + 1} of {pages}", f"/choose {page}"), ("»", f"/choose {after}")),)


def _facts(options: SubscriptionOptions) -> PanelFacts:
    titles = {rule.rule.id: rule.title for rule in options.rules}
    names = {"tag": "#{}", "severity": "severity {} and above"}
    others = tuple(
        titles.get(value, value) if kind == "rule" else names[kind].format(value)
        for kind, value in sorted(options.targets - {EVERYTHING})
    )
    return PanelFacts(
        state=options.known.state if options.known is not None else "",
        everything=EVERYTHING in options.targets,
        others=others,
        muted=sum(rule.rule.id in options.muted and options.wanted(rule) for rule in options.rules),
        all_muted="" in options.muted,
        rules=len(options.rules),
    )
