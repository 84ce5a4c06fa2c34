"""The outbox worker: who gets what, when, and what an error means."""
