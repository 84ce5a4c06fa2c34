"""Places of values, keys and characters in a YAML document."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.yamlfile.document import Document, SourceText, path_text
from bot.yamlfile.load import read_yaml

WORDS = st.lists(st.text("abcxyz019()<>+*/_é€=", min_size=1, max_size=8), min_size=1, max_size=12)
STYLES = ["plain", "plain over lines", "single", "single over lines", "double", "escaped", "literal", "folded"]


def spelled(words: list[str], style: str) -> str:
    """The words as the value of a key, in one of YAML's many ways."""
    words = ["w" + word for word in words]
    line, lines = " ".join(words), "\n    ".join(words)
    return {
        "plain": f"key: {line}\n",
        "plain over lines": f"key: {lines}\n",
        "single": f"key: 'it''s {line}'\n",
        "single over lines": f"key: 'it''s\n    {lines}'\n",
        "double": f'key: "{line}"\n',
        "escaped": f"key: {json.dumps(line)}\n",
        "literal": f"key: |  # why\n    {lines}\n",
        "folded": f"key: >-\n\n    {lines}\n",
    }[style]


@pytest.mark.parametrize("style", STYLES)
@given(words=WORDS)
def test_every_visible_character_of_a_value_is_found_where_the_file_has_it(style: str, words: list[str]) -> None:
    source = "# first\nbefore: 1\n" + spelled(words, style) + "after: 2\n"
    document = read_yaml(source.encode(), "x.yaml")
    rows = source.split("\n")
    for line, content in enumerate(document.data["key"].split("\n"), start=1):
        for column, character in enumerate(content, start=1):
            if character.isspace():
                continue
            problem = document.problem(("key",), "wrong", at=(line, column))
            found = rows[problem.line - 1][problem.column - 1]
            assert found == character or (style == "escaped" and found == "\\")


def test_the_end_of_a_text_is_after_its_last_character() -> None:
    document = read_yaml(b'when: "close >"\n', "x.yaml")
    assert document.problem(("when",), "", at=(1, 8)).column == 15


def test_escapes_that_stand_for_blanks_are_blanks() -> None:
    document = read_yaml(b'when: "a\\tb\\x20c\\u00e9\\\n   d"\n', "x.yaml")
    assert document.data["when"] == "a\tb cé" + "d"
    place = [document.problem(("when",), "", at=(1, column)) for column in (1, 3, 5, 6, 7)]
    assert [(each.line, each.column) for each in place] == [(1, 8), (1, 11), (1, 16), (1, 17), (2, 4)]


def test_a_path_that_is_not_there_is_placed_at_what_is_around_it() -> None:
    document = read_yaml(b"a: 1\nfollow:\n  for: 2\n", "x.yaml")
    assert str(document.problem(("follow", "held", "x"), "missing")) == "x.yaml:3:3: follow.held.x: missing"
    assert str(document.problem(("zzz",), "missing")) == "x.yaml:1:1: zzz: missing"
    assert str(document.problem(("follow",), "odd", key=True)) == "x.yaml:2:1: follow: odd"


def test_a_document_without_places_still_complains() -> None:
    assert str(Document("x.yaml", None, {}).problem((), "odd")) == "x.yaml:1:1: odd"
    assert SourceText("", "", "", (3, 4)).place_of(1, 1) == (3, 4)


def test_paths_read_as_people_write_them() -> None:
    assert path_text(("claims", 0, "check", "asset")) == "claims[0].check.asset"
    assert path_text(()) == ""
