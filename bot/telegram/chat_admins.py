"""Administrators of groups, asked of Telegram and kept for some minutes."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from telegram import Bot
from telegram.error import TelegramError

ADMIN_TTL_SECONDS = 300.0
OTHERS_TTL_SECONDS = 30.0
MAX_GROUPS_KEPT = 1_000


class AdminsUnknownError(Exception):
    """Telegram did not say who a group's admins are."""


@dataclass(frozen=True, slots=True)
class AdminList:
    """A group's admins as they were at the instant `at` (float seconds of a steady clock)."""

    ids: frozenset[int]
    at: float


def still_good(admin_list: AdminList, user_id: int, now: float) -> bool:
    """Whether the list may answer for this person: a yes for five minutes, a no for half a minute.

    So somebody who was just made an admin need not wait.
    """
    return now - admin_list.at < (ADMIN_TTL_SECONDS if user_id in admin_list.ids else OTHERS_TTL_SECONDS)


class Admins:
    """Keeps each group's list for some minutes. `ask` fetches one and may raise AdminsUnknownError."""

    def __init__(self, ask: Callable[[int], Awaitable[frozenset[int]]], clock: Callable[[], float]) -> None:
        self._ask = ask
        self._clock = clock
        self._admin_lists: dict[int, AdminList] = {}

    async def includes(self, chat_id: int, user_id: int) -> bool:
        """Whether this person administers this group."""
        now = self._clock()
        admin_list = self._admin_lists.get(chat_id)
        if admin_list is None or not still_good(admin_list, user_id, now):
            admin_list = AdminList(await self._ask(chat_id), now)
            self.forget(chat_id)
            self._admin_lists[chat_id] = admin_list
            if len(self._admin_lists) > MAX_GROUPS_KEPT:
                del self._admin_lists[next(iter(self._admin_lists))]
        return user_id in admin_list.ids

    def forget(self, chat_id: int) -> None:
        """The next question about this group is asked anew."""
        self._admin_lists.pop(chat_id, None)


def admin_lookup(bot: Bot) -> Callable[[int], Awaitable[frozenset[int]]]:
    """How the Bot API is asked for a group's admins."""

    async def ask(chat_id: int) -> frozenset[int]:
        try:
            return frozenset(member.user.id for member in await bot.get_chat_administrators(chat_id))
        except TelegramError as error:
            raise AdminsUnknownError(type(error).__name__) from error

    return ask
