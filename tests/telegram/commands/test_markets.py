"""What people ask of markets: levels, charts, why a rule says nothing."""

from __future__ import annotations

import asyncio
import re
from datetime import UTC, date, datetime

import pytest

from bot.charts.request import MarketChart
from tests.telegram.market_side import town
from tests.telegram.telegram_side import BOSS, MEMBERS, OPERATOR, SOMEBODY

GROUP = -1_001_000_001
EVIL = ("x" * 4000, "🚀" * 1500, "<b>" * 1000, "\u202eabc\u202c&amp;", "'; DROP TABLE bars; --", "../../etc/passwd")


@pytest.fixture
async def here(tmp_path):
    async with town(tmp_path) as found:
        yield found


async def buttons(here, chat=SOMEBODY):
    """The buttons of the last message, as (text, data)."""
    return [(each.text, each.data) for row in here.bot.sandbox.messages(chat)[-1].buttons for each in row]


@pytest.mark.parametrize("said", ["iwm", "IWM ", "Iwm", '"iwm"', "russell 2000 etf"])
async def test_levels_of_a_market_however_it_is_written(here, said):
    answer = await here.bot.ask(f"/levels {said}")
    assert answer.startswith("IWM (Russell 2000 ETF)")
    assert "▸" in answer
    assert (await buttons(here))[-1] == ("Chart", "/chart IWM")


async def test_a_market_by_the_symbol_of_its_source(here):
    assert (await here.bot.ask("/levels ^rut")).startswith("Russell 2000")


async def test_without_a_name_there_is_a_button_for_each_market_and_none_for_a_baskets_members(here):
    assert await here.bot.ask("/levels") == "Which market?"
    shown = await buttons(here)
    assert shown[0] == ("RUT", "/levels RUT")
    assert {text for text, _ in shown} == {"RUT", "IWM", "SPY", "BTC", "ETH", "ALTS"}
    here.bot.sandbox.press("/levels BTC")
    assert (await here.bot.answer()).startswith("Bitcoin")


async def test_a_slip_of_the_pen_is_asked_about(here):
    assert "no market called “ETF”" not in await here.bot.ask("/levels etf")  # a word of one title
    assert "There is no market called “zzz”." in await here.bot.ask("/levels zzz")
    assert len(await buttons(here)) == 6


async def test_a_market_without_bars_says_so(here):
    assert "No prices of S&P <500> yet" in await here.bot.ask("/levels spy")
    assert "No prices of S&P <500> yet" in await here.bot.ask("/chart spy")
    assert "No prices of S&P <500> yet" in await here.bot.ask("/why spy-record")


async def test_a_chart_comes_with_the_standing_under_it(here):
    answer = await here.bot.ask("/chart iwm")
    (message,) = here.bot.sandbox.messages(SOMEBODY)
    assert message.photo == here.png
    assert answer.startswith("IWM (Russell 2000 ETF) ")
    assert "Record close" in answer
    (chart,) = here.drawn
    assert isinstance(chart, MarketChart)
    assert chart.bars.market == "IWM"
    assert chart.fired  # where its rules fired
    assert [call.params["action"] for call in here.bot.sandbox.calls("sendChatAction")] == ["upload_photo"]
    assert await buttons(here) == [
        ("3m", "/chart IWM 3mo"),
        ("5y", "/chart IWM 5y"),
        ("All", "/chart IWM all"),
        ("Levels", "/levels IWM"),
    ]


async def test_a_basket_has_a_chart(here):
    assert (await here.bot.ask("/chart alts")).startswith("Alt basket")


async def test_where_drawing_fails_the_words_come_alone(here):
    here.png = None
    assert (await here.bot.ask("/chart rut")).startswith("Russell 2000")
    assert here.bot.sandbox.messages(SOMEBODY)[-1].photo is None


async def test_drawing_that_takes_too_long_is_not_waited_for(tmp_path, monkeypatch):
    async def never(*_):
        await asyncio.sleep(60)

    monkeypatch.setattr("bot.telegram.sending.replies.DRAWING_TIMEOUT_SECONDS", 0.05)
    async with town(tmp_path, draw=never) as here:
        assert (await here.bot.ask("/chart rut")).startswith("Russell 2000")


