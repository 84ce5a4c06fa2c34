"""The gate over real histories: no doubt on a true record day, nor on the days that everybody remembers."""

import numpy as np
import pytest

from bot.signals.timeframe import start_of
from tests.market.real_histories import BAD_PRINTS, DAILY, Histories, record_days

NAMES = (
    *("RUT", "IWM", "IWN", "SPY", "VIX", "HYG", "UUP", "BTC", "ETH", "SOL", "XRP", "BNB", "ADA", "DOGE", "LINK"),
    *("AVAX", "LTC", "TRX", "CRYPTO_TOTAL", "BTC_DOMINANCE"),
)
NEWS = {"TRX": {"2024-12-03"}}
"""A record on which a coin doubled in a day: from one exchange alone that is a doubt, and a second one bears it out."""

WILD = ("2018-02-05", "2020-03-09", "2020-03-12", "2020-03-13", "2020-03-16", "2020-11-09", "2024-08-05", "2025-04-09")


@pytest.fixture(scope="module")
def histories():
    if not DAILY.is_dir():
        pytest.skip("the real histories are not here")
    return Histories()


@pytest.mark.parametrize("name", NAMES)
def test_no_true_record_is_doubted_on_its_day(histories, name):
    bars = histories.bars(name)
    doubts = histories.doubts(name, record_days(bars))
    assert {bars.label(at) for at in doubts} - BAD_PRINTS.get(name, set()) <= NEWS.get(name, set())
    assert histories.doubts(name, doubts, second=True) == []


@pytest.mark.parametrize("name", NAMES)
def test_no_wild_day_is_doubted_on_its_day(histories, name):
    bars = histories.bars(name)
    places = [at for day in WILD if (at := bars.position(start_of(day))) is not None]
    doubts = {bars.label(at) for at in histories.doubts(name, places)}
    assert doubts <= ({"2020-03-09"} if name == "UUP" else set())  # a low of 24.64 between closes of 26.02 and 25.74


def test_what_is_called_a_bad_print_is_one(histories):
    """On its day no fund of the family left its own closes half as far, in its own usual moves."""
    for name in ("RUT", "IWM", "IWN"):
        for day in BAD_PRINTS[name]:
            own = _reach(histories, name, day)
            others = [_reach(histories, each, day) for each in {"RUT", "IWM", "IWN"} - {name}]
            side = int(np.nanargmax([abs(own[0] - others[0][0]), abs(own[1] - others[0][1])]))
            assert own[side] > 2 * max(other[side] for other in others if np.isfinite(other[side])), (name, day)


def _reach(histories: Histories, name: str, day: str) -> tuple[float, float]:
    """How far the high and the low of a day lie from both closes, as ratios."""
    bars = histories.bars(name)
    at = bars.position(start_of(day))
    if at is None:
        return np.nan, np.nan
    top, bottom = max(bars.close[at - 1 : at + 1]), min(bars.close[at - 1 : at + 1])
    return max(float(bars.high[at] / top - 1), 0.0), max(float(1 - bars.low[at] / bottom), 0.0)
