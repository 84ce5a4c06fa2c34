"""/help, /alerts, /status: what the bot knows of itself."""

from __future__ import annotations

import re
from datetime import UTC, datetime

from bot.queries.span_words import TimeSpan, split_span
from bot.signals.timeframe import DAY
from bot.store.alerts import recent_alerts
from bot.telegram.command import Command, CommandRequest, HelpGroup, Reply
from bot.telegram.keyboard import share_button
from bot.telegram.parsing.mute_words import mutes_in_short
from bot.telegram.parsing.resolve import Ambiguous, NotFound, ask_rule, resolve_rule, rule_titles
from bot.telegram.parsing.spans import no_such_span_reply
from bot.telegram.services import Services
from bot.views.alerts.alert_list import alert_list, how_many_alerts
from bot.views.chats import onboarding
from bot.views.operator.status import render_status

_MAX_LISTED = 10
_MAX_ASKED = 50
_NO_COUNT = re.compile(r"(?<!\S)[-−‐‑‒–—+]*\s?\d[\d.,]*$|^[-−‐‑‒–—+]+\d[\d.,]*(?!\S)")
_COUNT = re.compile(
    r"(?:(?P<rule>(?!last\b|the\s+last\b)\S.*?)\s+)?(?:the\s+)?(?:last\s+)?(?P<count>\d{1,4})",
    re.IGNORECASE | re.DOTALL,
)


_LAST_DAYS = {"today": 0, "yesterday": 1, "24h": 1, "1d": 1, "2d": 2}
"""Spans that are too short for a picture."""


async def show_help(_services: Services, request: CommandRequest) -> Reply:
    """The commands that this person may use, or how one of them is typed."""
    lines = [
        onboarding.CommandHelp(command.name, command.help, command.group, command.example, command.usage)
        for command in request.commands
    ]
    word = request.argument.strip().lstrip("/").lower()
    if word:
        found = [line for line, each in zip(lines, request.commands, strict=True) if word in (each.name, *each.aliases)]
        return Reply(onboarding.command_help(found[0]) if found else onboarding.unknown_command(word, lines))
    return Reply(onboarding.help_text(lines, list(HelpGroup)))


async def show_alerts(services: Services, request: CommandRequest) -> Reply:
    """The last alerts, of one rule or of all, and what became of them."""
    book, said = services.rulebook(), request.argument
    rule, wanted = (resolve_rule(book, said) if said else None), _MAX_LISTED
    counted = _COUNT.fullmatch(said) if isinstance(rule, Ambiguous | NotFound) else None
    if counted is not None:
        rule = resolve_rule(book, counted["rule"]) if counted["rule"] else None
        wanted = int(counted["count"])
    if not (rule is None or isinstance(rule, str)):
        rest, span = split_span(said, datetime.fromtimestamp(services.now(), UTC).date())
        if span is not None:
            return await _alerts_since(services, rest, span)
        odd = _NO_COUNT.search(said) if counted is None and isinstance(rule, NotFound) else None
        return ask_rule(book, "alerts", rule) if odd is None else Reply(how_many_alerts(odd[0], _MAX_ASKED))
    if not 1 <= wanted <= _MAX_ASKED:
        return Reply(how_many_alerts(str(wanted), _MAX_ASKED))
    alerts = await services.store.run(recent_alerts, wanted, rule)
    share = ((share_button("Share …", rule or ""),),) if alerts else ()
    return Reply(alert_list(alerts, rule_titles(book), rule, (await services.status()).runs), share)


async def _alerts_since(services: Services, said: str, span: TimeSpan) -> Reply:
    """The alerts of a span of time, of one rule or of all."""
    book, now = services.rulebook(), services.now()
    rule = resolve_rule(book, said) if said else None
    if not (rule is None or isinstance(rule, str)):
        return ask_rule(book, "alerts", rule, span.word)
    days = _LAST_DAYS.get(span.name.casefold())
    if span.odd is not None and days is None:
        return no_such_span_reply(span, "alerts", said)
    begins = now - now % DAY - days * DAY if days is not None else span.begins or 0
    alerts = [each for each in await services.store.run(recent_alerts, _MAX_ASKED, rule) if each.bar >= begins]
    return Reply(alert_list(alerts, rule_titles(book), rule, since=begins))


async def show_status(services: Services, request: CommandRequest) -> Reply:
    """Whether the bot is well, and what this chat has muted."""
    muted = await mutes_in_short(services, request.chat)
    here = f"\n\n🔇 Muted in this chat: {muted}" if muted else ""
    return Reply(render_status(await services.status()) + here)


COMMANDS = (
    Command(
        "help",
        "what you can ask",
        show_help,
        usage="[COMMAND]",
        aliases=("commands", "menu", "h"),
        group=HelpGroup.BOT,
    ),
    Command(
        "alerts",
        "the last alerts",
        show_alerts,
        usage="[RULE] [COUNT | 30d | since 2025]",
        aliases=("signals", "signal", "last", "history"),
        group=HelpGroup.RECORD,
    ),
    Command("status", "is the bot well, how fresh are its data", show_status, group=HelpGroup.BOT),
)
