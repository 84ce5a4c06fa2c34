"""Acts of simulated people: write, press a button, block the bot, make it an admin."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any, Final

from bot.sandbox.markup.entities import Entity, utf16_length
from bot.sandbox.methods.queries import member_body
from bot.sandbox.render import ANONYMOUS, message_body
from bot.sandbox.updates import Updates
from bot.sandbox.world import ADMINS, IN_CHAT, Press, SentMessage, SimulatedChat, SimulatedPerson, World

SOMEBODY: Final = 7_000_000_001  # larger than 2^32, as real ids are

_command = re.compile(r"(?<![\w/])/[A-Za-z0-9_]{1,64}(?:@\w{3,32})?")


class SimulatedUsers:
    """The people of the sandbox. Every act becomes an update, as on Telegram.

    People and their private chats come into being when they are first named; groups and channels are
    made by `add_chat`.
    """

    def __init__(self, world: World, updates: Updates) -> None:
        self.world = world
        self.updates = updates
        self.queries: dict[str, str | None] = {}  # callback query id → what the bot answered
        self.inline_queries: dict[str, list[dict[str, Any]] | None] = {}  # inline query id → the results

    def add_person(
        self, user_id: int, first_name: str, *, username: str = "", language_code: str = "en"
    ) -> SimulatedPerson:
        """A person with a name; their private chat is open."""
        person = self.world.person(user_id)
        person.first_name, person.username, person.language_code = first_name, username, language_code
        chat = self.world.chats[user_id]
        chat.title, chat.username = first_name, username
        return person

    def add_chat(
        self,
        chat_id: int,
        kind: str,
        title: str,
        *,
        username: str = "",
        members: Mapping[int, str] | None = None,
        topics: Iterable[int] = (),
        bot_status: str = "member",
    ) -> SimulatedChat:
        """A group, supergroup (a forum if it has topics) or channel. `members` are user id → status."""
        chat = SimulatedChat(chat_id, kind, title, username, bot_status=bot_status, members=dict(members or {}))
        chat.topics = set(topics)
        chat.forum = bool(chat.topics)
        chat.last_id = max(chat.topics, default=0)
        self.world.chats[chat_id] = chat
        for user_id in chat.members:
            self.world.person(user_id)
        return chat

    def say(
        self,
        text: str,
        *,
        user: int = SOMEBODY,
        chat: int | None = None,
        thread: int | None = None,
        reply_to: int | None = None,
        anonymous: bool = False,
        via_bot: str = "",
        alone: bool = False,
    ) -> int:
        """A person writes, or picks what another bot, `via_bot`, worded for them; returns the message's id.

        Writing to a bot that one has blocked unblocks it. `alone`: an ephemeral command, which only the bot receives.
        """
        message = self._compose(text, user, chat, thread, reply_to, anonymous=anonymous)
        message.via_bot = via_bot
        message.only_for = self.world.bot["id"] if alone else None
        return self._write(message)

    def upload(
        self, content: bytes, name: str, *, user: int = SOMEBODY, chat: int | None = None, caption: str = ""
    ) -> int:
        """A person sends a document; returns the message's id."""
        message = self._compose(caption, user, chat, None, None)
        stored = self.world.keep(content, name, "BQACAgQAAxkB")
        message.document, message.file_id, message.file_name = content, stored.file_id, name
        return self._write(message)

    def edit(self, message_id: int, text: str, *, chat: int = SOMEBODY) -> None:
        """A person changes what they wrote."""
        place = self.world.find(chat)
        message = place.messages[message_id]
        message.text, message.entities, message.edited = text, commands_in(text), self.world.now()
        kind = "edited_channel_post" if place.kind == "channel" else "edited_message"
        self.updates.add(kind, message_body(self.world, place, message))

    def press(
        self, button: str, *, user: int = SOMEBODY, chat: int | None = None, message_id: int | None = None
    ) -> str:
        """A person presses the newest button with that data or text; returns the callback query's id."""
        self.world.person(user)
        place = self.world.find(user if chat is None else chat)
        message, data = _find_button(place, button, message_id)
        query = str(4_000_000_000_000 + len(self.queries))
        self.queries[query] = None
        self.world.presses[query] = Press(user, place.id, self.world.now(), alone=message.only_for is not None)
        body = {
            "id": query,
            "from": self.world.person(user).body(),
            "message": message_body(self.world, place, message),
            "chat_instance": str(place.id),
            "data": data,
        }
        self.updates.add("callback_query", body)
        return query

    def ask_inline(self, text: str, *, user: int = SOMEBODY) -> str:
        """A person types the bot's name and some words in any chat; returns the inline query's id."""
        query = str(5_000_000_000_000 + len(self.inline_queries))
        self.inline_queries[query] = None
        body = {"id": query, "from": self.world.person(user).body(), "query": text, "offset": ""}
        self.updates.add("inline_query", body)
        return query

    def react(self, emoji: str, message_id: int, *, user: int = SOMEBODY, chat: int | None = None) -> None:
        """A person puts an emoji under a message, in place of the one before; "" takes it back.

        The bot hears of it where it is an admin: who did, and in a channel, whose readers have no names, how many.
        """
        place = self.world.find(user if chat is None else chat)
        message = place.messages[message_id]
        old = message.reactions.get(user, "")
        message.reactions[user] = emoji
        if place.bot_status not in ADMINS:
            return
        body = {"chat": place.body(), "message_id": message_id, "date": self.world.now()}
        if place.kind == "channel":
            counts = Counter(filter(None, message.reactions.values()))
            found = [{"type": _reaction(each)[0], "total_count": many} for each, many in counts.items()]
            self.updates.add("message_reaction_count", {**body, "reactions": found})
            return
        body |= {"user": self.world.person(user).body()}
        body |= {"old_reaction": _reaction(old), "new_reaction": _reaction(emoji)}
        self.updates.add("message_reaction", body)

    def member(self, bot_status: str, *, chat: int | None = None, user: int = SOMEBODY) -> None:
        """A person changes what the bot is in a chat: member, administrator, left, kicked (in private: blocked)."""
        person = self.world.person(user)
        place = self.world.find(user if chat is None else chat)
        old, place.bot_status = place.bot_status, bot_status
        body = {
            "chat": place.body(),
            "from": person.body(),
            "date": self.world.now(),
            "old_chat_member": member_body(self.world.bot, old),
            "new_chat_member": member_body(self.world.bot, bot_status),
        }
        self.updates.add("my_chat_member", body)

    def set_member(self, status: str, *, chat: int, user: int) -> None:
        """What a person is in a chat; the bot hears of it only if it asked for chat_member updates."""
        person, place = self.world.person(user), self.world.find(chat)
        old = place.members.get(user, "left")
        place.members[user] = status
        body = {
            "chat": place.body(),
            "from": person.body(),
            "date": self.world.now(),
            "old_chat_member": member_body(person.body(), old),
            "new_chat_member": member_body(person.body(), status),
        }
        self.updates.add("chat_member", body)

    def set_rights(self, *, chat: int, write: bool = True, photos: bool = True) -> None:
        """What members, so also the bot, may send."""
        place = self.world.find(chat)
        place.may_write, place.may_send_photos = write, photos

    def deactivate(self, user: int) -> None:
        """The person deletes their account."""
        self.world.person(user).deactivated = True

    def migrate(self, chat: int, new_chat: int) -> SimulatedChat:
        """A group becomes a supergroup: two service messages, and the old id is refused from now on."""
        old = self.world.find(chat)
        new = self.add_chat(new_chat, "supergroup", old.title, members=old.members, bot_status=old.bot_status)
        old.migrated_to = new_chat
        self._service(old, {"migrate_to_chat_id": new_chat})
        self._service(new, {"migrate_from_chat_id": chat})
        return new

    def _service(self, chat: SimulatedChat, content: dict[str, Any]) -> None:
        chat.last_id += 1
        head = {"message_id": chat.last_id, "from": ANONYMOUS, "sender_chat": chat.body()}
        self.updates.add("message", {**head, "chat": chat.body(), "date": self.world.now(), **content})

    def _compose(
        self,
        text: str,
        user: int,
        chat: int | None,
        thread: int | None,
        reply_to: int | None,
        *,
        anonymous: bool = False,
    ) -> SentMessage:
        self.world.person(user)
        place = self.world.find(user if chat is None else chat)
        if place.kind == "private" and place.bot_status not in IN_CHAT:
            self.member("member", user=user)
        if place.kind in {"group", "supergroup"}:
            place.members.setdefault(user, "member")
        sender = 0 if place.kind == "channel" else int(str(ANONYMOUS["id"])) if anonymous else user
        return SentMessage(
            place.id,
            0,
            self.world.now(),
            sender,
            by_bot=False,
            text=text,
            entities=commands_in(text),
            reply_to=reply_to,
            thread_id=thread,
        )

    def _write(self, message: SentMessage) -> int:
        chat = self.world.find(message.chat_id)
        self.world.add(chat, message)
        if self._hears(chat, message):
            kind = "channel_post" if chat.kind == "channel" else "message"
            self.updates.add(kind, message_body(self.world, chat, message))
        return message.message_id

    def _hears(self, chat: SimulatedChat, message: SentMessage) -> bool:
        """Privacy mode: in groups the bot hears commands for it and answers to it, unless it is an admin."""
        if chat.bot_status not in IN_CHAT:
            return False
        if chat.kind in {"private", "channel"} or chat.bot_status in ADMINS:
            return True
        answered = chat.messages.get(message.reply_to or 0)
        if answered is not None and answered.by_bot:
            return True
        command, _, name = message.text.partition(" ")[0].partition("@")
        return command.startswith("/") and name.lower() in {"", self.world.bot["username"].lower()}


def _reaction(emoji: str) -> list[dict[str, str]]:
    return [{"type": "emoji", "emoji": emoji}] if emoji else []


def commands_in(text: str) -> tuple[Entity, ...]:
    """The bot_command entities that Telegram finds by itself."""
    return tuple(
        {"type": "bot_command", "offset": utf16_length(text[: match.start()]), "length": len(match.group())}
        for match in _command.finditer(text)
    )


def _find_button(chat: SimulatedChat, wanted: str, message_id: int | None) -> tuple[SentMessage, str]:
    for message in reversed(chat.messages.values()):
        if message_id is not None and message.message_id != message_id:
            continue
        for button in (button for row in message.buttons for button in row):
            if wanted in {button.data, button.text} and button.data:
                return message, button.data
    raise LookupError(f"chat {chat.id}: no button {wanted!r} to press")
