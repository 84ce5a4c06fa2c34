"""Faults to order: which of the bot's calls go wrong, and how."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from bot.sandbox.errors import ApiError

BAD_GATEWAY: Final = "<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body><h1>502</h1></body>\r\n</html>\r\n"
WORDS: Final = {
    400: "Bad Request: wrong parameter",
    401: "Unauthorized",
    403: "Forbidden: bot was blocked by the user",
    404: "Not Found",
    409: "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running",
}


class Disconnect(StrEnum):
    """When the connection is cut instead of an answer."""

    NEVER = ""
    BEFORE = "before"  # nothing was done
    AFTER = "after"  # the message is in the chat, and the bot does not learn of it


@dataclass(slots=True)
class Fault:
    """The next `times` calls (None: all) of a method ("*": any), in one chat or in all, go wrong.

    Status 200 is a call that is carried out: late with `delay` seconds, unreadable with a `body`. Any other status
    carries nothing out, unless `stored` says that the message is in the chat nevertheless.
    """

    method: str
    status: int = 500
    times: int | None = 1
    retry_after: int | None = None
    body: str | None = None
    delay: float = 0.0
    drop: Disconnect = Disconnect.NEVER
    chat: int | None = None
    description: str = ""
    stored: bool = False

    @property
    def carried_out(self) -> bool:
        """Whether the call has its effect, whatever the bot is told."""
        if self.drop is not Disconnect.NEVER:
            return self.drop is Disconnect.AFTER
        return self.stored or self.status == 200

    def api_error(self) -> ApiError:
        """The answer in the official server's words."""
        if self.retry_after is not None:
            words = self.description or f"Too Many Requests: retry after {self.retry_after}"
            return ApiError(self.status, words, retry_after=self.retry_after)
        words = WORDS.get(self.status, "Internal Server Error: restart" if self.status >= 500 else "Bad Request")
        return ApiError(self.status, self.description or words)


class Faults:
    """The faults that are still to happen, oldest first."""

    def __init__(self) -> None:
        self._faults: list[Fault] = []

    def add(self, fault: Fault) -> None:
        """After those that are there."""
        self._faults.append(fault)

    def clear(self) -> None:
        """Everything works again."""
        self._faults.clear()

    def take(self, method: str, chat: object) -> Fault | None:
        """The first that fits, used up by one."""
        if not self._faults:
            return None
        for fault in self._faults:
            if fault.method.lower() in {"*", method.lower()} and fault.chat in {None, _number(chat)}:
                if fault.times is not None:
                    fault.times -= 1
                    if fault.times <= 0:
                        self._faults.remove(fault)
                return fault
        return None


def _number(chat: object) -> int | None:
    text = str(chat)
    return int(text) if text.removeprefix("-").isdecimal() else None
