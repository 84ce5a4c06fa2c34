"""Commands of those who run the bot: /approve."""

from __future__ import annotations

import re

from bot.delivery.outcome import Outgoing
from bot.messages import membership
from bot.store.subscribers import approve
from bot.telegram.command import Answer, Asked, Command, Who
from bot.telegram.desk import Desk

_PLACE = re.compile(r"([-−–]?\d{1,18})(?:\s*[/:,\s]\s*(\d{1,18}))?")


async def let_in(desk: Desk, asked: Asked) -> Answer:
    """Give a waiting chat its alerts, and tell it so."""
    place = place_of(asked.argument)
    if place is None:
        return Answer(membership.approval_usage())
    chat_id, thread_id = place
    if not await desk.store.do(approve, chat_id, thread_id, desk.now()):
        return Answer(membership.approval_done(asked.argument, was_pending=False))
    told = Outgoing(chat_id, membership.approved(), thread_id=thread_id or None)
    return Answer(membership.approval_done(asked.argument, was_pending=True), others=(told,))


def place_of(argument: str) -> tuple[int, int] | None:
    """Chat and topic (0 none) as /approve takes them; None where it is no id."""
    found = _PLACE.fullmatch(argument.strip())
    if found is None:
        return None
    return int(found[1].replace("−", "-").replace("–", "-")), int(found[2] or 0)


COMMANDS = (Command("approve", "let a waiting chat in", let_in, Who.OPERATORS, "ID"),)
