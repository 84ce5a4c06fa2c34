"""Resolution of a name that a person typed to a rule, a market or an asset."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from bot.telegram.command import Reply, button
from bot.telegram.parsing.command_text import nearest, normalized
from bot.views.chats.resolve import nothing_called, which

_CERTAIN = 0.8
"""Likeness from which on a misspelt name is taken for the one that was meant."""

_MOST = 24
_WORDS = re.compile(r"\w+")
_LONGEST_DATA = 64


@dataclass(frozen=True, slots=True)
class Ambiguous:
    """The words fit several names, all of them where nothing was said."""

    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class NotFound:
    """No name fits; `near` is what was perhaps meant."""

    said: str
    near: str | None


def resolve(said: str, names: Mapping[str, str]) -> str | Ambiguous | NotFound:
    """The name that was meant, of `names` with their titles.

    Case, quotes and separators do not matter. A name is known by its title, by words (or their beginnings) that only
    it has in name or title, and in spite of a slip of the pen. Where there is one only, nothing need be said.
    """
    word = normalized(said).lstrip("^$#@:")
    if not word:
        return Ambiguous(tuple(names)) if len(names) != 1 else next(iter(names))
    exact = [name for name, title in names.items() if word in {normalized(name), normalized(title)}]
    akin = exact or [name for name, title in names.items() if _has_all(word, f"{name} {title}")]
    if len(akin) == 1:
        return akin[0]
    if akin:
        return Ambiguous(tuple(akin))
    return _guess(said, word, {normalized(name): name for name in names})


def ask_which(
    kind: str,
    command: str,
    found: Ambiguous | NotFound,
    titles: Mapping[str, str],
    width: int = 1,
    argument: Callable[[str], str] = str,
) -> Reply:
    """The question that a choice leaves open, with a button for each answer, `width` in a row.

    `kind` is "market", "rule". `argument` is how a name stands behind a button.
    """
    if isinstance(found, Ambiguous):
        text, names = which(kind, found.names), found.names
    else:
        text = nothing_called(kind, found.said, found.near)
        names = (found.near,) if found.near is not None else tuple(titles)
    made = [button_if_fits(titles.get(name, name), command, argument(name)) for name in names[:_MOST]]
    kept = [each for each in made if each is not None]
    return Reply(text, tuple(tuple(kept[at : at + width]) for at in range(0, len(kept), width)))


def button_if_fits(text: str, command: str, argument: str) -> tuple[str, str] | None:
    """A button, or None where Telegram has no room for what it would say."""
    if len(f"/{command} {argument}".encode()) > _LONGEST_DATA:
        return None
    return button(text, command, argument)


def _has_all(word: str, text: str) -> bool:
    """Whether each part of the word begins a word of the text."""
    parts, known = _WORDS.findall(word), _WORDS.findall(normalized(text))
    return bool(parts) and all(any(_begins(each, part) for each in known) for part in parts)


def _begins(word: str, part: str) -> bool:
    """One letter begins too many words to mean one."""
    return word.startswith(part) if len(part) > 1 else word == part


def _guess(said: str, word: str, names: Mapping[str, str]) -> str | NotFound:
    named = {names[part] for part in _WORDS.findall(word) if part in names}
    if len(named) == 1:
        return named.pop()
    near = nearest(word[:64], names)
    if near is not None and difflib.SequenceMatcher(None, word, near).ratio() >= _CERTAIN:
        return names[near]
    return NotFound(said, names[near] if near is not None else None)
