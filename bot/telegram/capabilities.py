"""Capabilities of the Bot API server and its clients: newer features, each with what is done where it is missing.

| feature | since | where it is missing |
|---|---|---|
| inline mode | 2.0, switched on with @BotFather | no button to share an alert's card |
| descriptions of the bot: at most 512 and 120 characters | 6.6 | the bot has none |
| reactions on alerts | 7.0 | the scorecard counts none |
| copy-text buttons: 1 to 256 characters | 7.11 | the button is left out; a tap on the figure in the text copies it |
| ephemeral messages and commands | 10.2, as parameters of their own 10.3 | everybody in the group reads the reply |

The documentation (core.telegram.org/bots/api, "Ephemeral Messages and Commands") says who may send one and when.
Commands that are declared `is_ephemeral` are sent so that the bot alone sees them; it may answer them, and presses of
buttons, for 15 seconds, to that member alone. A bot that is an admin of the group may do so at any time. Nothing
promises that the message arrives, and it may vanish: only answers to what a person has just typed or pressed go that
way, never alerts. It has no message id, is changed by methods of its own, and what answers it must be seen by that
member alone, too. A client or server that does not know all this sends ordinary commands, and the bot, where it is
no admin, answers them before everybody: so nothing secret is ever left to one of these.

Reactions come only from chats in which the bot is an admin, and only if it asks for these updates: from channels, where
nobody is named, as counts.
"""

from __future__ import annotations

from collections.abc import Collection
from enum import StrEnum
from typing import Final

ALLOWED_UPDATES: Final = (
    "message",
    "channel_post",
    "my_chat_member",
    "callback_query",
    "inline_query",
    "message_reaction",
    "message_reaction_count",
)
"""Kinds of updates that are asked for."""

EPHEMERAL_SECONDS: Final = 14.0
"""So long after a press or an ephemeral command its sender may be answered alone: Telegram's 15, less the way there."""

MAX_COPY_TEXT_CHARACTERS: Final = 256
MAX_CHATS_THAT_REFUSE: Final = 3
"""Chats that refuse a feature from which on no chat is tried with it."""


class Feature(StrEnum):
    """A feature that is tried, and given up where Telegram refuses it."""

    EPHEMERAL = "ephemeral messages"
    COPY_TEXT = "copy-text buttons"
    SHARE = "buttons that begin an inline query"


_BUTTONS: Final = ("button", "keyboard", "reply markup", "reply_markup")
_NAMED_BY: Final = {
    Feature.EPHEMERAL: ("ephemeral", "receiver", "bot_not_admin", "too old", "query id is invalid", "replied"),
    Feature.COPY_TEXT: ("copy", *_BUTTONS),
    Feature.SHARE: ("inline", "switch", *_BUTTONS),
}
"""Words of a refusal that is about a feature."""

_ABOUT_THE_REST: Final = (
    "photo", "image", "media", "file", "document", "caption", "too large", "too big", "too long", "text is empty",
    "non-empty", "replied", "http url", "web page",
)  # fmt: skip
"""Words of a refusal that is about the picture, the file or the text, and of no feature."""


def suspect(refusal: str, used: Collection[Feature]) -> Feature | None:
    """The feature to leave out first after a bad request in these words; None where none is to blame.

    Words that name nothing may be about any of them: without it the message goes, or the blame is not its own.
    """
    words = refusal.lower()
    named = [each for each in Feature if each in used and any(word in words for word in _NAMED_BY[each])]
    if named or any(word in words for word in _ABOUT_THE_REST):
        return named[0] if named else None
    return next((each for each in Feature if each in used), None)


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
