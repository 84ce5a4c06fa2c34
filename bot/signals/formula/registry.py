"""Registry of the functions of the formula language.

The reference of the language is generated from here: the help texts are what its users read.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import fields
from types import MappingProxyType

from bot.signals.bars import Bars, FloatArray
from bot.signals.indicators import bounds, kleene, windows
from bot.signals.indicators.function import (
    Function,
    InputSeries,
    Kind,
    Parameter,
    ParameterType,
    all_history,
    bars,
    condition,
    no_history,
    series,
    window,
    window_history,
)
from bot.signals.indicators.price_functions import PRICE_FUNCTIONS
from bot.signals.indicators.technical_functions import TECHNICAL_FUNCTIONS
from bot.signals.levels.levels import resistance, support
from bot.signals.levels.settings import LevelSettings

_HIGHS_AND_LOWS = (
    Function(
        "new_high",
        (series(default="close"), window(252)),
        Kind.YES_NO,
        "Yes where x is above the highest of the n bars before.",
        "new_high(close, 90)",
        windows.new_high,
        window_history(0),
    ),
    Function(
        "new_low",
        (series(default="close"), window(252)),
        Kind.YES_NO,
        "Yes where x is below the lowest of the n bars before.",
        "new_low(low, 252)",
        windows.new_low,
        window_history(0),
    ),
    Function(
        "crosses_above",
        (series(), series("y", text="what it crosses: a series or a number")),
        Kind.YES_NO,
        "Yes where x is above y and was not at the bar before.",
        "crosses_above(close, sma(close, 200))",
        kleene.crosses_above,
        lambda _: 1,
    ),
    Function(
        "crosses_below",
        (series(), series("y", text="what it crosses: a series or a number")),
        Kind.YES_NO,
        "Yes where x is below y and was not at the bar before.",
        "crosses_below(rsi(close, 14), 30)",
        kleene.crosses_below,
        lambda _: 1,
    ),
)

_CONDITIONS = (
    Function(
        "first",
        (condition(), bars("bars before on which cond was not yes", name="quiet")),
        Kind.YES_NO,
        "Yes where cond is yes and was yes on none of the `quiet` bars before; a bar where it was unknown was not yes.",
        "first(close > highest(close, 252)[1], 60)",
        kleene.first,
        window_history(0, "quiet"),
    ),
    Function(
        "since",
        (condition(),),
        Kind.NUMBER,
        "Bars since cond was last yes, 0 where it is yes now; unknown before its first yes.",
        "since(new_high(close, 252)) > 100",
        kleene.since,
        all_history,
        bounds.fixed(low=0),
    ),
    Function(
        "value_when",
        (
            condition(),
            series(text="what is asked for"),
            bars("how many yeses before the last one", 0, low=0, name="occurrence"),
        ),
        Kind.NUMBER,
        "Value of x at the bar where cond was last yes, this one included; unknown before its first yes.",
        "close > value_when(close < close[1], high)",
        kleene.value_when,
        all_history,
        bounds.of_series,
    ),
    Function(
        "count",
        (condition(), window()),
        Kind.NUMBER,
        "On how many of the last n bars, this one included, cond was yes.",
        "count(close > close[1], 10) >= 8",
        windows.count,
        window_history(-1),
        bounds.of_count,
    ),
    Function(
        "fired",
        (
            Parameter("rule", ParameterType.RULE, "the other rule's id, in quotes"),
            bars("how many bars of that rule's market count, its latest included", 1, name="within"),
        ),
        Kind.YES_NO,
        "Yes where another rule fired on one of the last `within` bars of its own market.",
        'fired("russell-2000-all-time-high", within=60)',
        kleene.within_last,
        no_history,
        input=InputSeries.FIRINGS,
    ),
)


def _level_parameters() -> tuple[Parameter, ...]:
    """What a level must show, then all_history that makes one, with the defaults that the levels themselves have."""
    texts = {
        "left": "bars before a pivot that it must top",
        "right": "bars after a pivot that it must top; it is known only then",
        "tolerance": "how far from a level a pivot may be to touch it, in ATR",
        "atr": "length of the ATR that distances are measured in",
        "spacing": "bars between two touches",
        "expires": "bars that a level lives after its last touch",
        "buffer": "how far beyond a level a close must be to break it, in ATR",
        "undo": "bars within which a close back through it by as much undoes a break",
    }
    shown = (
        bars("touches that the level has at least", 2, name="touches"),
        bars("bars since its first touch", 20, name="age", low=0),
    )
    defaults = LevelSettings()
    made = []
    for item in fields(LevelSettings):
        value = getattr(defaults, item.name)
        whole = isinstance(value, int)
        kind, low, high = (ParameterType.BARS, 1, 5_000) if whole else (ParameterType.AMOUNT, 0, 100)
        made.append(Parameter(item.name, kind, texts.get(item.name, item.name), value, low, high))
    return (*shown, *made)


def _from_levels(found: Callable[..., FloatArray]) -> Callable[..., FloatArray]:
    def compute(of: Bars, pinned: tuple[float, ...], *, touches: int, age: int, **settings: float) -> FloatArray:
        return found(of, LevelSettings(**settings), touches=touches, age=age, pinned=pinned)  # type: ignore[arg-type]

    return compute


_LEVELS = tuple(
    Function(
        name,
        _level_parameters(),
        Kind.NUMBER,
        text,
        example,
        _from_levels(found),
        all_history,
        input=InputSeries.LEVELS,
    )
    for name, text, example, found in (
        (
            "resistance",
            "Nearest level above, from swing highs, as known at the bar before; beyond any price where none is left.",
            "close > resistance(touches=2) + 0.25 * atr(14)",
            resistance,
        ),
        (
            "support",
            "Nearest level below, from swing lows, as known at the bar before; beyond any price where none is left.",
            "close < support(touches=2) - 0.25 * atr(14)",
            support,
        ),
    )
)

FUNCTIONS: Mapping[str, Function] = MappingProxyType(
    {
        function.name: function
        for function in (*PRICE_FUNCTIONS, *TECHNICAL_FUNCTIONS, *_HIGHS_AND_LOWS, *_CONDITIONS, *_LEVELS)
    }
)
"""Every function by its name, in the order in which the reference lists them."""

NOTES: Mapping[str, str] = MappingProxyType(
    {
        "Windows": (
            "A window of n bars includes the current one; `[1]` behind it makes it end one bar before. It speaks once "
            "n bars exist and at most one in twenty of them is unknown."
        ),
        "all": (
            "The window `all` is every bar so far, this one included; it speaks once 252 of them are known. "
            "`close > highest(close, all)[1]` is a record close."
        ),
        "Lags": (
            "`close[1]` is the close one bar before; any number or condition can be lagged. A lag is a number written "
            "down, 0 to 5,000; a formula can't look into the future."
        ),
        "Unknown": (
            "Missing data, too short a history and a division by zero are neither yes nor no but unknown. A comparison "
            "with an unknown is unknown; `no and unknown` is no, `yes or unknown` is yes. A rule fires on yes only."
        ),
        "Other markets": (
            "`BTC.close` is the close of the last BTC bar that had closed when the rule's own bar closed; unknown if "
            "that is more than 5 days ago. What depends on one other market alone counts that market's own bars: "
            "`highest(BTC.close, 90)[1]` looks at 90 days of BTC and ends a day of BTC before. Where markets meet, as "
            "in `highest(BTC.close / close, 90)`, the rule's own bars count."
        ),
        "Operators": (
            "`+ - * / ** %`, `> >= < <= == !=` (also in a chain: `10 < close < 20`), `and`, `or`, `not`. Ratios are "
            "written as such: 5 % is 0.05."
        ),
    }
)
"""What holds for all formulas, by catchword, in the words that the reference uses."""
