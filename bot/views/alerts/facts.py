"""Facts of a story: all that must be known to tell a chat of a day's alerts, computed before anybody writes a word."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from bot.evidence.claim_check import Stance
from bot.evidence.claim_ledger import ClaimState
from bot.evidence.claims import ClaimAnswer
from bot.evidence.correlation import CorrelationReport
from bot.evidence.event_study.event_study import Study
from bot.evidence.failure_rate import FailureRate
from bot.evidence.liquidity import LiquidityReading
from bot.evidence.performance import Performance
from bot.evidence.record_rank import RecordRank
from bot.evidence.risk.risk_panel import RiskPanel
from bot.evidence.signal_kind import SignalKind
from bot.evidence.survivors import Survivors
from bot.severity import Severity
from bot.signals.replay.event import Event
from bot.signals.timeframe import Instant


@dataclass(frozen=True, slots=True)
class CryptoLine:
    """One row of the crypto block: "BTC", "ETH", "Alts (10)".

    A basket is an index without a price of its own: `priced` is False. `hindsight` sets it beside the coins that were
    large then, None where nobody knows them.
    """

    label: str
    performance: Performance
    priced: bool = True
    hindsight: Survivors | None = None


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


class Direction(StrEnum):
    """Where a signal points: up through its level, down through it, or neither."""

    UP = "up"
    DOWN = "down"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class NextLevel:
    """The next level in the direction of a break: the edge that a close must pass, and how often it was touched."""

    price: float
    touches: int


@dataclass(frozen=True, slots=True)
class Followed:
    """The signal of another rule that came before: its title, and the start of the bar it fired at."""

    title: str
    bar: Instant


@dataclass(frozen=True, eq=False, slots=True)
class AlertFacts:
    """One firing and what is told of it. All texts are plain, as their authors wrote them.

    `headline` is the rule's, filled in. `market` is how the market is called ("IWM", "Russell 2000"), `signal` what the
    rule's signals are. `change` is the ratio since the close before, None where unknown. `rank` is the place of the
    close among those before it. `failures` is how earlier firings of the rule went, `history` what one asset did after
    them, both as they could be known at the bar's close. `late`: the bar had closed well before this was found;
    `sessions_ago` sessions have closed since, 0 if that is unknown. `source` is where the bars came from.
    `crypto_wanted`: the rule asks for the block. `priced`: the close is a price that one can pay, not an index of a
    basket. `in_points`: `change` is a difference, as the market's values need not be positive.
    `across_missing` says which sessions its formula looks back across that are missing, empty where none.
    """

    event: Event
    rule_title: str
    headline: str
    market: str
    direction: Direction
    severity: Severity
    signal: SignalKind = SignalKind.SIGNAL
    change: float | None = None
    rank: RecordRank | None = None
    next_level: NextLevel | None = None
    follows: Followed | None = None
    failures: FailureRate | None = None
    history: Study | None = None
    claims: tuple[ClaimView, ...] = ()
    why: str = ""
    caveats: tuple[str, ...] = ()
    source: str = ""
    late: bool = False
    sessions_ago: int = 0
    crypto_wanted: bool = True
    priced: bool = True
    in_points: bool = False
    across_missing: str = ""


@dataclass(frozen=True, eq=False, slots=True)
class StoryFacts:
    """What one chat is told of one close: its alerts, the strongest first, and one look at what goes on beside them.

    `at` is the close. `crypto` is in the order of display, `missing` names the assets for which there are no figures.
    `risk` and `correlation` are None and `liquidity` is empty where no rule asks for them, or they could not be had;
    `missing_liquidity` names the macro series that a rule asks for and that have no figure.
    """

    at: Instant
    alerts: tuple[AlertFacts, ...]
    crypto: tuple[CryptoLine, ...] = ()
    missing: tuple[str, ...] = ()
    risk: RiskPanel | None = None
    liquidity: tuple[LiquidityReading, ...] = ()
    correlation: CorrelationReport | None = None
    missing_liquidity: tuple[str, ...] = ()

    @property
    def lead(self) -> AlertFacts:
        """The alert that the story begins with."""
        return self.alerts[0]


@dataclass(frozen=True, eq=False, slots=True)
class FollowUpFacts:
    """What became of an alert.

    `opening` is the close it fired at, `low` that of the event's bar; None where unknown. `bars_after` bars lie between
    the two, `failed_ago` bars since it last failed (None: it never did). `yes_count` is how many bars of its run were
    yes so far, the firing included; None where that means nothing. `failures` is how earlier firings went.
    `priced` and `in_points` are as in `AlertFacts`.
    """

    event: Event
    rule_title: str
    market: str
    direction: Direction
    bars_after: int
    signal: SignalKind = SignalKind.SIGNAL
    opening: float | None = None
    low: float | None = None
    failed_ago: int | None = None
    yes_count: int | None = None
    failures: FailureRate | None = None
    priced: bool = True
    in_points: bool = False
    source: str = ""
    late: bool = False
    sessions_ago: int = 0
