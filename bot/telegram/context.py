"""Commands that show what goes on beside the small caps: /crypto, /risk."""

from __future__ import annotations

from bot.messages.crypto import render_crypto
from bot.messages.crypto_now import CryptoNow, render_crypto_now
from bot.messages.risk import render_risk
from bot.messages.sketch import Sketch, correlation_sketch, crypto_sketch, performance_sketch
from bot.store.snapshots import latest_snapshots
from bot.telegram.command import Answer, Asked, Command, button
from bot.telegram.desk import Desk
from bot.telegram.reading import canonical
from bot.watch.context import LEADER
from bot.watch.cryptonow import CRYPTO, crypto_now
from bot.watch.risknow import noted_flows, noted_losers, panel_now

_DAYS = 90
_BUTTONS = (("Chart", "crypto", "chart"), ("Correlation", "crypto", "correlation"), ("Risk", "risk", ""))


async def show_crypto(desk: Desk, asked: Asked) -> Answer:
    """How crypto does; with "chart" or "correlation" behind it, in another picture and with fewer words."""
    caps = await desk.store.do(latest_snapshots, CRYPTO, desk.now())
    found = await crypto_now(desk.facts, caps, desk.now())
    if not found.lines:
        return Answer(render_crypto_now(found))
    short = render_crypto(found.lines, found.missing, found.now)
    match canonical(asked.argument)[:2]:
        case "ch":
            return Answer(short, _buttons("chart"), picture=await _lines(desk))
        case "co":
            return Answer(short, _buttons("correlation"), picture=await _together(desk))
        case _:
            return Answer(render_crypto_now(found), _buttons(), picture=_changes(found, desk.banner))


async def show_risk(desk: Desk, _asked: Asked) -> Answer:
    """The appetite for risk: fear, relative strength, credit, the dollar, money flows, earnings."""
    now = desk.now()
    flows = await desk.store.do(noted_flows, now)
    negative = await desk.store.do(noted_losers, now)
    return Answer(render_risk(await panel_now(desk.facts, now), flows, negative))


def _buttons(shown: str = "?") -> tuple[tuple[tuple[str, str], ...], ...]:
    return (tuple(button(*each) for each in _BUTTONS if each[2] != shown),)


def _changes(found: CryptoNow, note: str) -> Sketch:
    rows = tuple((line.label, line.performance.changes) for line in found.lines)
    newest = max(line.performance.as_of for line in found.lines)
    return performance_sketch(rows, "Crypto now", newest, note)


async def _lines(desk: Desk) -> Sketch:
    facts = desk.facts
    assets = tuple([(name, await facts.bars(name)) for name in facts.crypto])
    return crypto_sketch(assets, f"Crypto over {_DAYS} days", desk.now(), _DAYS, desk.banner)


async def _together(desk: Desk) -> Sketch:
    facts = desk.facts
    first = facts.crypto[0]
    title = f"{facts.title(first)} and {facts.title(LEADER)}"
    return correlation_sketch(await facts.bars(LEADER), await facts.bars(first), title, desk.now(), note=desk.banner)


COMMANDS = (
    Command("crypto", "how crypto does right now", show_crypto, usage="[chart | correlation]", aliases=("coins",)),
    Command("risk", "fear, flows and other signs of appetite", show_risk),
)
