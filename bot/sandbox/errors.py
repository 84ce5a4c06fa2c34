"""Refusals of a Bot API server, in the official server's words."""

from __future__ import annotations


class ApiError(Exception):  # named for the fact, as the official server's answer is
    """An answer with `ok: false`; `parameters` are `retry_after` or `migrate_to_chat_id`."""

    def __init__(self, status: int, description: str, **parameters: int) -> None:
        super().__init__(description)
        self.status = status
        self.description = description
        self.parameters = parameters

    def body(self) -> dict[str, object]:
        """The JSON object that the client gets."""
        answer: dict[str, object] = {"ok": False, "error_code": self.status, "description": self.description}
        if self.parameters:
            answer["parameters"] = self.parameters
        return answer


def bad(reason: str) -> ApiError:
    """400, with the first letter lowered as the official server does (unless the second is upper or `_`)."""
    second = reason[1:2]
    lowered = reason if second.isupper() or second == "_" else reason[:1].lower() + reason[1:]
    return ApiError(400, f"Bad Request: {lowered}")


def forbidden(reason: str) -> ApiError:
    """403: blocked, kicked, deactivated, not a member."""
    return ApiError(403, f"Forbidden: {reason}")


def too_many(retry_after: int) -> ApiError:
    """429, which also goes into the Retry-After header."""
    return ApiError(429, f"Too Many Requests: retry after {retry_after}", retry_after=retry_after)