async def test_a_picture_that_takes_its_time_comes_after_the_words(here, monkeypatch):
    monkeypatch.setattr("bot.telegram.sending.replies.PICTURE_WAIT_SECONDS", 0.0)
    here.bot.sandbox.say("/chart rut")
    words, picture = await here.bot.sandbox.wait_for(SOMEBODY, 2)
    assert (words.text[:12], words.photo) == ("Russell 2000", None)
    assert (picture.text, picture.photo) == ("", here.png)
    assert [call.params["action"] for call in here.bot.sandbox.calls("sendChatAction")] == ["upload_photo"]


async def test_a_picture_still_being_drawn_does_not_keep_the_bot_from_stopping(tmp_path):
    begun = asyncio.Event()

    async def never(*_):
        begun.set()
        await asyncio.sleep(60)

    async with town(tmp_path, draw=never) as here:
        assert (await here.bot.ask("/chart rut")).startswith("Russell 2000")
        await begun.wait()


async def test_a_chat_that_takes_no_photos_gets_the_words(here):
    here.bot.sandbox.fail("sendPhoto", 400, description="Bad Request: not enough rights to send photos to the chat")
    assert (await here.bot.ask("/chart rut")).startswith("Russell 2000")


async def test_why_says_what_is_missing(here):
    answer = await here.bot.ask("/why russell-record")
    assert answer.startswith("Russell record: ")
    assert "close > highest(close, 20)[1]" in answer
    assert await buttons(here) == [("Evidence", "/evidence russell-record"), ("Chart", "/chart RUT")]


@pytest.mark.parametrize("said", ["iwm-break", "IWM breaks", "iwm resistance_break", "iwm-resistence-break"])
async def test_why_of_a_rule_however_it_is_written(here, said):
    assert (await here.bot.ask(f"/why {said}")).startswith("IWM <breaks> resistance")


async def test_words_that_fit_several_rules_are_asked_about(here):
    assert await here.bot.ask("/why iwm") == "Which rule?"
    assert {data for _, data in await buttons(here)} == {"/why iwm-resistance-break", "/why iwm-near-record"}
    assert await here.bot.ask("/why") == "Which rule?"
    assert len(await buttons(here)) == 4


async def test_what_a_rule_waits_for_is_said(tmp_path):
    async with town(tmp_path, waits=lambda rule: "waits for RUT" if rule == "russell-record" else "") as here:
        assert "The bot waits for RUT." in await here.bot.ask("/why russell-record")


@pytest.mark.parametrize("command", ["levels", "chart", "why", "alerts", "rules"])
async def test_strange_arguments_are_answered_kindly(here, command):
    for argument in EVIL:
        answer = await here.bot.ask(f"/{command} {argument}")
        assert "called" in answer
        assert "wrong" not in answer
    assert not here.bot.services.troubles.count


@pytest.mark.parametrize("command", ["levels rut", "chart rut", "why russell-record", "alerts", "rules russell-record"])
async def test_a_member_of_a_group_may_look(here, command):
    here.bot.sandbox.add_chat(GROUP, "supergroup", "Group", members={BOSS: "creator", SOMEBODY: "member"})
    assert "Russell" in await here.bot.ask(f"/{command}", user=SOMEBODY, chat=GROUP) or command == "alerts"
    assert here.bot.sandbox.messages(GROUP)[-1].document is None
    await here.bot.silence(f"/{command.partition(' ')[0]}@another_bot", user=SOMEBODY, chat=GROUP)


async def test_a_stranger_sees_nothing_where_the_bot_is_for_members(tmp_path):
    async with town(tmp_path, MEMBERS) as here:
        for command in ("levels rut", "chart rut", "why russell-record", "alerts", "rules"):
            assert "private" in await here.bot.ask(f"/{command}")
        assert (await here.bot.ask("/levels rut", user=OPERATOR)).startswith("Russell 2000")


