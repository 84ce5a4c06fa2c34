"""Every method of the Bot API that the sandbox knows, by name."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from bot.sandbox.errors import ApiError, bad
from bot.sandbox.http import Params
from bot.sandbox.methods.editing import Editing
from bot.sandbox.methods.inline import InlineMethods, InlineQueries
from bot.sandbox.methods.menus import MenuMethods
from bot.sandbox.methods.queries import Queries
from bot.sandbox.methods.sending import Sending, chat_param
from bot.sandbox.updates import Updates
from bot.sandbox.world import SentMessage, World

Method = Callable[[Params], Any]


class Methods:
    """All that a bot may call; names in any case, as on the official server."""

    def __init__(
        self,
        world: World,
        updates: Updates,
        queries: dict[str, str | None],
        inline_queries: InlineQueries,
        sent: Callable[[SentMessage], None],
    ) -> None:
        self._world = world
        self._updates = updates
        self._queries = Queries(world)
        sending = Sending(world, sent)
        self._table: dict[str, Method] = {
            **_reading(self._queries),
            **_writing(sending, Editing(world, sending, queries, sent)),
            **_menus(MenuMethods(world)),
            "answerinlinequery": InlineMethods(world, inline_queries).answer_query,
            "getupdates": updates.get,
            "deletewebhook": self._delete_webhook,
            "setwebhook": self._set_webhook,
            "getwebhookinfo": self._webhook_info,
            "leavechat": self._leave,
            "logout": lambda _: True,
            "close": lambda _: True,
        }

    def find(self, name: str) -> Method:
        """404 if there is none."""
        method = self._table.get(name.lower())
        if method is None:
            raise ApiError(404, "Not Found: method not found")
        return method

    def download(self, path: str) -> bytes | None:
        """What lies behind a file path of getFile."""
        return self._queries.download(path)

    def _delete_webhook(self, params: Params) -> bool:
        if params.flag("drop_pending_updates"):
            self._updates.forget()
        return True

    def _set_webhook(self, params: Params) -> bool:
        if not params.text("url"):
            return self._delete_webhook(params)
        raise bad("bad webhook: the sandbox can't reach other servers; use getUpdates")

    def _webhook_info(self, _: Params) -> dict[str, Any]:
        return {"url": "", "has_custom_certificate": False, "pending_update_count": len(self._updates)}

    def _leave(self, params: Params) -> bool:
        chat = self._world.accessible(chat_param(params))
        if chat.kind == "private":
            raise bad("chat member status can't be changed in private chats")
        chat.bot_status = "left"
        return True


def _reading(queries: Queries) -> dict[str, Method]:
    return {
        "getme": queries.get_me,
        "getchat": queries.get_chat,
        "getchatmember": queries.get_chat_member,
        "getchatadministrators": queries.get_chat_administrators,
        "getchatmembercount": queries.get_chat_member_count,
        "getfile": queries.get_file,
        "sendchataction": queries.send_chat_action,
    }


def _writing(sending: Sending, editing: Editing) -> dict[str, Method]:
    return {
        "sendmessage": sending.send_message,
        "sendphoto": sending.send_photo,
        "senddocument": sending.send_document,
        "editmessagetext": editing.edit_text,
        "editmessagecaption": editing.edit_caption,
        "editmessagereplymarkup": editing.edit_markup,
        "editmessagemedia": editing.edit_media,
        "deletemessage": editing.delete,
        "editephemeralmessagetext": editing.edit_ephemeral_text,
        "editephemeralmessagereplymarkup": editing.edit_ephemeral_markup,
        "deleteephemeralmessage": editing.delete_ephemeral,
        "answercallbackquery": editing.answer_query,
    }


def _menus(menus: MenuMethods) -> dict[str, Method]:
    return {
        "setmycommands": menus.set_commands,
        "getmycommands": menus.get_commands,
        "deletemycommands": menus.delete_commands,
        "setmydescription": menus.set_description,
        "getmydescription": menus.get_description,
        "setmyshortdescription": menus.set_short_description,
        "getmyshortdescription": menus.get_short_description,
    }
