"""A database as ten years of 1,000 readers leave it: 5,000,000 deliveries, none of them pruned, and all bars."""

from __future__ import annotations

import json
from pathlib import Path

from bot.market.new_york import new_york_sessions
from bot.signals.timeframe import DAY, start_of
from bot.store.bars import save_sessions
from bot.store.database import immediate, open_database
from bot.store.sqlite import Database

READERS = 1_000
STORIES = 5_000
NEWCOMER = 5_000_000_000 + READERS
"""The chat that came a year ago; all others have been there from the first day on."""

HELD = 100
"""Messages of each reader that wait until quiet hours end."""

YEARS = 10
NOW = 1_890_000_000
SPAN = YEARS * 365 * DAY
DAILY_MARKETS, COINS = 22, 11

RULES = 50

FIGURES = (
    *((fund, name) for fund in ("IWM", "IWN") for name in ("nav", "total_assets", "shares")),
    ("EARNINGS", "companies"),
    ("EARNINGS", "losing_companies"),
    *(("CRYPTO", name) for name in ("total", "alt", "btc_dominance", "eth_dominance")),
)
"""What is noted day by day, of which market."""

_STEP = SPAN // STORIES - 1

_SERIES = """
    WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < :count)
"""

_ROWS = (
    """
    INSERT INTO subscribers (
        id, chat_id, kind, title, state, since, changed, digest, operator, dark, quiet_from, quiet_to, quiet_hold
    )
    SELECT i, 5000000000 + i, 'private', 'Reader ' || i, iif(i % 20, 'active', 'unreachable'), :first, :first,
           iif(i % 2, 480, NULL), i = 1, i % 3 = 0, 1320, 480, 1 FROM n WHERE i <= :readers
    """,
    "INSERT INTO subscriptions (subscriber, kind, value) SELECT i, 'all', '' FROM n WHERE i <= :readers AND i % 20",
    """
    INSERT INTO alerts SELECT i, 'rule-' || (i % :rules), iif(i % 2, 'IWM', 'RUT'), '1d',
        (:first + i * :step) / 86400 * 86400, iif(i % 10, 'normal', 'high'), :first + i * :step FROM n
    """,
    # a firing, what confirmed it, its end
    *(
        f"""
        INSERT INTO events (alert, kind, bar, at, close, level, digest, late, created)
        SELECT i, '{kind}', :first + i * :step + {days} * 86400, :first + i * :step + {days} * 86400 + 75600,
               200.5, 199.5, 'd', 0, :first + i * :step + {days} * 86400 FROM n
        """
        for kind, days in (("fired", 0), ("confirmed", 3), ("ended", 20))
    ),
    """
    INSERT INTO messages (id, kind, rank, html, photo, photo_id, created)
    SELECT i, iif(i % 5, 'alert', 'digest'), 1, printf('%.1200c', 'x'), NULL, 'photo' || i, :first + i * :step FROM n
    """,
    "INSERT INTO message_events SELECT i, i FROM n WHERE i % 5",
    """
    INSERT INTO deliveries (message, subscriber, state, rank, due, created, finished, message_id, reason, attempts)
    SELECT m.i, s.id, iif((m.i + s.id) % 200, 'sent', 'dropped'), 1, :first + m.i * :step, :first + m.i * :step,
           :first + m.i * :step + s.id / 30, m.i * 2 + 1, iif((m.i + s.id) % 200, NULL, 'blocked'), 0
    FROM n m CROSS JOIN subscribers s WHERE s.id < :readers OR m.i > 0.9 * :count
    """,
    # what waits: the last messages, for everybody, until eight in the morning
    """
    INSERT INTO messages (id, kind, rank, html, created)
    SELECT :count + i, iif(i % 5, 'alert', 'notice'), 1, 'waits', :now - 3600 FROM n WHERE i <= :held
    """,
    "INSERT INTO message_events SELECT :count + i, :count - i FROM n WHERE i <= :held AND i % 5",
    """
    INSERT INTO deliveries (message, subscriber, rank, due, created, reason)
    SELECT :count + m.i, s.id, 1, :now + 28800 + s.id, :now - 3600, 'held until the quiet hours end'
    FROM n m CROSS JOIN subscribers s WHERE m.i <= :held
    """,
    """
    INSERT INTO digests SELECT s.id, 'p' || m.i, :first + m.i * :step FROM n m CROSS JOIN subscribers s
    WHERE m.i % 5 = 0 AND s.id % 2
    """,
    """
    INSERT INTO reactions (alert, chat_id, user_id, emoji, at)
    SELECT m.i, 5000000000 + s.id, 5000000000 + s.id, '👍', :first FROM n m
    CROSS JOIN subscribers s WHERE s.id % 100 = 0
    """,
    """
    INSERT INTO runs (name, started, finished, ok) SELECT 'scan', :now - i * 600, :now - i * 600 + 2, 1
    FROM n WHERE i <= 500
    """,
    # what is noted day by day: of two funds, of all companies, of crypto
    """
    INSERT INTO snapshots SELECT m.value ->> 0, m.value ->> 1, :now - i * 86400, 1000 + i, 'x'
    FROM n CROSS JOIN json_each(:figures) m WHERE i <= :days
    """,
    """
    INSERT INTO meta SELECT 'rule:rule-' || (i - 1), json_array(json_array('title: as it was', 1)), 1
    FROM n WHERE i <= :rules
    """,
    "INSERT INTO meta SELECT printf('tally of day %05d', :now / 86400 - i), '[1400,3,0]', 1 FROM n WHERE i <= 40",
    """
    INSERT INTO mutes (subscriber, rule, until) SELECT i, 'rule-3', :now + 86400
    FROM n WHERE i <= :readers AND i % 7 = 0
    """,
    # as many as a chat may have, of one in ten
    """
    INSERT INTO price_alerts (subscriber, market, price, above, created) SELECT i, 'IWM', 1e6 + w.value, 1, :first
    FROM n CROSS JOIN json_each('[1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20]') w
    WHERE i <= :readers AND i % 10 = 7
    """,
    "INSERT INTO watermarks SELECT 'rule-' || i, 'IWM', '1d', :now, 'd', :now FROM n WHERE i <= :rules",
)

