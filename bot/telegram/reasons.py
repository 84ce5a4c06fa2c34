"""Commands that show what a rule says, and why: /why."""

from __future__ import annotations

from bot.messages import buttons
from bot.messages.buttons import rule_word
from bot.messages.market import no_bars
from bot.messages.why import render_why
from bot.telegram.choosing import Nothing, Several, ask_which, choose, offer
from bot.telegram.command import Answer, Asked, Command
from bot.telegram.desk import Desk


async def show_why(desk: Desk, asked: Asked) -> Answer:
    """What a rule said at its market's last bar, part by part, and what holds it back."""
    book = desk.rulebook()
    rule = rule_meant(desk, asked.argument)
    if not isinstance(rule, str):
        return ask_rule(desk, "why", rule)
    found = await desk.facts.why(book, rule, desk.now(), desk.waits(rule))
    market = book.rules[rule].rule.market
    if found is None:
        return Answer(no_bars(desk.facts.title(market)))
    wanted = (("Evidence", "evidence", rule_word(rule)), ("Chart", "chart", market))
    row = tuple(made for each in wanted if (made := offer(*each)) is not None)
    return Answer(render_why(found), (row,) if row else ())


def rule_meant(desk: Desk, said: str) -> str | Several | Nothing:
    """The rule that was meant, by its id, its title, or words of either."""
    titles = titles_of(desk)
    return buttons.rule_meant(said, titles) or choose(said, titles)


def ask_rule(desk: Desk, command: str, found: Several | Nothing, more: str = "") -> Answer:
    """The question which rule was meant; `more` is what else was asked, behind the rule's name."""
    return ask_which("rule", command, found, titles_of(desk), argument=lambda rule: f"{rule_word(rule)} {more}".strip())


def titles_of(desk: Desk) -> dict[str, str]:
    """Every rule with its title."""
    return {id_: written.title for id_, written in desk.rulebook().rules.items()}


COMMANDS = (Command("why", "why a rule fired, or why not", show_why, usage="[RULE]", aliases=("explain",)),)
