"""Changes of the bot's own membership in a chat, and what they mean for its subscription."""

from __future__ import annotations

from enum import StrEnum

_OUT = frozenset({"left", "kicked"})


class MembershipChange(StrEnum):
    """What a change of the bot's own membership means for the chat's subscription."""

    BLOCKED = "blocked"  # a person blocked the bot
    UNBLOCKED = "unblocked"  # kept settings come back only by /start
    ADDED = "added"  # to a group
    REMOVED = "removed"  # from a group or channel, or the chat was deleted
    CHANNEL_READY = "channel ready"  # may post in a channel
    CHANNEL_MUTE = "channel mute"  # is an admin of a channel but may not post
    NOTHING = "nothing"


def membership_change(kind: str, old: str, new: str, *, may_post: bool, might_post: bool = False) -> MembershipChange:
    """The meaning of a change from status `old` to `new` in a chat of this kind.

    `may_post` is the right to post as of now, `might_post` as of before; they count in channels only.
    """
    if kind == "private":
        return _in_private(old, new)
    if new in _OUT:
        return MembershipChange.REMOVED if old not in _OUT else MembershipChange.NOTHING
    if kind == "channel":
        return _in_channel(old, new, may_post=may_post, might_post=might_post)
    return MembershipChange.ADDED if old in _OUT else MembershipChange.NOTHING


def _in_private(old: str, new: str) -> MembershipChange:
    if new in _OUT:
        return MembershipChange.BLOCKED
    return MembershipChange.UNBLOCKED if old in _OUT else MembershipChange.NOTHING


def _in_channel(old: str, new: str, *, may_post: bool, might_post: bool) -> MembershipChange:
    ready, was_ready = new == "administrator" and may_post, old == "administrator" and might_post
    if ready:
        return MembershipChange.NOTHING if was_ready else MembershipChange.CHANNEL_READY
    return MembershipChange.CHANNEL_MUTE if new == "administrator" or was_ready else MembershipChange.NOTHING
