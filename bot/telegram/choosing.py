"""Which market, rule or asset did a person mean?"""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from bot.messages.choosing import nothing_called, which
from bot.telegram.command import Answer, button
from bot.telegram.reading import canonical, nearest

_CERTAIN = 0.8
"""Likeness from which on a misspelt name is taken for the one that was meant."""

_MOST = 24
_WORDS = re.compile(r"\w+")
_LONGEST_DATA = 64


@dataclass(frozen=True, slots=True)
class Several:
    """The words fit several names, all of them where nothing was said."""

    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Nothing:
    """No name fits; `near` is what was perhaps meant."""

    said: str
    near: str | None


def choose(said: str, names: Mapping[str, str]) -> str | Several | Nothing:
    """The name that was meant, of `names` with their titles.

    Case, quotes and separators do not matter. A name is known by its title, by words (or their beginnings) that only
    it has in name or title, and in spite of a slip of the pen. Where there is one only, nothing need be said.
    """
    word = canonical(said).lstrip("^$#@:")
    if not word:
        return Several(tuple(names)) if len(names) != 1 else next(iter(names))
    exact = [name for name, title in names.items() if word in {canonical(name), canonical(title)}]
    akin = exact or [name for name, title in names.items() if _has_all(word, f"{name} {title}")]
    if len(akin) == 1:
        return akin[0]
    if akin:
        return Several(tuple(akin))
    return _guess(said, word, {canonical(name): name for name in names})


def ask_which(
    kind: str,
    command: str,
    found: Several | Nothing,
    titles: Mapping[str, str],
    width: int = 1,
    argument: Callable[[str], str] = str,
) -> Answer:
    """The question that a choice leaves open, with a button for each answer, `width` in a row.

    `kind` is "market", "rule". `argument` is how a name stands behind a button.
    """
    if isinstance(found, Several):
        text, names = which(kind, found.names), found.names
    else:
        text = nothing_called(kind, found.said, found.near)
        names = (found.near,) if found.near is not None else tuple(titles)
    made = [offer(titles.get(name, name), command, argument(name)) for name in names[:_MOST]]
    kept = [each for each in made if each is not None]
    return Answer(text, tuple(tuple(kept[at : at + width]) for at in range(0, len(kept), width)))


def offer(text: str, command: str, argument: str) -> tuple[str, str] | None:
    """A button, or None where Telegram has no room for what it would say."""
    if len(f"/{command} {argument}".encode()) > _LONGEST_DATA:
        return None
    return button(text, command, argument)


def _has_all(word: str, text: str) -> bool:
    """Whether each part of the word begins a word of the text."""
    parts, known = _WORDS.findall(word), _WORDS.findall(canonical(text))
    return bool(parts) and all(any(_begins(each, part) for each in known) for part in parts)


def _begins(word: str, part: str) -> bool:
    """One letter begins too many words to mean one."""
    return word.startswith(part) if len(part) > 1 else word == part


def _guess(said: str, word: str, names: Mapping[str, str]) -> str | Nothing:
    named = {names[part] for part in _WORDS.findall(word) if part in names}
    if len(named) == 1:
        return named.pop()
    near = nearest(word[:64], names)
    if near is not None and difflib.SequenceMatcher(None, word, near).ratio() >= _CERTAIN:
        return names[near]
    return Nothing(said, names[near] if near is not None else None)
