"""Notices to the operators: each trouble once, and once that it is over."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field

from bot.scan.status import Snapshot
from bot.signals.timeframe import Instant
from bot.store.meta import get_value, set_value
from bot.store.notices import notice
from bot.store.sqlite import Database
from bot.views.operator.notices import outage, outage_over, rules_broken, rules_mended
from bot.views.operator.status import MarketState

_TOLD = "operator told"
_ILL = frozenset({MarketState.STALE, MarketState.SUSPECT, MarketState.DEAD})


@dataclass(frozen=True)
class Told:
    """What the operator knows to be wrong: markets and complaints about rules, and complaints seen once so far."""

    markets: frozenset[str] = frozenset()
    broken: frozenset[str] = frozenset()
    seen: frozenset[str] = frozenset()


@dataclass(frozen=True)
class News:
    """The messages to send, and what is known after them."""

    messages: tuple[str, ...]
    told: Told = field(default_factory=Told)


def news(snapshot: Snapshot, told: Told) -> News:
    """What is new for an operator who knows `told`.

    A complaint about a rule file counts from the second look on: the first may have caught the file half saved.
    """
    ill = {market.name: market for market in snapshot.markets if market.state in _ILL}
    found = [ill[name] for name in ill if name not in told.markets]
    over = sorted(told.markets - ill.keys())
    broken = frozenset(snapshot.broken)
    lasting = broken & told.seen
    messages = [outage(found)] if found else []
    messages += [outage_over(over)] if over else []
    if fresh := sorted(lasting - told.broken):
        messages.append(rules_broken(fresh, snapshot.stale))
    if told.broken and not broken:
        messages.append(rules_mended(snapshot.rules))
    return News(tuple(messages), Told(frozenset(ill), (told.broken | lasting) & broken, broken))


def tell_operators(db: Database, snapshot: Snapshot, now: Instant) -> int:
    """Queue what is new for the operators, in one go with what they then know. Returns how many messages."""
    kept = get_value(db, _TOLD)
    told = _read(json.loads(kept)) if kept else Told()
    found = news(snapshot, told)
    for message in found.messages:
        notice(db, message, "operators", now, "high")
    if found.told != told:
        set_value(db, _TOLD, json.dumps(_plain(found.told)), now)
    return len(found.messages)


def _plain(told: Told) -> dict[str, list[str]]:
    return {"markets": sorted(told.markets), "broken": sorted(told.broken), "seen": sorted(told.seen)}


def _read(kept: Mapping[str, list[str]]) -> Told:
    return Told(frozenset(kept["markets"]), frozenset(kept["broken"]), frozenset(kept["seen"]))
