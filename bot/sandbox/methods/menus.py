"""Methods for the bot's command menus and descriptions."""

from __future__ import annotations

import json
import re
from typing import Any, Final

from bot.sandbox.errors import bad
from bot.sandbox.http import Params
from bot.sandbox.world import World

SCOPES: Final = (
    "default",
    "all_private_chats",
    "all_group_chats",
    "all_chat_administrators",
    "chat",
    "chat_administrators",
    "chat_member",
)
MAX_COMMANDS: Final = 100


class MenuMethods:
    """Commands by scope and language, and the bot's descriptions."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._commands: dict[tuple[str, str], list[dict[str, Any]]] = {}
        self.description: dict[str, str] = {}
        self.short_description: dict[str, str] = {}

    def set_commands(self, params: Params) -> bool:
        """`setMyCommands`."""
        commands = params.json("commands", "commands")
        if not isinstance(commands, list):
            raise bad("expected an Array of BotCommand")
        if len(commands) > MAX_COMMANDS:
            raise bad("BOT_COMMANDS_TOO_MUCH")
        self._commands[self._key(params)] = [_command(command) for command in commands]
        return True

    def get_commands(self, params: Params) -> list[dict[str, Any]]:
        """`getMyCommands`."""
        return self._commands.get(self._key(params), [])

    def delete_commands(self, params: Params) -> bool:
        """`deleteMyCommands`."""
        self._commands.pop(self._key(params), None)
        return True

    def set_description(self, params: Params) -> bool:
        """`setMyDescription`."""
        return _describe(self.description, params, "description", 512)

    def set_short_description(self, params: Params) -> bool:
        """`setMyShortDescription`."""
        return _describe(self.short_description, params, "short_description", 120)

    def get_description(self, params: Params) -> dict[str, str]:
        """`getMyDescription`."""
        return {"description": self.description.get(params.text("language_code"), "")}

    def get_short_description(self, params: Params) -> dict[str, str]:
        """`getMyShortDescription`."""
        return {"short_description": self.short_description.get(params.text("language_code"), "")}

    def _key(self, params: Params) -> tuple[str, str]:
        scope = params.json("scope", "BotCommandScope") or {"type": "default"}
        if not isinstance(scope, dict):
            raise bad("BotCommandScope must be an Object")
        if scope.get("type") not in SCOPES:
            raise bad("unsupported type specified")
        if "chat_id" in scope:
            chat = self._world.find(scope["chat_id"])
            scope = {**scope, "chat_id": chat.id}
        return json.dumps(scope, sort_keys=True), params.text("language_code")


def _command(command: Any) -> dict[str, Any]:
    if not isinstance(command, dict):
        raise bad("expected an Array of BotCommand")
    name = str(command.get("command", "")).removeprefix("/")
    description = str(command.get("description", "")).strip()
    if not re.fullmatch(r"[a-z0-9_]{1,32}", name):
        raise bad("BOT_COMMAND_INVALID")
    if not 1 <= len(description) <= 256:
        raise bad("BOT_COMMAND_DESCRIPTION_INVALID")
    if not isinstance(command.get("is_ephemeral", False), bool):
        raise bad('can\'t parse BotCommand: Field "is_ephemeral" must be of type Boolean')
    return {
        "command": name,
        "description": description,
        **({"is_ephemeral": True} if command.get("is_ephemeral") else {}),
    }


def _describe(kept: dict[str, str], params: Params, name: str, longest: int) -> bool:
    text = params.text(name)
    if len(text) > longest:
        raise bad(f"{name.replace('_', ' ')} is too long")
    kept[params.text("language_code")] = text
    return True
