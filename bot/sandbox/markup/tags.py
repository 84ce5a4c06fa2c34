"""The tags that Telegram knows, and what each makes of the text between."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from bot.sandbox.markup.entities import Entity

SIMPLE: Final = {
    "b": "bold",
    "strong": "bold",
    "i": "italic",
    "em": "italic",
    "u": "underline",
    "ins": "underline",
    "s": "strikethrough",
    "strike": "strikethrough",
    "del": "strikethrough",
    "span": "spoiler",
    "tg-spoiler": "spoiler",
    "code": "code",
    "pre": "pre",
    "blockquote": "blockquote",
}
TAGS: Final = frozenset(SIMPLE) | {"a", "tg-emoji", "tg-time"}


@dataclass(slots=True)
class Open:
    """A tag that waits for its end; `offset` in UTF-16 units."""

    tag: str
    argument: str
    extra: str
    offset: int
    piece: int  # index into the pieces of text at which the entity's own text begins


class InvalidTagError(ValueError):
    """A tag whose attribute is of no use."""


def argument_of(tag: str, attributes: dict[str, str]) -> tuple[str, str]:
    match tag:
        case "a":
            return attributes.get("href", ""), ""
        case "code":
            return attributes.get("class", "").partition("language-")[2], ""
        case "blockquote":
            return ("1" if "expandable" in attributes else ""), ""
        case "tg-emoji":
            return attributes.get("emoji-id", ""), ""
        case "tg-time":
            return attributes.get("unix", ""), attributes.get("format", "")
        case _:
            return "", ""


def add_entity(entities: list[Entity], opened: Open, end: int, text: str) -> None:
    """Append what a tag makes of the `text` between, which ends at `end`; raises InvalidTagError."""
    place: Entity = {"offset": opened.offset, "length": end - opened.offset}
    if opened.tag in {"pre", "code"} and _has_language(entities, opened, place):
        return
    match opened.tag:
        case "a":
            entities.extend(_link(opened.argument or text, place))
        case "tg-emoji":
            if not opened.argument.isdecimal():
                raise InvalidTagError("Invalid custom emoji identifier specified")
            entities.append({"type": "custom_emoji", **place, "custom_emoji_id": opened.argument})
        case "tg-time":
            entities.append(_date_time(opened, place))
        case _:
            entities.append({"type": _kind(opened), **place})


def _has_language(entities: list[Entity], opened: Open, place: Entity) -> bool:
    """`<pre><code class="language-x">` is one entity with a language; so are the two the other way round."""
    last = entities[-1] if entities else {}
    together = last.get("offset") == place["offset"] and last.get("length") == place["length"]
    if opened.tag == "pre" and together and last["type"] == "code" and "language" in last:
        entities[-1] = {**last, "type": "pre"}
    elif opened.tag == "code" and together and last["type"] == "pre" and opened.argument:
        entities[-1] = {**last, "language": opened.argument}
    elif opened.tag == "code" and opened.argument:
        entities.append({"type": "code", **place, "language": opened.argument})
    else:
        return False
    return True


def without_lone_languages(entities: list[Entity]) -> list[Entity]:
    """A language is told of blocks only."""
    return [{k: v for k, v in e.items() if k != "language"} if e["type"] == "code" else e for e in entities]


def _date_time(opened: Open, place: Entity) -> Entity:
    if not opened.argument.removeprefix("-").isdecimal():
        raise InvalidTagError("Invalid date-time specified")
    entity = {"type": "date_time", **place, "unix_time": int(opened.argument)}
    return {**entity, "date_time_format": opened.extra} if opened.extra else entity


def _kind(opened: Open) -> str:
    return "expandable_blockquote" if opened.tag == "blockquote" and opened.argument else SIMPLE[opened.tag]


def _link(url: str, place: Entity) -> list[Entity]:
    """Nothing where the address is none: the text stays, as on the real server."""
    if match := re.fullmatch(r"tg://user/?\?id=(\d+)", url):
        user = {"id": int(match.group(1)), "is_bot": False, "first_name": "User"}
        return [{"type": "text_mention", **place, "user": user}]
    if re.fullmatch(r"(?:https?|tg|ton|tonsite|mailto|tel):\S+", url, re.IGNORECASE):
        return [{"type": "text_link", **place, "url": url}]
    if re.fullmatch(r"[\w\-]+(\.[\w\-]+)+(/\S*)?", url):
        return [{"type": "text_link", **place, "url": f"http://{url}" if "/" in url else f"http://{url}/"}]
    return []
