"""Subscribers in the database: subscriptions, preferences, mutes, digests, price alerts, reactions."""
