"""Command that shows the rules, and one of them wholly: /rules."""

from __future__ import annotations

from bot.messages import html, rulework, texts
from bot.messages.buttons import rule_word
from bot.messages.texts import RuleLine
from bot.rulebook.book import SUFFIX
from bot.rulebook.written import WrittenRule
from bot.signals.timeframe import Instant
from bot.store.alerts import last_fired
from bot.telegram.choosing import offer
from bot.telegram.command import Answer, Asked, Command
from bot.telegram.desk import Desk
from bot.telegram.reading import canonical
from bot.telegram.reasons import ask_rule, rule_meant
from bot.telegram.rulefiles import earlier_at, restore, restore_button

_RESTORE = "restore"
_BUTTONS, _LONGEST_BUTTON = 24, 40


async def show_rules(desk: Desk, asked: Asked) -> Answer:
    """Every rule with its market, severity and when it last fired; with a name, all about that one."""
    said, restoring = _order(asked.argument)
    if not said:
        return await _list(desk)
    rule = rule_meant(desk, said)
    operator = desk.access.is_operator(asked.user_id)
    if restoring and operator:
        return await restore(desk, rule if isinstance(rule, str) else canonical(said))
    if not isinstance(rule, str):
        return ask_rule(desk, "rules", rule)
    return await _explain(desk, rule, mine=operator and asked.chat.kind == "private")


async def _list(desk: Desk) -> Answer:
    book = desk.rulebook()
    fired = await desk.store.do(last_fired)
    lines = [_line(written, fired.get(id_), stale=id_ in book.stale) for id_, written in book.rules.items()]
    made = [offer(html.clip(line.title, _LONGEST_BUTTON), "rules", rule_word(line.rule)) for line in lines[:_BUTTONS]]
    return Answer(texts.rules_list(lines), tuple((each,) for each in made if each is not None))


async def _explain(desk: Desk, rule: str, *, mine: bool) -> Answer:
    """All about one rule; to an operator, in private, with its file, to be edited and sent back."""
    book = desk.rulebook()
    written = book.rules[rule]
    fired = (await desk.store.do(last_fired)).get(rule)
    earlier = await earlier_at(desk, rule) if mine else None
    text = rulework.explained(written, rulework.Standing(fired, rule in book.stale, earlier))
    row = [offer("Why now", "why", rule_word(rule)), offer("Evidence", "evidence", rule_word(rule))]
    buttons = (tuple(made for made in row if made is not None),)
    if not mine:
        return Answer(text, buttons)
    document = (f"{rule}{SUFFIX}", written.text.encode())
    return Answer(text, buttons + await restore_button(desk, rule), document=document)


def _order(argument: str) -> tuple[str, bool]:
    """What rule was named, and whether its version before is wanted back."""
    name, _, last = argument.rpartition(" ")
    return (name.strip(), True) if last.casefold() == _RESTORE and name.strip() else (argument, False)


def _line(written: WrittenRule, fired: Instant | None, *, stale: bool) -> RuleLine:
    rule = written.rule
    state = "off" if not written.enabled else "stale" if stale else ""
    return RuleLine(rule.id, written.title, rule.market, rule.timeframe, str(written.severity), fired, state)


COMMANDS = (Command("rules", "what the bot looks for", show_rules, usage="[RULE]", aliases=("rule",)),)
