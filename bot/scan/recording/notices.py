"""Notices to the operators: each trouble once, and once that it is over."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field

from bot.scan.status import ScanSnapshot
from bot.severity import Severity
from bot.signals.timeframe import Instant
from bot.store.meta import get_value, set_value
from bot.store.notices import notice
from bot.store.sqlite import Database
from bot.views.operator.notices import outage, outage_over, rules_broken, rules_mended
from bot.views.operator.status_facts import MarketState

_TOLD = "operator told"
_ILL = frozenset({MarketState.STALE, MarketState.HOLED, MarketState.SUSPECT, MarketState.DEAD})


@dataclass(frozen=True)
class KnownTroubles:
    """What the operator knows to be wrong: markets and complaints about rules, and complaints seen once so far."""

    markets: frozenset[str] = frozenset()
    broken: frozenset[str] = frozenset()
    seen: frozenset[str] = frozenset()


@dataclass(frozen=True)
class OperatorUpdate:
    """The messages to send, and what is known after them."""

    messages: tuple[str, ...]
    known: KnownTroubles = field(default_factory=KnownTroubles)


def operator_update(snapshot: ScanSnapshot, known: KnownTroubles) -> OperatorUpdate:
    """What is new for an operator who knows `known`.

    A complaint about a rule file counts from the second look on: the first may have caught the file half saved.
    """
    ill = {market.name: market for market in snapshot.markets if market.state in _ILL}
    found = [ill[name] for name in ill if name not in known.markets]
    over = sorted(known.markets - ill.keys())
    broken = frozenset(snapshot.broken)
    lasting = broken & known.seen
    messages = [outage(found)] if found else []
    messages += [outage_over(over)] if over else []
    if fresh := sorted(lasting - known.broken):
        messages.append(rules_broken(fresh, snapshot.stale))
    if known.broken and not broken:
        messages.append(rules_mended(snapshot.rules))
    return OperatorUpdate(tuple(messages), KnownTroubles(frozenset(ill), (known.broken | lasting) & broken, broken))


def tell_operators(db: Database, snapshot: ScanSnapshot, now: Instant) -> int:
    """Queue what is new for the operators, in one go with what they then know. Returns how many messages."""
    kept = get_value(db, _TOLD)
    known = _read(json.loads(kept)) if kept else KnownTroubles()
    update = operator_update(snapshot, known)
    for message in update.messages:
        notice(db, message, "operators", now, Severity.HIGH)
    if update.known != known:
        set_value(db, _TOLD, json.dumps(_plain(update.known)), now)
    return len(update.messages)


def _plain(known: KnownTroubles) -> dict[str, list[str]]:
    return {"markets": sorted(known.markets), "broken": sorted(known.broken), "seen": sorted(known.seen)}


def _read(kept: Mapping[str, list[str]]) -> KnownTroubles:
    return KnownTroubles(frozenset(kept["markets"]), frozenset(kept["broken"]), frozenset(kept["seen"]))
