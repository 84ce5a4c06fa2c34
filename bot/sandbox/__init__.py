"""A strict Bot API server on loopback, for `demo` and for tests; it knows nothing of the bot."""
