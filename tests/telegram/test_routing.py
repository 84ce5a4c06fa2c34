"""What is done about what was said: as tables, and as laws over every kind of chat and person."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.subscriber import Chat
from bot.subscriptions.permissions import Access, Mode
from bot.telegram.command import Permission
from bot.telegram.commands.registry import COMMANDS
from bot.telegram.incoming import IncomingMessage
from bot.telegram.routing import Action, available_commands, find_command, route

ME = "bellwether_bot"
OPERATOR, MEMBER, STRANGER = 1, 2, 3
KINDS = ("private", "group", "supergroup", "channel")


def access(mode):
    return Access(mode, frozenset({OPERATOR}), frozenset({MEMBER}))


def incoming(text, kind="private", user=STRANGER, *, speaks_for_chat=False):
    return IncomingMessage(Chat(10, 0, kind, "somewhere"), 5, user, "Somebody", speaks_for_chat, text)


@pytest.mark.parametrize(
    ("mode", "kind", "user", "text", "action"),
    [
        ("open", "private", STRANGER, "/status", Action.RUN),
        ("open", "private", STRANGER, "/stop", Action.RUN),
        ("open", "private", STRANGER, "/statsu", Action.UNKNOWN),
        ("open", "private", STRANGER, "/approve 1", Action.UNKNOWN),
        ("open", "private", OPERATOR, "/approve 1", Action.RUN),
        ("open", "private", STRANGER, "hello", Action.HINT),
        ("open", "private", STRANGER, "/status@other_bot", Action.IGNORE),
        ("open", "group", STRANGER, "/status", Action.RUN),
        ("open", "group", STRANGER, "/statsu", Action.IGNORE),
        ("open", "group", STRANGER, f"/statsu@{ME}", Action.UNKNOWN),
        ("open", "group", STRANGER, "hello", Action.IGNORE),
        ("open", "group", STRANGER, f"hello @{ME}", Action.HINT),
        ("open", "group", OPERATOR, "/approve 1", Action.RUN),
        ("open", "channel", None, "/subscribe", Action.RUN),
        ("open", "channel", None, f"hello @{ME}", Action.IGNORE),
        ("members", "private", STRANGER, "/status", Action.REFUSE),
        ("members", "private", STRANGER, "/statsu", Action.REFUSE),
        ("members", "private", STRANGER, "hello", Action.REFUSE),
        ("members", "private", STRANGER, "/unsubscribe", Action.RUN),
        ("members", "private", MEMBER, "/status", Action.RUN),
        ("members", "group", STRANGER, "/status", Action.IGNORE),
        ("members", "group", STRANGER, f"hello @{ME}", Action.IGNORE),
        ("members", "channel", None, "/subscribe", Action.RUN),
        ("members", "channel", None, "/status", Action.IGNORE),
        ("approval", "private", STRANGER, "/status", Action.RUN),
    ],
)
def test_deeds(mode, kind, user, text, action):
    said = incoming(text, kind, user, speaks_for_chat=user is None)
    assert route(said, ME, access(Mode(mode)), COMMANDS).action is action


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
    what = route(incoming(text, kind, user, speaks_for_chat=user is None), ME, rights, COMMANDS)
    if "@other_bot" in text.split(" ")[0] and text.startswith("/"):
        assert what.action is Action.IGNORE
    if what.command is not None:
        assert what.action is Action.RUN
        assert what.command.who is not Permission.OPERATORS or user == OPERATOR
        assert rights.may_look(user) or what.command.always or user is None
    if kind != "private" and what.action is Action.HINT:
        assert ME in text.lower()
    if what.action is Action.REFUSE:
        assert kind == "private"
        assert mode is Mode.MEMBERS


def test_a_command_is_found_by_every_name_it_has():
    for command in COMMANDS:
        for name in (command.name, *command.aliases):
            assert find_command(name, COMMANDS) is command
    assert find_command("nonsense", COMMANDS) is None


def test_only_operators_see_their_commands():
    assert set(COMMANDS) - set(available_commands(COMMANDS, access(Mode.OPEN), MEMBER)) == {
        command for command in COMMANDS if command.who is Permission.OPERATORS
    }
    assert available_commands(COMMANDS, access(Mode.OPEN), OPERATOR) == COMMANDS
