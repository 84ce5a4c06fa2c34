"""A function of the formula language: its parameters, its result, and how far back it looks."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from bot.signals.bars import FloatArray
from bot.signals.indicators.bounds import UNBOUNDED, ResultBounds

Constant = int | float | str | None
"""What a constant parameter holds; None is the window `all`."""

History = Callable[[Mapping[str, Constant]], int | None]
"""How many bars before a bar a value depends on, by the constants given; None where it is all of them."""

MAX_LOOK_BACK_BARS = 5_000
"""Bars that a window or a lag may reach back: twenty years of sessions."""


class Kind(StrEnum):
    """What a part of a formula is at each bar."""

    NUMBER = "number"
    YES_NO = "yes/no"


class ParameterType(StrEnum):
    """What a parameter wants."""

    NUMBER = "number series"
    YES_NO = "yes/no series"
    WINDOW = "bars or all"
    BARS = "bars"
    AMOUNT = "constant"
    RULE = "rule id"
    MARKET = "market"
    PERIOD = "period"

    @property
    def is_series(self) -> bool:
        """Whether it has a value at each bar; else it is written down once."""
        return self in {ParameterType.NUMBER, ParameterType.YES_NO}


class InputSeries(StrEnum):
    """What a function works on besides its parameters."""

    NOTHING = "nothing"
    BARS = "bars"
    DATES = "bars of the series"
    LEVELS = "bars and pinned levels"
    FIRINGS = "firings"
    MARKET = "bars and another market's bars"


REQUIRED = object()
"""Stands for the default of a parameter that has none."""


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter. `default` is REQUIRED, a constant, None for `all`, or the name of a series of the rule's market.

    `low` and `high` bound what is written down, both included.
    """

    name: str
    type: ParameterType
    help: str
    default: object = REQUIRED
    low: float = 1
    high: float = MAX_LOOK_BACK_BARS

    @property
    def required(self) -> bool:
        """Whether it must be given."""
        return self.default is REQUIRED

    @property
    def default_text(self) -> str:
        """Its default as one would write it; empty where it must be given."""
        if self.required:
            return ""
        return "all" if self.default is None else f"{self.default}"


@dataclass(frozen=True, slots=True)
class Function:
    """One function of the language.

    `compute` gets the series in order and the constants by name, before them the bars where `input`
    says so, and those of the market that the constant `market` names. Those of DATES are the bars that the series
    run on, whichever market's they are. Where there is `prepare`, it gets what that makes of the series instead, which
    is made once for all calls over the same series, whatever their constants.
    `history` counts the bars before a bar on which its value there depends; a recursive one, as an exponential mean,
    depends on all of them. `bounds` are those of a number. `variadic` repeats the last parameter.
    """

    name: str
    parameters: tuple[Parameter, ...]
    kind: Kind
    help: str
    example: str
    compute: Callable[..., FloatArray]
    history: History
    bounds: ResultBounds = UNBOUNDED
    input: InputSeries = InputSeries.NOTHING
    variadic: bool = False
    prepare: Callable[..., object] | None = None

    def unbounded(self, constants: Mapping[str, Constant]) -> bool:
        """Whether a value depends on all of the past, be it by a billionth."""
        return self.history(constants) is None

    @property
    def signature(self) -> str:
        """How it is written: `rsi(x=close, n=14)`."""
        parts = [p.name if p.required else f"{p.name}={p.default_text}" for p in self.parameters]
        return f"{self.name}({', '.join([*parts, '…'] if self.variadic else parts)})"


def series(name: str = "x", default: object = REQUIRED, text: str = "the series") -> Parameter:
    """A parameter that wants a number at each bar."""
    return Parameter(name, ParameterType.NUMBER, text, default)


def condition() -> Parameter:
    """A parameter that wants yes or no at each bar."""
    return Parameter("cond", ParameterType.YES_NO, "the condition")


def window(default: object = REQUIRED, low: int = 1) -> Parameter:
    """A parameter `n` that wants a number of bars, or `all`."""
    return Parameter("n", ParameterType.WINDOW, "window in bars, this one included, or all", default, low)


def bars(text: str, default: object = REQUIRED, low: int = 1, name: str = "n") -> Parameter:
    """A parameter that wants a number of bars."""
    return Parameter(name, ParameterType.BARS, text, default, low)


def no_history(_: Mapping[str, Constant]) -> int:
    """Nothing of the past."""
    return 0


def all_history(_: Mapping[str, Constant]) -> None:
    """All of the past."""


def window_history(extra: int, name: str = "n") -> History:
    """As many bars as the parameter `name` says, and `extra` more; all of them for the window `all`."""

    def history(constants: Mapping[str, Constant]) -> int | None:
        n = constants[name]
        return int(n) + extra if isinstance(n, int | float) else None

    return history
