"""Outbox: deliveries that wait, are claimed, and end."""
