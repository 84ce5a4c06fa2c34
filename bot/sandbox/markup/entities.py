"""Texts with entities, and their length as Telegram counts it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

Entity = dict[str, Any]


@dataclass(frozen=True, slots=True)
class MarkedText:
    """A text as it is shown; entity offsets and lengths are UTF-16 units."""

    text: str
    entities: tuple[Entity, ...] = ()


def utf16_length(text: str) -> int:
    """Length as Telegram counts it."""
    return len(text) if text.isascii() else len(text.encode("utf-16-le", "surrogatepass")) // 2


def trim(marked: MarkedText) -> MarkedText:
    """Without the white space around the text; entities are cut, and dropped where nothing is left of them."""
    text = marked.text.strip()
    if text == marked.text:
        return marked
    front = utf16_length(marked.text[: len(marked.text) - len(marked.text.lstrip())])
    total = utf16_length(text)
    kept = []
    for entity in marked.entities:
        offset, length = entity["offset"], entity["length"]
        first, last = max(offset - front, 0), min(offset + length - front, total)
        if last > first:
            kept.append({**entity, "offset": first, "length": last - first})
    return MarkedText(text, tuple(kept))
