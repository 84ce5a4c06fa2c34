"""What goes on beside the small caps: crypto, and the appetite for risk."""

from __future__ import annotations

import numpy as np
import pytest

from bot.queries.crypto import caps_of, changes_since, crypto_closes, crypto_now
from bot.scan.snapshots import EARNINGS
from bot.signals.bars import Bars
from bot.signals.timeframe import DAY, Timeframe
from bot.store.bars import save_bars
from bot.store.snapshots import Snapshot, keep_snapshots
from tests.telegram.market_side import town
from tests.telegram.telegram_side import NOW, SOMEBODY


@pytest.fixture
async def here(tmp_path):
    async with town(tmp_path) as found:
        yield found


def buttons(here) -> list[str]:
    return [each.data.strip() for row in here.bot.sandbox.messages(SOMEBODY)[-1].buttons for each in row]


async def words(here, said: str) -> str:
    before = len(here.bot.sandbox.messages(SOMEBODY))
    here.bot.sandbox.say(said)
    await here.bot.sandbox.wait_for(SOMEBODY, before + 1)
    await here.bot.settled()
    return "\n".join(message.text for message in here.bot.sandbox.messages(SOMEBODY)[before:])


async def test_crypto_now(here):
    answer = await words(here, "/crypto")
    for name in ("BTC", "ETH", "Alts (3)"):
        assert name in answer
    assert "of the 3 coins in the alt basket beat BTC over 90 days" in answer
    assert "BTC and IWM: correlation" in answer
    assert here.drawn[0].function == "bot.charts.performance:performance_chart"
    assert any(message.photo for message in here.bot.sandbox.messages(SOMEBODY))


@pytest.mark.parametrize(
    ("said", "function"),
    [
        ("chart", "crypto:crypto_chart"),
        ("CHARTS", "crypto:crypto_chart"),
        ("", "performance:performance_chart"),
    ],
)
async def test_crypto_in_other_pictures(here, said, function):
    assert "Crypto at" in await words(here, f"/crypto {said}")
    assert here.drawn[0].function == f"bot.charts.{function}"


async def test_the_words_beside_the_correlation_are_about_it(here):
    answer = await words(here, "/crypto correlation")
    assert answer.startswith("Crypto and IWM: daily returns to Mon 13 Nov\n\nBTC and IWM: correlation ")
    assert "ETH and IWM: correlation " in answer
    assert here.drawn[0].function == "bot.charts.correlation:correlation_chart"


async def test_words_and_pictures_end_at_the_same_instant(here):
    """Hours count in the words, the newest one and that of 90 days before, so they do in the picture."""
    btc = await here.bot.services.market_data.bars("BTC")
    end = int(btc.end[-1]) + 3_600 * np.arange(-100 * 24, 21)
    price = btc.close[-1] * np.linspace(0.5, 1.2, len(end))
    hours = Bars("BTC", Timeframe.H1, end - 3_600, end, price, price, price, price, price)
    await here.bot.store.run(save_bars, hours, "test", NOW)
    now = int(end[-1])
    found = await crypto_now(here.bot.services.market_data, {}, now)
    closes = await crypto_closes(here.bot.services.market_data, now, 90)
    for line in found.lines:
        name = line.label.partition(" ")[0].upper()
        ends, prices = closes[name]
        assert line.performance.as_of == ends[-1]
        then = int(np.searchsorted(ends, ends[-1] - 90 * DAY, side="right")) - 1
        assert line.performance.changes["90d"] == prices[-1] / prices[then] - 1
    assert found.lines[0].performance.as_of == end[-1]


async def test_a_word_that_means_nothing_there_is_said(here):
    assert "“xxx <b> 🚀” means nothing" in await words(here, "/crypto xxx <b> 🚀")
    assert not here.drawn


async def test_the_other_views_are_a_button_away(here):
    await here.bot.ask("/crypto chart")
    assert buttons(here) == ["/crypto correlation", "/risk"]
    here.bot.sandbox.press("Risk")
    assert (await here.bot.answer()).startswith("Appetite for risk")


