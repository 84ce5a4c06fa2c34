"""Messages and button presses that reach the bot, without the library's types."""

from __future__ import annotations

from dataclasses import dataclass

from telegram import CallbackQuery, Message
from telegram import Chat as TelegramChat
from telegram.constants import ChatType

from bot.delivery.transport import OnlyFor
from bot.subscriber import Chat
from bot.telegram.capabilities import EPHEMERAL_SECONDS


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file that came with a message: Telegram's id, the name that its sender gave it, and its size if known."""

    file_id: str
    name: str
    size: int | None


@dataclass(frozen=True, slots=True)
class IncomingMessage:
    """Words that reached the bot in a chat.

    `user_id` is None where nobody in person stands behind them; `speaks_for_chat` is True for a channel's
    own post and for an admin who writes as the group. `pressed`: it is the data of a button of that message. The text
    of a message with an `attachment` is its caption. `only_bot` is the id of what only the bot and the person see: the
    message, or that of the button; its `message_id` means nothing. `query` is the id of a press, `at` when a message
    was sent, in seconds since 1970.
    """

    chat: Chat
    message_id: int
    user_id: int | None
    name: str
    speaks_for_chat: bool
    text: str
    pressed: bool = False
    attachment: Attachment | None = None
    only_bot: int | None = None
    query: str = ""
    at: int = 0


def from_message(message: Message) -> IncomingMessage | None:
    """None for what is no question to this bot: forwards, what other bots and other channels say, no text.

    What was sent through an inline bot was worded by that bot, not by its sender. A file may be forwarded, as from
    somebody's saved messages.
    """
    if message.via_bot is not None:
        return None
    attachment = _attachment(message)
    forwarded = message.is_automatic_forward or (message.forward_origin is not None and attachment is None)
    if (message.text is None and attachment is None) or forwarded:
        return None
    sender, chat = message.sender_chat, message.chat
    speaks_for_chat = sender is not None and sender.id == chat.id
    person = None if sender is not None else message.from_user
    if not speaks_for_chat and (person is None or person.is_bot):
        return None
    name = person.full_name if person else (chat.effective_name or "")
    user_id = person.id if person else None
    text = message.text or message.caption or ""
    where = chat_of(chat, _thread(message))
    return IncomingMessage(
        where,
        message.message_id,
        user_id,
        name,
        speaks_for_chat,
        text,
        attachment=attachment,
        only_bot=_ephemeral_id(message),
        at=int(message.date.timestamp()),
    )


def from_callback(query: CallbackQuery) -> IncomingMessage | None:
    """A button that was pressed, as if its data had been typed; None where its message is out of reach."""
    message = query.message
    if message is None or not query.data:
        return None
    thread = _thread(message) if isinstance(message, Message) else 0
    person = query.from_user
    where = chat_of(message.chat, thread)
    seen_alone = _ephemeral_id(message) if isinstance(message, Message) else None
    words = (person.id, person.full_name, False, query.data)
    return IncomingMessage(where, message.message_id, *words, pressed=True, only_bot=seen_alone, query=query.id)


def chat_of(chat: TelegramChat, thread_id: int = 0) -> Chat:
    """The chat as the store knows it."""
    return Chat(chat.id, thread_id, str(chat.type), chat.effective_name or "")


def entitled(incoming: IncomingMessage, now: float, clock: float) -> OnlyFor | None:
    """What lets any bot answer the asker alone, for a while: a press, or a message that only the bot sees.

    `now` is in seconds since 1970, `clock` a steady clock.
    """
    if incoming.user_id is None or not is_group(incoming.chat):
        return None
    if incoming.query:
        return OnlyFor(
            incoming.user_id, query=incoming.query, until=clock + EPHEMERAL_SECONDS, instead_of=incoming.only_bot
        )
    if incoming.only_bot is None:
        return None
    left = EPHEMERAL_SECONDS - max(now - incoming.at, 0.0)
    return OnlyFor(incoming.user_id, answers=incoming.only_bot, until=clock + left)


def is_group(chat: Chat) -> bool:
    """Whether it has members of whom some are admins."""
    return chat.kind in {ChatType.GROUP, ChatType.SUPERGROUP}


def _attachment(message: Message) -> Attachment | None:
    document = message.document
    if document is None:
        return None
    return Attachment(document.file_id, document.file_name or "", document.file_size)


def _ephemeral_id(message: Message) -> int | None:
    """The library knows no ephemeral messages: what it does not know it keeps beside."""
    found = message.api_kwargs.get("ephemeral_message_id")
    return found if isinstance(found, int) else None


def _thread(message: Message) -> int:
    # Outside forums the thread id only says which message an answer belongs to.
    return (message.message_thread_id or 0) if message.is_topic_message else 0
