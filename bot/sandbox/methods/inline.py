"""answerInlineQuery, checked as Telegram checks it."""

from __future__ import annotations

from typing import Any, Final

from bot.sandbox.errors import bad
from bot.sandbox.http import Params
from bot.sandbox.methods.sending import check_text, known_file, read_caption, read_text
from bot.sandbox.world import World

MAX_RESULTS: Final = 50
MAX_ID_BYTES: Final = 64

InlineQueries = dict[str, list[dict[str, Any]] | None]
"""Results by the query's id; None while the bot has not answered."""


class InlineMethods:
    """Keeps what the bot offers for an inline query. Articles and photos that Telegram has are known."""

    def __init__(self, world: World, queries: InlineQueries) -> None:
        self._world = world
        self._queries = queries

    def answer_query(self, params: Params) -> bool:
        """`answerInlineQuery`."""
        query = params.text("inline_query_id")
        if self._queries.get(query, ()) is not None:
            raise bad("query is too old and response timeout expired or query ID is invalid")
        results = params.json("results", "inline query results")
        if not isinstance(results, list) or len(results) > MAX_RESULTS:
            raise bad("can't parse inline query results: expected an Array of at most 50")
        ids = [result.get("id") if isinstance(result, dict) else None for result in results]
        if len(set(ids)) < len(ids):
            raise bad("RESULT_ID_DUPLICATE")
        self._queries[query] = [self._checked(result) for result in results]
        return True

    def _checked(self, result: Any) -> dict[str, Any]:
        if not isinstance(result, dict) or not 1 <= len(str(result.get("id", "")).encode()) <= MAX_ID_BYTES:
            raise bad("RESULT_ID_INVALID")
        match result.get("type"):
            case "article":
                content = result.get("input_message_content")
                if not result.get("title") or not isinstance(content, dict):
                    raise bad("ARTICLE_TITLE_EMPTY" if content else "message content is not specified")
                inner = Params({"text": content.get("message_text"), "parse_mode": content.get("parse_mode")})
                check_text(read_text(inner, "text", "entities"))
            case "photo" if "photo_file_id" in result:
                known_file(self._world, str(result["photo_file_id"]), "photo")
                read_caption(Params(result))
            case _:
                raise bad("unsupported inline query result type")
        return result
