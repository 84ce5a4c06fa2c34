"""What the log says of the bot's work: looks that did something, deliveries, markets and rules that changed."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Mapping, Sequence

from bot.delivery.transport import Failure, OutgoingMessage, Sent, Transport
from bot.scan.scanner import Scan
from bot.views.formatting.numbers import count
from bot.views.operator.status_facts import MarketState, MarketStatus, StatusFacts

log = logging.getLogger(__name__)

MAX_NAMES = 8
"""Markets that one line names before it only counts the rest."""

_DOWN = frozenset({MarketState.DEAD, MarketState.STALE, MarketState.HOLED, MarketState.SUSPECT})


class DeliveryCounter:
    """A transport that counts what came of each attempt: "sent", or the kind of failure."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport
        self._outcomes: Counter[str] = Counter()

    async def send(self, message: OutgoingMessage) -> Sent | Failure:
        """Hand on."""
        outcome = await self._transport.send(message)
        self._outcomes["sent" if isinstance(outcome, Sent) else outcome.kind.value] += 1
        return outcome

    def take(self) -> Mapping[str, int]:
        """The counts since the last call."""
        counts, self._outcomes = self._outcomes, Counter()
        return counts


class ActivityLog:
    """One INFO line for each thing that happened, none for a look that found nothing to do."""

    def __init__(self) -> None:
        self._states: dict[str, MarketState] = {}
        self._refused: frozenset[str] = frozenset()

    def look(self, scan: Scan, seconds: float, facts: StatusFacts) -> int:
        """After a look that took so many seconds: what it did, and what has changed since the one before.

        Returns how many markets have come into doubt by it.
        """
        bars = [arrival for arrival in scan.arrivals if arrival.added or arrival.revised]
        if bars or scan.queued or scan.noticed:
            names = _names(list(dict.fromkeys(arrival.series[0] for arrival in bars)))
            added = sum(arrival.added for arrival in bars)
            parts = [f"{count(added, 'new bar')} ({names})"] if bars else []
            parts += [f"{count(scan.queued, 'message')} queued"] if scan.queued else []
            parts += [f"{count(scan.noticed, 'notice')} to the operators"] if scan.noticed else []
            parts += [f"{count(len(scan.held), 'rule waits', 'rules wait')}"] if scan.held else []
            log.info("look: %s, %.1f s", ", ".join(parts), seconds)
        doubts = sum(self._market(market) for market in facts.markets)
        self._rules(facts)
        return doubts

    def deliveries(self, outcomes: Mapping[str, int]) -> None:
        """What came of the attempts to send since the last time."""
        if outcomes:
            log.info("deliveries: %s", ", ".join(f"{many} {kind}" for kind, many in sorted(outcomes.items())))

    def _market(self, market: MarketStatus) -> bool:
        """Whether it is in doubt now, and was not."""
        before, self._states[market.name] = self._states.get(market.name), market.state
        if market.state in _DOWN and market.state is not before:
            log.warning("market %s is %s: %s", market.name, market.state, market.error or "its last bar is missing")
        elif market.state is MarketState.FRESH and before in _DOWN:
            log.info("market %s is fresh again, by %s", market.name, market.source)
        return market.state is MarketState.SUSPECT and market.state is not before

    def _rules(self, facts: StatusFacts) -> None:
        refused = frozenset(facts.broken)
        for problem in sorted(refused - self._refused):
            log.warning("rule refused: %s", problem)
        if self._refused and not refused:
            log.info("every rule file can be read again")
        self._refused = refused


def _names(names: Sequence[str]) -> str:
    more = len(names) - MAX_NAMES
    return ", ".join(names[:MAX_NAMES]) + (f" and {more} more" if more > 0 else "")
