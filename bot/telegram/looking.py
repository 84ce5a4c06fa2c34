"""Commands that show what the bot knows of itself: /help, /alerts, /status."""

from __future__ import annotations

from bot.messages import texts
from bot.messages.alertlist import alert_list
from bot.messages.status import render_status
from bot.store.alerts import recent_alerts
from bot.telegram.command import Answer, Asked, Command
from bot.telegram.desk import Desk
from bot.telegram.reasons import ask_rule, rule_meant, titles_of

_SHOWN = 10


async def show_help(_desk: Desk, asked: Asked) -> Answer:
    """The commands that this person may use."""
    return Answer(texts.help_text([texts.Command(command.name, command.help) for command in asked.commands]))


async def show_alerts(desk: Desk, asked: Asked) -> Answer:
    """The last alerts, of one rule or of all, and what became of them."""
    rule = rule_meant(desk, asked.argument) if asked.argument else None
    if not (rule is None or isinstance(rule, str)):
        return ask_rule(desk, "alerts", rule)
    alerts = await desk.store.do(recent_alerts, _SHOWN, rule)
    return Answer(alert_list(alerts, titles_of(desk), rule))


async def show_status(desk: Desk, _asked: Asked) -> Answer:
    """Whether the bot is well."""
    return Answer(render_status(await desk.status()))


COMMANDS = (
    Command("help", "what you can ask", show_help, aliases=("commands", "menu", "h")),
    Command("alerts", "the last alerts", show_alerts, usage="[RULE]"),
    Command("status", "is the bot well, how fresh are its data", show_status),
)
