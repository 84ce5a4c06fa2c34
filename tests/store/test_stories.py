"""Stories: which chat gets which message of one close, and what answers what."""

from __future__ import annotations

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.signals.replay.event import EventKind
from bot.signals.timeframe import DAY
from bot.store.enqueue import set_photo_id
from bot.store.outbox.claim import claim
from bot.store.outbox.outcomes import mark_sent
from bot.store.sqlite import Database
from bot.store.stories import leading, wants_dark_pictures
from bot.store.subscribers.mutes import mute
from bot.store.subscribers.preferences import save_preferences
from bot.store.subscribers.subscribers import subscribe
from bot.subscriber import Preferences
from tests.store.rows import BAR, NOW, Told, chat, event, people, together

LATER = BAR + DAY


def told(db: Database) -> list[tuple[int, str]]:
    """(chat id, text) of every delivery."""
    return db.execute(
        "SELECT s.chat_id, m.html FROM deliveries d JOIN subscribers s ON s.id = d.subscriber"
        " JOIN messages m ON m.id = d.message ORDER BY s.chat_id, d.id"
    ).fetchall()


def send_all(db: Database, first: int = 100) -> dict[tuple[int, str], int | None]:
    """Send all that waits; the message that each one answers, by chat and text."""
    answers = {}
    while claimed := claim(db, NOW, 100):
        for each in claimed:
            answers[each.chat_id, each.content.html] = each.reply_to
            mark_sent(db, {each.id: first + each.id}, NOW)
    return answers


def message_id(db: Database, chat_id: int, html: str) -> int:
    (found,) = db.execute(
        "SELECT d.message_id FROM deliveries d JOIN subscribers s ON s.id = d.subscriber"
        " JOIN messages m ON m.id = d.message WHERE s.chat_id = ? AND m.html = ?",
        [chat_id, html],
    ).fetchone()
    return int(found)


def three() -> list[Told]:
    return [event(rule="a", severity="high"), event(rule="b"), event(rule="c", severity="low", tags=("t",))]


def test_alerts_of_one_close_are_one_message(db: Database) -> None:
    people(db, 1, 2)
    assert together(db, *three()) == 2
    assert told(db) == [(1, "a fired + b fired + c fired"), (2, "a fired + b fired + c fired")]
    assert together(db, *three()) == 0, "what is known already changes nothing"
    assert len(told(db)) == 2


def test_each_chat_reads_what_it_asked_for(db: Database) -> None:
    people(db, 1)
    subscribe(db, chat(2), NOW - 9, ("rule", "b"))
    subscribe(db, chat(3), NOW - 9, ("tag", "t"))
    subscribe(db, chat(3), NOW - 9, ("severity", "high"))
    subscribe(db, chat(4), NOW - 9, ("rule", "z"))
    people(db, 5)
    mute(db, 5, 0, NOW + 9, NOW, "a")
    together(db, *three())
    assert told(db) == [
        (1, "a fired + b fired + c fired"),
        (2, "b fired"),
        (3, "a fired + c fired"),
        (5, "b fired + c fired"),
    ]


def test_the_alerts_that_lead_for_somebody_are_known_beforehand(db: Database) -> None:
    new = [each.new for each in three()]
    assert leading(db, new, NOW) == [0]
    people(db, 1)
    subscribe(db, chat(2), NOW - 9, ("rule", "c"))
    assert leading(db, new, NOW) == [0, 2]
    assert leading(db, [event(EventKind.FAILED).new], NOW) == []


def test_follow_ups_of_one_message_are_one_answer(db: Database) -> None:
    people(db, 1)
    together(db, event(rule="a"), event(rule="b"))
    together(db, event(rule="c", bar=LATER, alert_bar=LATER))
    send_all(db)
    failed = [event(EventKind.FAILED, rule=rule, bar=LATER) for rule in ("a", "b")]
    other = event(EventKind.HELD, rule="c", bar=LATER, alert_bar=LATER)
    assert together(db, *failed, other) == 2
    answers = send_all(db)
    assert answers == {
        (1, "a failed + b failed"): message_id(db, 1, "a fired + b fired"),
        (1, "c held"): message_id(db, 1, "c fired"),
    }


def test_a_minor_follow_up_makes_no_message_of_its_own(db: Database) -> None:
    people(db, 1)
    together(db, event(rule="a"), event(rule="b"))
    held = event(EventKind.HELD, rule="a", bar=LATER, minor=True)
    assert together(db, held) == 0
    assert together(db, held, event(EventKind.FAILED, rule="b", bar=LATER)) == 1, "and what is known is not told later"
    assert [text for _, text in told(db)] == ["a fired + b fired", "b failed"]
    confirmed = event(EventKind.CONFIRMED, rule="a", bar=LATER + DAY, minor=True)
    assert together(db, confirmed, event(EventKind.FAILED, rule="b", bar=LATER + DAY)) == 1
    assert told(db)[-1] == (1, "a confirmed + b failed")
    kinds = [row[0] for row in db.execute("SELECT kind FROM events ORDER BY id").fetchall()]
    assert kinds == ["fired", "fired", "held", "failed", "confirmed", "failed"]


def test_only_a_storys_own_readers_get_its_follow_ups(db: Database) -> None:
    people(db, 1)
    subscribe(db, chat(2), NOW - 9, ("rule", "b"))
    together(db, event(rule="a"), event(rule="b"))
    send_all(db)
    people(db, 3)
    together(db, *(event(EventKind.FAILED, rule=rule, bar=LATER) for rule in ("a", "b")))
    assert told(db)[1:] == [(1, "a failed + b failed"), (2, "b fired"), (2, "b failed")]