async def test_what_all_of_crypto_is_worth_is_told_while_it_is_fresh(here):
    kept = [("total", 2e12), ("alt", 9e11), ("btc_dominance", 55.0)]
    await here.bot.store.run(
        keep_snapshots, [Snapshot("CRYPTO", *each[:1], NOW - DAY, each[1], "gecko") for each in kept]
    )
    assert "Bitcoin's share 55.0" in await words(here, "/crypto")
    old = {name: Snapshot("CRYPTO", name, NOW - 3 * DAY, value, "gecko") for name, value in kept}
    assert caps_of(old, NOW) is None


async def test_crypto_without_any_prices_says_so(tmp_path):
    async with town(tmp_path, now=lambda: NOW - 3_000 * DAY) as here:
        assert "the sources gave none in time" in await words(here, "/crypto")
        assert here.drawn == []


async def test_risk_tells_what_is_known_and_what_is_not(here):
    answer = await here.bot.ask("/risk")
    assert "last known" in answer
    kept = [("companies", 1000.0), ("losing_companies", 410.0)]
    snapshots = [Snapshot(EARNINGS, name, NOW - DAY, value, "yahoo") for name, value in kept]
    for day, assets in enumerate((100e9, 101e9, 103e9)):
        at = NOW - (3 - day) * DAY
        snapshots += [Snapshot("IWM", "total_assets", at, assets, "y"), Snapshot("IWM", "nav", at, 250.0, "y")]
    await here.bot.store.run(keep_snapshots, snapshots)
    answer = await here.bot.ask("/risk")
    assert "410 of 1,000" in answer
    assert "Money into IWM" in answer


@pytest.mark.parametrize(
    ("said", "function", "days", "title"),
    [
        ("30d", "crypto:crypto_chart", 30, "Crypto, 30 days"),
        ("chart 1y", "crypto:crypto_chart", 365, "Crypto, 1 year"),
        ("since 2023 dark", "crypto:crypto_chart", 317, "Crypto, since 1 Jan 2023"),
        ("all", "crypto:crypto_chart", 700, "Crypto, all"),
        ("correlation 6m", "correlation:correlation_chart", 184, "Bitcoin and IWM (Russell 2000 ETF), 6 months"),
    ],
)
async def test_crypto_over_a_span(here, said, function, days, title):
    answer = await words(here, f"/crypto {said}")
    (chart,) = here.drawn
    assert chart.function == f"bot.charts.{function}"
    assert abs(chart.days - days) <= 1
    assert chart.title == title
    assert chart.dark == ("dark" in said)
    if "correlation" not in said:
        name = title.removeprefix("Crypto, ")
        assert f"{name[0].upper()}{name[1:]}: BTC " in answer


async def test_of_one_coin_its_chart_is_offered(here):
    assert "Bitcoin alone: /chart BTC, /levels BTC" in await words(here, "/crypto btc 1y")
    assert buttons(here) == ["/chart BTC 1y", "/levels BTC"]
    assert "too short" in await words(here, "/crypto 4h")
    assert buttons(here)[:1] == ["/crypto 1mo"]


async def test_the_words_and_the_picture_of_a_span_agree(here):
    ends, closes = NOW + DAY * np.arange(-500, 0), np.linspace(10.0, 60.0, 500)
    late = ("NEW", ends[-100:], closes[-100:])
    found = changes_since([("OLD", ends, closes), late], 400)
    assert found["OLD"] == (pytest.approx(closes[-1] / closes[-401] - 1), None)
    assert found["NEW"] == (pytest.approx(closes[-1] / closes[-100] - 1), int(ends[-100]))


async def test_the_correlation_of_one_coin(here):
    await words(here, "/crypto correlation eth 1y")
    (chart,) = here.drawn
    assert (chart.follower.market, chart.title) == ("ETH", "Ethereum and IWM (Russell 2000 ETF), 1 year")
    assert "means nothing to me here" in await words(here, "/crypto correlation pepe")
    assert "7 d" in await words(here, "/crypto 24h")  # a day is in the table
