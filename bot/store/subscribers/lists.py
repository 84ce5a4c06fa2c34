"""Lists for the operator: the newest subscribers, and those that Telegram refuses."""

from __future__ import annotations

from bot.store.sqlite import Database
from bot.subscriber import Chat, ListedSubscriber


def newest_active(db: Database, limit: int) -> list[ListedSubscriber]:
    """The active subscribers, the newest first."""
    rows = db.execute(
        "SELECT chat_id, thread_id, kind, title, since FROM subscribers WHERE state = 'active'"
        " ORDER BY since DESC, id DESC LIMIT ?",
        [limit],
    ).fetchall()
    return [ListedSubscriber(Chat(*chat), since) for *chat, since in rows]


def unreachable(db: Database, limit: int) -> list[ListedSubscriber]:
    """The chats that Telegram refuses, the last ones first."""
    rows = db.execute(
        "SELECT chat_id, thread_id, kind, title, changed, coalesce(reason, '') FROM subscribers"
        " WHERE state = 'unreachable' ORDER BY changed DESC, id DESC LIMIT ?",
        [limit],
    ).fetchall()
    return [ListedSubscriber(Chat(*chat), changed, reason) for *chat, changed, reason in rows]
