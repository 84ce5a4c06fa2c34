"""Subscribers: a chat, what it asked for, and its settings."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Chat:
    """A place that messages go to. `thread_id` is a forum's topic, 0 where there is none.

    `kind` is private, group, supergroup or channel.
    """

    chat_id: int
    thread_id: int
    kind: str
    title: str


@dataclass(frozen=True, slots=True)
class Preferences:
    """A chat's settings.

    `least` and `silent_below` are ranks of severity (`Severity`; 3 means all are silent). `quiet_from`, `quiet_to`
    and `digest` are minutes after midnight in `time_zone`, None where not wanted. In quiet hours a message comes
    without a sound; with `hold` it waits until they end; with `high_passes` they mean nothing to high severity.
    `digest_day` is the weekday of a weekly digest, 0 Monday; None: daily. `dark`: pictures are drawn on black.
    """

    least: int = 0
    silent_below: int = 0
    time_zone: str = "UTC"
    quiet_from: int | None = None
    quiet_to: int | None = None
    hold: bool = False
    high_passes: bool = False
    digest: int | None = None
    digest_day: int | None = None
    dark: bool = False


@dataclass(frozen=True, slots=True)
class Subscriber:
    """A chat with its settings. `state` is active, pending (to be approved), unsubscribed or unreachable.

    `since` is when it last became active, `changed` when its state or settings last changed, both in seconds since
    1970. `approved`: an operator said yes to it once. `subscriptions` are (kind, value): (all, ""), (rule, id),
    (tag, name) or (severity, the least).
    """

    id: int
    chat: Chat
    state: str
    reason: str | None
    preferences: Preferences
    since: int
    changed: int
    operator: bool
    approved: bool
    subscriptions: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class ListedSubscriber:
    """A chat on the operator's list: since when it is active, or when it was switched off and why."""

    chat: Chat
    at: int
    reason: str = ""
