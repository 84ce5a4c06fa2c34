"""What a change of the bot's own membership means."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.telegram.membership import MembershipChange, membership_change

STATUSES = ["creator", "administrator", "member", "restricted", "left", "kicked"]


@pytest.mark.parametrize(
    ("kind", "old", "new", "expected"),
    [
        ("private", "member", "kicked", MembershipChange.BLOCKED),
        ("private", "kicked", "member", MembershipChange.UNBLOCKED),
        ("private", "member", "member", MembershipChange.NOTHING),
        ("group", "left", "member", MembershipChange.ADDED),
        ("supergroup", "kicked", "member", MembershipChange.ADDED),
        ("supergroup", "left", "administrator", MembershipChange.ADDED),
        ("supergroup", "member", "administrator", MembershipChange.NOTHING),
        ("supergroup", "member", "restricted", MembershipChange.NOTHING),
        ("group", "member", "left", MembershipChange.REMOVED),
        ("supergroup", "administrator", "kicked", MembershipChange.REMOVED),
        ("supergroup", "left", "kicked", MembershipChange.NOTHING),
        ("channel", "left", "administrator", MembershipChange.CHANNEL_READY),
        ("channel", "administrator", "administrator", MembershipChange.NOTHING),
        ("channel", "administrator", "left", MembershipChange.REMOVED),
        ("channel", "administrator", "kicked", MembershipChange.REMOVED),
        ("channel", "administrator", "member", MembershipChange.CHANNEL_MUTE),
    ],
)
def test_the_meaning_of_a_change(kind, old, new, expected):
    assert membership_change(kind, old, new, may_post=True, might_post=True) is expected


def test_a_channel_counts_from_when_the_bot_may_post():
    assert membership_change("channel", "left", "administrator", may_post=False) is MembershipChange.CHANNEL_MUTE
    assert (
        membership_change("channel", "administrator", "administrator", may_post=True) is MembershipChange.CHANNEL_READY
    )
    took = membership_change("channel", "administrator", "administrator", may_post=False, might_post=True)
    assert took is MembershipChange.CHANNEL_MUTE


@given(
    st.sampled_from(["private", "group", "supergroup", "channel"]),
    st.sampled_from(STATUSES),
    st.sampled_from(STATUSES),
    st.booleans(),
)
def test_who_is_out_gets_nothing_and_who_stays_loses_nothing(kind, old, new, may_post):
    life = membership_change(kind, old, new, may_post=may_post, might_post=may_post)
    ends = life in {MembershipChange.BLOCKED, MembershipChange.REMOVED, MembershipChange.CHANNEL_MUTE}
    if new in {"left", "kicked"}:
        assert ends or (old in {"left", "kicked"} and life is MembershipChange.NOTHING)
    if old == new and new not in {"left", "kicked"} and kind != "channel":
        assert life is MembershipChange.NOTHING
