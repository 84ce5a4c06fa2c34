"""Questions back: which rule, market or asset was meant."""

from __future__ import annotations

from collections.abc import Sequence

from bot.views.formatting import html


def which(kind: str, names: Sequence[str]) -> str:
    """The question which market, rule or asset was meant."""
    if not names:
        return f"There is no {html.escape(kind)} to choose from."
    return f"Which {html.escape(kind)}?"


def unknown_view(said: str, views: Sequence[str]) -> str:
    """The answer to a word behind a command that means nothing there."""
    known = " and ".join(html.code(f"/crypto {view}") for view in views)
    return f"{html.quoted(said)} means nothing to me here. There is /crypto, {known}."


def one_at_a_time(said: str) -> str:
    """The answer to several markets where one is asked for."""
    return f"{html.quoted(said)}: one market at a time, please."


def nothing_called(kind: str, said: str, near: str | None) -> str:
    """The answer to a name that nothing has."""
    missed = f"There is no {html.escape(kind)} called {html.quoted(said)}."
    others = " The operator can add others." if kind == "market" else ""
    return f"{missed} Did you mean {html.bold(html.escape(near))}?{others}" if near is not None else missed + others
