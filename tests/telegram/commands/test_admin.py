"""What those who run the bot ask of it, and what others get who try."""

from __future__ import annotations

import pytest

from bot.severity import Severity
from bot.signals.replay.event import AlertId, Event, EventKind
from bot.signals.timeframe import DAY, Timeframe
from bot.store.meta import PAUSED, get_value
from bot.store.outbox.claim import claim
from bot.store.outbox.queue import queue_depth
from bot.store.stories import NewEvent, NewMessage, record_story
from bot.store.subscribers.subscribers import mark_unreachable, subscribe
from bot.subscriber import Chat
from bot.views.operator.health import ProcessHealth, SourceHealth, WorkerHealth
from tests.telegram.market_side import town
from tests.telegram.pictures import png
from tests.telegram.telegram_side import APPROVAL, BOSS, NOW, OPERATOR, SOMEBODY

GROUP = -1_001_000_001
COMMANDS = ("health", "reload", "pause", "resume", "approve", "subscribers", "test", "install russell-record abc")


@pytest.fixture
async def here(tmp_path):
    async with town(tmp_path) as found:
        yield found


async def fire(here, photo: bytes | None = None) -> None:
    """Record an alert, so that it is queued for whoever is subscribed."""
    bar = NOW - 2 * DAY
    event = Event(AlertId("russell-record", "RUT", Timeframe.D1, bar), EventKind.FIRED, bar, bar + DAY, 250.5, 249.0)
    buttons = ((("Evidence", "/evidence russell-record"),),)
    message = NewMessage("<b>It happened</b>", photo, buttons)
    await here.bot.store.run(record_story, [NewEvent(event, "d", Severity.HIGH)], lambda _: message, (), NOW)


@pytest.mark.parametrize("command", COMMANDS)
async def test_to_others_they_do_not_exist(here, command):
    name = command.partition(" ")[0]
    assert f"I don't know /{name}" in await here.bot.ask(f"/{command}")
    here.bot.sandbox.add_chat(GROUP, "supergroup", "Group", members={BOSS: "creator", SOMEBODY: "member"})
    await here.bot.silence(f"/{command}", user=BOSS, chat=GROUP)
    assert await here.bot.store.run(get_value, PAUSED) is None


async def test_health_tells_what_is_wrong_and_what_helps(tmp_path):
    async def process_health() -> ProcessHealth:
        return ProcessHealth(
            started=NOW - 7_200,
            memory=99_400_000,
            workers=(WorkerHealth("data", 4242, 103_600_000), WorkerHealth("chores", 7), WorkerHealth("charts")),
            scan_seconds=1.25,
            sources=(SourceHealth("yahoo", "closed"), SourceHealth("binance", "open", NOW + 600, "451 <by country>")),
            delivery="Telegram asks for a pause",
        )

    async with town(tmp_path, process_health=process_health) as here:
        here.bot.services.troubles.note(NOW - 60, "fetching updates: <conflict>")
        answer = await here.bot.ask("/health", user=OPERATOR)
    assert "1 of 6 checks fail" in answer
    assert "→ start it: `bellwether run`" in answer
    assert "up 2\xa0h, 99\xa0MB" in answer or "up 120\xa0min, 99\xa0MB" in answer
    assert "data (pid\xa04242, 104\xa0MB), chores (pid\xa07), charts resting" in answer
    assert "took 1.2\xa0s" in answer
    assert "binance: left alone for 10\xa0min more: 451 <by country>" in answer
    assert "fetching updates: <conflict>" in answer
    assert "Telegram asks for a pause" in answer


async def test_health_knows_what_it_can_where_nobody_tells_the_rest(here):
    answer = await here.bot.ask("/health", user=OPERATOR)
    assert "checks fail" in answer
    assert "No error at the Telegram side" in answer


