"""The one SQLite file: bars, alerts, subscribers, the outbox."""
