"""Keys of a claim in a rule file: what others say, since when, and which figure answers it."""

from __future__ import annotations

import re
from typing import Annotated, Any, Final, Self

from pydantic import BeforeValidator, Field, WithJsonSchema, model_validator
from pydantic.json_schema import SkipJsonSchema

from bot.evidence.claim_check import ClaimCheck, Measure, Stance
from bot.rulebook.file_types import Day, DayCount, FileModel, Line, Prose
from bot.yamlfile.pydantic_errors import spelled

ALL = "all"
"""The word for all signals of a rule."""

_EVENTS = re.compile(r"(year|last):? +([0-9]{1,4})")
_FORMS: Final = "all, {year: 2020}, {last: 3}"
_YEARS = range(1970, 2200)

Events = tuple[str, int] | None
"""Which signals a claim speaks of: ("year", 2020), ("last", 3), or None for all."""


def _events(value: object) -> object:
    if value == ALL:
        return None
    pair: tuple[Any, Any] | None = None
    if isinstance(value, dict) and len(value) == 1:
        pair = next(iter(value.items()))
    elif isinstance(value, str) and (found := _EVENTS.fullmatch(value)):
        pair = found[1], int(found[2])
    if pair is None or pair[0] not in ("year", "last") or type(pair[1]) is not int:
        raise ValueError(f"not a choice of signals (got {spelled(value)}); allowed: {_FORMS}")
    word, number = pair
    if (word == "year" and number not in _YEARS) or (word == "last" and not 1 <= number <= 100):
        raise ValueError(f"out of range (got {word}: {number}); allowed: {_FORMS}")
    return word, number


_EVENTS_SCHEMA: dict[str, Any] = {
    "anyOf": [
        {"const": ALL},
        {"type": "object", "properties": {"year": {"type": "integer"}}, "required": ["year"]},
        {"type": "object", "properties": {"last": {"type": "integer"}}, "required": ["last"]},
    ]
}


class CheckModel(FileModel):
    """Which of the bot's own figures answers a claim."""

    measure: Measure = Field(
        description="the quantity that the claim speaks of: return (left after so many days), best (highest close on"
        " the way), breakout (the asset's own), correlation (of daily returns), flow (money into funds), share (of"
        " companies that lose money); the last two are answered by official filings, where these are known"
    )
    asset: str | SkipJsonSchema[None] = Field(None, description="market that the claim speaks of")
    within: DayCount | SkipJsonSchema[None] = Field(None, description="how long after the signal, as in 365 days")
    events: Annotated[Events, BeforeValidator(_events), WithJsonSchema(_EVENTS_SCHEMA)] = Field(
        None, description=f"which signals: {_FORMS}", json_schema_extra={"default": ALL}
    )
    other: str | SkipJsonSchema[None] = Field(
        None, alias="with", description="the market that a correlation is with; without it the rule's own"
    )

    @model_validator(mode="before")
    @classmethod
    def _old_form(cls, data: Any) -> Any:
        """Before claims had a measure, words in their text decided which figure stood beside them."""
        if isinstance(data, dict) and "measure" not in data and data.keys() <= {"asset", "within"}:
            new = ", ".join(f"{key}: {value}" for key, value in data.items())
            raise ValueError(
                f"the quantity that answers the claim is not named; write check: {{measure: return, {new}}}"
                f" (or measure: {', '.join(each.value for each in Measure if each is not Measure.RETURN)})"
            )
        return data

    @model_validator(mode="after")
    def _complete(self) -> Self:
        measure = self.measure
        if self.asset is None and measure is not Measure.SHARE:
            raise ValueError(f"of which asset is not said; write asset: BTC beside measure: {measure.value}")
        if measure.by_signal and self.within is None:
            raise ValueError(f"over how long is not said; write within: 365 days beside measure: {measure.value}")
        if self.events is not None and not measure.by_signal:
            raise ValueError(f"events choose among returns after signals, not with measure: {measure.value}")
        if self.other is not None and measure is not Measure.CORRELATION:
            raise ValueError(f"with names the other side of a correlation, not of measure: {measure.value}")
        return self

    @property
    def check(self) -> ClaimCheck:
        """The same as evidence knows it."""
        word, number = self.events or ("", None)
        return ClaimCheck(
            measure=self.measure,
            asset=self.asset,
            days=self.within,
            year=number if word == "year" else None,
            last=number if word == "last" else None,
            other=self.other,
        )


class ClaimModel(FileModel):
    """What others say of this signal."""

    text: Prose = Field(description="the claim, in your own words; an alert quotes how it begins")
    source: Line = Field(description="who says so")
    made: Day = Field(description="the day on which it was said, as in 2025-12-11; it is scored from then on")
    stance: Stance = Field(Stance.FOR, description="whether it speaks for the signal or against it")
    check: CheckModel | SkipJsonSchema[None] = Field(None, description="which figure of the bot's own answers it")
