"""Spans of time beside names."""

from __future__ import annotations

from bot.telegram.parsing.spans import asked_of


def test_a_name_that_looks_like_a_span_is_a_name() -> None:
    def known(said: str) -> bool:
        return said.casefold() in {"russell 2000", "dark pool"}

    now = 1_786_700_000
    assert asked_of("Russell 2000", now, known).span is None
    assert asked_of("dark pool", now, known).dark is None
    found = asked_of("dark pool 1y dark", now, known)
    assert (found.rest, found.more) == ("dark pool", "1y dark")
