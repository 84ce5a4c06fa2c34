"""Commands that show what the bot knows: /help, /rules, /alerts, /status."""

from __future__ import annotations

from collections.abc import Mapping

from bot.messages import membership, texts
from bot.messages.status import render_status
from bot.messages.texts import RuleLine
from bot.rulebook.book import Rulebook
from bot.rulebook.written import WrittenRule
from bot.signals.timeframe import Instant, Timeframe, label
from bot.store.alerts import recent_alerts
from bot.telegram.command import Answer, Asked, Command
from bot.telegram.desk import Desk

_SHOWN = 10
_LOOKED_AT = 200


async def show_help(_desk: Desk, asked: Asked) -> Answer:
    """The commands that this person may use."""
    return Answer(texts.help_text([texts.Command(command.name, command.help) for command in asked.commands]))


async def show_rules(desk: Desk, _asked: Asked) -> Answer:
    """Every rule with its market, severity and when it last fired."""
    book = desk.rulebook()
    fired: dict[str, Instant] = {}
    for alert in await desk.store.do(recent_alerts, _LOOKED_AT):
        fired.setdefault(alert.rule, alert.bar)
    return Answer(texts.rules_list([_line(written, book, fired) for written in book.rules.values()]))


async def show_alerts(desk: Desk, _asked: Asked) -> Answer:
    """The last alerts and what became of them."""
    alerts = await desk.store.do(recent_alerts, _SHOWN)
    labels = [label(alert.bar, Timeframe(alert.timeframe)) for alert in alerts]
    return Answer(membership.recent_alerts(alerts, labels))


async def show_status(desk: Desk, _asked: Asked) -> Answer:
    """Whether the bot is well."""
    return Answer(render_status(await desk.status()))


def _line(written: WrittenRule, book: Rulebook, fired: Mapping[str, Instant]) -> RuleLine:
    rule = written.rule
    state = "off" if not written.enabled else "stale" if rule.id in book.stale else ""
    return RuleLine(
        rule.id, written.title, rule.market, rule.timeframe, str(written.severity), fired.get(rule.id), state
    )


COMMANDS = (
    Command("help", "what you can ask", show_help, aliases=("commands", "menu", "h")),
    Command("rules", "what the bot looks for", show_rules),
    Command("alerts", "the last alerts", show_alerts),
    Command("status", "is the bot well, how fresh are its data", show_status),
)
