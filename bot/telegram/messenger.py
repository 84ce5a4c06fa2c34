"""How is one message of the outbox handed to Telegram, and what came of it?"""

from __future__ import annotations

from typing import Final

from telegram import Bot, InlineKeyboardButton, InlineKeyboardMarkup, LinkPreviewOptions, Message, ReplyParameters
from telegram.constants import ParseMode
from telegram.error import TelegramError

from bot.delivery.outcome import Failure, FailureKind, Messenger, Outgoing, Sent
from bot.messages.html import CAPTION_LIMIT, TEXT_LIMIT, escape, split, visible, visible_length
from bot.telegram.failures import failure_of

NO_PREVIEW: Final = LinkPreviewOptions(is_disabled=True)


class TelegramMessenger(Messenger):
    """Sends through a Bot; a `banner` stands before every text. Tries once: the outbox decides what comes next."""

    def __init__(self, bot: Bot, banner: str = "", *, paid_broadcast: bool = False) -> None:
        self._bot = bot
        self._banner = f"{escape(banner)}\n" if banner else ""
        self._paid = paid_broadcast or None

    async def send(self, message: Outgoing) -> Sent | Failure:
        """Try once."""
        try:
            answer = await self._put(message)
        except TelegramError as error:
            return failure_of(error)
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            # python-telegram-bot trips over a success whose result is no message; the message may be there
            return Failure(FailureKind.AMBIGUOUS, f"an answer that is no message ({type(error).__name__})")
        return Sent(answer.message_id, answer.photo[-1].file_id if answer.photo else None)

    async def _put(self, message: Outgoing) -> Message:
        text, mode = self.text_of(message)
        reply = None
        if message.reply_to is not None:
            reply = ReplyParameters(message.reply_to, allow_sending_without_reply=True)
        if message.photo is None:
            return await self._bot.send_message(
                message.chat_id,
                text,
                parse_mode=mode,
                disable_notification=message.silent,
                message_thread_id=message.thread_id or None,
                reply_parameters=reply,
                reply_markup=_keyboard(message),
                link_preview_options=NO_PREVIEW,
                allow_paid_broadcast=self._paid,
            )
        return await self._bot.send_photo(
            message.chat_id,
            message.photo,
            caption=text or None,
            parse_mode=mode,
            disable_notification=message.silent,
            message_thread_id=message.thread_id or None,
            reply_parameters=reply,
            reply_markup=_keyboard(message),
            allow_paid_broadcast=self._paid,
            filename="chart.png",
        )

    def text_of(self, message: Outgoing) -> tuple[str, ParseMode | None]:
        """The text within Telegram's limit, banner included, and how it is to be read."""
        html = self._banner + message.html
        limit = TEXT_LIMIT if message.photo is None else CAPTION_LIMIT
        if message.plain:
            return _cut(visible(html), limit), None
        if len(html) > limit and visible_length(html) > limit:
            html = split(html, limit - 1)[0] + "…"
        return html, ParseMode.HTML


def _cut(text: str, limit: int) -> str:
    sound = text.encode("utf-16-le", "replace")
    if len(sound) <= limit * 2:
        return text
    return sound[: (limit - 1) * 2].decode("utf-16-le", "ignore") + "…"


def _keyboard(message: Outgoing) -> InlineKeyboardMarkup | None:
    if not message.buttons:
        return None
    rows = [[InlineKeyboardButton(text, callback_data=data) for text, data in row] for row in message.buttons]
    return InlineKeyboardMarkup(rows)
