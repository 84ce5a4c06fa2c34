"""Ephemeral messages: who may be sent one, when, and which one is meant, as the documentation has it."""

from __future__ import annotations

from typing import Final

from bot.sandbox.errors import bad
from bot.sandbox.http import Params
from bot.sandbox.world import ADMINS, IN_CHAT, SentMessage, SimulatedChat, World

ANSWERABLE_SECONDS: Final = 15
"""For so long a press or an ephemeral message entitles any bot to answer its sender alone."""


def receiver(world: World, chat: SimulatedChat, params: Params) -> int | None:
    """The one member who sees what is sent; None: everybody. A server without the feature passes the parameter over.

    The bot answers a press or an ephemeral message of that member, or is an admin.
    """
    given = params.json("ephemeral_message_parameters", "ephemeral message parameters")
    answers = _answered(params)
    if not world.knows_ephemeral:
        return None
    if given is None:
        if answers is not None:
            raise bad("a reply to an ephemeral message must be an ephemeral message")
        return None
    user = given.get("receiver_user_id") if isinstance(given, dict) else None
    if not isinstance(given, dict) or not isinstance(user, int) or isinstance(user, bool):
        raise bad("can't parse ephemeral message parameters: receiver_user_id must be an Integer")
    if chat.kind not in {"group", "supergroup"} or chat.members.get(user) not in IN_CHAT:
        raise bad("ephemeral messages can be sent to members of groups only")
    _check_press(world, chat, user, given)
    if "callback_query_id" not in given:
        _check_answer(world, chat, user, answers)
    return user


def ephemeral_message(world: World, params: Params) -> tuple[SimulatedChat, SentMessage]:
    """The message of the bot that one member alone sees, by its chat, that member and its own id."""
    chat = world.accessible(params.values.get("chat_id"))
    message = chat.messages.get(params.number("ephemeral_message_id"))
    if message is None or not message.by_bot or message.only_for != params.number("receiver_user_id"):
        raise bad("message to edit not found")
    return chat, message


def _answered(params: Params) -> int | None:
    wanted = params.json("reply_parameters", "reply parameters")
    answered = wanted.get("ephemeral_message_id") if isinstance(wanted, dict) else None
    return answered if isinstance(answered, int) else None


def _check_press(world: World, chat: SimulatedChat, user: int, given: dict[str, object]) -> None:
    if "callback_query_id" not in given:
        return
    press = world.presses.get(str(given["callback_query_id"]))
    if press is None or (press.user, press.chat) != (user, chat.id) or world.now() - press.at > ANSWERABLE_SECONDS:
        raise bad("query is too old and response timeout expired or query ID is invalid")
    if press.alone and given.get("replace_callback_query_message"):
        raise bad("the message can't be replaced")


def _check_answer(world: World, chat: SimulatedChat, user: int, answers: int | None) -> None:
    if answers is None:
        if chat.bot_status not in ADMINS:
            raise bad("BOT_NOT_ADMIN")
        return
    message = chat.messages.get(answers)
    if message is None or (message.sender, message.only_for) != (user, world.bot["id"]):
        raise bad("message to be replied not found")
    if world.now() - message.date > ANSWERABLE_SECONDS:
        raise bad("the message to be replied is too old")