async def test_pause_lets_alerts_wait_and_resume_lets_them_go(here):
    await here.bot.enter()
    assert "Paused" in await here.bot.ask("/pause", user=OPERATOR)
    assert "already" in await here.bot.ask("/pause", user=OPERATOR)
    await fire(here)
    assert (await here.bot.store.run(queue_depth)).queued == 1
    assert await here.bot.store.run(claim, NOW, 10) == []
    answer = await here.bot.ask("/resume", user=OPERATOR)
    assert "1 message in the outbox" in answer
    assert here.woken == 1
    assert len(await here.bot.store.run(claim, NOW, 10)) == 1
    assert "not paused" in await here.bot.ask("/resume", user=OPERATOR)


async def test_reload_tells_what_changed_and_what_is_wrong_by_line(here):
    assert "Nothing has changed" in await here.bot.ask("/reload", user=OPERATOR)
    (here.folder / "spy-record.yaml").unlink()
    record = here.folder / "russell-record.yaml"
    record.write_text(record.read_text().replace("20)[1]", "30)[1]"))
    (here.folder / "new-one.yaml").write_text(record.read_text())
    (here.folder / "broken.yaml").write_text(record.read_text().replace("highest(", "hihgest("))
    answer = await here.bot.ask("/reload", user=OPERATOR)
    assert "4 rules running" in answer
    assert "New: new-one" in answer
    assert "Changed: russell-record" in answer
    assert "Gone: spy-record" in answer
    assert "broken.yaml:4 when: unknown function 'hihgest'" in answer
    assert str(here.folder) not in answer


async def test_approve_without_an_id_lists_those_that_wait(tmp_path):
    async with town(tmp_path, APPROVAL) as here:
        assert "Nobody waits" in await here.bot.ask("/approve", user=OPERATOR)
        here.bot.sandbox.add_person(SOMEBODY, "<i>R & D</i> \u202e🚀" + "x" * 80)
        await here.bot.ask("/subscribe")
        await here.bot.answer(OPERATOR)
        answer = await here.bot.ask("/approve", user=OPERATOR)
        assert "1 chat waiting" in answer
        assert "<i>R & D</i>" in answer
        here.bot.sandbox.press(f"/approve {SOMEBODY}", user=OPERATOR)
        assert "gets the alerts now" in await here.bot.answer(OPERATOR)
        assert await here.bot.state() == "active"


async def test_subscribers_by_state_with_the_reason(here):
    for each, title in enumerate(("Anna", "Group <b>", "Gone")):
        chat = Chat(each + 1, 0, "supergroup" if each == 1 else "private", title)
        await here.bot.store.run(subscribe, chat, NOW - 7_200 + each)
    await here.bot.store.run(mark_unreachable, 3, "blocked", NOW - 3_600)
    answer = await here.bot.ask("/subscribers", user=OPERATOR)
    assert "2 active" in answer
    assert "1 unreachable" in answer
    assert answer.index("Group <b> (supergroup)") < answer.index("Anna")
    assert "Gone: blocked, 60\xa0min ago" in answer


async def test_a_sample_is_the_newest_alert_and_goes_the_road_of_all(here):
    await fire(here, png())
    answer = await here.bot.ask("/test", user=OPERATOR)
    assert "in the outbox" in answer
    assert here.woken == 1
    (taken,) = await here.bot.store.run(claim, NOW, 10)
    assert taken.chat_id == OPERATOR
    assert "A test" in taken.content.html
    assert "<b>It happened</b>" in taken.content.html
    assert (taken.content.photo, taken.content.buttons[0][0][0]) == (png(), "Evidence")


async def test_a_sample_before_the_first_alert_has_a_chart_too(here):
    await here.bot.ask("/test", user=OPERATOR)
    (taken,) = await here.bot.store.run(claim, NOW, 10)
    assert taken.content.photo == png()
    assert here.drawn[0].bars.market == "RUT"


async def test_a_sample_asked_for_in_a_group_comes_in_private(here):
    here.bot.sandbox.add_chat(GROUP, "supergroup", "Group", members={OPERATOR: "member"})
    assert "private chat" in await here.bot.ask("/test", user=OPERATOR, chat=GROUP)
    (taken,) = await here.bot.store.run(claim, NOW, 10)
    assert taken.chat_id == OPERATOR
