"""Use cases of subscriptions, free of Telegram: what commands, and any other front, call."""