_BARS = """
    INSERT INTO bars SELECT :market, :timeframe, :now / 86400 * 86400 - i * :seconds,
        :now / 86400 * 86400 - i * :seconds + :seconds, 10.5, 11.5, 9.5, 10.75, 1e6, 'x', :now FROM n
"""


def bar_of(alert: int) -> int:
    """Start of the bar at which the alert of that number fired."""
    return (NOW - SPAN + alert * _STEP) // DAY * DAY


def aged_database(path: Path) -> Database:
    """Make it; takes about a minute."""
    db = open_database(path)
    first = NOW - SPAN
    facts = {"count": STORIES, "readers": READERS, "rules": RULES, "held": HELD, "now": NOW}
    facts |= {"first": first, "step": _STEP, "figures": json.dumps(FIGURES), "days": YEARS * 365}
    db.conn.execute("PRAGMA synchronous = OFF")
    with immediate(db):
        for statement in _ROWS:
            db.conn.execute(_SERIES + statement, facts)
        for number in range(DAILY_MARKETS):
            _bars(db, f"M{number}", "1d", DAY, 26 * 365)
        for number in range(COINS):
            _bars(db, f"C{number}", "1h", 3_600, YEARS * 365 * 24)
        save_sessions(db, new_york_sessions(start_of("1985-01-02"), start_of("2026-12-31")))
    db.conn.execute("PRAGMA synchronous = FULL")
    db.conn.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return db


def _bars(db: Database, market: str, timeframe: str, seconds: int, count: int) -> None:
    facts = {"market": market, "timeframe": timeframe, "seconds": seconds, "count": count, "now": NOW}
    db.conn.execute(_SERIES + _BARS, facts)
