BEGIN TRANSACTION;
CREATE TABLE "_sqlite_migrations" (
   "id" INTEGER PRIMARY KEY,
   "migration_set" TEXT,
   "name" TEXT,
   "applied_at" TEXT
);
INSERT INTO "_sqlite_migrations" VALUES(1,'bellwether','0001_first_tables','2026-11-28 17:32:25.382445+00:00');
INSERT INTO "_sqlite_migrations" VALUES(2,'bellwether','0002_living_with_it','2026-11-28 17:32:25.392481+00:00');
INSERT INTO "_sqlite_migrations" VALUES(3,'bellwether','0003_expired_is_ended','2026-11-28 17:32:25.392936+00:00');
INSERT INTO "_sqlite_migrations" VALUES(4,'bellwether','0004_readers','2026-11-28 17:32:25.393815+00:00');
INSERT INTO "_sqlite_migrations" VALUES(5,'bellwether','0005_refused_chats','2026-11-28 17:32:25.394607+00:00');
INSERT INTO "_sqlite_migrations" VALUES(6,'bellwether','0006_messages','2026-11-28 17:32:25.434013+00:00');
INSERT INTO "_sqlite_migrations" VALUES(7,'bellwether','0007_flat_over_the_years','2026-11-28 17:32:25.434702+00:00');
INSERT INTO "_sqlite_migrations" VALUES(8,'bellwether','0008_counted_reactions','2026-11-28 17:32:25.435294+00:00');
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
CREATE TABLE "deliveries" (
        id INTEGER PRIMARY KEY, message INTEGER NOT NULL REFERENCES messages (id),
        subscriber INTEGER NOT NULL REFERENCES subscribers (id),
        state TEXT NOT NULL DEFAULT 'queued' CHECK (state IN ('queued', 'sending', 'sent', 'dropped')),
        rank INTEGER NOT NULL, silent INTEGER NOT NULL DEFAULT 0, plain INTEGER NOT NULL DEFAULT 0,
        bare INTEGER NOT NULL DEFAULT 0,
        attempts INTEGER NOT NULL DEFAULT 0, due REAL NOT NULL, created INTEGER NOT NULL,
        finished INTEGER, message_id INTEGER, reason TEXT, unclear INTEGER NOT NULL DEFAULT 0,
        UNIQUE (message, subscriber)
    ) STRICT
    ;
CREATE TABLE digests (
        subscriber INTEGER NOT NULL REFERENCES subscribers (id) ON DELETE CASCADE,
        period TEXT NOT NULL, queued INTEGER NOT NULL,
        PRIMARY KEY (subscriber, period)
    ) STRICT, WITHOUT ROWID
    ;
CREATE TABLE events (  -- alert is NULL for a notice, which belongs to no alert
        id INTEGER PRIMARY KEY, alert INTEGER REFERENCES alerts (id), kind TEXT NOT NULL,
        bar INTEGER NOT NULL, at INTEGER NOT NULL, close REAL, level REAL, digest TEXT NOT NULL,
        late INTEGER NOT NULL DEFAULT 0 CHECK (late IN (0, 1)), created INTEGER NOT NULL,
        UNIQUE (alert, kind, bar)
    ) STRICT
    ;
CREATE TABLE message_events (  -- the events that a message tells of
        message INTEGER NOT NULL REFERENCES messages (id), event INTEGER NOT NULL REFERENCES events (id),
        PRIMARY KEY (message, event)
    ) STRICT, WITHOUT ROWID
    ;
CREATE TABLE messages (  -- what is sent, the same to all who get it
        id INTEGER PRIMARY KEY, kind TEXT NOT NULL CHECK (kind IN ('alert', 'notice', 'digest')),
        rank INTEGER NOT NULL, html TEXT NOT NULL, photo BLOB, photo_id TEXT,
        buttons TEXT NOT NULL DEFAULT '[]', created INTEGER NOT NULL
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
CREATE TABLE price_alerts (  -- a chat's wish to be told once that a market has reached a price
        id INTEGER PRIMARY KEY, subscriber INTEGER NOT NULL REFERENCES subscribers (id) ON DELETE CASCADE,
        market TEXT NOT NULL, price REAL NOT NULL, above INTEGER NOT NULL CHECK (above IN (0, 1)),
        created INTEGER NOT NULL,
        UNIQUE (subscriber, market, price)
    ) STRICT
    ;
CREATE TABLE reactions (  -- what a reader put under an alert
        alert INTEGER NOT NULL REFERENCES alerts (id), chat_id INTEGER NOT NULL, user_id INTEGER NOT NULL,
        emoji TEXT NOT NULL, at INTEGER NOT NULL, many INTEGER NOT NULL DEFAULT 1,
        PRIMARY KEY (alert, chat_id, user_id)
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
        since INTEGER NOT NULL, changed INTEGER NOT NULL, approved INTEGER NOT NULL DEFAULT 0 CHECK (approved IN (0, 1)), quiet_hold INTEGER NOT NULL DEFAULT 0 CHECK (quiet_hold IN (0, 1)), high_passes INTEGER NOT NULL DEFAULT 0 CHECK (high_passes IN (0, 1)), digest_day INTEGER CHECK (digest_day BETWEEN 0 AND 6), digest_asked INTEGER NOT NULL DEFAULT 0, dark INTEGER NOT NULL DEFAULT 0 CHECK (dark IN (0, 1)), refusals INTEGER NOT NULL DEFAULT 0, refused_since INTEGER, refusal TEXT,
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
CREATE UNIQUE INDEX snapshots_daily ON snapshots (market, name, at / 86400);
CREATE INDEX runs_by_name ON runs (name, id);
CREATE INDEX subscribers_refused ON subscribers (refused_since) WHERE refused_since IS NOT NULL;
CREATE INDEX message_events_by_event ON message_events (event, message);
CREATE INDEX deliveries_open ON deliveries (subscriber, rank DESC, id) WHERE state IN ('queued', 'sending');
CREATE INDEX deliveries_sending ON deliveries (subscriber) WHERE state = 'sending';
CREATE INDEX deliveries_dropped ON deliveries (finished) WHERE state = 'dropped';
CREATE INDEX events_created ON events (created);
CREATE INDEX deliveries_queued ON deliveries (rank DESC, id, due) WHERE state = 'queued';
CREATE INDEX deliveries_due ON deliveries (due) WHERE state = 'queued';
CREATE INDEX deliveries_waiting ON deliveries (created) WHERE state = 'queued';
CREATE INDEX deliveries_failed ON deliveries (due) WHERE state = 'queued' AND attempts > 0;
CREATE INDEX alerts_by_bar ON alerts (bar, id);
CREATE INDEX messages_created ON messages (created);
CREATE INDEX digests_queued ON digests (queued);
CREATE INDEX reactions_counted ON reactions (alert, emoji, many);
COMMIT;
