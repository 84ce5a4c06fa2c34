"""Who may do what."""

from __future__ import annotations

import pytest

from bot.subscriptions.permissions import Access, Grant, Mode

OPERATOR, MEMBER, STRANGER = 1, 2, 2**33


@pytest.mark.parametrize(
    ("mode", "user", "looks", "grant"),
    [
        (Mode.OPEN, STRANGER, True, Grant.YES),
        (Mode.OPEN, None, True, Grant.YES),
        (Mode.OPEN, OPERATOR, True, Grant.YES),
        (Mode.APPROVAL, STRANGER, True, Grant.ASK),
        (Mode.APPROVAL, None, True, Grant.ASK),
        (Mode.APPROVAL, MEMBER, True, Grant.YES),
        (Mode.APPROVAL, OPERATOR, True, Grant.YES),
        (Mode.MEMBERS, STRANGER, False, Grant.NO),
        (Mode.MEMBERS, None, False, Grant.NO),
        (Mode.MEMBERS, MEMBER, True, Grant.YES),
        (Mode.MEMBERS, OPERATOR, True, Grant.YES),
        ("members", STRANGER, False, Grant.NO),
    ],
)
def test_rights_by_mode_and_person(mode, user, looks, grant):
    access = Access(mode, frozenset({OPERATOR}), frozenset({MEMBER}))
    assert access.may_look(user) is looks
    assert access.may_subscribe(user) is grant


def test_only_operators_are_operators():
    access = Access(Mode.OPEN, frozenset({OPERATOR}), frozenset({MEMBER}))
    assert [access.is_operator(user) for user in (OPERATOR, MEMBER, STRANGER, None)] == [True, False, False, False]
