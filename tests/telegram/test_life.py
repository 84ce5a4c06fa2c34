"""What a change of the bot's own membership means."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.telegram.life import Life, life_of

STATUSES = ["creator", "administrator", "member", "restricted", "left", "kicked"]


@pytest.mark.parametrize(
    ("kind", "old", "new", "expected"),
    [
        ("private", "member", "kicked", Life.BLOCKED),
        ("private", "kicked", "member", Life.UNBLOCKED),
        ("private", "member", "member", Life.NOTHING),
        ("group", "left", "member", Life.ADDED),
        ("supergroup", "kicked", "member", Life.ADDED),
        ("supergroup", "left", "administrator", Life.ADDED),
        ("supergroup", "member", "administrator", Life.NOTHING),
        ("supergroup", "member", "restricted", Life.NOTHING),
        ("group", "member", "left", Life.REMOVED),
        ("supergroup", "administrator", "kicked", Life.REMOVED),
        ("supergroup", "left", "kicked", Life.NOTHING),
        ("channel", "left", "administrator", Life.CHANNEL_READY),
        ("channel", "administrator", "administrator", Life.NOTHING),
        ("channel", "administrator", "left", Life.REMOVED),
        ("channel", "administrator", "kicked", Life.REMOVED),
        ("channel", "administrator", "member", Life.CHANNEL_MUTE),
    ],
)
def test_the_meaning_of_a_change(kind, old, new, expected):
    assert life_of(kind, old, new, may_post=True, might_post=True) is expected


def test_a_channel_counts_from_when_the_bot_may_post():
    assert life_of("channel", "left", "administrator", may_post=False) is Life.CHANNEL_MUTE
    assert life_of("channel", "administrator", "administrator", may_post=True) is Life.CHANNEL_READY
    took = life_of("channel", "administrator", "administrator", may_post=False, might_post=True)
    assert took is Life.CHANNEL_MUTE


@given(
    st.sampled_from(["private", "group", "supergroup", "channel"]),
    st.sampled_from(STATUSES),
    st.sampled_from(STATUSES),
    st.booleans(),
)
def test_who_is_out_gets_nothing_and_who_stays_loses_nothing(kind, old, new, may_post):
    life = life_of(kind, old, new, may_post=may_post, might_post=may_post)
    ends = life in {Life.BLOCKED, Life.REMOVED, Life.CHANNEL_MUTE}
    if new in {"left", "kicked"}:
        assert ends or (old in {"left", "kicked"} and life is Life.NOTHING)
    if old == new and new not in {"left", "kicked"} and kind != "channel":
        assert life is Life.NOTHING
