"""The HTML parser against tables worked out by hand, and against trees whose text and entities are known."""

from __future__ import annotations

import html
from dataclasses import dataclass

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.sandbox.errors import ApiError
from bot.sandbox.markup.entities import MarkedText, trim, utf16_length
from bot.sandbox.markup.parser import parse_html

HALF_A_PAIR = (
    "Text contains invalid Unicode characters after decoding HTML entities, check for unmatched surrogate code units"
)
PREFIX = "🏟é&lt;"  # 4 + 2 + 4 bytes

REFUSED = [
    ("<br>", 'Unsupported start tag "br" at byte offset 0'),
    (f"{PREFIX}<abac>", 'Unsupported start tag "abac" at byte offset 10'),
    ("<BR/>", 'Unsupported start tag "br/" at byte offset 0'),
    ("3 < 4", 'Unsupported start tag "" at byte offset 2'),
    ("3 <4", "Unclosed start tag at byte offset 2"),
    ("<b", "Unclosed start tag at byte offset 0"),
    ("<b>a", 'Can\'t find end tag corresponding to start tag "b"'),
    ("<b><i>a</i>", 'Can\'t find end tag corresponding to start tag "b"'),
    ("<b><i>a</b></i>", 'Unmatched end tag at byte offset 7, expected "</i>", found "</b>"'),
    ("<i>a</em  >", 'Unmatched end tag at byte offset 4, expected "</i>", found "</em>"'),
    ("</b>", "Unexpected end tag at byte offset 0"),
    (f"{PREFIX}</", "Unexpected end tag at byte offset 10"),
    ("<b>a</b  ", "Unclosed end tag at byte offset 4"),
    ("<i   =a>", 'Empty attribute name in the tag "i" at byte offset 0'),
    ("<a href", 'Unclosed start tag "a" at byte offset 0'),
    ("<a href=", 'Unclosed start tag "a" at byte offset 0'),
    ("<a href=abc,", "Unexpected end of name token at byte offset 8"),
    ("<a href=abc", "Unclosed start tag at byte offset 0"),
    ('<a href="abc>', "Unclosed start tag at byte offset 0"),
    ("<span>x</span>", 'Tag "span" must have class "tg-spoiler" at byte offset 0'),
    ('<span class="x">x</span>', 'Tag "span" must have class "tg-spoiler" at byte offset 0'),
    ('<tg-emoji emoji-id="x">x</tg-emoji>', "Invalid custom emoji identifier specified"),
    ('<tg-time unix="soon">x</tg-time>', "Invalid date-time specified"),
    ("&#xd83d;", HALF_A_PAIR),
]

READ = [
    ("", "", []),
    ("&lt;&gt;&amp;&quot;", '<>&"', []),
    ("&nbsp;&laquo;&Or; & &; &#;", "&nbsp;&laquo;&Or; & &; &#;", []),
    ("&#65;&#x42;&#67 &lt", "ABC <", []),
    ("&#12345678;&#0;", "&#12345678;&#0;", []),
    ("<b>a</b>", "a", [("bold", 0, 1)]),
    ("<STRONG >a</>", "a", [("bold", 0, 1)]),
    ("📈<em>📈é</em>", "📈📈é", [("italic", 2, 3)]),
    ("<u>a</u><ins>b</ins>", "ab", [("underline", 0, 1), ("underline", 1, 1)]),
    ("<s>a</s><strike>b</strike><del>c</del>", "abc", [("strikethrough", n, 1) for n in range(3)]),
    ('<span class="tg-spoiler">a</span><tg-spoiler>b</tg-spoiler>', "ab", [("spoiler", 0, 1), ("spoiler", 1, 1)]),
    ("<code>a</code>", "a", [("code", 0, 1)]),
    ("<blockquote>a</blockquote>", "a", [("blockquote", 0, 1)]),
    ("<blockquote expandable>a</blockquote>", "a", [("expandable_blockquote", 0, 1)]),
    ("<b></b>a", "a", []),
    ("<b>a <i>b</i></b>", "a b", [("bold", 0, 3), ("italic", 2, 1)]),
    ("<i><b>ab</b></i>", "ab", [("bold", 0, 2), ("italic", 0, 2)]),
    ('<a href="no address">a</a>', "a", []),
    (" <b> a </b> b\n", "a </b> b".replace("</b>", ""), [("bold", 0, 2)]),
]


@pytest.mark.parametrize(("source", "reason"), REFUSED)
def test_it_refuses_in_the_official_words(source: str, reason: str) -> None:
    with pytest.raises(ApiError) as caught:
        parse_html(source)
    assert caught.value.status == 400
    assert caught.value.description == f"Bad Request: can't parse entities: {reason}"


@pytest.mark.parametrize(("source", "text", "entities"), READ)
def test_it_reads(source: str, text: str, entities: list[tuple[str, int, int]]) -> None:
    marked = parse_html(source)
    assert marked.text == text
    assert sorted((e["type"], e["offset"], e["length"]) for e in marked.entities) == sorted(entities)


