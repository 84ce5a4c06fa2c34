"""Facts of an alert: all that must be known to tell of it."""

from __future__ import annotations

from dataclasses import dataclass

from bot.evidence.claim_ledger import ClaimState
from bot.evidence.claims import ClaimAnswer, Stance
from bot.evidence.correlation import CorrelationReport
from bot.evidence.event_study.event_study import Study
from bot.evidence.performance import Performance
from bot.evidence.risk.risk_panel import RiskPanel
from bot.signals.bars import Bars
from bot.signals.replay.event import Event
from bot.signals.timeframe import Instant


@dataclass(frozen=True, slots=True)
class CryptoLine:
    """One row of the crypto block: "BTC", "ETH", "Alts (10)".

    A basket is an index without a price of its own: `priced` is False.
    """

    label: str
    performance: Performance
    priced: bool = True


@dataclass(frozen=True, slots=True)
class ClaimView:
    """What others said of a signal on a day (UTC midnight), in their words, and the bot's own answer.

    The answer is None where the claim asks for no figure; `state` is how it stands by what came since that day.
    """

    text: str
    source: str = ""
    made: Instant | None = None
    stance: Stance = Stance.FOR
    answer: ClaimAnswer | None = None
    state: ClaimState | None = None


@dataclass(frozen=True, eq=False, slots=True)
class AlertFacts:
    """One event of one alert and what is told with it. All texts are plain, as their authors wrote them.

    `bars` are those of the event's market up to and including the event's bar (later ones are ignored).
    `headline` is the rule's, filled in. `market` is how the market is called ("IWM", "Russell 2000").
    `crypto` is in the order of display, `missing` names the assets for which there are no figures.
    `late`: the bar had closed well before this was found; `sessions_ago` sessions have closed since, 0 if
    that is unknown. `source` is where the bars came from.

    `history` is what one asset did after the rule's earlier firings, as it could be known at the bar's close.
    `claims` are the claims, told in their order as far as there is room. `history`, `risk` and `correlation` are None
    where the rule does not ask for them, or where they could not be had.
    """

    event: Event
    bars: Bars
    headline: str
    title: str
    market: str
    why: str = ""
    caveats: tuple[str, ...] = ()
    severity: str = "normal"
    crypto: tuple[CryptoLine, ...] = ()
    missing: tuple[str, ...] = ()
    source: str = ""
    late: bool = False
    sessions_ago: int = 0
    history: Study | None = None
    claims: tuple[ClaimView, ...] = ()
    risk: RiskPanel | None = None
    correlation: CorrelationReport | None = None
