"""Reading YAML strictly: what is right, and each mistake in one clear line."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.problem import ProblemError
from bot.yamlfile.decode import MAX_FILE_BYTES
from bot.yamlfile.load import read_bytes, read_yaml, scan_yaml
from bot.yamlfile.parser import MAX_NODES

SAID = [
    (b"", "x: empty"),
    (b"# only a remark\n", "x: empty"),
    (b"---\n...\n", "x: empty"),
    (b"a: 1\n---\nb: 2\n", "x:2:1: a second document begins here; allowed: one document a file"),
    (b"a: 1\n...\nb: 2\n", "x:3:1: nothing may follow here; mind the indentation"),
    (b"a: 1\nb:\n  c: 2\na: 3\n", "x:4:1: a: written twice (first in line 1)"),
    (b"b: {c: 1, c: 2}\n", "x:1:11: b.c: written twice (first in line 1)"),
    (b"a: &x 1\nb: *x\n", "x:1:4: an anchor; write the value out, or quote a text that begins with &"),
    (b"a: *x\n", "x:1:4: an alias; write the value out, or quote a text that begins with *"),
    (b"a: &x [*x]\n", "x:1:4: an anchor; write the value out, or quote a text that begins with &"),
    (b"a: !!python/object:os.system 1\n", "x:1:4: a tag; quote a text that begins with !"),
    (b"a: !close\n", "x:1:4: a tag; quote a text that begins with !"),
    (b"\ta: 1\n", "x:1:1: a tab; indent with spaces"),
    (b"a:\n\tb: 1\n", "x:2:1: a tab; indent with spaces"),
    (b"a: b: c\n", "x:1:5: ': ' can't stand here; mind the indentation, and quote a text with ': ' in it"),
    (b"a: @x\n", "x:1:4: a value can't begin with this character; quote it"),
    (
        b"a: {close:.2f} is\n",
        (
            "x:1:16: this does not belong to the lines above; mind the indentation, and quote a text "
            "that begins with {, [ or a quote"
        ),
    ),
    (b"a: 'open\nb: 1\n", "x:3:1: the file ends inside a quoted text"),
    (b"? [a]\n: b\n", "x:1:3: a key must be a word; quote a text that begins with { or ["),
    (b"a: 1\n b: 2\n", "x:2:3: ': ' can't stand here; mind the indentation, and quote a text with ': ' in it"),
    (b"a: caf\xe9\n", "x:1:7: not UTF-8 (got byte 0xe9); save the file as UTF-8"),
    ("a: é\r\nb: ".encode() + b"\xff", "x:2:4: not UTF-8 (got byte 0xff); save the file as UTF-8"),
    ("a: 1\n".encode("utf-16"), "x: written in UTF-16; allowed: UTF-8"),
    (b"a: 1\nb: x\0y\n", "x:2:5: a character that does not print (U+0000); remove it"),
    (b'a: "x\\0y"\n', "x:1:4: a: a character that does not print (U+0000); remove it"),
    (b"a: " + b"9" * 500, "x:1:4: a: a number of 500 digits; allowed: up to 300"),
    (b"[" * 100_000, "x:1:21: nested deeper than 20 levels"),
    (b"- " * 100_000, "x:1:41: nested deeper than 20 levels"),
    (b"a: " + b"x" * MAX_FILE_BYTES, "x: larger than 256 KiB; allowed: up to 256 KiB"),
]


@pytest.mark.parametrize(("raw", "said"), SAID, ids=[repr(raw[:24]) for raw, _ in SAID])
def test_what_is_wrong_is_said_in_one_clear_line(raw: bytes, said: str) -> None:
    with pytest.raises(ProblemError) as caught:
        read_yaml(raw, "x")
    assert [str(problem) for problem in caught.value.problems] == [said]


def test_a_mark_of_byte_order_and_foreign_line_ends_are_accepted() -> None:
    document = read_yaml(b"\xef\xbb\xbfa: 1\r\nb:\r\n  - x\r\n  - y\r\n", "x")
    assert document.data == {"a": 1, "b": ["x", "y"]}
    assert document.places["b", 1] == (4, 5)


def test_places_of_values_and_keys() -> None:
    document = read_yaml(b"a: 1\nb:\n  - {c: x, d: [1, 2]}\n", "x")
    assert document.places["a",] == (1, 4)
    assert document.key_places["b", 0, "d"] == (3, 12)
    assert document.places["b", 0, "d", 1] == (3, 19)
    assert document.places[()] == (1, 1)


def test_keys_are_text_whatever_they_look_like() -> None:
    assert read_yaml(b"1: a\non: b\ntrue: c\n2024-01-02: d\n", "x").data == {
        "1": "a",
        "on": "b",
        "true": "c",
        "2024-01-02": "d",
    }


def test_of_a_key_written_twice_the_first_counts_and_everything_else_is_read() -> None:
    document, problems = scan_yaml(b"a: {x: 1}\na: {y: 2}\nb: 3\nb: 4\n", "x")
    assert document is not None
    assert document.data == {"a": {"x": 1}, "b": 3}
    assert len(problems) == 2


def test_several_mistakes_are_told_at_once() -> None:
    _, problems = scan_yaml(b"a: 1\na: 2\nb: " + b"1" * 400 + b"\nc: {d: 1, d: 2}\n", "x")
    assert [problem.path for problem in problems] == ["a", "b", "c.d"]


def test_a_billion_laughs_are_not_even_read() -> None:
    bomb = "a0: &a0 [x]\n" + "".join(f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 10)}]\n" for i in range(1, 12))
    with pytest.raises(ProblemError, match="an anchor"):
        read_yaml(bomb.encode(), "x")


def test_files_that_are_none(tmp_path: Path) -> None:
    (tmp_path / "folder.yaml").mkdir()
    os.mkfifo(tmp_path / "pipe.yaml")
    (tmp_path / "gone.yaml").symlink_to(tmp_path / "nowhere")
    (tmp_path / "loop.yaml").symlink_to(tmp_path / "loop.yaml")
    (tmp_path / "zero.yaml").symlink_to("/dev/zero")
    said = {}
    for name in ("folder", "pipe", "gone", "loop", "zero"):
        with pytest.raises(ProblemError) as caught:
            read_bytes(tmp_path / f"{name}.yaml", name)
        said[name] = str(caught.value)
    assert said == {
        "folder": "folder: a folder; allowed: a text file",
        "pipe": "pipe: not an ordinary file; allowed: a text file",
        "gone": f"gone: a link to {tmp_path / 'nowhere'}, which is not there",
        "loop": "loop: can't be read: Too many levels of symbolic links",
        "zero": "zero: not an ordinary file; allowed: a text file",
    }


def test_a_file_that_may_not_be_read(tmp_path: Path) -> None:
    path = tmp_path / "secret.yaml"
    path.write_text("a: 1")
    path.chmod(0)
    if os.access(path, os.R_OK):
        pytest.skip("this user may read everything")
    with pytest.raises(ProblemError, match="can't be read: Permission denied"):
        read_bytes(path, "secret")


def test_of_a_huge_file_little_is_read(tmp_path: Path) -> None:
    path = tmp_path / "huge.yaml"
    with path.open("wb") as handle:
        handle.truncate(1 << 33)
    assert len(read_bytes(path, "huge")) == MAX_FILE_BYTES + 1


@pytest.mark.parametrize(
    ("text", "place", "said"),
    [
        ("a: {for: 8 bars, failed: close < lowest(low, 4)[1]}", "1:26", "a comma ends the text here; quote a text"),
        ("a: {for: 8 bars, failed: first(close, 2)}", "1:26", "a comma ends the text here; quote a text"),
        ("a: [first(close, 2), b]", "1:5", "a comma ends the text here; quote a text"),
        ("a: {b: close[1] > 2}", "1:13", "a comma or } must stand here; between { and } quote a text that has a comma"),
        ("a: [x, y[1]]", "1:9", "a comma or ] must stand here; between [ and ] quote a text that has a comma"),
        ("a: [close > 1,, b]", "1:15", "a value must stand here"),
        ("a: ]", "1:4", "a value must stand here"),
        ("- a\nb: c", "2:1", "the list above goes on only with '- '"),
        ("a: ? b", "1:4", "a value can't begin with '? '; quote it"),
        ("a: &", "1:5", "an anchor; quote a text that begins with &"),
        ("a: *[1]", "1:5", "an alias; quote a text that begins with *"),
        ("a: !<", "1:6", "a tag; quote a text that begins with !"),
        ("a: !foo,bar b", "1:8", "a tag; quote a text that begins with !"),
        ("a: !e!x y", "1:4", "a tag; quote a text that begins with !"),
        ("a: |x\n b", "1:5", "nothing may follow | or > in its line"),
        ("a: >0\n b", "1:5", "nothing may follow | or > in its line"),
        ('a: "\\q"', "1:5", "\\ has a meaning in double quotes; write \\\\,"),
        ('a: "\\x1"', "1:7", "\\ has a meaning in double quotes; write \\\\,"),
        ("%YAML", "1:6", "a line can't begin with %"),
        ("%YAML 3.0\n---\na: 1", "1:1", "a line can't begin with %"),
        ("%FOO\n---\na: 1", "1:5", "a line can't begin with %"),
    ],
)
def test_no_mistake_is_told_in_the_words_of_the_library(text: str, place: str, said: str) -> None:
    with pytest.raises(ProblemError) as caught:
        read_yaml(text.encode(), "x")
    (problem,) = caught.value.problems
    assert str(problem).startswith(f"x:{place}: ")
    assert problem.message.startswith(said)


def test_a_bracket_of_a_formula_may_stand_where_it_is_quoted_or_closed() -> None:
    text = b"a: {x: first(close), y: 'first(close, 2)', z: close > 1, t: [a (b]}\nb: first(close, 2)\n"
    assert read_yaml(text, "x").data["a"]["y"] == "first(close, 2)"


PIECES = st.sampled_from(
    [
        b"a: ",
        b"\n",
        b"  ",
        b"- ",
        b"[",
        b"]",
        b"{",
        b"}",
        b"'",
        b'"',
        b"|\n",
        b">-\n",
        b"&x ",
        b"*x",
        b"!t ",
        b"#",
        b"---\n",
        b"\t",
        b"? ",
        b": ",
        b"\\",
        b"\xff",
        b"\x00",
        b"\r",
        b"%YAML 1.1\n",
        b"<<: ",
        b",",
        b"\xe2\x80\xa8",
        b"1e9",
        b"x" * 300,
    ]
)


@settings(max_examples=100, deadline=None)
@given(st.one_of(st.binary(max_size=300), st.lists(PIECES, max_size=60).map(b"".join)))
def test_nothing_that_a_file_may_hold_makes_the_reader_stumble(raw: bytes) -> None:
    document, problems = scan_yaml(raw, "x")
    assert (document is not None) or problems
    assert all(problem.line <= len(raw) + 1 for problem in problems)


@pytest.mark.parametrize(
    "piece",
    [b"{a: ", b"[[", b"- - ", b"a: {b: [", b'"', b"? ", b"\n", b"#", b"a\n", b"'a' : ", b"[a, ", b"|\n", b"%a\n"],
)
def test_of_the_largest_file_no_more_is_read_than_its_nodes_may_be(piece: bytes) -> None:
    document, problems = scan_yaml(piece * (MAX_FILE_BYTES // len(piece)), "x")
    assert len(problems) <= MAX_NODES
    assert document is None or len(document.places) <= MAX_NODES
