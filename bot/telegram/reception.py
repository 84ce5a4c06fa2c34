"""What happens with each kind of update?"""

from __future__ import annotations

import contextlib
import logging
from typing import Any

from telegram import Bot, CallbackQuery, ChatMember, ChatMemberAdministrator, ChatMemberUpdated, Update
from telegram.error import TelegramError
from telegram.ext import Application, BaseHandler, CallbackContext, CallbackQueryHandler, ChatMemberHandler, filters
from telegram.ext import MessageHandler as Listener

from bot.messages import html, membership, texts
from bot.store.subscribers import migrate_chat, subscriber, switch_off
from bot.telegram.admins import Admins
from bot.telegram.answers import Answers
from bot.telegram.command import Answer, Asked
from bot.telegram.desk import Desk
from bot.telegram.dispatch import Dispatcher
from bot.telegram.hearing import Heard, hear_message, hear_press, is_group, place
from bot.telegram.life import Life, life_of
from bot.telegram.menu import Menus
from bot.telegram.subscribing import come_back

LONGEST_ASIDE = 180
"""Characters that Telegram shows above the chat when a button was pressed: 200, without markup."""

Context = CallbackContext[Any, Any, Any, Any]
_LOG = logging.getLogger(__name__)


class Reception:
    """Takes each update from the library, has it answered, and sends the answer."""

    def __init__(
        self, bot: Bot, desk: Desk, *, dispatcher: Dispatcher, answers: Answers, admins: Admins, menus: Menus
    ) -> None:
        self._bot = bot
        self._desk = desk
        self._dispatcher = dispatcher
        self._answers = answers
        self._admins = admins
        self._menus = menus

    def attend(self, application: Application[Any, Any, Any, Any, Any, Any]) -> None:
        """Put the handlers in. What was edited is no new question."""
        handlers: list[BaseHandler[Update, Context, None]] = [
            Listener(filters.UpdateType.MESSAGE & filters.StatusUpdate.MIGRATE, self._on_migration),
            Listener(filters.UpdateType.MESSAGE | filters.UpdateType.CHANNEL_POST, self._on_message),
            ChatMemberHandler(self._on_membership, ChatMemberHandler.MY_CHAT_MEMBER),
            CallbackQueryHandler(self._on_press),
        ]
        application.add_handlers(handlers)
        application.add_error_handler(self._on_error)

    async def _on_message(self, update: Update, _context: Context) -> None:
        heard = _heard(update)
        if heard is None:
            return
        answer = await self._dispatcher.answer(heard, self._bot.username)
        if answer is not None:
            await self._answers.give(heard.chat, answer, _reply_to(heard))
        await self._menus.seen(heard.user_id)

    async def _on_press(self, update: Update, _context: Context) -> None:
        query = update.callback_query
        heard = _heard(update)
        answer = None
        try:
            if heard is not None:
                answer = await self._dispatcher.answer(heard, self._bot.username)
        finally:  # else the button goes on turning in the person's hand
            await _acknowledge(query, answer)
        if heard is None or answer is None or _fits_aside(answer):
            return
        if answer.in_place:
            await self._answers.change(heard.chat, heard.message_id, answer)
        else:
            await self._answers.give(heard.chat, answer)

    async def _on_migration(self, update: Update, _context: Context) -> None:
        message = update.effective_message
        if message is None:
            return
        old = message.migrate_from_chat_id or message.chat.id
        new = message.migrate_to_chat_id or message.chat.id
        await self._desk.store.do(migrate_chat, old, new, self._desk.now())
        self._admins.forget(old)

    async def _on_membership(self, update: Update, _context: Context) -> None:
        change = update.my_chat_member
        if change is None:
            return
        self._admins.forget(change.chat.id)
        match _life(change):
            case Life.BLOCKED | Life.REMOVED | Life.CHANNEL_MUTE as life:
                await self._desk.store.do(switch_off, change.chat.id, life.value, self._desk.now())
            case Life.ADDED:
                await self._greet_group(change)
            case Life.CHANNEL_READY:
                await self._enter_channel(change)
            case Life.UNBLOCKED | Life.NOTHING:
                return

    async def _greet_group(self, change: ChatMemberUpdated) -> None:
        known = await self._desk.store.do(subscriber, change.chat.id, 0)
        welcome = self._desk.access.may_look(change.from_user.id)
        if welcome and (known is None or known.state != "active"):
            await self._answers.give(place(change.chat), Answer(membership.came_into_group()))

    async def _enter_channel(self, change: ChatMemberUpdated) -> None:
        """Whoever made the bot an admin there wants its alerts there."""
        chat, person = place(change.chat), change.from_user
        asked = Asked(chat, person.id, person.full_name, "", _yes, ())
        answer = await come_back(self._desk, asked)
        if not answer.aside:
            await self._answers.give(chat, answer)

    async def _on_error(self, update: object, context: Context) -> None:
        """Remember it, log it, and leave nobody without a word."""
        error = context.error
        self._desk.troubles.note(self._desk.now(), f"a command failed: {type(error).__name__}")
        _LOG.error("telegram: an update could not be handled", exc_info=error)
        heard = _heard(update) if isinstance(update, Update) else None
        if heard is not None:
            await self._answers.give(heard.chat, Answer(texts.failed()), _reply_to(heard))


def _heard(update: Update) -> Heard | None:
    if update.callback_query is not None:
        return hear_press(update.callback_query)
    message = update.message or update.channel_post
    return hear_message(message) if message is not None else None


def _reply_to(heard: Heard) -> int | None:
    """In a group the answer hangs on the question, so that it is clear whose it is."""
    return heard.message_id if is_group(heard.chat) and heard.text.startswith("/") else None


def _life(change: ChatMemberUpdated) -> Life:
    old, new = change.old_chat_member, change.new_chat_member
    return life_of(
        str(change.chat.type), str(old.status), str(new.status), may_post=_may_post(new), might_post=_may_post(old)
    )


def _may_post(member: ChatMember) -> bool:
    return isinstance(member, ChatMemberAdministrator) and member.can_post_messages is not False


def _fits_aside(answer: Answer) -> bool:
    return answer.aside and html.visible_length(answer.html) <= LONGEST_ASIDE


async def _acknowledge(query: CallbackQuery | None, answer: Answer | None) -> None:
    words = html.visible(answer.html) if answer is not None and _fits_aside(answer) else None
    if query is not None:
        with contextlib.suppress(TelegramError):  # the press may be too old to be answered
            await query.answer(words, show_alert=words is not None)


async def _yes() -> bool:
    return True
