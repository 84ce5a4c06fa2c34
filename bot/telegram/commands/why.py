"""/why: what a rule said at its market's last bar, part by part."""

from __future__ import annotations

from bot.telegram.command import Command, CommandRequest, Reply
from bot.telegram.parsing.resolve import Ambiguous, NotFound, ask_which, button_if_fits, resolve
from bot.telegram.services import Services
from bot.views.alerts import buttons
from bot.views.alerts.buttons import rule_word
from bot.views.markets.market import no_bars
from bot.views.markets.why import render_why


async def show_why(services: Services, request: CommandRequest) -> Reply:
    """What a rule said at its market's last bar, part by part, and what holds it back."""
    book = services.rulebook()
    rule = rule_meant(services, request.argument)
    if not isinstance(rule, str):
        return ask_rule(services, "why", rule)
    found = await services.market_data.why(book, rule, services.now(), services.waits(rule))
    market = book.rules[rule].rule.market
    if found is None:
        return Reply(no_bars(services.market_data.title(market)))
    wanted = (("Evidence", "evidence", rule_word(rule)), ("Chart", "chart", market))
    row = tuple(made for each in wanted if (made := button_if_fits(*each)) is not None)
    return Reply(render_why(found), (row,) if row else ())


def rule_meant(services: Services, said: str) -> str | Ambiguous | NotFound:
    """The rule that was meant, by its id, its title, or words of either."""
    titles = titles_of(services)
    return buttons.rule_meant(said, titles) or resolve(said, titles)


def ask_rule(services: Services, command: str, found: Ambiguous | NotFound, more: str = "") -> Reply:
    """The question which rule was meant; `more` is what else was asked, behind the rule's name."""
    return ask_which(
        "rule", command, found, titles_of(services), argument=lambda rule: f"{rule_word(rule)} {more}".strip()
    )


def titles_of(services: Services) -> dict[str, str]:
    """Every rule with its title."""
    return {id_: written.title for id_, written in services.rulebook().rules.items()}


COMMANDS = (Command("why", "why a rule fired, or why not", show_why, usage="[RULE]", aliases=("explain",)),)
