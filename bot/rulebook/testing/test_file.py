"""Keys of a file of rule tests, and what may stand at each."""

from __future__ import annotations

import contextlib
from datetime import datetime
from typing import Annotated, Self

from pydantic import BeforeValidator, Field, model_validator

from bot.rulebook.file_types import FileModel, Line, day_start
from bot.signals.bars import COLUMNS
from bot.signals.replay.event import EventKind
from bot.yamlfile.pydantic_errors import not_among, spelled

SILENCE = "silence"
"""What a test expects that says: the rule is not to speak at all."""

FIRST_DAY = "2024-01-01"
"""Where the bars of a test begin that names no day; a Monday."""


def _expected(value: object) -> object:
    """Kinds of events by bar; an empty mapping is silence, None is that nothing was said."""
    if value == SILENCE:
        return {}
    if value in (None, {}, [], ""):
        return None
    if not isinstance(value, dict):
        said = f"not a mapping of bars to events (got {spelled(value)}); allowed: like 31: fired, or {SILENCE}"
        raise ValueError(said)  # noqa: TRY004  # pydantic collects ValueErrors only
    found: dict[str, tuple[EventKind, ...]] = {}
    wrong: list[str] = []
    for key, kinds in value.items():
        try:
            found[_bar(key)] = _kinds(kinds)
        except ValueError as error:
            wrong.append(str(error))
    if wrong:
        raise ValueError("; ".join(wrong))
    return found


def understood_events(value: object) -> object:
    """What `expect` says, without the bars and the events that nobody understands."""
    found = {}
    for key, kinds in value.items() if isinstance(value, dict) else ():
        with contextlib.suppress(ValueError):
            found[_bar(key)] = [kind for kind in (kinds if isinstance(kinds, list) else [kinds]) if _is_kind(kind)]
    return found or None


def _is_kind(word: object) -> bool:
    return any(word == kind.value for kind in EventKind)


def _bar(key: object) -> str:
    """A bar's number, from 1, or its date (intraday: its start) as `label` writes it."""
    text = str(key)
    if text.isdecimal() and len(text) <= 6 and text == str(int(text)) != "0":
        return text
    try:
        datetime.fromisoformat(text)
    except ValueError:
        raise ValueError(
            f"not a bar (got {spelled(key)}); allowed: a number from 1, or a date like {FIRST_DAY}"
        ) from None
    return text


def _kinds(value: object) -> tuple[EventKind, ...]:
    words: list[object] = value if isinstance(value, list) else [value]
    known = [kind.value for kind in EventKind]
    for word in words:
        if word not in known:
            raise ValueError(not_among("unknown event", word, known))
    return tuple(EventKind(str(word)) for word in words)


def _columns(value: object) -> object:
    """A line of closes as the columns that it stands for; a lone number is a line of one bar."""
    lone = isinstance(value, str | int | float) and not isinstance(value, bool)
    return {"close": str(value)} if lone else value


Start = Annotated[int | None, day_start(FIRST_DAY)]
Values = Annotated[str, Field(max_length=20_000)]


class ColumnsModel(FileModel):
    """Bars of one market, column by column, each in series notation."""

    close: Values | None = Field(None, description="the closes; needed, or a csv file instead")
    open: Values | None = Field(None, description="the opens; without it the closes")
    high: Values | None = Field(None, description="the highs; without it the higher of open and close")
    low: Values | None = Field(None, description="the lows; without it the lower of open and close")
    volume: Values | None = Field(None, description="the volumes; without it unknown")
    start: Start = Field(None, description="day of this market's first bar, where it is not the test's")
    csv: Line | None = Field(None, description="file with real bars, from this file's folder, as in ../data/IWM.csv")
    from_: Start = Field(
        None, alias="from", description="with csv: the first day whose events are compared; earlier bars are history"
    )
    to: Start = Field(None, description="with csv: the last day")
    hours: Line | None = Field(
        None, description="with csv: file with the hours of these days, by which a daily intraday rule is looked at too"
    )

    @model_validator(mode="after")
    def _one_source(self) -> Self:
        if (self.close is None) == (self.csv is None):
            got = "neither" if self.csv is None else "both"
            raise ValueError(f"bars are either closes or a csv file (got {got}); allowed: close, csv")
        if self.csv is None and (self.from_ is not None or self.to is not None):
            raise ValueError("from and to choose among the bars of a csv file; allowed: beside csv")
        if self.from_ is not None and self.to is not None and self.from_ > self.to:
            raise ValueError("the first day is after the last; allowed: from before to")
        if self.csv is None and self.hours is not None:
            raise ValueError("hours belong to the days of a csv file; allowed: beside csv")
        columns = [name for name in (*COLUMNS, "start") if getattr(self, name) is not None]
        if self.csv is not None and columns:
            raise ValueError(
                f"a csv file has all columns (got {', '.join(columns)} too); allowed: csv, from, to, hours"
            )
        return self


class CaseModel(FileModel):
    """One test: bars in, events out."""

    name: Line = Field(description="what the test shows, in words")
    start: Start = Field(None, description=f"day of the first bar; without it {FIRST_DAY}")
    series: dict[str, Annotated[ColumnsModel, BeforeValidator(_columns)]] = Field(
        min_length=1, description="for each market its closes in series notation, or its columns"
    )
    expect: Annotated[dict[str, tuple[EventKind, ...]] | None, BeforeValidator(_expected)] = Field(
        None, description=f"every event by bar, as in 31: fired; or {SILENCE}"
    )


class TestFile(FileModel):
    """A file of rule tests."""

    __test__ = False  # its name is no test of pytest's

    rule: str | None = Field(None, description="id of the rule; without it the file's name")
    tests: list[CaseModel] = Field(min_length=1, max_length=200, description="the tests")
