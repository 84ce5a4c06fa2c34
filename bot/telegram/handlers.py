"""Handlers: what happens with each kind of update."""

from __future__ import annotations

import contextlib
import logging
from dataclasses import replace
from typing import Any

from telegram import Bot, CallbackQuery, ChatMember, ChatMemberAdministrator, ChatMemberUpdated, Update
from telegram.error import TelegramError
from telegram.ext import (
    Application,
    BaseHandler,
    CallbackContext,
    CallbackQueryHandler,
    ChatMemberHandler,
    InlineQueryHandler,
    MessageReactionHandler,
    filters,
)
from telegram.ext import MessageHandler as Listener

from bot.store.notices import requeue_notices
from bot.store.subscribers.subscribers import mark_unreachable, migrate_chat, subscriber
from bot.subscriber import Chat
from bot.telegram.chat_admins import Admins
from bot.telegram.command import CommandRequest, Reply
from bot.telegram.commands.subscribe import come_back
from bot.telegram.incoming import IncomingMessage, chat_of, entitled, from_callback, from_message, is_group
from bot.telegram.membership import MembershipChange, membership_change
from bot.telegram.menu import CommandMenus
from bot.telegram.routing import Router
from bot.telegram.sending.replies import ReplySender
from bot.telegram.services import Services
from bot.telegram.sharing import CACHE_SECONDS, cards_for, note_reaction, note_reaction_counts
from bot.views.chats import access, onboarding
from bot.views.formatting import html

MAX_ASIDE_CHARACTERS = 180
"""Characters that Telegram shows above the chat when a button was pressed: 200, without markup."""

Context = CallbackContext[Any, Any, Any, Any]
_LOG = logging.getLogger(__name__)


