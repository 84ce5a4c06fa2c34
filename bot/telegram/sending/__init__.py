"""Sending: the HTTP client, the transport of the outbox, replies to commands."""