@pytest.mark.parametrize(
    ("source", "extra"),
    [
        ('<a href="https://x.org/?a=1&amp;b=2">x</a>', {"type": "text_link", "url": "https://x.org/?a=1&b=2"}),
        ("<a href='example.org'>x</a>", {"type": "text_link", "url": "http://example.org/"}),
        ("<a>example.org</a>", {"type": "text_link", "url": "http://example.org/"}),
        ('<pre><code class="language-python">x</code></pre>', {"type": "pre", "language": "python"}),
        ('<code class="language-python"><pre>x</pre></code>', {"type": "pre", "language": "python"}),
        ('<tg-emoji emoji-id="5368324170671202286">x</tg-emoji>', {"custom_emoji_id": "5368324170671202286"}),
        ('<tg-time unix="1647531900" format="wDT">x</tg-time>', {"unix_time": 1647531900, "date_time_format": "wDT"}),
    ],
)
def test_what_an_attribute_gives(source: str, extra: dict[str, object]) -> None:
    (entity,) = parse_html(source).entities
    assert entity | extra == entity


def test_a_person_is_mentioned_by_id() -> None:
    (entity,) = parse_html('<a href="tg://user?id=5000000001">x</a>').entities
    assert entity["type"] == "text_mention"
    assert entity["user"]["id"] == 5_000_000_001


def test_a_language_belongs_to_blocks_only() -> None:
    (entity,) = parse_html('<code class="language-python">x</code>').entities
    assert entity == {"type": "code", "offset": 0, "length": 1}


TAGS = {"b": "bold", "i": "italic", "u": "underline", "s": "strikethrough", "blockquote": "blockquote"}


@dataclass(frozen=True)
class Node:
    tag: str
    children: tuple[Node | str, ...]


texts = st.text(st.characters(exclude_categories=("Cs", "Cc")), min_size=1, max_size=6)
trees = st.recursive(
    texts,
    lambda inner: st.builds(Node, st.sampled_from(sorted(TAGS)), st.lists(inner, max_size=3).map(tuple)),
    max_leaves=8,
)


def spelled(node: Node | str) -> str:
    if isinstance(node, str):
        return html.escape(node, quote=False)
    return f"<{node.tag}>{''.join(spelled(child) for child in node.children)}</{node.tag}>"


def shown(node: Node | str) -> str:
    return node if isinstance(node, str) else "".join(shown(child) for child in node.children)


def found(node: Node | str, start: int) -> list[tuple[str, int, int]]:
    if isinstance(node, str):
        return []
    length = len(shown(node).encode("utf-16-le")) // 2
    entities = [(TAGS[node.tag], start, length)] if length else []
    for child in node.children:
        entities += found(child, start)
        start += len(shown(child).encode("utf-16-le")) // 2
    return entities


@settings(max_examples=80, deadline=None)
@given(trees)
def test_a_tree_is_read_as_it_was_spelled(tree: Node | str) -> None:
    marked = parse_html(f"!{spelled(tree)}!")  # the marks keep the white space at both ends from being trimmed
    assert marked.text == f"!{shown(tree)}!"
    got = sorted((e["type"], e["offset"], e["length"]) for e in marked.entities)
    assert got == sorted(found(tree, 1))


@settings(max_examples=80, deadline=None)
@given(st.text(st.sampled_from("<>/ab\"'=& ;#x1📈\0\n"), max_size=30))
def test_no_source_does_more_than_be_refused(source: str) -> None:
    try:
        marked = parse_html(source)
    except ApiError as refused:
        marked = MarkedText("")
        reason = refused.description
    else:
        reason = "Bad Request: can't parse entities: none"
    assert reason.startswith("Bad Request: can't parse entities: ")
    assert all(0 <= e["offset"] < e["offset"] + e["length"] <= utf16_length(marked.text) for e in marked.entities)


@settings(max_examples=60, deadline=None)
@given(st.text(st.sampled_from(" \na📈"), min_size=1, max_size=12), st.data())
def test_trimming_keeps_each_entity_on_its_own_characters(text: str, data: st.DataObject) -> None:
    first = data.draw(st.integers(0, len(text) - 1))
    last = data.draw(st.integers(first + 1, len(text)))
    entity = {"type": "bold", "offset": utf16_length(text[:first]), "length": utf16_length(text[first:last])}
    trimmed = trim(MarkedText(text, (entity,)))
    inside = [i for i in range(first, last) if text[:i].strip() or text[i] not in " \n"]
    kept = [i for i in inside if text[i:].strip()]
    assert trimmed.text == text.strip()
    wanted = "".join(text[i] for i in kept)
    assert [_cut(trimmed.text, e) for e in trimmed.entities] == ([wanted] if wanted else [])


def _cut(text: str, entity: dict[str, int]) -> str:
    raw = text.encode("utf-16-le")[entity["offset"] * 2 : (entity["offset"] + entity["length"]) * 2]
    return raw.decode("utf-16-le")
