"""Texts about what a chat keeps quiet."""

from __future__ import annotations

from collections.abc import Sequence

from bot.signals.timeframe import Instant
from bot.views.formatting import html, numbers

_LONGEST_NAME = 64


def muted(rule: str | None, until: Instant | None) -> str:
    """The answer to /mute: the title of the rule, None for all; until when, None for good."""
    what = "all alerts" if rule is None else f"alerts of {_name(rule)}"
    return f"🔇 Muted {_until(until)}: {what}. /mute lists what is muted."


def mute_list(mutes: Sequence[tuple[str | None, Instant | None]]) -> str:
    """What is muted in this chat: titles (None: everything) and until when (None: for good)."""
    if not mutes:
        return f"🔔 {html.bold('Nothing is muted here.')}\nOr type {html.code('/mute RULE 7d')}: hours, days, forever."
    lines = [f"• {'all alerts' if rule is None else _name(rule)} {_until(until)}" for rule, until in mutes]
    return "\n".join([f"🔇 {html.bold('Muted in this chat')}", *lines])


def which_rule() -> str:
    """Over the buttons with the rules that can be muted."""
    return "🔇 Mute which rule for good?"


def unmuted(rule: str | None, *, was: bool) -> str:
    """The answer to /unmute."""
    what = "All alerts" if rule is None else f"Alerts of {_name(rule)}"
    return f"🔔 {what} come again." if was else "🔔 That was not muted. /mute lists what is."


def nothing_to_unmute(said: str) -> str:
    """The answer to /unmute with something that is no rule."""
    return f"There is no rule called {html.quoted(said)}. /mute lists what is muted."


def nothing_to_mute(said: str) -> str:
    """The answer to /mute with something that is no rule and no time."""
    return (
        f"Mute what? There is no rule called {html.quoted(said)}.\n"
        f"{html.code('/mute 24h')} for all alerts, {html.code('/mute RULE 7d')} or {html.code('/mute RULE forever')}"
        " for one rule. /rules lists the rules."
    )


def no_length(said: str) -> str:
    """The answer to /mute with a length of nothing."""
    return (
        f"{html.quoted(said)} is no time at all, so nothing is muted.\n"
        f"{html.code('/mute 24h')} for all alerts, {html.code('/mute RULE 7d')} for one rule. /unmute ends a mute."
    )


def no_subscriber() -> str:
    """The answer to /mute and /settings in a chat that gets no alerts."""
    return "This chat gets no alerts, so there is nothing to set. /subscribe starts them."


def _until(until: Instant | None) -> str:
    return "for good" if until is None else f"until {html.instant(until, numbers.moment(until), 'wdt')}"


def _name(rule: str) -> str:
    return html.bold(html.escape(html.clip(rule, _LONGEST_NAME)))
