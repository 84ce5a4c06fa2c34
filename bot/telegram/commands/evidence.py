"""/evidence, /scorecard: what came after a rule's signals."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from bot.alert import Buttons
from bot.queries.event_study import event_study_report, fan_of, usual_asset
from bot.queries.market_data import MarketData
from bot.queries.score_span import EVERY, read_score_span
from bot.queries.scorecard import load_scorecard
from bot.queries.span_words import TimeSpan
from bot.rulebook.book import Rulebook
from bot.store.alerts import recent_alerts
from bot.store.subscribers.reactions import count_reactions
from bot.suggest import nearest
from bot.telegram.command import Command, CommandRequest, HelpGroup, Reply
from bot.telegram.keyboard import button_row
from bot.telegram.parsing.resolve import NotFound, ask_rule, ask_which, exactly, resolve, resolve_rule, rule_titles
from bot.telegram.parsing.spans import asked_of, no_such_span_reply, without_please
from bot.telegram.services import Services
from bot.views.alerts.buttons import rule_word
from bot.views.chats.reactions import reaction_lines
from bot.views.markets.evidence import render_evidence
from bot.views.markets.evidence_details import render_details, render_placebo
from bot.views.markets.scorecard import alerts_of_no_span, render_scorecard
from bot.views.markets.spans import evidence_has_no_span

_DETAILS, _PLACEBO = "details", "placebo"

_MAX_ALERTS_SCORED = 500
"""Alerts on the scorecard, the newest."""


async def show_evidence(services: Services, request: CommandRequest) -> Reply:
    """What an asset did after each firing of a rule, beside what it did anyway at the time."""
    market_data, book = services.market_data, services.rulebook()
    titles = rule_titles(book)
    asked = asked_of(
        request.argument, services.now(), lambda said: any(exactly(said, *each) for each in titles.items())
    )
    argument, view = _view(asked.rest if asked.span is None or asked.span.odd is None else request.argument)
    if asked.span is not None and asked.span.odd is None and asked.span.since is not None:
        return Reply(evidence_has_no_span(asked.span.name), button_row(("All of it", "evidence", asked.rest)))
    said, asset = _parts(book, market_data, argument)
    if isinstance(asset, NotFound):
        rule = resolve_rule(book, said)
        more = rule_word(rule) if isinstance(rule, str) else ""
        names = {name: name for name in market_data.crypto}
        return ask_which("market", "evidence", asset, names, width=3, argument=lambda name: f"{more} {name}".strip())
    rule = resolve_rule(book, said)
    if not isinstance(rule, str):
        return ask_rule(book, "evidence", rule, asset or "")
    written = book.rules[rule]
    asset = asset or usual_asset(market_data, written.rule.market)
    found = await event_study_report(market_data, book, rule, asset, services.now(), placebo=view == _PLACEBO)
    facts = replace(found.facts, source=market_data.source(asset))
    if view is not None:
        text = render_details(facts) if view == _DETAILS else render_placebo(facts)
        return Reply(text, _buttons(rule, asset, [], view))
    picture = fan_of(found, services.banner) if found.study.events else None
    others = [each for each in assets(market_data, written.rule.market) if each != asset]
    return Reply(render_evidence(facts), _buttons(rule, asset, others, view), picture=picture, dark=asked.dark)


async def show_scorecard(services: Services, request: CommandRequest) -> Reply:
    """Every alert that was sent, or those of a span, and what crypto did since."""
    said = without_please(request.argument)
    span = read_score_span(said, services.now()) if said else EVERY
    if span is None:
        return Reply(alerts_of_no_span(said), button_row(("All alerts", "scorecard", "")))
    if isinstance(span, TimeSpan):
        return no_such_span_reply(span, "scorecard")
    alerts = await services.store.run(recent_alerts, _MAX_ALERTS_SCORED)
    found = await load_scorecard(services.market_data, services.rulebook(), alerts, services.now(), span)
    titles = rule_titles(services.rulebook())
    reactions = "" if span.name else reaction_lines(await services.store.run(count_reactions), titles)
    told = render_scorecard(found.card, titles, found.courses, span.name, found.of)
    return Reply("\n\n".join(filter(None, [told, reactions])))


def assets(market_data: MarketData, market: str) -> tuple[str, ...]:
    """What people may ask about after a rule on this market fired: crypto, and the market itself."""
    return tuple(dict.fromkeys((*market_data.crypto, market)))


def _parts(book: Rulebook, market_data: MarketData, argument: str) -> tuple[str, str | NotFound | None]:
    """The words for the rule, and the asset that was named behind them; NotFound for what is neither."""
    *words, last = argument.split() or [""]
    titles, rest = rule_titles(book), " ".join(words)
    if not last or any(exactly(argument, rule, title) for rule, title in titles.items()):
        return argument, None
    asset = _asset(market_data, last)
    if asset is not None and (words or asset in market_data.crypto):
        return rest, asset
    if len(words) > 1 and _asset(market_data, words[-1]) is not None:
        rest = " ".join(words[:-1])  # a rule, an asset, and one more that nobody knows
    whole, part = resolve(argument, titles, guess=False), resolve(rest, titles, guess=False)
    if isinstance(whole, str) or not rest or not isinstance(part, str):
        return argument, None
    return rest, NotFound(last, next(iter(nearest(last, market_data.markets)), None))


def _asset(market_data: MarketData, word: str) -> str | None:
    return next((name for name, market in market_data.markets.items() if exactly(word, name, market.title)), None)


def _view(argument: str) -> tuple[str, str | None]:
    """The argument without the word for a part of the evidence at its end, and that word."""
    rest, _, last = argument.rstrip().rpartition(" ")
    return (rest, last.lower()) if rest and last.lower() in (_DETAILS, _PLACEBO) else (argument, None)


def _buttons(rule: str, asset: str, others: Sequence[str], view: str | None) -> Buttons:
    word = rule_word(rule)
    parts = [(part.capitalize(), "evidence", f"{word} {asset} {part}") for part in (_DETAILS, _PLACEBO) if part != view]
    assets = [(each, "evidence", f"{word} {each}") for each in others]
    return button_row(*parts) + button_row(*assets) + button_row(("Why now", "why", word))


COMMANDS = (
    Command(
        "evidence",
        "what came after a rule's signals",
        show_evidence,
        usage="[RULE] [ASSET] [details|placebo]",
        aliases=("study",),
        group=HelpGroup.RECORD,
        example="iwm-resistance-break ETH",
    ),
    Command(
        "scorecard",
        "every alert and what crypto did since",
        show_scorecard,
        usage="[2025 | since 2024 | 6mo]",
        aliases=("score",),
        group=HelpGroup.RECORD,
        example="since 2025",
    ),
)
