"""Keys of a rule file, and what may stand at each."""

from __future__ import annotations

import re
from enum import StrEnum
from typing import Annotated, Final

from pydantic import Field, ValidationInfo, field_validator
from pydantic.json_schema import SkipJsonSchema

from bot.rulebook.claim_file import ClaimModel
from bot.rulebook.file_types import (
    BarCount,
    CloseCount,
    DemandedHigh,
    FileModel,
    FollowSpan,
    FormulaText,
    Line,
    Percentage,
    Price,
    SeverityWord,
    Tag,
)
from bot.rulebook.template import MAX_HEADLINE_CHARS
from bot.severity import Severity
from bot.signals.replay.rule import Trigger
from bot.signals.timeframe import Timeframe

RULE_ID: Final = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
"""What a rule's id, and so the stem of its file's name, looks like."""


class ContextSection(StrEnum):
    """What an alert says beside the signal itself."""

    CRYPTO = "crypto"
    HISTORY = "history"
    CORRELATION = "correlation"
    LIQUIDITY = "liquidity"
    RISK = "risk"


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


class RuleFile(FileModel):
    """A rule of Bellwether: one file, and the file's name is the rule's id."""

    title: Line = Field(description="what people call the rule")
    market: str = Field(description="name of a market in the config, whose bars the formula reads")
    timeframe: Timeframe = Field(Timeframe.D1, description="length of a bar")
    when: FormulaText = Field(description="yes/no formula: the rule fires where it turns to yes")
    level: FormulaText | SkipJsonSchema[None] = Field(
        None, description="number formula: the price that was broken; headline and follow may name it"
    )
    headline: Annotated[str, Field(min_length=1, max_length=MAX_HEADLINE_CHARS)] | SkipJsonSchema[None] = Field(
        None,
        description="first line of the alert; formulas stand in braces with a format, as in {close:.2f}; without it the"
        " title and the close",
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
    severity: SeverityWord = Field(
        Severity.NORMAL, description="how loud the alert is", json_schema_extra={"default": "normal"}
    )
    tags: tuple[Tag, ...] = Field((), max_length=20, description="words that people can subscribe to")
    context: tuple[ContextSection, ...] = Field((), description="what the alert says beside the signal")
    base: DemandedHigh | SkipJsonSchema[None] = Field(
        None,
        description="for a rule that demands a rise of its market: all such rises, and its signals are compared with"
        " these instead of with all days, as in first 90-day highs",
    )
    claims: tuple[ClaimModel, ...] = Field(
        (), max_length=20, description="what others say of this signal; the bot's own figures stand beside it"
    )
    caveats: tuple[Line, ...] = Field((), max_length=10, description="warnings that the alert repeats")
    enabled: bool = Field(default=True, strict=True, description="false: the rule is checked but sends no alerts")

    @field_validator("trigger")
    @classmethod
    def _has_forming_bars(cls, trigger: Trigger, info: ValidationInfo) -> Trigger:
        if trigger is Trigger.INTRADAY and info.data.get("timeframe") is Timeframe.W1:
            raise ValueError("a week that is still forming is no bar; allowed: close, or a timeframe of 1d or less")
        return trigger
