"""What is told beside an alert: how much of a basket is there, and what a lone test may claim."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from bot.evidence.event_study.event_study import Signals
from bot.market.basket import basket
from bot.market.model import Market, MarketKind
from bot.rulebook.book import load_book
from bot.scan.context import STALE_CRYPTO_SECONDS, alert_evidence, crypto_line
from bot.signals.bars import Bars
from bot.signals.timeframe import DAY, Timeframe, start_of
from bot.views.alerts.context_lines import hindsight_line
from tests.evidence.walks import FIRST, daily

HOUR = 3_600
COINS = ("SOL", "XRP", "DOGE", "LINK", "ADA")
BASKET = Market("ALTS", "Alt basket", MarketKind.BASKET, "24/7", members=COINS)


@pytest.mark.parametrize(
    ("lengths", "label"),
    [
        ((100, 100, 100, 100, 100), "Alts (5)"),
        ((100, 100, 100, 99, 0), "Alts (3 of 5)"),
    ],
)
def test_a_basket_says_how_many_of_its_coins_have_a_price(lengths: tuple[int, ...], label: str) -> None:
    there = {name: daily([5.0] * length, market=name, hour=24) for name, length in zip(COINS, lengths, strict=True)}
    there["ALTS"] = daily(list(np.linspace(100, 120, 100)), market="ALTS", hour=24)

    def bars(name: str, timeframe: Timeframe) -> Bars:
        return there[name] if timeframe is Timeframe.D1 and name in there else Bars.empty(name, timeframe)

    line = crypto_line(BASKET, bars, FIRST + 100 * DAY)
    assert line is not None
    assert (line.label, line.priced) == (label, False)
    assert STALE_CRYPTO_SECONDS == 3 * DAY


@pytest.mark.parametrize(("there", "label"), [(5, "Alts (5)"), (3, "Alts (3 of 5)"), (0, "Alts (5)")])
def test_the_hours_of_a_basket_count_the_coins_that_have_them(there: int, label: str) -> None:
    """Where none has hours of today, its figures are those of the last day, and of all."""
    end = FIRST + 100 * DAY
    days = {name: daily([5.0] * 100, market=name, hour=24) for name in COINS}
    start = np.arange(end - DAY, end + 20 * HOUR, HOUR)
    price = np.full(len(start), 5.0)
    hours = {
        name: Bars(name, Timeframe.H1, start, start + HOUR, price, price, price, price, price).known_at(
            end + 20 * HOUR if at < there else end
        )
        for at, name in enumerate(COINS)
    }
    known = {Timeframe.D1: days, Timeframe.H1: hours}
    for timeframe, members in known.items():
        members["ALTS"] = basket("ALTS", list(members.values()))
        assert members["ALTS"].timeframe is timeframe

    line = crypto_line(
        BASKET, lambda name, timeframe: known.get(timeframe, {}).get(name, Bars.empty(name, timeframe)), end + DAY
    )
    assert line is not None
    assert line.label == label
    assert line.performance.as_of == (end + 20 * HOUR if there else end)


CLAIMED = """title: T
market: IWM
when: close > open
context: [history]
claims:
  - text: It rises.
    source: S
    made: 2020-03-01
    check: {measure: return, asset: BTC, within: 9 days}
  - {text: Said without a figure., source: S, made: 2020-04-01}
"""


def test_a_claim_is_told_from_its_day_on_and_by_what_was_known_then(tmp_path: Path) -> None:
    (tmp_path / "rule.yaml").write_text(CLAIMED)
    definition = load_book(tmp_path, frozenset({"IWM", "BTC"})).rules["rule"]
    markets = {
        "IWM": Market("IWM", "IWM", MarketKind.EQUITY, "XNYS"),
        "BTC": Market("BTC", "Bitcoin", MarketKind.CRYPTO, "24/7"),
    }
    series = {"BTC": daily([100.0] * 60 + [90.0] * 60, market="BTC", hour=24), "IWM": daily([100.0] * 120)}
    start = FIRST + DAY * np.array([20, 40, 50], dtype=np.int64)
    firings = Signals("rule", "IWM", Timeframe.D1, start, start + 75_600, FIRST)

    def told(day: str) -> list[tuple[str, str | None]]:
        at = start_of(day) + 75_600
        found = alert_evidence(definition, firings, at, markets, ("BTC",), lambda name, _: series[name], 1).claims
        return [(claim.text, claim.state.value if claim.state else None) for claim in found]

    assert told("2020-02-28") == []
    assert told("2020-03-01") == [("It rises.", "open")]
    assert told("2020-03-20") == [("It rises.", "missed")]
    assert told("2020-04-01") == [("It rises.", "missed"), ("Said without a figure.", None)]


def test_a_basket_of_today_is_set_beside_the_coins_that_were_large_then() -> None:
    there = {name: daily([5.0] * 800, market=name, hour=24) for name in COINS}
    there["ALTS"] = daily(list(1.002 ** np.arange(800.0)), market="ALTS", hour=24)
    there["LARGE_COINS_RETURNS"] = daily([0.0005] * 800, market="LARGE_COINS_RETURNS", hour=24)

    def bars(name: str, timeframe: Timeframe) -> Bars:
        return there[name] if timeframe is Timeframe.D1 and name in there else Bars.empty(name, timeframe)

    line = crypto_line(BASKET, bars, FIRST + 800 * DAY)
    assert line is not None
    assert hindsight_line([line]).replace("\u00a0", " ") == (
        "Alts were picked today: any 365 days +107 %, the coins largest then +20 %; that flatters by 87 points"
    )
    early = crypto_line(BASKET, bars, FIRST + 300 * DAY)
    assert early is not None
    assert hindsight_line([early]) == ""
