"""The only place where everything is wired: one event loop, APScheduler, signals, shutdown."""
