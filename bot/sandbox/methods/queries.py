"""Methods that tell the bot about itself, a chat, a member or a file."""

from __future__ import annotations

from typing import Any, Final

from bot.sandbox.errors import bad
from bot.sandbox.http import Params
from bot.sandbox.methods.sending import chat_param
from bot.sandbox.world import ADMINS, SimulatedChat, World

RIGHTS: Final = (
    "can_manage_chat",
    "can_change_info",
    "can_delete_messages",
    "can_manage_video_chats",
    "can_invite_users",
    "can_restrict_members",
    "can_pin_messages",
    "can_promote_members",
    "can_post_stories",
    "can_edit_stories",
    "can_delete_stories",
)
PERMISSIONS: Final = (
    "can_send_messages",
    "can_send_audios",
    "can_send_documents",
    "can_send_photos",
    "can_send_videos",
    "can_send_video_notes",
    "can_send_voice_notes",
    "can_send_polls",
    "can_send_other_messages",
    "can_add_web_page_previews",
    "can_change_info",
    "can_invite_users",
    "can_pin_messages",
    "can_manage_topics",
    "can_react_to_messages",
    "can_edit_tag",
)
GIFTS: Final = (
    "unlimited_gifts",
    "limited_gifts",
    "unique_gifts",
    "premium_subscription",
    "gifts_from_channels",
)
MAX_DOWNLOAD_BYTES: Final = 20 * 1024 * 1024


def member_body(user: dict[str, Any], status: str) -> dict[str, Any]:
    """A ChatMember of that status."""
    body: dict[str, Any] = {"user": user, "status": status}
    if status == "creator":
        return {**body, "is_anonymous": False}
    if status == "administrator":
        rights = dict.fromkeys(RIGHTS, True)
        return {**body, "can_be_edited": False, "is_anonymous": False, **rights}
    if status == "restricted":
        return {**body, "is_member": True, **dict.fromkeys(PERMISSIONS, False), "until_date": 0}
    return {**body, "until_date": 0} if status == "kicked" else body


class Queries:
    """The methods that change nothing."""

    def __init__(self, world: World) -> None:
        self._world = world

    def get_me(self, _: Params) -> dict[str, Any]:
        """`getMe`."""
        return {
            **self._world.bot,
            "can_join_groups": True,
            "can_read_all_group_messages": False,
            "supports_inline_queries": True,
            "can_connect_to_business": False,
            "has_main_web_app": False,
        }

    def get_chat(self, params: Params) -> dict[str, Any]:
        """`getChat`."""
        chat = self._world.accessible(chat_param(params))
        return {
            **chat.body(),
            "accent_color_id": 0,
            "max_reaction_count": 11,
            "accepted_gift_types": dict.fromkeys(GIFTS, False),
        }

    def get_chat_member(self, params: Params) -> dict[str, Any]:
        """`getChatMember`."""
        chat = self._world.accessible(chat_param(params))
        user_id = params.number("user_id")
        if user_id == self._world.bot["id"]:
            return member_body(self._world.bot, chat.bot_status)
        if user_id not in self._world.people:
            raise bad("user not found" if user_id else "invalid user_id specified")
        known = {chat.id: "member"} if chat.kind == "private" else chat.members
        return member_body(self._world.person(user_id).body(), known.get(user_id, "left"))

    def get_chat_administrators(self, params: Params) -> list[dict[str, Any]]:
        """`getChatAdministrators`; the bot itself is in it where it is one."""
        chat = self._world.accessible(chat_param(params))
        if chat.kind == "private":
            raise bad("there are no administrators in the private chat")
        admins = [(user, status) for user, status in chat.members.items() if status in ADMINS]
        bodies = [member_body(self._world.person(user).body(), status) for user, status in admins]
        return [*bodies, member_body(self._world.bot, chat.bot_status)] if chat.bot_status in ADMINS else bodies

    def get_chat_member_count(self, params: Params) -> int:
        """`getChatMemberCount`, the bot included."""
        return count_members(self._world.accessible(chat_param(params)))

    def send_chat_action(self, params: Params) -> bool:
        """`sendChatAction`."""
        self._world.writable(chat_param(params))
        if not params.text("action"):
            raise bad("wrong parameter action in request")
        return True

    def get_file(self, params: Params) -> dict[str, Any]:
        """`getFile`; the path is what follows /file/bot<token>/."""
        file_id = params.text("file_id")
        stored = self._world.files.get(file_id.partition("-")[0])
        if stored is None:
            raise bad("invalid file_id" if file_id else "file_id not specified")
        if len(stored.content) > MAX_DOWNLOAD_BYTES:
            raise bad("file is too big")
        return {
            "file_id": file_id,
            "file_unique_id": stored.unique_id,
            "file_size": len(stored.content),
            "file_path": f"files/{stored.file_id}",
        }

    def download(self, path: str) -> bytes | None:
        """The bytes behind a file path."""
        stored = self._world.files.get(path.removeprefix("files/"))
        return None if stored is None else stored.content


def count_members(chat: SimulatedChat) -> int:
    """People in the chat and the bot."""
    return (
        2 if chat.kind == "private" else 1 + sum(status not in {"left", "kicked"} for status in chat.members.values())
    )
