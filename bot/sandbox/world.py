"""State of the sandbox: people, chats, messages and files."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final

from bot.sandbox.errors import ApiError, bad, forbidden
from bot.sandbox.markup.entities import Entity
from bot.sandbox.methods.keyboard import Rows

BOT_NAME: Final = "Bellwether (sandbox)"
BOT_USERNAME: Final = "bellwether_sandbox_bot"
ADMINS: Final = ("creator", "administrator")
IN_CHAT: Final = ("creator", "administrator", "member", "restricted")


@dataclass(slots=True)
class SimulatedPerson:
    """A user of Telegram, as the bot sees them."""

    id: int
    first_name: str
    username: str = ""
    language_code: str = "en"
    deactivated: bool = False

    def body(self) -> dict[str, Any]:
        """The User object."""
        user: dict[str, Any] = {"id": self.id, "is_bot": False, "first_name": self.first_name}
        if self.username:
            user["username"] = self.username
        return {**user, "language_code": self.language_code}


@dataclass(slots=True)
class SentMessage:
    """A message in a chat: `text` as it is shown (a caption with a photo or a document), `html` as the bot sent it.

    Photo and document are the bytes. `sender` is a user's id, 0 for a channel's own post. `only_for` is the only
    person who sees it.
    """

    chat_id: int
    message_id: int
    date: int
    sender: int
    by_bot: bool
    text: str
    html: str = ""
    entities: tuple[Entity, ...] = ()
    photo: bytes | None = None
    document: bytes | None = None
    file_id: str = ""
    file_name: str = ""
    reply_to: int | None = None
    thread_id: int | None = None
    silent: bool = False
    buttons: Rows = ()
    markup: dict[str, Any] | None = None
    edited: int | None = None
    via_bot: str = ""
    only_for: int | None = None
    reactions: dict[int, str] = field(default_factory=dict)

    @property
    def is_media(self) -> bool:
        """Whether `text` is a caption."""
        return bool(self.file_id)


@dataclass(frozen=True, slots=True)
class Press:
    """A press of a button: whose, where and when; `alone`: of a message that nobody else sees."""

    user: int
    chat: int
    at: int
    alone: bool


@dataclass(slots=True)
class SimulatedChat:
    """A private chat, group, supergroup or channel, and what the bot may do there.

    `bot_status` is the bot's own status there: member, administrator, left, kicked; in a private chat: member,
    kicked (blocked) or left (never started).
    """

    id: int
    kind: str
    title: str
    username: str = ""
    bot_status: str = "member"
    forum: bool = False
    topics: set[int] = field(default_factory=set)
    members: dict[int, str] = field(default_factory=dict)
    may_write: bool = True
    may_send_photos: bool = True
    migrated_to: int | None = None
    last_id: int = 0
    messages: dict[int, SentMessage] = field(default_factory=dict)

    def body(self) -> dict[str, Any]:
        """The Chat object."""
        name = "first_name" if self.kind == "private" else "title"
        chat: dict[str, Any] = {"id": self.id, name: self.title, "type": self.kind}
        if self.username:
            chat["username"] = self.username
        if self.forum:
            chat["is_forum"] = True
        return chat


@dataclass(frozen=True, slots=True)
class StoredFile:
    """Bytes that were uploaded, under the id that Telegram gave them."""

    file_id: str
    unique_id: str
    content: bytes
    name: str
    width: int = 0
    height: int = 0


class World:
    """State only: what a method may change and what a driver of the sandbox looks at."""

    def __init__(self, bot_id: int, clock: Callable[[], float]) -> None:
        self.bot: dict[str, Any] = {
            "id": bot_id,
            "is_bot": True,
            "first_name": BOT_NAME,
            "username": BOT_USERNAME,
        }
        self.clock = clock
        self.knows_ephemeral = True
        self.presses: dict[str, Press] = {}
        self.people: dict[int, SimulatedPerson] = {}
        self.chats: dict[int, SimulatedChat] = {}
        self.files: dict[str, StoredFile] = {}

    def now(self) -> int:
        """Epoch seconds."""
        return int(self.clock())

    def person(self, user_id: int) -> SimulatedPerson:
        """Made on first sight, with a private chat in which the bot is allowed to write."""
        if user_id not in self.people:
            person = SimulatedPerson(user_id, f"User {user_id}", f"user_{user_id}")
            self.people[user_id] = person
            self.chats[user_id] = SimulatedChat(user_id, "private", person.first_name, person.username)
        return self.people[user_id]

    def find(self, chat_id: object) -> SimulatedChat:
        """By id or @username; refused if there is none."""
        if isinstance(chat_id, str):
            chat_id = self._resolve(chat_id)
        chat = self.chats.get(chat_id) if isinstance(chat_id, int) else None
        if chat is None:
            raise bad("chat not found")
        return chat

    def _resolve(self, name: str) -> int | None:
        name = name.strip()
        if name.startswith("@"):
            wanted = name[1:].lower()
            found = (c.id for c in self.chats.values() if c.kind != "private" and c.username.lower() == wanted)
            return next(found, None)
        return int(name) if name.removeprefix("-").isdecimal() else None

    def accessible(self, chat_id: object) -> SimulatedChat:
        """A chat that the bot is in; refused in the official server's words otherwise."""
        chat = self.find(chat_id)
        if chat.bot_status not in IN_CHAT or chat.migrated_to is not None:
            raise self._no_access(chat)
        if chat.kind == "private" and self.people[chat.id].deactivated:
            raise forbidden("user is deactivated")
        return chat

    def _no_access(self, chat: SimulatedChat) -> ApiError:
        if chat.migrated_to is not None:
            reason = "Bad Request: group chat was upgraded to a supergroup chat"
            return ApiError(400, reason, migrate_to_chat_id=chat.migrated_to)
        if chat.kind == "private":
            blocked = chat.bot_status == "kicked"
            return forbidden(
                "bot was blocked by the user" if blocked else "bot can't initiate conversation with a user"
            )
        if chat.bot_status == "kicked":
            return forbidden(f"bot was kicked from the {chat.kind} chat")
        return forbidden(f"bot is not a member of the {chat.kind} chat")

    def writable(self, chat_id: object, *, photo: bool = False) -> SimulatedChat:
        """A chat in which the bot may send this kind of message."""
        chat = self.accessible(chat_id)
        if chat.kind == "channel" and chat.bot_status not in ADMINS:
            raise bad("need administrator rights in the channel chat")
        if chat.bot_status not in ADMINS:
            if not chat.may_write:
                raise bad("not enough rights to send text messages to the chat")
            if photo and not chat.may_send_photos:
                raise bad("not enough rights to send photos to the chat")
        return chat

    def add(self, chat: SimulatedChat, message: SentMessage) -> SentMessage:
        """Give it the chat's next id."""
        chat.last_id += 1
        message.message_id = chat.last_id
        chat.messages[chat.last_id] = message
        return message

    def keep(self, content: bytes, name: str, prefix: str, size: tuple[int, int] = (0, 0)) -> StoredFile:
        """One id for the same bytes under the same name, so that a test can see a file being reused or sent again."""
        digest = hashlib.blake2b(name.encode() + b"\0" + content, digest_size=20).hexdigest()
        file_id = f"{prefix}{digest}"
        if file_id not in self.files:
            self.files[file_id] = StoredFile(file_id, f"AQAD{digest[:12]}", content, name, *size)
        return self.files[file_id]
