"""Telegram HTML, numbers, dates and tables."""
