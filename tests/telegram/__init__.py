"""Tests of the Telegram side: the real python-telegram-bot against the sandbox."""
