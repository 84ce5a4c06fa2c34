"""Trading sessions as the calendar named them the last time that it was asked."""

from __future__ import annotations

import numpy as np

from bot.signals.sessions import Sessions
from bot.store.database import immediate
from bot.store.sqlite import Database


def save_sessions(db: Database, sessions: Sessions) -> None:
    """Keep `sessions`. Within their span they replace what was kept, so an unscheduled closure takes one away."""
    if not len(sessions):
        return
    rows = zip(
        [sessions.calendar] * len(sessions),
        sessions.start.tolist(),
        sessions.opens.tolist(),
        sessions.closes.tolist(),
        strict=True,
    )
    with immediate(db):
        db.conn.execute(
            "DELETE FROM sessions WHERE calendar = ? AND start BETWEEN ? AND ?",
            [sessions.calendar, int(sessions.start[0]), int(sessions.start[-1])],
        )
        db.conn.executemany("INSERT INTO sessions VALUES (?, ?, ?, ?)", rows)


def load_sessions(db: Database, calendar: str) -> Sessions:
    """All sessions kept for `calendar`; none where it was never saved."""
    rows = db.execute(
        "SELECT start, opens, closes FROM sessions WHERE calendar = ? ORDER BY start", [calendar]
    ).fetchall()
    start, opens, closes = np.array(rows, dtype=np.int64).reshape(-1, 3).T.copy()
    return Sessions(calendar, start, opens, closes)
