"""/evidence, /scorecard: what came after a rule's signals."""

from __future__ import annotations

from collections.abc import Sequence

from bot.queries.event_study import event_study_report, fan_of, usual_asset
from bot.queries.market_data import MarketData
from bot.queries.scorecard import load_scorecard
from bot.store.alerts import recent_alerts
from bot.telegram.command import Command, CommandRequest, Reply
from bot.telegram.commands.why import ask_rule, rule_meant, titles_of
from bot.telegram.parsing.command_text import normalized
from bot.telegram.parsing.resolve import button_if_fits
from bot.telegram.services import Services
from bot.views.alerts.buttons import rule_word
from bot.views.markets.evidence import render_study
from bot.views.markets.scorecard import render_scorecard

_SCORED = 500
"""Alerts on the scorecard, the newest."""


async def show_evidence(services: Services, request: CommandRequest) -> Reply:
    """What an asset did after each firing of a rule, beside what it does on any day."""
    market_data = services.market_data
    said, asset = _parts(services, market_data, request.argument)
    rule = rule_meant(services, said)
    if not isinstance(rule, str):
        return ask_rule(services, "evidence", rule, asset or "")
    written = services.rulebook().rules[rule]
    asset = asset or usual_asset(market_data, written.rule.market)
    found = await event_study_report(market_data, services.rulebook(), rule, asset, services.now())
    picture = fan_of(found, written.title, services.banner) if found.study.events else None
    text = render_study(found.study, written.title, found.said, market_data.source(asset))
    others = [each for each in assets(market_data, written.rule.market) if each != asset]
    return Reply(text, _buttons(rule, others), picture=picture)


async def show_scorecard(services: Services, _request: CommandRequest) -> Reply:
    """Every alert that was sent, and what crypto did since."""
    alerts = await services.store.run(recent_alerts, _SCORED)
    found = await load_scorecard(services.market_data, services.rulebook(), alerts, services.now())
    return Reply(render_scorecard(found.card, titles_of(services), found.courses))


def assets(market_data: MarketData, market: str) -> tuple[str, ...]:
    """What people may ask about after a rule on this market fired: crypto, and the market itself."""
    return tuple(dict.fromkeys((*market_data.crypto, market)))


def _parts(services: Services, market_data: MarketData, argument: str) -> tuple[str, str | None]:
    """The words for the rule, and the asset that was named behind them."""
    *words, last = argument.split() or [""]
    if not last or normalized(argument) in map(normalized, services.rulebook().rules):
        return argument, None
    names = {
        normalized(market.title): name for name, market in market_data.markets.items() if name in market_data.crypto
    }
    names |= {normalized(name): name for name in market_data.markets}
    asset = names.get(normalized(last))
    if asset is None or not (words or asset in market_data.crypto):
        return argument, None
    return " ".join(words), asset


def _buttons(rule: str, assets: Sequence[str]) -> tuple[tuple[tuple[str, str], ...], ...]:
    word = rule_word(rule)
    rows = (
        [button_if_fits(each, "evidence", f"{word} {each}") for each in assets],
        [button_if_fits("Why now", "why", word)],
    )
    return tuple(row for each in rows if (row := tuple(made for made in each if made is not None)))


COMMANDS = (
    Command("evidence", "what came after a rule's signals", show_evidence, usage="[RULE] [ASSET]", aliases=("study",)),
    Command("scorecard", "every alert and what crypto did since", show_scorecard, aliases=("score",)),
)
