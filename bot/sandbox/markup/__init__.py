"""Telegram's HTML, read as strictly as the server reads it."""