def test_an_answer_beside_a_story_of_the_same_close_makes_no_sound(db: Database) -> None:
    people(db, 1)
    subscribe(db, chat(2), NOW - 9, ("rule", "a"))
    together(db, event(rule="a"))
    send_all(db)
    together(db, event(EventKind.FAILED, rule="a", bar=LATER), event(rule="b", bar=LATER, alert_bar=LATER))
    rows = db.execute(
        "SELECT s.chat_id, m.html, d.silent FROM deliveries d JOIN subscribers s ON s.id = d.subscriber"
        " JOIN messages m ON m.id = d.message WHERE d.state <> 'sent' ORDER BY 1, 2"
    ).fetchall()
    assert rows == [(1, "a failed", 1), (1, "b fired", 0), (2, "a failed", 0)]


def test_of_several_answers_the_one_that_matters_most_makes_the_sound(db: Database) -> None:
    people(db, 1)
    for rule in ("a", "b"):
        together(db, event(rule=rule, severity="high" if rule == "b" else "normal"))
    subscribe(db, chat(2), NOW - 9, ("rule", "a"))
    together(db, event(rule="a", bar=LATER, alert_bar=LATER))
    send_all(db)
    failed = [event(EventKind.FAILED, rule="a", bar=LATER + DAY, alert_bar=bar) for bar in (BAR, LATER)]
    together(db, *failed, event(EventKind.FAILED, rule="b", bar=LATER + DAY, severity="high"))
    rows = db.execute(
        "SELECT s.chat_id, m.html, d.silent FROM deliveries d JOIN subscribers s ON s.id = d.subscriber"
        " JOIN messages m ON m.id = d.message WHERE d.state <> 'sent' ORDER BY 1, 3"
    ).fetchall()
    assert rows == [(1, "b failed", 0), (1, "a failed", 1), (1, "a failed", 1), (2, "a failed", 0)]


def test_each_chat_gets_the_picture_in_the_colours_that_it_wants(db: Database) -> None:
    people(db, 1, 2, 3)
    assert not wants_dark_pictures(db)
    save_preferences(db, 2, 0, Preferences(dark=True), NOW)
    assert wants_dark_pictures(db)
    both = {"photo": b"light", "dark_photo": b"dark"}
    assert together(db, event(rule="a", **both), event(rule="b")) == 3
    claimed = claim(db, NOW, 9)
    assert sorted((each.chat_id, each.content.photo) for each in claimed) == [
        (1, b"light"),
        (2, b"dark"),
        (3, b"light"),
    ]
    for each in claimed:
        mark_sent(db, {each.id: 100 + each.id}, NOW)
        set_photo_id(db, each.content.message, f"id of {each.content.photo!r}")
    assert together(db, event(EventKind.FAILED, rule="a", bar=LATER)) == 3
    answers = send_all(db)
    assert answers == {(number, "a failed"): message_id(db, number, "a fired + b fired") for number in (1, 2, 3)}
    kept = db.execute("SELECT photo, photo_id FROM messages WHERE photo IS NOT NULL ORDER BY id").fetchall()
    assert kept == [(b"light", "id of b'light'"), (b"dark", "id of b'dark'")]
    assert together(db, event(rule="c", photo=b"light", bar=LATER, alert_bar=LATER)) == 3, "without a dark one"
    assert {each.content.photo for each in claim(db, NOW, 9)} == {b"light"}


def test_muting_a_rule_leaves_the_story_that_tells_of_another(db: Database) -> None:
    people(db, 1)
    together(db, event(rule="a"), event(rule="b"))
    mute(db, 1, 0, NOW + 9, NOW, "a")
    assert [each.content.html for each in claim(db, NOW, 9)] == ["a fired + b fired"]


def test_a_message_that_nobody_gets_is_kept(db: Database) -> None:
    assert together(db, *three()) == 0
    assert db.execute("SELECT html FROM messages").fetchall() == [("a fired + b fired + c fired",)]


RULES = ("a", "b", "c", "d")
Wishes = list[tuple[set[str], set[str]]]
TABLES = "deliveries message_events messages events alerts mutes subscriptions subscribers"


@given(st.lists(st.tuples(st.sets(st.sampled_from(RULES)), st.sets(st.sampled_from(RULES))), max_size=6))
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_everybody_gets_one_message_with_all_that_they_want(
    db: Database, wishes: list[tuple[set[str], set[str]]]
) -> None:
    for table in (
        "deliveries",
        "message_events",
        "messages",
        "events",
        "alerts",
        "mutes",
        "subscriptions",
        "subscribers",
    ):
        db.execute(f"DELETE FROM {table}")
    for chat_id, (wanted, muted) in enumerate(wishes, 1):
        for rule in sorted(wanted):
            subscribe(db, chat(chat_id), NOW - 9, ("rule", rule))
        for rule in sorted(muted & wanted):
            mute(db, chat_id, 0, NOW + 9, NOW, rule)
    together(db, *(event(rule=rule) for rule in RULES))
    expected = [
        (chat_id, " + ".join(f"{rule} fired" for rule in sorted(wanted - muted)))
        for chat_id, (wanted, muted) in enumerate(wishes, 1)
        if wanted - muted
    ]
    assert told(db) == expected
