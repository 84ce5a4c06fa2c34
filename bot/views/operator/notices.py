"""Notices to the operators when the bot is ill, or well again."""

from __future__ import annotations

from collections.abc import Sequence

from bot.views.formatting import html
from bot.views.operator.status_facts import MarketStatus

LISTED = 12
"""Lines of one kind in one message; the rest is counted."""


def outage(markets: Sequence[MarketStatus]) -> str:
    """Markets have no fresh bars: which, since when, and why."""
    lines = [f"{html.bold(html.escape(each.name))}: {_since(each)}" for each in markets]
    return _listed(f"🟡 {html.bold('No fresh data')}. Rules on it wait; nothing is lost.", lines)


def outage_over(names: Sequence[str]) -> str:
    """Markets have fresh bars again."""
    return f"🟢 {html.bold('Fresh data again')}: {html.escape(', '.join(names))}."


def rules_broken(problems: Sequence[str], kept: Sequence[str]) -> str:
    """Rule files with mistakes, by place, and which rules run on in their last good version."""
    lines = [html.code(html.clip(problem, 300)) for problem in problems]
    text = _listed(f"📝 {html.bold('A rule file is not taken up')}:", lines)
    return f"{text}\nThe last good version runs on: {html.escape(', '.join(kept))}." if kept else text


def rules_mended(running: int) -> str:
    """No rule file has a mistake any more."""
    return f"📝 {html.bold('The rule files are fine again')}: {running} rules run."


def chats_refused(chats: int, seconds: float) -> str:
    """Telegram says of many chats that they are not there, which can't be true."""
    head = html.bold("Alerts are held back")
    return (
        f"🔴 {head}: Telegram says of {chats} chats, one after the other, that they are not there. Nobody is switched"
        f" off for it; sending is tried again every {seconds / 60:.0f} minutes. Is the token that of another bot?"
        " /resume tries it at once."
    )


def database_lost(path: str, trouble: str) -> str:
    """The database is not where it was, or can't be written to."""
    head = html.bold("The database is in danger")
    return f"🔴 {head}: {html.escape(path)} {html.escape(trouble)}"


def database_new(path: str) -> str:
    """The database was not there at the start and had to be made, where a bot has run before."""
    head = html.bold("The database was gone")
    return (
        f"🔴 {head} when the bot started: {html.escape(path)} is a new one, and nobody is subscribed. If that is not"
        " what you want, stop the bot and put a backup in its place: bellwether db restore FILE"
    )


def database_found(path: str) -> str:
    """The database is as it should be again."""
    return f"🟢 {html.bold('The database is fine again')}: {html.escape(path)}."


def looks_fail(why: str) -> str:
    """The bot has not been able to look at the markets for minutes."""
    head = html.bold("Looks at the markets fail")
    told = html.escape(html.clip(why, 300))
    return f"🔴 {head}, and have for some minutes: {told}. No alert is lost: they are repeated."


def looks_again() -> str:
    """The bot looks at the markets again."""
    return f"🟢 {html.bold('Looks at the markets succeed again')}."


def _since(market: MarketStatus) -> str:
    last = f"last bar {html.escape(market.last_bar)}" if market.last_bar else "no bars"
    return f"{last}. {html.escape(html.clip(market.error, 240))}" if market.error else last


def _listed(head: str, lines: Sequence[str]) -> str:
    more = [f"and {len(lines) - LISTED} more"] if len(lines) > LISTED else []
    return "\n".join([head, *(f"• {line}" for line in [*lines[:LISTED], *more])])
