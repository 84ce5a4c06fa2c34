"""Capabilities of the Bot API server: which newer features are used, and which of them it turned out not to have."""

from __future__ import annotations

from typing import Final

from telegram import Update

ALLOWED_UPDATES: Final = (Update.MESSAGE, Update.CHANNEL_POST, Update.MY_CHAT_MEMBER, Update.CALLBACK_QUERY)
"""Kinds of updates that are asked for."""
