"""Values that files of rules and of their tests are made of: counts with a unit, lines, words, prices, days."""

from __future__ import annotations

import re
from datetime import date
from functools import partial
from typing import Annotated, Any, Final

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, WithJsonSchema

from bot.rulebook.formula_problems import MAX_FORMULA_CHARS
from bot.severity import Severity
from bot.signals.timeframe import midnight
from bot.yamlfile.pydantic_errors import not_among, spelled

SEVERITY_WORDS: Final = tuple(each.word for each in Severity)

EPISODE = "episode"
"""What stands for a count of bars where an alert is followed as long as its episode lives."""

MAX_SPAN = 5_000
"""Bars, closes or days that a rule may ask for; twenty years of sessions."""

_DAY_PATTERN = r"[0-9]{4}-[0-9]{2}-[0-9]{2}"


def _span(unit: str) -> tuple[BeforeValidator, WithJsonSchema]:
    """A count with its unit, as in `10 bars`."""
    schema: dict[str, Any] = {"type": "string", "pattern": rf"^[0-9]{{1,6}} +{unit}s?$", "examples": [f"10 {unit}s"]}
    return BeforeValidator(partial(_count, unit)), WithJsonSchema(schema)


def _count(unit: str, value: object) -> object:
    found = re.fullmatch(rf"([0-9]{{1,6}}) +{unit}s?", value) if isinstance(value, str) else None
    if not found or not 1 <= int(found[1]) <= MAX_SPAN:
        hint = f"; write '{value} {unit}s'" if str(value).isdecimal() else ""
        raise ValueError(
            f"not a count of {unit}s (got {spelled(value)}){hint}; allowed: 1 {unit} to {MAX_SPAN} {unit}s"
        )
    return int(found[1])


def _follow_span(value: object) -> object:
    if value == EPISODE:
        return None
    try:
        return _count("bar", value)
    except ValueError as error:
        raise ValueError(f"{error}, or {EPISODE}") from None


def _percentage(value: object) -> object:
    found = re.fullmatch(r"([0-9]{1,3}(?:\.[0-9])?) ?%", value) if isinstance(value, str) else None
    if not found or not float(found[1]) > 0:
        raise ValueError(f"not a percentage (got {spelled(value)}); allowed: like 10 %, above 0")
    return float(found[1]) / 100


def _severity(value: object) -> object:
    try:
        return Severity.from_word(str(value))
    except ValueError:
        raise ValueError(not_among("unknown word", value, SEVERITY_WORDS)) from None


def _spelled(pattern: str, allowed: str) -> tuple[AfterValidator, WithJsonSchema]:
    """A text of a certain form, and the words for it."""
    form = re.compile(pattern)

    def check(value: str) -> str:
        if not form.fullmatch(value):
            raise ValueError(f"written wrongly (got {spelled(value)}); allowed: {allowed}")
        return value

    return AfterValidator(check), WithJsonSchema({"type": "string", "pattern": f"^{pattern}$"})


def day_start(example: str) -> BeforeValidator:
    """A day as 2024-01-31, to the midnight (UTC) at which it begins."""

    def parse(value: object) -> object:
        if value is None:
            return None
        try:
            day = date.fromisoformat(str(value))
        except ValueError:
            raise ValueError(f"not a day (got {spelled(value)}); allowed: like {example}") from None
        if not 1970 <= day.year < 2200:
            raise ValueError(f"too far away (got {day}); allowed: 1970-01-01 to 2199-12-31")
        return midnight(day)

    return BeforeValidator(parse)


def _demanded_high(value: object) -> object:
    """The base of a rule that demands a rise, as in `first 90-day highs`: the length of the high."""
    found = re.fullmatch(r"first ([0-9]{1,4})-day highs", value) if isinstance(value, str) else None
    if not found or not 2 <= int(found[1]) <= MAX_SPAN:
        allowed = f"first N-day highs, with N from 2 to {MAX_SPAN}, as in first 90-day highs"
        raise ValueError(f"not a base (got {spelled(value)}); allowed: {allowed}")
    return int(found[1])


BarCount = Annotated[int, *_span("bar")]
FollowSpan = Annotated[
    int | None,
    BeforeValidator(_follow_span),
    WithJsonSchema({"type": "string", "pattern": "^([0-9]{1,6} +bars?|episode)$", "examples": ["20 bars", "episode"]}),
]
Percentage = Annotated[
    float,
    BeforeValidator(_percentage),
    WithJsonSchema({"type": "string", "pattern": r"^[0-9]{1,3}(\.[0-9])? ?%$", "examples": ["10 %"]}),
]
CloseCount = Annotated[int, *_span("close")]
DayCount = Annotated[int, *_span("day")]
Day = Annotated[
    int, day_start("2025-12-11"), WithJsonSchema({"type": "string", "pattern": f"^{_DAY_PATTERN}$", "format": "date"})
]
Line = Annotated[str, Field(min_length=1, max_length=200), *_spelled(r"\S[^\n]*", "one line of text")]
FormulaText = Annotated[str, Field(min_length=1, max_length=MAX_FORMULA_CHARS)]
Prose = Annotated[str, Field(min_length=1, max_length=600)]
Tag = Annotated[str, *_spelled("[a-z0-9][a-z0-9-]{0,31}", "a word of up to 32 small letters, digits and hyphens")]
Price = Annotated[float, Field(gt=0, strict=True, allow_inf_nan=False)]
DemandedHigh = Annotated[
    int, BeforeValidator(_demanded_high), WithJsonSchema({"type": "string", "pattern": "^first [0-9]{1,4}-day highs$"})
]
SeverityWord = Annotated[
    Severity, BeforeValidator(_severity), WithJsonSchema({"type": "string", "enum": list(SEVERITY_WORDS)})
]


class FileModel(BaseModel):
    """A mapping in a file that people write: no key but its own."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=False, defer_build=True)
