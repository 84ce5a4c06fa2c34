"""Capabilities of the Bot API server and its clients: newer features, each with what is done where it is missing.

| feature | since | where it is missing |
|---|---|---|
| descriptions of the bot | 6.6 | the bot has none |
| reactions on alerts | 7.0 | the scorecard counts none |
| copy-text buttons | 7.11 | the button is left out; a tap on the figure in the text copies it |
| ephemeral messages | 10.2, parameters as of 10.3 | everybody in the group reads the reply |
| inline mode | 2.0, switched on with @BotFather | no button to share an alert's card |

Telegram's own changelog names each of them (core.telegram.org/bots/api-changelog; EphemeralMessageParameters: 24 August
2026). An ephemeral message may be lost on its way to somebody who is offline: only answers to what a person has just
typed go that way, never alerts. A server that does not know a parameter passes over it: so nothing secret is ever left
to one of these.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final

ALLOWED_UPDATES: Final = (
    "message",
    "channel_post",
    "my_chat_member",
    "callback_query",
    "inline_query",
    "message_reaction",
)
"""Kinds of updates that are asked for."""

MAX_COPY_TEXT_CHARACTERS: Final = 256
MAX_CHATS_THAT_REFUSE: Final = 3
"""Chats that refuse a feature from which on no chat is tried with it."""


class Feature(StrEnum):
    """A feature that is tried, and given up where Telegram refuses it."""

    EPHEMERAL = "ephemeral messages"
    COPY_TEXT = "copy-text buttons"
    SHARE = "buttons that begin an inline query"


class Capabilities:
    """Which features Telegram takes, as far as it has turned out."""

    def __init__(self) -> None:
        self._refused: dict[Feature, set[int]] = {feature: set() for feature in Feature}

    def has(self, feature: Feature, chat_id: int) -> bool:
        """Whether to try it in this chat."""
        refused = self._refused[feature]
        return chat_id not in refused and len(refused) < MAX_CHATS_THAT_REFUSE

    def refuse(self, feature: Feature, chat_id: int) -> None:
        """What was refused with this feature was taken without it."""
        self._refused[feature].add(chat_id)
