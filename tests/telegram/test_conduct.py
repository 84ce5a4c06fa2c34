"""What is done about what was said: as tables, and as laws over every kind of chat and person."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.store.subscribers import Chat
from bot.telegram.access import Access, Mode
from bot.telegram.command import Who
from bot.telegram.commands import COMMANDS
from bot.telegram.conduct import Deed, conduct, find, visible
from bot.telegram.hearing import Heard

ME = "bellwether_bot"
OPERATOR, MEMBER, STRANGER = 1, 2, 3
KINDS = ("private", "group", "supergroup", "channel")


def access(mode):
    return Access(mode, frozenset({OPERATOR}), frozenset({MEMBER}))


def heard(text, kind="private", user=STRANGER, *, speaks_for_chat=False):
    return Heard(Chat(10, 0, kind, "somewhere"), 5, user, "Somebody", speaks_for_chat, text)


@pytest.mark.parametrize(
    ("mode", "kind", "user", "text", "deed"),
    [
        ("open", "private", STRANGER, "/status", Deed.RUN),
        ("open", "private", STRANGER, "/stop", Deed.RUN),
        ("open", "private", STRANGER, "/statsu", Deed.UNKNOWN),
        ("open", "private", STRANGER, "/approve 1", Deed.UNKNOWN),
        ("open", "private", OPERATOR, "/approve 1", Deed.RUN),
        ("open", "private", STRANGER, "hello", Deed.HINT),
        ("open", "private", STRANGER, "/status@other_bot", Deed.IGNORE),
        ("open", "group", STRANGER, "/status", Deed.RUN),
        ("open", "group", STRANGER, "/statsu", Deed.IGNORE),
        ("open", "group", STRANGER, f"/statsu@{ME}", Deed.UNKNOWN),
        ("open", "group", STRANGER, "hello", Deed.IGNORE),
        ("open", "group", STRANGER, f"hello @{ME}", Deed.HINT),
        ("open", "group", OPERATOR, "/approve 1", Deed.RUN),
        ("open", "channel", None, "/subscribe", Deed.RUN),
        ("open", "channel", None, f"hello @{ME}", Deed.IGNORE),
        ("members", "private", STRANGER, "/status", Deed.STRANGER),
        ("members", "private", STRANGER, "/statsu", Deed.STRANGER),
        ("members", "private", STRANGER, "hello", Deed.STRANGER),
        ("members", "private", STRANGER, "/unsubscribe", Deed.RUN),
        ("members", "private", MEMBER, "/status", Deed.RUN),
        ("members", "group", STRANGER, "/status", Deed.IGNORE),
        ("members", "group", STRANGER, f"hello @{ME}", Deed.IGNORE),
        ("members", "channel", None, "/subscribe", Deed.RUN),
        ("members", "channel", None, "/status", Deed.IGNORE),
        ("approval", "private", STRANGER, "/status", Deed.RUN),
    ],
)
def test_deeds(mode, kind, user, text, deed):
    said = heard(text, kind, user, speaks_for_chat=user is None)
    assert conduct(said, ME, access(Mode(mode)), COMMANDS).deed is deed


TEXTS = st.one_of(
    st.text(max_size=40),
    st.builds(
        lambda name, bot, rest: f"/{name}{bot} {rest}",
        st.sampled_from([word for command in COMMANDS for word in (command.name, *command.aliases)] + ["nonsense"]),
        st.sampled_from(["", f"@{ME}", "@other_bot"]),
        st.text(max_size=20),
    ),
)


@given(st.sampled_from(list(Mode)), st.sampled_from(KINDS), st.sampled_from([OPERATOR, MEMBER, STRANGER, None]), TEXTS)
def test_laws(mode, kind, user, text):
    rights = access(mode)
    what = conduct(heard(text, kind, user, speaks_for_chat=user is None), ME, rights, COMMANDS)
    if "@other_bot" in text.split(" ")[0] and text.startswith("/"):
        assert what.deed is Deed.IGNORE
    if what.command is not None:
        assert what.deed is Deed.RUN
        assert what.command.who is not Who.OPERATORS or user == OPERATOR
        assert rights.may_look(user) or what.command.always or user is None
    if kind != "private" and what.deed is Deed.HINT:
        assert ME in text.lower()
    if what.deed is Deed.STRANGER:
        assert kind == "private"
        assert mode is Mode.MEMBERS


def test_a_command_is_found_by_every_name_it_has():
    for command in COMMANDS:
        for name in (command.name, *command.aliases):
            assert find(name, COMMANDS) is command
    assert find("nonsense", COMMANDS) is None


def test_only_operators_see_their_commands():
    assert set(COMMANDS) - set(visible(COMMANDS, access(Mode.OPEN), MEMBER)) == {
        command for command in COMMANDS if command.who is Who.OPERATORS
    }
    assert visible(COMMANDS, access(Mode.OPEN), OPERATOR) == COMMANDS