@pytest.mark.parametrize(
    ("said", "begins", "named"),
    [
        ("iwm 6m", "2023-05-14", "6 months"),
        ("IWM last 90 days", "2023-08-16", "90 days"),
        ("ytd iwm", "2022-12-31", "this year"),
        ("iwm since march", "2023-03-01", "since 1 Mar 2023"),
        ("russell 2000 etf 1y", "2022-11-14", "1 year"),
        ("IWM all", "2021-12-14", "all"),
        ("IWM 30 years", "2021-12-14", "30 years"),
    ],
)
async def test_a_chart_over_a_span(here, said, begins, named):
    answer = await here.bot.ask(f"/chart {said}")
    (chart,) = here.drawn
    day = datetime.fromtimestamp(chart.since, UTC).date()
    assert abs((day - date.fromisoformat(begins)).days) <= 1, day
    assert chart.title == f"IWM (Russell 2000 ETF), {named}"
    assert not chart.dark
    assert "Lowest close" in answer
    assert ("Prices here begin on 14 Dec 2021." in answer) == (named in {"all", "30 years"})


async def test_a_dark_chart_for_once(here):
    await here.bot.ask("/chart iwm 6m dark")
    await here.bot.ask("/chart iwm dark")
    assert [chart.dark for chart in here.drawn] == [True, True]
    assert ("3m", "/chart IWM 3mo dark") in await buttons(here)
    await here.bot.ask("/chart dark 6m")
    assert ("IWM", "/chart IWM 6mo dark") in await buttons(here)


@pytest.mark.parametrize(
    ("said", "why", "instead"),
    [
        ("4h", "too short", "1mo"),
        ("15m", "too short", "15mo"),
        ("2020", "ends today", "since 2020"),
        ("2019-2021", "ends today", "since 2019"),
        ("since covid", "which day", "1y"),
        ("since 3/4/2020", "which day", "since 2020-03-04"),
        ("0y", "behind us", "1y"),
        ("since 2090", "behind us", "1y"),
        ("1y 5y", "more than one", "1y"),
        ("90", "days, months or years?", "90d"),
    ],
)
async def test_a_span_that_cannot_be_shown_is_never_another_one(here, said, why, instead):
    answer = await here.bot.ask(f"/chart iwm {said}")
    assert why in answer
    assert here.drawn == []
    assert (instead, f"/chart IWM {instead}") in await buttons(here)


async def test_levels_know_no_span(here):
    assert "“1 year” changes nothing here" in await here.bot.ask("/levels iwm 1y")
    assert (await buttons(here))[-1] == ("Chart 1y", "/chart IWM 1y")


@pytest.mark.parametrize("span", ["30d", "1y", "ytd", "since 2023-03-05"])
async def test_the_chart_and_crypto_count_from_the_same_close(here, span):
    alone = await here.bot.ask(f"/chart BTC {span}")
    together = await here.bot.ask(f"/crypto {span}")
    change = re.search(r": ([+−][\d.]+\s%), from", alone)[1]
    assert f": BTC {change}" in together


@pytest.mark.parametrize(
    ("said", "market"), [("/btc", "BTC"), ("/btc 6m", "BTC"), ("/chart BTCUSDT", "BTC"), ("/chart eth-usd", "ETH")]
)
async def test_a_market_by_its_name_alone_or_as_a_pair(here, said, market):
    await here.bot.ask(said)
    (chart,) = here.drawn
    assert chart.bars.market == market


async def test_a_market_in_plain_words_and_its_price(here):
    assert "Bitcoin: /chart BTC draws it" in await here.bot.ask("btc?")
    assert await buttons(here) == [("Chart", "/chart BTC"), ("Levels", "/levels BTC")]
    assert (await here.bot.ask("/price btc")).startswith("Bitcoin closed at 105.49 on Mon 13 Nov.")
    assert "one market at a time" in await here.bot.ask("/chart iwm vs btc 1y")
    assert await buttons(here) == [("BTC", "/chart BTC 1y"), ("IWM", "/chart IWM 1y")]
    assert "Did you mean BTC?" in await here.bot.ask("/chart btc log")
    assert await buttons(here) == [("BTC", "/chart BTC")]
    assert "I don't know /banana" in await here.bot.ask("/banana")
