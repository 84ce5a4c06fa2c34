"""Texts of /start, /help, /rules and of replies that explain how to ask."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from bot.sandbox.markup.parser import parse_html
from bot.signals.timeframe import Timeframe, start_of
from bot.views.chats import onboarding
from bot.views.chats.onboarding import CommandHelp, RuleLine
from bot.views.formatting import html

COMMANDS = [
    CommandHelp("subscribe", "alerts in this chat", "Alerts", "tag:iwm"),
    CommandHelp("status", "is the bot well?", "Bot"),
    CommandHelp("rules", "what fires", "Bot", "iwm"),
]
GROUPS = ("Alerts", "Nothing", "Bot")


def test_welcome_says_once_that_it_is_no_advice() -> None:
    for subscribed in (True, False):
        text = parse_html(onboarding.welcome(subscribed=subscribed)).text
        assert text.count("Not investment advice") == 1
        assert ("You are subscribed" in text) is subscribed
    others = [
        onboarding.subscribed(new=True),
        onboarding.help_text(COMMANDS, GROUPS),
        onboarding.command_failed(),
        onboarding.rules_list([]),
    ]
    assert not any("advice" in text for text in others)


def test_help_lists_the_commands_in_groups_with_examples() -> None:
    assert html.visible(onboarding.help_text(COMMANDS, GROUPS)).splitlines()[:-2] == [
        "Alerts",
        "/subscribe – alerts in this chat",
        "For example: /subscribe tag:iwm",
        "",
        "Bot",
        "/status – is the bot well?",
        "/rules – what fires",
        "For example: /rules iwm",
    ]


def test_subscribing_twice_reads_otherwise() -> None:
    assert onboarding.subscribed(new=True) != onboarding.subscribed(new=False)
    assert onboarding.unsubscribed(was=True) != onboarding.unsubscribed(was=False)


def test_rules() -> None:
    lines = [
        RuleLine("rut", "Russell <record>", "RUT", Timeframe.D1, "high", start_of("2026-04-17")),
        RuleLine("iwm", "IWM break", "IWM", Timeframe.H1, "normal", None, "off"),
    ]
    assert html.visible(onboarding.rules_list(lines)) == (
        "2 rules\n"
        "🔴 Russell <record>\n     RUT · 1d · high · last 17 Apr 2026\n"
        "⏸ IWM break\n     IWM · 1h · normal · off\n"
        "Without a day: not fired since this bot started."
    )


def test_an_unknown_command_gets_the_nearest() -> None:
    assert "Did you mean /status? " in onboarding.unknown_command("/statsu@bellwether_bot", COMMANDS)
    assert "Did you mean" not in onboarding.unknown_command("/zzzz", COMMANDS)


@given(st.text(max_size=200))
def test_whatever_is_typed_can_be_answered(said: str) -> None:
    text = parse_html(onboarding.unknown_command(said, COMMANDS)).text
    assert text.startswith("I don't know /")
