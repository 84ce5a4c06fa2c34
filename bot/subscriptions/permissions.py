"""Permissions: who may look, subscribe and operate, by user id."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Mode(StrEnum):
    """Whom the bot is there for."""

    OPEN = "open"  # everybody
    APPROVAL = "approval"  # everybody may look; alerts only after an operator said yes
    MEMBERS = "members"  # nobody but the members and the operators


class Grant(StrEnum):
    """What came of asking for alerts."""

    YES = "yes"
    ASK = "ask"  # an operator decides
    NO = "no"


@dataclass(frozen=True, slots=True)
class Access:
    """The rights as the settings state them: user ids, which never change and can't be chosen."""

    mode: Mode = Mode.OPEN
    operators: frozenset[int] = frozenset()
    members: frozenset[int] = frozenset()

    def is_operator(self, user_id: int | None) -> bool:
        """Whether this person runs the bot; a nameless sender (a channel, an anonymous admin) never does."""
        return user_id in self.operators

    def may_look(self, user_id: int | None) -> bool:
        """Whether this person is answered at all."""
        return self.mode != Mode.MEMBERS or self._is_known(user_id)

    def may_subscribe(self, user_id: int | None) -> Grant:
        """Whether a chat gets alerts because this person asks for them."""
        if self.mode == Mode.OPEN or self._is_known(user_id):
            return Grant.YES
        return Grant.ASK if self.mode == Mode.APPROVAL else Grant.NO

    def _is_known(self, user_id: int | None) -> bool:
        return user_id in self.operators or user_id in self.members
