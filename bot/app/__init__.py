"""Wiring of the running bot: one event loop, the scheduler, signals, shutdown."""
