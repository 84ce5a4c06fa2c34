"""Keys of a rule file, and what may stand at each."""

from __future__ import annotations

import re
from enum import StrEnum
from functools import partial
from typing import Annotated, Any, Final

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationInfo,
    WithJsonSchema,
    field_validator,
)
from pydantic.json_schema import SkipJsonSchema

from bot.rulebook.formula_problems import MAX_FORMULA_CHARS
from bot.rulebook.template import MAX_HEADLINE_CHARS
from bot.severity import Severity
from bot.signals.replay.rule import Trigger
from bot.signals.timeframe import Timeframe
from bot.yamlfile.pydantic_errors import not_among, spelled

RULE_ID: Final = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
"""What a rule's id, and so the stem of its file's name, looks like."""

SEVERITY_WORDS: Final = tuple(each.word for each in Severity)

EPISODE = "episode"
"""What stands for a count of bars where an alert is followed as long as its episode lives."""

MAX_SPAN = 5_000
"""Bars, closes or days that a rule may ask for; twenty years of sessions."""


class ContextSection(StrEnum):
    """What an alert says beside the signal itself."""

    CRYPTO = "crypto"
    HISTORY = "history"
    CORRELATION = "correlation"
    RISK = "risk"


def _span(unit: str) -> tuple[BeforeValidator, WithJsonSchema]:
    """A count with its unit, as in `10 bars`."""
    schema: dict[str, Any] = {"type": "string", "pattern": rf"^[0-9]{{1,6}} +{unit}s?$", "examples": [f"10 {unit}s"]}
    return BeforeValidator(partial(_count, unit)), WithJsonSchema(schema)


def _count(unit: str, value: object) -> object:
    found = re.fullmatch(rf"([0-9]{{1,6}}) +{unit}s?", value) if isinstance(value, str) else None
    if not found or not 1 <= int(found[1]) <= MAX_SPAN:
        raise ValueError(f"not a count of {unit}s (got {spelled(value)}); allowed: 1 {unit} to {MAX_SPAN} {unit}s")
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
Line = Annotated[str, Field(min_length=1, max_length=200), *_spelled(r"\S[^\n]*", "one line of text")]
FormulaText = Annotated[str, Field(min_length=1, max_length=MAX_FORMULA_CHARS)]
Prose = Annotated[str, Field(min_length=1, max_length=600)]
Tag = Annotated[str, *_spelled("[a-z0-9][a-z0-9-]{0,31}", "a word of up to 32 small letters, digits and hyphens")]
Price = Annotated[float, Field(gt=0, strict=True, allow_inf_nan=False)]


class FileModel(BaseModel):
    """A mapping in a file that people write: no key but its own."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=False)


class FollowModel(FileModel):
    """What is watched for after the rule fired."""

    for_: FollowSpan = Field(
        alias="for", description="how long the alert is followed, as in 20 bars; episode: as long as its episode lives"
    )
    confirmed: CloseCount | SkipJsonSchema[None] = Field(
        None,
        description="so many closes in a row beyond the level (or the close of the firing) confirm it, as in 3 closes",
    )
    held: FormulaText | SkipJsonSchema[None] = Field(
        None, description="yes/no formula: the price came back to the level and held; may name level"
    )
    failed: FormulaText | SkipJsonSchema[None] = Field(
        None, description="yes/no formula: the signal has failed; may name level"
    )
    resumed: bool = Field(
        default=False, strict=True, description="true: after a failure it is told when the rule is yes again"
    )
    milestones: Percentage | SkipJsonSchema[None] = Field(
        None, description="a step from the level (or the close of the firing); each further one is told, as in 10 %"
    )

    @field_validator("resumed")
    @classmethod
    def _has_what_to_resume_from(cls, resumed: bool, info: ValidationInfo) -> bool:  # noqa: FBT001 - pydantic's call
        if resumed and info.data.get("failed", "") is None:
            raise ValueError("there is nothing to come back from; write failed too, or remove the key")
        return resumed


class ClaimCheck(FileModel):
    """Which of the bot's own figures stands beside a claim."""

    asset: str = Field(description="market whose later prices are looked at")
    within: DayCount = Field(description="how long after the signal, as in 365 days")


class ClaimModel(FileModel):
    """What others say of this signal."""

    text: Prose = Field(description="the claim, in your own words")
    source: Line = Field(description="who says so, and when")
    check: ClaimCheck | SkipJsonSchema[None] = Field(None, description="which figure of the bot's own stands beside it")


class RuleFile(FileModel):
    """A rule of Bellwether: one file, and the file's name is the rule's id."""

    title: Line = Field(description="what people call the rule")
    market: str = Field(description="name of a market in the config, whose bars the formula reads")
    timeframe: Timeframe = Field(Timeframe.D1, description="length of a bar")
    when: FormulaText = Field(description="yes/no formula: the rule fires where it turns to yes")
    level: FormulaText | SkipJsonSchema[None] = Field(
        None, description="number formula: the price that was broken; headline and follow may name it"
    )
    headline: Annotated[str, Field(min_length=1, max_length=MAX_HEADLINE_CHARS)] = Field(
        description="first line of the alert; formulas stand in braces with a format, as in {close:.2f}"
    )
    why: Annotated[str, Field(min_length=1, max_length=1_200)] | SkipJsonSchema[None] = Field(
        None, description="why the signal matters, and what speaks against it"
    )
    trigger: Trigger = Field(
        Trigger.CLOSE, description="close: closed bars only; intraday: the forming bar too, marked as provisional"
    )
    quiet: BarCount = Field(
        1,
        description="an episode ends after so many bars without a yes, and only its first bar fires, as in 10 bars",
        json_schema_extra={"default": "1 bar"},
    )
    levels: tuple[Price, ...] = Field(
        (), max_length=50, description="price levels of your own, beside those found in the bars"
    )
    follow: FollowModel | SkipJsonSchema[None] = Field(
        None, description="what is watched for after the firing; answers in the alert's thread"
    )
    severity: Annotated[
        Severity, BeforeValidator(_severity), WithJsonSchema({"type": "string", "enum": list(SEVERITY_WORDS)})
    ] = Field(Severity.NORMAL, description="how loud the alert is", json_schema_extra={"default": "normal"})
    tags: tuple[Tag, ...] = Field((), max_length=20, description="words that people can subscribe to")
    context: tuple[ContextSection, ...] = Field((), description="what the alert says beside the signal")
    claims: tuple[ClaimModel, ...] = Field(
        (), max_length=20, description="what others say of this signal; the bot's own figures stand beside it"
    )
    caveats: tuple[Line, ...] = Field((), max_length=10, description="warnings that the alert repeats")
    enabled: bool = Field(default=True, strict=True, description="false: the rule is checked but sends no alerts")
