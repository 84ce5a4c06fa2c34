"""Escaping, measuring and cutting of Telegram HTML."""

from __future__ import annotations

import re

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from bot.sandbox.markup.parser import parse_html
from bot.views.formatting import html

plain = st.text(st.one_of(st.characters(codec="utf-8", exclude_categories=["Cs", "Cc"]), st.sampled_from(' \n&<>"😀é')))
INSTANT = html.instant(1_605_301_200, "21:00 UTC")

pieces = st.recursive(
    st.one_of(plain.map(html.escape), plain.map(html.code), plain.map(html.pre), st.just(INSTANT)),
    lambda inner: st.one_of(
        st.lists(inner, max_size=6).map("".join),
        inner.filter(lambda text: "<pre" not in text and "<code" not in text).map(html.bold),
        inner.filter(lambda text: "<pre" not in text and "<code" not in text).map(html.italic),
    ),
    max_leaves=12,
)


def utf16(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2


@given(plain)
def test_escaped_text_is_seen_as_it_was_written(text: str) -> None:
    assert html.visible(html.escape(text)) == text
    assume(text.strip())
    assert parse_html(html.escape(text)).text == text.strip()


def test_half_a_surrogate_pair_does_not_stop_a_message() -> None:
    assert html.escape("a\ud800b") == "a?b"
    assert html.clip("a\ud800" * 9, 5).endswith("…")


@given(pieces)
@settings(deadline=None)
def test_length_is_that_of_the_parsed_text(text: str) -> None:
    assert html.visible_length(text) == utf16(html.visible(text))
    assert html.visible(text).strip() == parse_html(text).text


@given(st.lists(pieces, min_size=1, max_size=8).map("".join), st.integers(html.SMALLEST_PAGE, 200))
@settings(deadline=None, max_examples=100)
def test_pages_hold_everything_and_fit(text: str, limit: int) -> None:
    pages = html.split(text * 3, limit)
    for page in pages:
        assert html.visible(page).strip()
        assert utf16(html.visible(page)) <= limit
        parse_html(page)
    joined, whole = "".join(map(html.visible, pages)), html.visible(text * 3)
    assert "".join(joined.split()) == "".join(whole.split())


def test_tags_are_opened_again_on_the_next_page() -> None:
    pages = html.split("<b><i>" + "word " * 40 + "</i></b>", 64)
    assert len(pages) == 4
    assert all(page.startswith("<b><i>word") and page.endswith("</i></b>") for page in pages)
    assert pages[0] == "<b><i>" + "word " * 11 + "word</i></b>"


def test_a_page_ends_at_a_line_if_it_can() -> None:
    assert html.split("a" * 40 + "\n" + "b b " * 10, 64)[0] == "a" * 40


def test_entities_surrogate_pairs_and_instants_stay_whole() -> None:
    assert html.split("&amp;" * 65, 64) == ["&amp;" * 64, "&amp;"]
    assert html.split("😀" * 33, 64) == ["😀" * 32, "😀"]
    assert html.split("x" * 60 + INSTANT, 64) == ["x" * 60, INSTANT]


def test_a_quotation_keeps_folding_on_the_next_page() -> None:
    pages = html.split(html.folded("word " * 30), 64)
    assert all(page.startswith("<blockquote expandable>") and page.endswith("</blockquote>") for page in pages)


def test_a_page_can_be_too_small() -> None:
    with pytest.raises(ValueError, match="allowed: at least 64"):
        html.split("x", 63)


def test_nothing_visible_is_no_page() -> None:
    assert html.split("") == []
    assert html.split(" <b> \n</b>" * 9, 64) == []


@given(plain, st.integers(1, 60))
def test_clipped_text_fits_and_says_so(text: str, limit: int) -> None:
    clipped = html.clip(text, limit)
    whole = " ".join(text.split())
    assert utf16(clipped) <= limit
    assert clipped == whole or (clipped.endswith("…") and whole.startswith(clipped[:-1]))


def test_clip_cuts_at_a_word() -> None:
    assert html.clip("one two three four", 12) == "one two…"
    assert html.clip("a bcdefghijklmnop", 8) == "a bcdef…"


def test_fit_leaves_out_only_what_it_must() -> None:
    def build(left_out: frozenset[str]) -> str:
        parts = {"core": "c" * 70, "first": "f" * 30, "second": "s" * 30}
        return "".join(text for name, text in parts.items() if name not in left_out)

    assert html.fit(build, ("first", "second"), 130) == "c" * 70 + "f" * 30 + "s" * 30
    assert html.fit(build, ("first", "second"), 129) == "c" * 70 + "s" * 30
    assert html.fit(build, ("first", "second"), 99) == "c" * 70
    assert html.fit(build, ("first", "second"), 65) == "c" * 65


def test_an_instant_is_one_to_telegram() -> None:
    (entity,) = parse_html(INSTANT).entities
    assert (entity["type"], entity["unix_time"], entity["date_time_format"]) == ("date_time", 1_605_301_200, "t")


def test_whole_sentences_only() -> None:
    text = "Funds lost 19.5 billion, e.g. in May. \n “Why?” Nobody   knows! And so on"
    assert html.sentences(text, 200) == "Funds lost 19.5 billion, e.g. in May. “Why?” Nobody knows! And so on"
    assert html.sentences(text, 57) == "Funds lost 19.5 billion, e.g. in May. “Why?”"
    assert html.sentences(text, 44) == "Funds lost 19.5 billion, e.g. in May. “Why?”"
    assert html.sentences(text, 36) == ""
    assert html.sentences("", 9) == ""


@given(st.text(st.sampled_from("ab .!?😀”"), max_size=60), st.integers(0, 70))
def test_sentences_end_where_one_ends(text: str, limit: int) -> None:
    kept = html.sentences(text, limit)
    whole = " ".join(text.split())
    assert html.units(kept) <= limit
    assert whole.startswith(kept)
    assert kept in {"", whole} or (kept.rstrip("”")[-1] in ".!?" and whole[len(kept)] == " ")


@given(st.text(alphabet="ab(),. +-\n", max_size=200))
def test_wrapped_text_has_no_wide_line_and_loses_nothing(text: str) -> None:
    told = html.wrapped(text, 20)
    assert all(len(line) <= 20 for line in told.split("\n"))
    assert "".join(told.split()) == "".join(text.split())


_PIECES = st.lists(
    st.sampled_from(
        ["a", "b c", " ", "  ", "\n", "\n\n\n", "<b>", "</b>", "<pre>  x \n y</pre>", "&lt;", "\u00a0", "\t"]
    )
)


@given(_PIECES.map("".join))
def test_tidy_leaves_no_blank_at_an_end_of_a_line_and_no_two_empty_lines(text: str) -> None:
    found = html.tidy(text)
    seen = html.visible(found)
    assert all(line == line.rstrip() for line in seen.split("\n"))
    assert "\n\n\n" not in seen
    assert seen == seen.strip("\n")
    assert seen.split() == html.visible(text).split()
    assert html.tidy(found) == found
    assert re.findall("<[^>]*>", found) == re.findall("<[^>]*>", text)


@given(
    st.lists(st.sampled_from(["word ", "a\n", "\n", "  ", "<b>x </b>", "longer words here "]), max_size=80).map("".join)
)
def test_no_page_is_untidy(text: str) -> None:
    for page in html.split(text, 64):
        seen = html.visible(page)
        assert all(line == line.rstrip() for line in seen.split("\n"))
        assert "\n\n\n" not in seen


@given(st.text(" a\n\u00a0bc", max_size=200), st.integers(8, 40))
def test_what_is_wrapped_has_no_blank_at_an_end_of_a_line(text: str, columns: int) -> None:
    assert all(line == line.rstrip() for line in html.wrapped(text, columns).split("\n"))
