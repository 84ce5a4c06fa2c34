BEGIN TRANSACTION;
CREATE TABLE "_sqlite_migrations" (
   "id" INTEGER PRIMARY KEY,
   "migration_set" TEXT,
   "name" TEXT,
   "applied_at" TEXT
);
INSERT INTO "_sqlite_migrations" VALUES(1,'bellwether','0001_first_tables','2026-01-01 00:00:00');
CREATE TABLE alerts (
        id INTEGER PRIMARY KEY, rule TEXT NOT NULL, market TEXT NOT NULL, timeframe TEXT NOT NULL,
        bar INTEGER NOT NULL, severity TEXT NOT NULL CHECK (severity IN ('low', 'normal', 'high')),
        created INTEGER NOT NULL,
        UNIQUE (rule, market, timeframe, bar)
    ) STRICT
    ;
CREATE TABLE bars (
        market TEXT NOT NULL, timeframe TEXT NOT NULL, start INTEGER NOT NULL, end INTEGER NOT NULL,
        open REAL, high REAL, low REAL, close REAL, volume REAL,  -- NULL: unknown
        source TEXT NOT NULL, saved INTEGER NOT NULL,
        PRIMARY KEY (market, timeframe, start)
    ) STRICT, WITHOUT ROWID
    ;
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
    ;
CREATE TABLE events (  -- alert is NULL for a notice, which belongs to no alert
        id INTEGER PRIMARY KEY, alert INTEGER REFERENCES alerts (id), kind TEXT NOT NULL,
        bar INTEGER NOT NULL, at INTEGER NOT NULL, close REAL, level REAL, digest TEXT NOT NULL,
        html TEXT NOT NULL, photo BLOB, photo_id TEXT, buttons TEXT NOT NULL DEFAULT '[]',
        late INTEGER NOT NULL DEFAULT 0 CHECK (late IN (0, 1)), created INTEGER NOT NULL,
        UNIQUE (alert, kind, bar)
    ) STRICT
    ;
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL, changed INTEGER NOT NULL) STRICT, WITHOUT ROWID
    ;
CREATE TABLE mutes (  -- rule '': every rule
        subscriber INTEGER NOT NULL REFERENCES subscribers (id) ON DELETE CASCADE,
        rule TEXT NOT NULL DEFAULT '', until INTEGER NOT NULL,
        PRIMARY KEY (subscriber, rule)
    ) STRICT, WITHOUT ROWID
    ;
CREATE TABLE runs (
        id INTEGER PRIMARY KEY, name TEXT NOT NULL, started INTEGER NOT NULL, finished INTEGER,
        ok INTEGER CHECK (ok IN (0, 1)), detail TEXT NOT NULL DEFAULT ''
    ) STRICT
    ;
CREATE TABLE sessions (
        calendar TEXT NOT NULL, start INTEGER NOT NULL, opens INTEGER NOT NULL, closes INTEGER NOT NULL,
        PRIMARY KEY (calendar, start)
    ) STRICT, WITHOUT ROWID
    ;
CREATE TABLE snapshots (  -- facts that vendors give for today only: shares outstanding, net asset value
        market TEXT NOT NULL, name TEXT NOT NULL, at INTEGER NOT NULL, value REAL NOT NULL, source TEXT NOT NULL,
        PRIMARY KEY (market, name, at)
    ) STRICT, WITHOUT ROWID
    ;
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
    ;
CREATE TABLE subscriptions (
        subscriber INTEGER NOT NULL REFERENCES subscribers (id) ON DELETE CASCADE,
        kind TEXT NOT NULL CHECK (kind IN ('all', 'rule', 'tag', 'severity')), value TEXT NOT NULL DEFAULT '',
        PRIMARY KEY (subscriber, kind, value)
    ) STRICT, WITHOUT ROWID
    ;
CREATE TABLE watermarks (
        rule TEXT PRIMARY KEY, market TEXT NOT NULL, timeframe TEXT NOT NULL, bar INTEGER NOT NULL,
        digest TEXT NOT NULL, changed INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID
    ;
CREATE UNIQUE INDEX "idx__sqlite_migrations_migration_set_name"
    ON "_sqlite_migrations" ("migration_set", "name");
CREATE INDEX deliveries_queued ON deliveries (rank DESC, id) WHERE state = 'queued';
CREATE INDEX deliveries_open ON deliveries (subscriber, rank DESC, id) WHERE state IN ('queued', 'sending')
    ;
CREATE INDEX deliveries_sending ON deliveries (subscriber) WHERE state = 'sending';
CREATE INDEX runs_by_name ON runs (name, id);
COMMIT;
