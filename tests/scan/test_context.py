"""What is told beside an alert: how much of a basket is there, and what a lone test may claim."""

from __future__ import annotations

import numpy as np
import pytest

from bot.market.model import Market, MarketKind
from bot.scan.context import STALE_CRYPTO_SECONDS, crypto_line
from bot.signals.bars import Bars
from bot.signals.timeframe import DAY, Timeframe
from tests.evidence.walks import FIRST, daily

COINS = ("SOL", "XRP", "DOGE", "LINK", "ADA")
BASKET = Market("ALTS", "Alt basket", MarketKind.BASKET, "24/7", members=COINS)


@pytest.mark.parametrize(
    ("lengths", "label"),
    [
        ((100, 100, 100, 100, 100), "Alts (5)"),
        ((100, 98, 97, 96, 0), "Alts (3 of 5)"),  # three days late is late
        ((100, 100, 100, 0, 0), "Alts (3 of 5)"),
    ],
)
def test_a_basket_says_how_many_of_its_coins_have_a_price(lengths: tuple[int, ...], label: str) -> None:
    there = {name: daily([5.0] * length, market=name, hour=24) for name, length in zip(COINS, lengths, strict=True)}
    there["ALTS"] = daily(list(np.linspace(100, 120, 100)), market="ALTS", hour=24)

    def bars(name: str, timeframe: Timeframe) -> Bars:
        return there[name] if timeframe is Timeframe.D1 else Bars.empty(name, timeframe)

    line = crypto_line(BASKET, bars, FIRST + 100 * DAY)
    assert line is not None
    assert (line.label, line.priced) == (label, False)
    assert STALE_CRYPTO_SECONDS == 3 * DAY
