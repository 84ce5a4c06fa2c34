"""A formula that has been read: a tree of typed nodes that says what it needs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from math import inf
from typing import Self

from bot.signals.indicators.function import Constant, Function, Kind

OWN = ""
"""The clock of the rule's own market; another market's clock has that market's name."""


class Op(StrEnum):
    """What a part of a formula does."""

    NUMBER = "number"
    SERIES = "series"
    NAME = "name"
    LAG = "lag"
    NEGATE = "negate"
    NOT = "not"
    ARITHMETIC = "arithmetic"
    COMPARE = "compare"
    AND = "and"
    OR = "or"
    CALL = "call"


NO_NAMES = -inf
"""The history of the names where there are none: less than any number of bars, and no bars add to it."""


@dataclass(frozen=True, slots=True, eq=False)
class Node:
    """One part of a formula.

    `key` is equal for parts that mean the same; `text` is as written. `symbol` is the operator, or the name of the
    series or function; `value` a number's, or a lag's bars. `clock` is the market on whose bars the part runs: what
    depends on one other market alone runs on that market's bars, and is joined where it meets another; None for what
    is the same at every bar. `history` counts the bars before a bar that decide its value, on its own clock. What is
    `unbounded` depends on all of the past: a frame's `past` answers for it, so it adds none; where the past of a
    `private` part is asked for, which no frame has, `history` is infinite. `private` parts depend on the rule (its
    names, its firings), not on bars alone; `pinnable` ones on its pinned levels. `names_history` is the `history` of
    the names alone: how many bars before a bar their values decide; NO_NAMES where none is read.
    """

    op: Op
    kind: Kind
    key: str
    text: str
    line: int
    column: int
    symbol: str = ""
    value: float = 0.0
    children: tuple[Node, ...] = ()
    constants: Mapping[str, Constant] = field(default_factory=dict)
    function: Function | None = None
    clock: str | None = OWN
    history: float = 0
    names_history: float = NO_NAMES
    private: bool = False
    pinnable: bool = False

    @property
    def reads_names(self) -> bool:
        """Whether any name is read in it."""
        return self.names_history != NO_NAMES

    @property
    def unbounded(self) -> bool:
        """Whether this is a call whose value depends on all of the past, be it by a billionth."""
        return self.function is not None and self.function.unbounded(self.constants)

    def walk(self) -> Iterator[Node]:
        """Yield this part and all that it is made of."""
        yield self
        for child in self.children:
            yield from child.walk()


class MarketNames(frozenset[str]):
    """Names of markets; `signed` are those whose values may be 0 and below, as those of a macro series."""

    signed: frozenset[str]

    def __new__(cls, names: Iterable[str] = (), signed: Iterable[str] = ()) -> Self:
        """The names, all of them, and which are signed."""
        made = super().__new__(cls, names)
        made.signed = frozenset(signed)
        return made


@dataclass(frozen=True, slots=True)
class Scope:
    """What a formula may speak of: markets, ids of rules, further series by name, and formulas by name.

    `signed` is whether the rule's own market may be at 0 and below.
    """

    markets: frozenset[str] = frozenset()
    rules: frozenset[str] = frozenset()
    names: Mapping[str, Kind] = field(default_factory=dict)
    definitions: Mapping[str, Formula] = field(default_factory=dict)
    signed: bool = False


@dataclass(frozen=True, slots=True, order=True)
class FormulaProblem:
    """One mistake in a formula; line and column count from 1 inside its text."""

    line: int
    column: int
    message: str


class FormulaError(Exception):
    """A formula that can't be used, with every mistake in it, in the order of the text."""

    def __init__(self, problems: tuple[FormulaProblem, ...]) -> None:
        super().__init__("; ".join(f"{p.line}:{p.column}: {p.message}" for p in problems))
        self.problems = problems


@dataclass(frozen=True, slots=True, eq=False)
class Formula:
    """A checked formula.

    `firings` are the rules whose firings it asks for, and within how many of their bars. `trivial` says why it
    can never be yes, or always is; empty where the market decides.
    """

    text: str
    kind: Kind
    root: Node
    markets: frozenset[str]
    rules: frozenset[str]
    names: frozenset[str]
    firings: frozenset[tuple[str, int]] = frozenset()
    trivial: tuple[FormulaProblem, ...] = ()

    @property
    def history(self) -> float:
        """How many bars before a bar a frame's ending must hold for the value there; infinite where none will do."""
        return self.root.history

    @property
    def names_history(self) -> float:
        """How many bars before a bar the values of names decide; NO_NAMES where the formula has none."""
        return self.root.names_history

    @property
    def needs_no_past_names(self) -> bool:
        """Whether of the names, if it has any, the value at a bar itself is enough."""
        return self.names_history <= 0

    def __str__(self) -> str:
        return self.text
