"""What came after a rule's signals, as people ask for it."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from bot.charts.request import FanChart
from bot.evidence.event_study.event_study import event_study, signals_of
from bot.severity import Severity
from bot.signals.replay.event import AlertId, Event, EventKind
from bot.signals.timeframe import DAY, Timeframe
from bot.store.outbox.claim import claim
from bot.store.outbox.outcomes import mark_sent
from bot.store.stories import NewEvent, NewMessage, record_story
from bot.telegram.commands.evidence import assets
from tests.telegram.market_side import RECORD, town
from tests.telegram.telegram_side import NOW, SOMEBODY

CLAIM = """claims:
  - text: Altcoins <soared> after it.
    source: a & b
    made: 2022-01-03
    check: {measure: return, asset: ALTS, within: 60 days}
  - {text: It always works., source: somebody, made: 2022-01-03}
"""


@pytest.fixture
async def here(tmp_path):
    async with town(tmp_path) as found:
        yield found


def buttons(here) -> list[str]:
    return [each.data for row in here.bot.sandbox.messages(SOMEBODY)[-1].buttons for each in row]


async def words(here, said: str) -> str:
    """The whole answer, whose picture may come after it."""
    before = len(here.bot.sandbox.messages(SOMEBODY))
    here.bot.sandbox.say(said)
    await here.bot.sandbox.wait_for(SOMEBODY, before + 1)
    await here.bot.settled()
    return "\n".join(message.text for message in here.bot.sandbox.messages(SOMEBODY)[before:])


@pytest.mark.parametrize(
    ("said", "asset"),
    [
        ("russell-record", "BTC"),
        ("Russell Record eth", "ETH"),
        ("russell-record Ethereum", "ETH"),
        ("russell alts", "the alt basket"),
        ("russell-record iwm", "IWM"),
    ],
)
async def test_the_study_of_a_rule_and_an_asset(here, said, asset):
    answer = await words(here, f"/evidence {said}")
    assert answer.startswith(f"Russell record\nand what {asset} did after it")
    assert isinstance(here.drawn[0], FanChart)
    assert len(here.drawn[0].entries) > 5
    assert any(message.photo for message in here.bot.sandbox.messages(SOMEBODY))


async def test_the_figures_are_those_of_the_study(here):
    answer = await words(here, "/evidence russell-record BTC")
    replay = (await here.bot.services.market_data.replays(here.book.current, ["russell-record"]))["russell-record"]
    expected = event_study(signals_of(replay), await here.bot.services.market_data.bars("BTC"), here.bot.services.now())
    assert f"of {expected.horizons[90].n} times" in answer
    assert len(here.drawn[0].entries) == expected.n


async def test_claims_stand_beside_it_and_nothing_in_them_is_markup(tmp_path):
    async with town(tmp_path, rules={"russell-record": RECORD + CLAIM}) as here:
        answer = await words(here, "/evidence russell-record details")
        assert "“Altcoins <soared> after it.” (a & b, 3 Jan 2022)" in answer
        assert "measured" in answer
        assert "nothing measured" in answer


async def test_the_other_assets_are_a_button_away(here):
    here.bot.sandbox.say("/evidence russell-record")
    await here.bot.sandbox.wait_for(SOMEBODY, 1)
    await here.bot.settled()
    pressed = {each.data for m in here.bot.sandbox.messages(SOMEBODY) for row in m.buttons for each in row}
    more = {f"/evidence russell-record BTC {part}" for part in ("details", "placebo")}
    others = {f"/evidence russell-record {name}" for name in ("ETH", "ALTS", "RUT")}
    assert pressed == more | others | {"/why russell-record"}
    assert assets(here.bot.services.market_data, "ETH") == ("BTC", "ETH", "ALTS")


async def test_details_and_placebo_are_a_button_away(here):
    details = await words(here, "/evidence russell record BTC details")
    assert details.startswith("Russell record, BTC: details\n")
    assert "Each signal, change in %" in details
    assert not here.drawn
    placebo = await words(here, "/evidence russell-record eth placebo")
    assert "What do small caps add? ETH 90 days later" in placebo
    assert "/evidence russell-record ETH details" in buttons(here)


async def test_an_asset_alone_leaves_the_rule_to_choose(here):
    assert await here.bot.ask("/evidence eth") == "Which rule?"
    assert "/evidence russell-record ETH" in buttons(here)
    assert await here.bot.ask("/evidence") == "Which rule?"
    assert "/evidence russell-record" in buttons(here)
    assert await here.bot.ask("/evidence iwm") == "Which rule?"
    assert set(buttons(here)) == {"/evidence iwm-resistance-break", "/evidence iwm-near-record"}


async def test_a_rule_that_never_fired_has_nothing_to_show(tmp_path):
    rules = {"never": RECORD.replace("when: close > highest(close, 20)[1]", "when: close > 9999")}
    async with town(tmp_path, rules=rules) as here:
        assert "nothing to conclude" in await words(here, "/evidence never")
        assert here.drawn == []


async def test_a_rule_on_a_market_without_bars(here):
    assert "nothing to conclude" in await words(here, "/evidence spy-record")


async def test_a_rule_on_crypto_is_about_that_market(tmp_path):
    async with town(tmp_path, rules={"eth-record": RECORD.replace("RUT", "ETH")}) as here:
        assert "and what ETH did after it" in await words(here, "/evidence")  # the only rule


@pytest.mark.parametrize("said", ["x" * 4000, "🚀 BTC", "<b>russell</b> btc " * 100, "\u202eabc\u202c &amp; eth"])
async def test_strange_words_are_answered_kindly(here, said):
    assert "called" in await here.bot.ask(f"/evidence {said}")
    assert not here.bot.services.troubles.count


async def test_where_drawing_fails_the_words_come_alone(here):
    here.png = None
    assert "Russell record" in await words(here, "/evidence russell-record")
    assert not any(message.photo for message in here.bot.sandbox.messages(SOMEBODY))


async def alert(here, at: int, *, sent: bool, rule: str = "russell-record") -> None:
    """Record an alert of a bar that closed at `at`, and have it arrive."""
    event = Event(AlertId(rule, "RUT", Timeframe.D1, at - DAY), EventKind.FIRED, at - DAY, at, 100.0, None)
    new = NewEvent(event, "d", Severity.HIGH)
    await here.bot.store.run(record_story, [new], lambda _: NewMessage("It happened"), (), at)
    for each in await here.bot.store.run(claim, at, 10) if sent else ():
        await here.bot.store.run(mark_sent, {each.id: 7}, at)


async def test_the_scorecard_has_the_alerts_that_somebody_got(here):
    assert "nothing to score" in await here.bot.ask("/scorecard")
    midnight = NOW - NOW % DAY
    await alert(here, midnight - 500 * DAY, sent=False)  # who got it is forgotten by now
    await alert(here, midnight - 300 * DAY, sent=False)  # nobody was there
    await here.bot.enter()
    await alert(here, midnight - 200 * DAY, sent=True)
    await alert(here, midnight - 100 * DAY, sent=True, rule="gone-<rule>")
    answer = await words(here, "/scorecard")
    assert "Scorecard: 3 alerts" in answer
    assert "Russell record" in answer
    assert "gone-<rule>" in answer
    btc = (await here.bot.services.market_data.bars("BTC")).close
    change = round((btc[-101 + 30] / btc[-101] - 1) * 100)
    assert f"{change:+d}".replace("-", "−") in answer
    assert "BTC, all signals: " in answer


async def test_the_scorecard_of_a_span_or_a_year(here):
    midnight = NOW - NOW % DAY
    await here.bot.enter()
    for days in (500, 100, 20):
        await alert(here, midnight - days * DAY, sent=True)
    year = datetime.fromtimestamp(midnight - 500 * DAY, UTC).year
    assert "Scorecard: 3 alerts" in await words(here, "/scorecard all")
    assert "Scorecard, 6 months: 2 of 3 alerts" in await words(here, "/scorecard 6mo please")
    assert f"Scorecard, since 1 Jan {year}: 3 of 3 alerts" in await words(here, f"/scorecard since {year}")
    assert f"Scorecard, {year}: 1 of 3 alerts" in await words(here, f"/scorecard {year}")
    assert "Of 3 alerts none was sent then: 2001." in await words(here, "/scorecard 2001")
    odd = await words(here, "/scorecard banana")
    assert odd.startswith("“banana” is no span of time that I know.")
    assert buttons(here) == ["/scorecard"]
    assert "its beginning can be chosen" in await words(here, "/scorecard 2019-2021")
    assert "Scorecard" not in await words(here, "/scorecard 4h")


async def test_evidence_over_a_chosen_span_is_declined(here):
    answer = await words(here, "/evidence russell-record ETH since 2015")
    assert "evidence counts every signal" in answer
    assert buttons(here) == ["/evidence russell-record ETH"]
    assert here.drawn == []
    assert "Russell record" in await words(here, "/evidence russell-record dark")
    assert len(here.drawn) == 1
    assert here.drawn[0].dark
