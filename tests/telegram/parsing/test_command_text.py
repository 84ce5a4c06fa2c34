"""Command lines as people type them, to this bot and to others."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.telegram.parsing.command_text import (
    MAX_ARGUMENT_CHARACTERS,
    ParsedCommand,
    is_for_another_bot,
    mentions,
    normalized,
    read_command,
)

ME = "bellwether_bot"
WORDS = st.text(st.characters(codec="utf-8"), max_size=300)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("/status", ParsedCommand("status", "", addressed=False)),
        ("/STATUS", ParsedCommand("status", "", addressed=False)),
        ("  /status  ", ParsedCommand("status", "", addressed=False)),
        ("/status@bellwether_bot", ParsedCommand("status", "", addressed=True)),
        ("/Status@Bellwether_BOT now", ParsedCommand("status", "now", addressed=True)),
        ("/subscribe iwm-resistance-break", ParsedCommand("subscribe", "iwm-resistance-break", addressed=False)),
        ("/subscribe\niwm", ParsedCommand("subscribe", "iwm", addressed=False)),
        ("/subscribe   a  b ", ParsedCommand("subscribe", "a  b", addressed=False)),
        ("/subscribe\xa0rut", ParsedCommand("subscribe", "rut", addressed=False)),
        ("\u200f/status\u200e", ParsedCommand("status", "", addressed=False)),
        ("/статус", ParsedCommand("статус", "", addressed=False)),
        ("/🚀", ParsedCommand("🚀", "", addressed=False)),
    ],
)
def test_commands_are_read_in_any_case_and_form(text, expected):
    assert read_command(text, ME) == expected


@pytest.mark.parametrize(
    "text",
    ["", " ", "/", "//", "/ status", "status", "hello /status", "/status@other_bot", "/a/b", "@bellwether_bot", "/@me"],
)
def test_everything_else_is_no_command(text):
    assert read_command(text, ME) is None


def test_a_command_to_another_bot_is_told_apart_from_words():
    assert is_for_another_bot("/status@other_bot", ME)
    assert is_for_another_bot("/status@other_bot now", ME)
    assert not is_for_another_bot("/status@Bellwether_Bot", ME)
    assert not is_for_another_bot("status@other_bot", ME)
    assert not is_for_another_bot("/status", ME)


def test_an_argument_of_4000_characters_is_cut():
    typed = read_command("/subscribe " + "x" * 4000, ME)
    assert typed is not None
    assert typed.argument == "x" * MAX_ARGUMENT_CHARACTERS


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("@bellwether_bot hello", True),
        ("hello @Bellwether_Bot!", True),
        ("@bellwether_bot2", False),
        ("mail me@bellwether_bot", False),
        ("bellwether_bot", False),
    ],
)
def test_the_bot_knows_when_it_is_spoken_to(text, expected):
    assert mentions(text, ME) is expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("IWM resistance break", "iwm-resistance-break"),
        (' "IWM_Resistance  Break" ', "iwm-resistance-break"),
        ("<iwm-resistance-break>", "iwm-resistance-break"),
        ("iwm\u2011resistance\u2013break", "iwm-resistance-break"),
        ("ＩＷＭ", "iwm"),
        ("…", ""),
        ("", ""),
    ],
)
def test_a_name_is_brought_into_the_form_of_an_id(text, expected):
    assert normalized(text) == expected


@given(WORDS)
def test_no_text_breaks_the_reader(text):
    typed = read_command(text, ME)
    if typed is not None:
        assert typed.name
        assert typed.name == typed.name.casefold()
        assert len(typed.argument) <= MAX_ARGUMENT_CHARACTERS
        assert not is_for_another_bot(text, ME)


@given(st.sampled_from(["status", "rules"]), st.text("abcdefgh ", max_size=50), st.booleans())
def test_what_is_composed_is_read_back(name, argument, addressed):
    text = f"/{name}{f'@{ME}' if addressed else ''} {argument}"
    assert read_command(text, ME) == ParsedCommand(name, argument.strip(), addressed)


@given(WORDS)
def test_the_canonical_form_is_its_own_canonical_form(text):
    once = normalized(text)
    assert normalized(once) == once
    assert not once.startswith("-")
    assert not once.endswith("-")
