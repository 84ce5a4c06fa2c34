"""Commands that show what came after a rule's signals: /evidence, /scorecard."""

from __future__ import annotations

from collections.abc import Sequence

from bot.messages.buttons import rule_word
from bot.messages.scorecard import render_scorecard
from bot.messages.study import render_study
from bot.store.alerts import recent_alerts
from bot.telegram.choosing import offer
from bot.telegram.command import Answer, Asked, Command
from bot.telegram.desk import Desk
from bot.telegram.reading import canonical
from bot.telegram.reasons import ask_rule, rule_meant, titles_of
from bot.watch.hindsight import fan_of, hindsight, usual_asset
from bot.watch.lookup import Lookup
from bot.watch.score import score

_SCORED = 500
"""Alerts on the scorecard, the newest."""


async def show_evidence(desk: Desk, asked: Asked) -> Answer:
    """What an asset did after each firing of a rule, beside what it does on any day."""
    lookup = desk.facts
    said, asset = _parts(desk, lookup, asked.argument)
    rule = rule_meant(desk, said)
    if not isinstance(rule, str):
        return ask_rule(desk, "evidence", rule, asset or "")
    written = desk.rulebook().rules[rule]
    asset = asset or usual_asset(lookup, written.rule.market)
    found = await hindsight(lookup, desk.rulebook(), rule, asset, desk.now())
    picture = fan_of(found, written.title, desk.banner) if found.study.events else None
    text = render_study(found.study, written.title, found.said, lookup.source(asset))
    others = [each for each in assets(lookup, written.rule.market) if each != asset]
    return Answer(text, _buttons(rule, others), picture=picture)


async def show_scorecard(desk: Desk, _asked: Asked) -> Answer:
    """Every alert that was sent, and what crypto did since."""
    alerts = await desk.store.do(recent_alerts, _SCORED)
    found = await score(desk.facts, desk.rulebook(), alerts, desk.now())
    return Answer(render_scorecard(found.card, titles_of(desk), found.courses))


def assets(lookup: Lookup, market: str) -> tuple[str, ...]:
    """What people may ask about after a rule on this market fired: crypto, and the market itself."""
    return tuple(dict.fromkeys((*lookup.crypto, market)))


def _parts(desk: Desk, lookup: Lookup, argument: str) -> tuple[str, str | None]:
    """The words for the rule, and the asset that was named behind them."""
    *words, last = argument.split() or [""]
    if not last or canonical(argument) in map(canonical, desk.rulebook().rules):
        return argument, None
    names = {canonical(market.title): name for name, market in lookup.markets.items() if name in lookup.crypto}
    names |= {canonical(name): name for name in lookup.markets}
    asset = names.get(canonical(last))
    if asset is None or not (words or asset in lookup.crypto):
        return argument, None
    return " ".join(words), asset


def _buttons(rule: str, assets: Sequence[str]) -> tuple[tuple[tuple[str, str], ...], ...]:
    word = rule_word(rule)
    rows = ([offer(each, "evidence", f"{word} {each}") for each in assets], [offer("Why now", "why", word)])
    return tuple(row for each in rows if (row := tuple(made for made in each if made is not None)))


COMMANDS = (
    Command("evidence", "what came after a rule's signals", show_evidence, usage="[RULE] [ASSET]", aliases=("study",)),
    Command("scorecard", "every alert and what crypto did since", show_scorecard, aliases=("score",)),
)