class Handlers:
    """Takes each update from the library, has it answered, and sends the reply."""

    def __init__(
        self,
        bot: Bot,
        services: Services,
        *,
        router: Router,
        replies: ReplySender,
        admins: Admins,
        menus: CommandMenus,
    ) -> None:
        self._bot = bot
        self._services = services
        self._router = router
        self._replies = replies
        self._admins = admins
        self._menus = menus
        self._met: set[int] = set()  # operators who have written since the start

    def register(self, application: Application[Any, Any, Any, Any, Any, Any]) -> None:
        """Put the handlers in. What was edited is no new question."""
        handlers: list[BaseHandler[Update, Context, None]] = [
            Listener(filters.UpdateType.MESSAGE & filters.StatusUpdate.MIGRATE, self._on_migration),
            Listener(filters.UpdateType.MESSAGE | filters.UpdateType.CHANNEL_POST, self._on_message),
            ChatMemberHandler(self._on_membership, ChatMemberHandler.MY_CHAT_MEMBER),
            CallbackQueryHandler(self._on_press),
            InlineQueryHandler(self._on_inline_query),
            MessageReactionHandler(self._on_reaction),
        ]
        application.add_handlers(handlers)
        application.add_error_handler(self._on_error)

    async def _on_message(self, update: Update, _context: Context) -> None:
        incoming = _incoming(update)
        if incoming is None:
            return
        reply = await self._router.reply(incoming, self._bot.bot)
        if reply is not None and reply.privately:
            await self._send_privately(incoming, reply)
        elif reply is not None:
            await self._replies.send(incoming.chat, reply, _reply_to(incoming))
        await self._menus.seen(incoming.user_id)
        await self._resume_notices(incoming)

    async def _resume_notices(self, incoming: IncomingMessage) -> None:
        """An operator may only now have started the bot: what they were to be told before goes out."""
        operator = incoming.user_id
        if operator not in self._services.access.operators - self._met or incoming.chat.chat_id != operator:
            return
        self._met.add(operator)
        if await self._services.store.run(requeue_notices, operator, self._services.now()):
            self._services.wake()

    async def _on_press(self, update: Update, _context: Context) -> None:
        query = update.callback_query
        incoming = _incoming(update)
        if incoming is None:
            await _acknowledge(query, None)
            return
        try:
            reply = await self._router.reply(incoming, self._bot.bot)
        except BaseException:  # else the button goes on turning in the person's hand
            await _acknowledge(query, None)
            raise
        if reply is None:  # who presses too fast is not even told that; each word would cost a request
            return
        await _acknowledge(query, reply)
        if _fits_aside(reply):
            return
        if reply.privately:
            await self._send_privately(incoming, reply)
        elif reply.in_place:
            await self._replies.edit(incoming.chat, incoming.message_id, reply)
        else:
            await self._replies.send(incoming.chat, reply)

    async def _send_privately(self, incoming: IncomingMessage, reply: Reply) -> None:
        """To the asker's own chat, with a word where it was asked."""
        assert incoming.user_id is not None, "an operator is a person"
        own = Chat(incoming.user_id, 0, "private", incoming.name)
        sent = await self._replies.send(own, reply)
        word = access.answered_privately() if sent else access.write_to_me_first()
        await self._replies.send(incoming.chat, self._to(incoming, Reply(word)), _reply_to(incoming))

    async def _on_inline_query(self, update: Update, _context: Context) -> None:
        query = update.inline_query
        if query is None:
            return
        cards = await cards_for(self._services, query.query, query.from_user.id)
        with contextlib.suppress(TelegramError):  # it may be too old, or the person has typed on
            await query.answer(cards, cache_time=CACHE_SECONDS, is_personal=True)

    async def _on_reaction(self, update: Update, _context: Context) -> None:
        if update.message_reaction is not None:
            await note_reaction(self._services, update.message_reaction)
        if update.message_reaction_count is not None:
            await note_reaction_counts(self._services, update.message_reaction_count)

    async def _on_migration(self, update: Update, _context: Context) -> None:
        message = update.effective_message
        if message is None:
            return
        old = message.migrate_from_chat_id or message.chat.id
        new = message.migrate_to_chat_id or message.chat.id
        await self._services.store.run(migrate_chat, old, new, self._services.now())
        self._admins.forget(old)

    async def _on_membership(self, update: Update, _context: Context) -> None:
        change = update.my_chat_member
        if change is None:
            return
        self._admins.forget(change.chat.id)
        match _membership_change(change):
            case MembershipChange.BLOCKED | MembershipChange.REMOVED | MembershipChange.CHANNEL_MUTE as left:
                await self._services.store.run(mark_unreachable, change.chat.id, left.value, self._services.now())
            case MembershipChange.ADDED:
                await self._greet_group(change)
            case MembershipChange.CHANNEL_READY:
                await self._enter_channel(change)
            case MembershipChange.UNBLOCKED | MembershipChange.NOTHING:
                return

    async def _greet_group(self, change: ChatMemberUpdated) -> None:
        known = await self._services.store.run(subscriber, change.chat.id, 0)
        welcome = self._services.access.may_look(change.from_user.id)
        if welcome and (known is None or known.state != "active"):
            await self._replies.send(chat_of(change.chat), Reply(access.came_into_group()))

    async def _enter_channel(self, change: ChatMemberUpdated) -> None:
        """Whoever made the bot an admin there wants its alerts there."""
        chat, person = chat_of(change.chat), change.from_user
        asked = CommandRequest(chat, person.id, person.full_name, "", _yes, ())
        reply = await come_back(self._services, asked)
        if not reply.aside:
            await self._replies.send(chat, reply)

    async def _on_error(self, update: object, context: Context) -> None:
        """Remember it, log it, and leave nobody without a word."""
        error = context.error
        self._services.troubles.note(self._services.now(), f"a command failed: {type(error).__name__}")
        _LOG.error("telegram: an update could not be handled", exc_info=error)
        incoming = _incoming(update) if isinstance(update, Update) else None
        if incoming is not None:
            reply = self._to(incoming, Reply(onboarding.command_failed()))
            await self._replies.send(incoming.chat, reply, _reply_to(incoming))

    def _to(self, incoming: IncomingMessage, reply: Reply) -> Reply:
        """Whoever asked so that nobody else sees it is answered so."""
        alone = entitled(incoming, self._services.now(), self._services.clock())
        return replace(reply, only_for=alone) if incoming.only_bot is not None else reply


def _incoming(update: Update) -> IncomingMessage | None:
    if update.callback_query is not None:
        return from_callback(update.callback_query)
    message = update.message or update.channel_post
    return from_message(message) if message is not None else None


def _reply_to(incoming: IncomingMessage) -> int | None:
    """In a group the reply hangs on the question, so that it is clear whose it is."""
    hangs = is_group(incoming.chat) and incoming.text.startswith("/") and incoming.only_bot is None
    return incoming.message_id if hangs else None


def _membership_change(change: ChatMemberUpdated) -> MembershipChange:
    old, new = change.old_chat_member, change.new_chat_member
    return membership_change(
        str(change.chat.type), str(old.status), str(new.status), may_post=_may_post(new), might_post=_may_post(old)
    )


def _may_post(member: ChatMember) -> bool:
    return isinstance(member, ChatMemberAdministrator) and member.can_post_messages is not False


def _fits_aside(reply: Reply) -> bool:
    alone = reply.privately and not reply.buttons and not reply.others
    return (reply.aside or alone) and html.visible_length(reply.html) <= MAX_ASIDE_CHARACTERS


async def _acknowledge(query: CallbackQuery | None, reply: Reply | None) -> None:
    words = html.visible(reply.html) if reply is not None and _fits_aside(reply) else None
    if query is not None:
        with contextlib.suppress(TelegramError):  # the press may be too old to be answered
            await query.answer(words, show_alert=words is not None)


async def _yes() -> bool:
    return True
