"""/why: what a rule said at its market's last bar, part by part."""

from __future__ import annotations

from bot.telegram.command import Command, CommandRequest, HelpGroup, Reply
from bot.telegram.keyboard import button_row
from bot.telegram.parsing.resolve import ask_rule, resolve_rule
from bot.telegram.services import Services
from bot.views.alerts.buttons import rule_word
from bot.views.markets.market import no_bars
from bot.views.markets.why import render_why


async def show_why(services: Services, request: CommandRequest) -> Reply:
    """What a rule said at its market's last bar, part by part, and what holds it back."""
    book = services.rulebook()
    rule = resolve_rule(book, request.argument)
    if not isinstance(rule, str):
        return ask_rule(book, "why", rule)
    found = await services.market_data.why(book, rule, services.now(), services.waits(rule))
    market = book.rules[rule].rule.market
    if found is None:
        return Reply(no_bars(services.market_data.title(market)))
    return Reply(render_why(found), button_row(("Evidence", "evidence", rule_word(rule)), ("Chart", "chart", market)))


COMMANDS = (
    Command(
        "why",
        "why a rule fired, or why not",
        show_why,
        usage="[RULE]",
        aliases=("explain",),
        group=HelpGroup.NOW,
        example="iwm-resistance-break",
    ),
)
