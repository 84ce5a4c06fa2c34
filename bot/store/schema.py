"""Schema: the tables of the file, and the migrations that made them so."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

from bot.store.sqlite import Database, Migrations

MIGRATIONS = Migrations("bellwether")

# Plain SQL, because sqlite-utils' create() has no CHECK, no composite UNIQUE, no partial index and no
# WITHOUT ROWID. A migration that was released is never edited: the next change is a new function below.

_MARKET_DATA = (
    """
    CREATE TABLE bars (
        market TEXT NOT NULL, timeframe TEXT NOT NULL, start INTEGER NOT NULL, end INTEGER NOT NULL,
        open REAL, high REAL, low REAL, close REAL, volume REAL,  -- NULL: unknown
        source TEXT NOT NULL, saved INTEGER NOT NULL,
        PRIMARY KEY (market, timeframe, start)
    ) STRICT, WITHOUT ROWID
    """,
    """
    CREATE TABLE sessions (
        calendar TEXT NOT NULL, start INTEGER NOT NULL, opens INTEGER NOT NULL, closes INTEGER NOT NULL,
        PRIMARY KEY (calendar, start)
    ) STRICT, WITHOUT ROWID
    """,
    """
    CREATE TABLE snapshots (  -- facts that vendors give for today only: shares outstanding, net asset value
        market TEXT NOT NULL, name TEXT NOT NULL, at INTEGER NOT NULL, value REAL NOT NULL, source TEXT NOT NULL,
        PRIMARY KEY (market, name, at)
    ) STRICT, WITHOUT ROWID
    """,
    "CREATE UNIQUE INDEX snapshots_daily ON snapshots (market, name, at / 86400)",  # one a UTC day
)

_ALERTS = (
    """
    CREATE TABLE alerts (
        id INTEGER PRIMARY KEY, rule TEXT NOT NULL, market TEXT NOT NULL, timeframe TEXT NOT NULL,
        bar INTEGER NOT NULL, severity TEXT NOT NULL CHECK (severity IN ('low', 'normal', 'high')),
        created INTEGER NOT NULL,
        UNIQUE (rule, market, timeframe, bar)
    ) STRICT
    """,
    """
    CREATE TABLE events (  -- alert is NULL for a notice, which belongs to no alert
        id INTEGER PRIMARY KEY, alert INTEGER REFERENCES alerts (id), kind TEXT NOT NULL,
        bar INTEGER NOT NULL, at INTEGER NOT NULL, close REAL, level REAL, digest TEXT NOT NULL,
        html TEXT NOT NULL, photo BLOB, photo_id TEXT, buttons TEXT NOT NULL DEFAULT '[]',
        late INTEGER NOT NULL DEFAULT 0 CHECK (late IN (0, 1)), created INTEGER NOT NULL,
        UNIQUE (alert, kind, bar)
    ) STRICT
    """,
    """
    CREATE TABLE watermarks (
        rule TEXT PRIMARY KEY, market TEXT NOT NULL, timeframe TEXT NOT NULL, bar INTEGER NOT NULL,
        digest TEXT NOT NULL, changed INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID
    """,
)

_PEOPLE = (
    """
    CREATE TABLE subscribers (
        id INTEGER PRIMARY KEY, chat_id INTEGER NOT NULL, thread_id INTEGER NOT NULL DEFAULT 0,
        kind TEXT NOT NULL CHECK (kind IN ('private', 'group', 'supergroup', 'channel')),
        title TEXT NOT NULL DEFAULT '',
        state TEXT NOT NULL CHECK (state IN ('active', 'pending', 'unsubscribed', 'unreachable')),
        reason TEXT, operator INTEGER NOT NULL DEFAULT 0 CHECK (operator IN (0, 1)),
        least INTEGER NOT NULL DEFAULT 0 CHECK (least BETWEEN 0 AND 2),  -- severities below are not sent
        silent_below INTEGER NOT NULL DEFAULT 0 CHECK (silent_below BETWEEN 0 AND 3),  -- below: without a sound
        time_zone TEXT NOT NULL DEFAULT 'UTC',
        quiet_from INTEGER CHECK (quiet_from BETWEEN 0 AND 1439),  -- minutes after local midnight
        quiet_to INTEGER CHECK (quiet_to BETWEEN 0 AND 1439),
        digest INTEGER CHECK (digest BETWEEN 0 AND 1439),
        since INTEGER NOT NULL, changed INTEGER NOT NULL,
        UNIQUE (chat_id, thread_id)
    ) STRICT
    """,
    """
    CREATE TABLE subscriptions (
        subscriber INTEGER NOT NULL REFERENCES subscribers (id) ON DELETE CASCADE,
        kind TEXT NOT NULL CHECK (kind IN ('all', 'rule', 'tag', 'severity')), value TEXT NOT NULL DEFAULT '',
        PRIMARY KEY (subscriber, kind, value)
    ) STRICT, WITHOUT ROWID
    """,
    """
    CREATE TABLE mutes (  -- rule '': every rule
        subscriber INTEGER NOT NULL REFERENCES subscribers (id) ON DELETE CASCADE,
        rule TEXT NOT NULL DEFAULT '', until INTEGER NOT NULL,
        PRIMARY KEY (subscriber, rule)
    ) STRICT, WITHOUT ROWID
    """,
)

_OUTBOX = (
    """
    CREATE TABLE deliveries (
        id INTEGER PRIMARY KEY, event INTEGER NOT NULL REFERENCES events (id),
        subscriber INTEGER NOT NULL REFERENCES subscribers (id),
        state TEXT NOT NULL DEFAULT 'queued' CHECK (state IN ('queued', 'sending', 'sent', 'dropped')),
        rank INTEGER NOT NULL, silent INTEGER NOT NULL DEFAULT 0, plain INTEGER NOT NULL DEFAULT 0,
        bare INTEGER NOT NULL DEFAULT 0,  -- without its photo
        attempts INTEGER NOT NULL DEFAULT 0, due REAL NOT NULL, created INTEGER NOT NULL,
        finished INTEGER, message_id INTEGER, reason TEXT,
        UNIQUE (event, subscriber)
    ) STRICT
    """,
    # The order of the queue, and the order within one chat; both hold unfinished deliveries only.
    "CREATE INDEX deliveries_queued ON deliveries (rank DESC, id) WHERE state = 'queued'",
    """
    CREATE INDEX deliveries_open ON deliveries (subscriber, rank DESC, id) WHERE state IN ('queued', 'sending')
    """,
    "CREATE INDEX deliveries_sending ON deliveries (subscriber) WHERE state = 'sending'",
)

_BOOKS = (
    """
    CREATE TABLE runs (
        id INTEGER PRIMARY KEY, name TEXT NOT NULL, started INTEGER NOT NULL, finished INTEGER,
        ok INTEGER CHECK (ok IN (0, 1)), detail TEXT NOT NULL DEFAULT ''
    ) STRICT
    """,
    "CREATE INDEX runs_by_name ON runs (name, id)",
    """
    CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL, changed INTEGER NOT NULL) STRICT, WITHOUT ROWID
    """,
)


@MIGRATIONS(name="0001_first_tables")
def first_tables(db: Database) -> None:
    """Everything that the first release keeps."""
    for statement in (*_MARKET_DATA, *_ALERTS, *_PEOPLE, *_OUTBOX, *_BOOKS):
        db.execute(statement)


_LIVING_WITH_IT = (
    # somebody who was let in once, left and returned need not wait again
    "ALTER TABLE subscribers ADD COLUMN approved INTEGER NOT NULL DEFAULT 0 CHECK (approved IN (0, 1))",
    # quiet hours: what comes in them is held until they end; high severity comes in them as at any time
    "ALTER TABLE subscribers ADD COLUMN quiet_hold INTEGER NOT NULL DEFAULT 0 CHECK (quiet_hold IN (0, 1))",
    "ALTER TABLE subscribers ADD COLUMN high_passes INTEGER NOT NULL DEFAULT 0 CHECK (high_passes IN (0, 1))",
    # a weekly digest's day, 0 Monday; NULL: daily. None is due for an hour before it was asked for.
    "ALTER TABLE subscribers ADD COLUMN digest_day INTEGER CHECK (digest_day BETWEEN 0 AND 6)",
    "ALTER TABLE subscribers ADD COLUMN digest_asked INTEGER NOT NULL DEFAULT 0",
    """
    CREATE TABLE digests (
        subscriber INTEGER NOT NULL REFERENCES subscribers (id) ON DELETE CASCADE,
        period TEXT NOT NULL, queued INTEGER NOT NULL,
        PRIMARY KEY (subscriber, period)
    ) STRICT, WITHOUT ROWID
    """,
    # attempts of which nobody knows whether they arrived: each may be a double
    "ALTER TABLE deliveries ADD COLUMN unclear INTEGER NOT NULL DEFAULT 0",
)


@MIGRATIONS(name="0002_living_with_it")
def living_with_it(db: Database) -> None:
    """Approval that lasts, quiet hours that hold or let pass, digests, doubtful attempts."""
    for statement in _LIVING_WITH_IT:
        db.execute(statement)


@MIGRATIONS(name="0003_expired_is_ended")
def expired_is_ended(db: Database) -> None:
    """What was called expired is the end of an alert, whatever came before it."""
    db.execute("UPDATE events SET kind = 'ended' WHERE kind = 'expired'")


_READERS = (
    # pictures drawn for dark chats
    "ALTER TABLE subscribers ADD COLUMN dark INTEGER NOT NULL DEFAULT 0 CHECK (dark IN (0, 1))",
    """
    CREATE TABLE price_alerts (  -- a chat's wish to be told once that a market has reached a price
        id INTEGER PRIMARY KEY, subscriber INTEGER NOT NULL REFERENCES subscribers (id) ON DELETE CASCADE,
        market TEXT NOT NULL, price REAL NOT NULL, above INTEGER NOT NULL CHECK (above IN (0, 1)),
        created INTEGER NOT NULL,
        UNIQUE (subscriber, market, price)
    ) STRICT
    """,
    """
    CREATE TABLE reactions (  -- what a reader put under an alert
        alert INTEGER NOT NULL REFERENCES alerts (id), chat_id INTEGER NOT NULL, user_id INTEGER NOT NULL,
        emoji TEXT NOT NULL, at INTEGER NOT NULL,
        PRIMARY KEY (alert, chat_id, user_id)
    ) STRICT, WITHOUT ROWID
    """,
)


@MIGRATIONS(name="0004_readers")
def readers(db: Database) -> None:
    """Pictures for dark chats, price alerts, reactions."""
    for statement in _READERS:
        db.execute(statement)


_REFUSED_CHATS = (
    # attempts in a row that Telegram refused, the first of them, and its last words; until a message arrives
    "ALTER TABLE subscribers ADD COLUMN refusals INTEGER NOT NULL DEFAULT 0",
    "ALTER TABLE subscribers ADD COLUMN refused_since INTEGER",
    "ALTER TABLE subscribers ADD COLUMN refusal TEXT",
    "CREATE INDEX subscribers_refused ON subscribers (refused_since) WHERE refused_since IS NOT NULL",
    "CREATE INDEX deliveries_dropped ON deliveries (finished) WHERE state = 'dropped'",
    # the first databases were made without this index; of two figures of one day the later one counts
    """
    DELETE FROM snapshots WHERE EXISTS (
        SELECT 1 FROM snapshots s WHERE s.market = snapshots.market AND s.name = snapshots.name
          AND s.at / 86400 = snapshots.at / 86400 AND s.at > snapshots.at
    )
    """,
    "CREATE UNIQUE INDEX IF NOT EXISTS snapshots_daily ON snapshots (market, name, at / 86400)",
)


@MIGRATIONS(name="0005_refused_chats")
def refused_chats(db: Database) -> None:
    """Chats that Telegram refuses for the time being; what was dropped is counted quickly."""
    for statement in _REFUSED_CHATS:
        db.execute(statement)


_MESSAGES = (
    """
    CREATE TABLE messages (  -- what is sent, the same to all who get it
        id INTEGER PRIMARY KEY, kind TEXT NOT NULL CHECK (kind IN ('alert', 'notice', 'digest')),
        rank INTEGER NOT NULL, html TEXT NOT NULL, photo BLOB, photo_id TEXT,
        buttons TEXT NOT NULL DEFAULT '[]', created INTEGER NOT NULL
    ) STRICT
    """,
    """
    INSERT INTO messages SELECT e.id, iif(e.alert IS NULL, iif(e.kind = 'digest', 'digest', 'notice'), 'alert'),
        CASE a.severity WHEN 'low' THEN 0 WHEN 'high' THEN 2 ELSE 1 END,
        e.html, e.photo, e.photo_id, e.buttons, e.created
    FROM events e LEFT JOIN alerts a ON a.id = e.alert
    """,
    """
    CREATE TABLE message_events (  -- the events that a message tells of
        message INTEGER NOT NULL REFERENCES messages (id), event INTEGER NOT NULL REFERENCES events (id),
        PRIMARY KEY (message, event)
    ) STRICT, WITHOUT ROWID
    """,
    "CREATE INDEX message_events_by_event ON message_events (event, message)",
    """
    CREATE TABLE new_deliveries (
        id INTEGER PRIMARY KEY, message INTEGER NOT NULL REFERENCES messages (id),
        subscriber INTEGER NOT NULL REFERENCES subscribers (id),
        state TEXT NOT NULL DEFAULT 'queued' CHECK (state IN ('queued', 'sending', 'sent', 'dropped')),
        rank INTEGER NOT NULL, silent INTEGER NOT NULL DEFAULT 0, plain INTEGER NOT NULL DEFAULT 0,
        bare INTEGER NOT NULL DEFAULT 0,
        attempts INTEGER NOT NULL DEFAULT 0, due REAL NOT NULL, created INTEGER NOT NULL,
        finished INTEGER, message_id INTEGER, reason TEXT, unclear INTEGER NOT NULL DEFAULT 0,
        UNIQUE (message, subscriber)
    ) STRICT
    """,
    """
    INSERT INTO new_deliveries SELECT id, event, subscriber, state, rank, silent, plain, bare, attempts, due, created,
        finished, message_id, reason, unclear FROM deliveries
    """,
    "DROP TABLE deliveries",
    "ALTER TABLE new_deliveries RENAME TO deliveries",
    "CREATE INDEX deliveries_queued ON deliveries (rank DESC, id) WHERE state = 'queued'",
    "CREATE INDEX deliveries_open ON deliveries (subscriber, rank DESC, id) WHERE state IN ('queued', 'sending')",
    "CREATE INDEX deliveries_sending ON deliveries (subscriber) WHERE state = 'sending'",
    "CREATE INDEX deliveries_dropped ON deliveries (finished) WHERE state = 'dropped'",
    "DELETE FROM events WHERE alert IS NULL",
    "INSERT INTO message_events SELECT id, id FROM events",
    *(f"ALTER TABLE events DROP COLUMN {name}" for name in ("html", "photo", "photo_id", "buttons")),
    "CREATE INDEX events_created ON events (created)",
)


@MIGRATIONS(name="0006_messages")
def messages(db: Database) -> None:
    """Messages apart from events: one tells of several, and of one event different chats may read different ones."""
    for statement in _MESSAGES:
        db.execute(statement)


_FLAT = (
    # the order of the queue, with what tells at once that a delivery is held for hours
    "DROP INDEX deliveries_queued",
    "CREATE INDEX deliveries_queued ON deliveries (rank DESC, id, due) WHERE state = 'queued'",
    # when something waits for an hour, or has waited too long: asked at every turn of the outbox
    "CREATE INDEX deliveries_due ON deliveries (due) WHERE state = 'queued'",
    "CREATE INDEX deliveries_waiting ON deliveries (created) WHERE state = 'queued'",
    "CREATE INDEX deliveries_failed ON deliveries (due) WHERE state = 'queued' AND attempts > 0",
    "CREATE INDEX alerts_by_bar ON alerts (bar, id)",
    # what is old enough to go
    "CREATE INDEX messages_created ON messages (created)",
    "CREATE INDEX digests_queued ON digests (queued)",
    "CREATE INDEX reactions_counted ON reactions (alert, emoji)",
)


@MIGRATIONS(name="0007_flat_over_the_years")
def flat_over_the_years(db: Database) -> None:
    """Indexes by which no answer takes longer in a file of ten years."""
    for statement in _FLAT:
        db.execute(statement)


@MIGRATIONS(name="0008_counted_reactions")
def counted_reactions(db: Database) -> None:
    """Reactions that Telegram counts without saying whose they are: in channels."""
    db.execute("ALTER TABLE reactions ADD COLUMN many INTEGER NOT NULL DEFAULT 1")
    db.execute("DROP INDEX reactions_counted")
    db.execute("CREATE INDEX reactions_counted ON reactions (alert, emoji, many)")


_MUTES_AHEAD = (
    """
    CREATE TABLE new_mutes (  -- rule '': every rule; begins 0: at once
        subscriber INTEGER NOT NULL REFERENCES subscribers (id) ON DELETE CASCADE,
        rule TEXT NOT NULL DEFAULT '', begins INTEGER NOT NULL DEFAULT 0, until INTEGER NOT NULL,
        PRIMARY KEY (subscriber, rule, begins)
    ) STRICT, WITHOUT ROWID
    """,
    "INSERT INTO new_mutes (subscriber, rule, until) SELECT subscriber, rule, until FROM mutes",
    "DROP TABLE mutes",
    "ALTER TABLE new_mutes RENAME TO mutes",
)


@MIGRATIONS(name="0009_mutes_ahead")
def mutes_ahead(db: Database) -> None:
    """Mutes that begin later, beside those that hold now."""
    for statement in _MUTES_AHEAD:
        db.execute(statement)


KNOWN = tuple(migration.name for migration in MIGRATIONS.pending(Database(memory=True, execute_plugins=False)))
"""Names of all migrations of this release, in order: on an empty database every one of them is pending."""


@lru_cache(maxsize=1)
def made_tables(lacking: tuple[str, ...] = ()) -> Mapping[str, frozenset[str]]:
    """The columns of each table that the migrations make, up to the first of the `lacking` ones."""
    made = Database(memory=True, execute_plugins=False)
    MIGRATIONS.apply(made, stop_before=lacking)
    tables = [name for name in made.table_names() if name != MIGRATIONS.migrations_table]
    return {name: frozenset(row[1] for row in made.execute(f"PRAGMA table_xinfo([{name}])")) for name in tables}
