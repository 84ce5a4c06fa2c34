"""/rules: the list of rules, and everything about one of them."""

from __future__ import annotations

from bot.rulebook.rule_definition import RuleDefinition
from bot.rulebook.rule_files import SUFFIX
from bot.signals.timeframe import Instant
from bot.store.alerts import last_fired
from bot.telegram.command import Command, CommandRequest, HelpGroup, Reply
from bot.telegram.commands.rule_files import installer, restore_button, restore_rule
from bot.telegram.keyboard import button_row, copy_button
from bot.telegram.parsing.command_text import normalized
from bot.telegram.parsing.resolve import ask_rule, resolve_rule
from bot.telegram.services import Services
from bot.views.alerts.buttons import rule_word
from bot.views.chats import onboarding
from bot.views.chats.onboarding import RuleLine
from bot.views.formatting import html
from bot.views.operator import rule_admin

_RESTORE = "restore"
_MAX_BUTTONS, _MAX_TITLE_CHARACTERS = 24, 40


async def show_rules(services: Services, request: CommandRequest) -> Reply:
    """Every rule with its market, severity and when it last fired; with a name, all about that one."""
    said, restoring = _order(request.argument)
    if not said:
        return await _list(services)
    rule = resolve_rule(services.rulebook(), said)
    operator = services.access.is_operator(request.user_id)
    if restoring and operator:
        return await restore_rule(services, rule if isinstance(rule, str) else normalized(said))
    if not isinstance(rule, str):
        return ask_rule(services.rulebook(), "rules", rule)
    return await _explain(services, rule, mine=operator and request.chat.kind == "private")


async def _list(services: Services) -> Reply:
    book = services.rulebook()
    fired = await services.store.run(last_fired)
    lines = [_line(written, fired.get(id_), stale=id_ in book.stale) for id_, written in book.rules.items()]
    rows = [
        button_row((html.clip(line.title, _MAX_TITLE_CHARACTERS), "rules", rule_word(line.rule)))
        for line in lines[:_MAX_BUTTONS]
    ]
    return Reply(onboarding.rules_list(lines), tuple(row[0] for row in rows if row))


async def _explain(services: Services, rule: str, *, mine: bool) -> Reply:
    """All about one rule; to an operator, in private, with its file, to be edited and sent back."""
    book = services.rulebook()
    written = book.rules[rule]
    fired = (await services.store.run(last_fired)).get(rule)
    earlier = await installer(services).previous_at(rule) if mine else None
    run = next((each for each in (await services.status()).runs if each.rule == rule), None)
    text = rule_admin.explained(written, rule_admin.RuleStatus(fired, rule in book.stale, earlier, run))
    buttons = button_row(("Why now", "why", rule_word(rule)), ("Evidence", "evidence", rule_word(rule)))
    buttons += ((copy_button("📋 Copy the formula", " ".join(written.rule.when.text.split())),),)
    if not mine:
        return Reply(text, buttons)
    document = (f"{rule}{SUFFIX}", written.text.encode())
    return Reply(text, buttons + await restore_button(services, rule), document=document)


def _order(argument: str) -> tuple[str, bool]:
    """What rule was named, and whether its version before is wanted back."""
    name, _, last = argument.rpartition(" ")
    return (name.strip(), True) if last.casefold() == _RESTORE and name.strip() else (argument, False)


def _line(written: RuleDefinition, fired: Instant | None, *, stale: bool) -> RuleLine:
    rule = written.rule
    state = "off" if not written.enabled else "stale" if stale else ""
    return RuleLine(rule.id, written.title, rule.market, rule.timeframe, written.severity.word, fired, state)


COMMANDS = (
    Command(
        "rules",
        "what the bot looks for",
        show_rules,
        usage="[RULE]",
        aliases=("rule",),
        group=HelpGroup.NOW,
        example="iwm",
    ),
)
