"""/mute of what begins later, of what comes again and again, and of all but some."""

from __future__ import annotations

import pytest

from bot.signals.timeframe import DAY
from bot.store.subscribers.mutes import FOR_GOOD, Mute, mutes_ahead_of
from tests.telegram.commands.test_mute import alert, last, muted, press
from tests.telegram.telegram_side import NOW, SOMEBODY, running_bot


@pytest.fixture
async def bot(tmp_path):
    async with running_bot(tmp_path) as opened:
        opened.sandbox.add_person(SOMEBODY, "Somebody")
        await opened.enter()
        yield opened


async def ahead(bot, chat=SOMEBODY):
    return await bot.store.run(mutes_ahead_of, chat, 0, NOW)


FRIDAY, MONDAY = NOW - NOW % DAY + 3 * DAY, NOW - NOW % DAY + 6 * DAY  # NOW is a Tuesday


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("/mute from friday to monday", Mute("", MONDAY, FRIDAY)),
        ("/mute russell-record in 2 hours for 1h", Mute("russell-record", NOW + 10_800, NOW + 7_200)),
        ("/mute tag:iwm friday for 3 days", Mute("iwm-resistance-break", MONDAY, FRIDAY)),
        ("/mute from friday on", Mute("", FOR_GOOD, FRIDAY)),
    ],
)
async def test_what_begins_later_is_not_muted_before(bot, said, expected):
    assert "Will be muted from" in await bot.ask(said)
    assert await muted(bot) == []
    assert await ahead(bot) == [expected]
    assert " from " in await bot.ask("/mute")
    assert "Muted: " in await bot.ask("/settings")
    assert "Muted in this chat: " in await bot.ask("/status")
    await alert(bot)  # in between
    assert "🔇" not in last(bot).text
    await press(bot, "🔔 Unmute all" if not expected.rule else f"/unmute {expected.rule}")
    assert await ahead(bot) == []


async def test_where_it_ends_is_asked(bot):
    assert "for how long?" in await bot.ask("/mute from friday")
    assert await ahead(bot) == []
    await press(bot, "8 hours")
    assert await ahead(bot) == [Mute("", FRIDAY + 8 * 3_600, FRIDAY)]
    assert "which one?" in await bot.ask("/mute from 9 to 5")
    assert "I don't know when “from banana to monday” is" in await bot.ask("/mute from banana to monday")
    await bot.ask("/mute from friday to monday")
    await press(bot, "Through Mon")
    assert await ahead(bot) == [Mute("", MONDAY + DAY, FRIDAY)]


async def test_a_day_that_is_ahead_may_be_muted_alone(bot):
    assert "From now on, or only then?" in await bot.ask("/mute the weekend")
    await press(bot, "Only Sat 18 Nov, 00:00 – Mon 20 Nov, 00:00")
    assert await muted(bot) == []
    assert await ahead(bot) == [Mute("", MONDAY, FRIDAY + DAY)]


async def test_what_comes_again_is_a_setting(bot):
    assert "quiet hours" in await bot.ask("/mute every night 23-7")
    assert await muted(bot) == await ahead(bot) == []
    await press(bot, "🌙 Set these quiet hours")
    known = await bot.subscribed()
    assert (known.preferences.quiet_from, known.preferences.quiet_to) == (23 * 60, 7 * 60)
    assert "no mute comes back each week" in await bot.ask("/mute weekends")
    await press(bot, "Sat 18 Nov, 00:00 – Mon 20 Nov, 00:00")
    assert await ahead(bot) == [Mute("", MONDAY, FRIDAY + DAY)]
    assert "no mute comes back each week" in await bot.ask("/mute every monday")


async def test_all_but_some(bot):
    assert "all 1 rule but IWM breaks" in await bot.ask("/mute all except iwm")
    assert await muted(bot) == [Mute("russell-record", NOW + DAY)]
    assert "1 rule keeps its own" in await bot.ask("/unmute all")
    await press(bot, "Unmute these, too")
    assert await muted(bot) == []
    await bot.ask("/mute everything but russell record from friday to monday")
    assert await ahead(bot) == [Mute("iwm-resistance-break", MONDAY, FRIDAY)]
    assert "no rule called “banana”" in await bot.ask("/mute all except banana")
    assert "no rule called “all”" in await bot.ask("/mute all except all")
    assert "no rule called “high”" in await bot.ask("/mute all but high")
    await bot.ask("/mute all 3d except iwm")
    assert await muted(bot) == [Mute("russell-record", NOW + 3 * DAY)]


async def test_odd_beginnings(bot):
    assert "Muted until Tue 14 Nov 2023, 23:13" in await bot.ask("/mute 1h from now")
    assert "from Tue 14 Nov 2023, 23:00 until Wed 15 Nov 2023, 06:00" in await bot.ask("/mute tonight from 23 to 6")
    assert "for how long?" in await bot.ask("/mute after 22:30")
    long = "all except iwm-resistance-break, russell-record and sleeping"
    answer = await bot.ask(f"/mute {long} from 9 to 5")
    assert "no rule called" in answer or f"/mute {long} from 2023-11-15 09:00 to 2023-11-15 17:00" in answer
