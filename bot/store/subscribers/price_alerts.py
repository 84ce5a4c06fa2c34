"""Price alerts of chats: one word, once, when a market reaches a price."""

from __future__ import annotations

from dataclasses import dataclass

from bot.severity import Severity
from bot.signals.timeframe import Instant
from bot.store.database import immediate
from bot.store.enqueue import enqueue, insert_message
from bot.store.sqlite import Database
from bot.subscriber import Chat


@dataclass(frozen=True, slots=True)
class PriceAlert:
    """A chat's wish to be told when `market` reaches `price`, from below (`above`) or from above, since `created`."""

    id: int
    chat_id: int
    thread_id: int
    market: str
    price: float
    above: bool
    created: Instant


def add_price_alert(db: Database, chat: Chat, market: str, price: float, *, above: bool, now: Instant) -> bool:
    """Keep a wish; the chat need be no subscriber. False where it is there already."""
    with immediate(db):
        db.conn.execute(
            "INSERT INTO subscribers (chat_id, thread_id, kind, title, state, since, changed)"
            " VALUES (?1, ?2, ?3, ?4, 'unsubscribed', ?5, ?5) ON CONFLICT (chat_id, thread_id) DO NOTHING",
            [chat.chat_id, chat.thread_id, chat.kind, chat.title, now],
        )
        return bool(
            db.conn.execute(
                "INSERT INTO price_alerts (subscriber, market, price, above, created)"
                " SELECT id, ?, ?, ?, ? FROM subscribers WHERE chat_id = ? AND thread_id = ? ON CONFLICT DO NOTHING",
                [market, price, above, now, chat.chat_id, chat.thread_id],
            ).rowcount
        )


def price_alerts_of(db: Database, chat_id: int, thread_id: int) -> list[PriceAlert]:
    """A chat's wishes, by market and price."""
    rows = db.execute(f"{_SELECT} WHERE s.chat_id = ? AND s.thread_id = ? ORDER BY 4, 5", [chat_id, thread_id])
    return [_alert(row) for row in rows.fetchall()]


def open_price_alerts(db: Database) -> list[PriceAlert]:
    """Every wish that is not fulfilled."""
    return [_alert(row) for row in db.execute(f"{_SELECT} ORDER BY p.id").fetchall()]


def delete_price_alert(db: Database, chat_id: int, thread_id: int, alert_id: int) -> bool:
    """Forget a chat's wish. Returns whether it had it."""
    return bool(
        db.conn.execute(
            "DELETE FROM price_alerts WHERE id = ?"
            " AND subscriber = (SELECT id FROM subscribers WHERE chat_id = ? AND thread_id = ?)",
            [alert_id, chat_id, thread_id],
        ).rowcount
    )


def fulfil_price_alert(db: Database, alert_id: int, html: str, now: Instant) -> bool:
    """Queue the word, and forget the wish: both or neither. False where it was fulfilled or deleted meanwhile."""
    with immediate(db):
        row = db.conn.execute("DELETE FROM price_alerts WHERE id = ? RETURNING subscriber", [alert_id]).fetchone()
        if row is None:
            return False
        message = insert_message(db, "notice", html, now)
        enqueue(db, message, Severity.NORMAL, now, to="s.id = :subscriber", facts={"subscriber": row[0]})
    return True


_SELECT = """
    SELECT p.id, s.chat_id, s.thread_id, p.market, p.price, p.above, p.created
    FROM price_alerts p JOIN subscribers s ON s.id = p.subscriber
"""


def _alert(row: tuple[int, int, int, str, float, int, int]) -> PriceAlert:
    identity, chat_id, thread_id, market, price, above, created = row
    return PriceAlert(identity, chat_id, thread_id, market, price, bool(above), created)
