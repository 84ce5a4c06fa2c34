"""Placebo signals: records of another index and the asset's own trend, for the question what a signal adds to them."""

from __future__ import annotations

from bot.signals.formula import Kind, Scope, compile_formula
from bot.signals.replay.rule import Rule
from bot.signals.timeframe import Timeframe

PLACEBO_MARKET = "SPY"
"""The market whose records stand for "stocks do well", without small caps."""

RECORD = "placebo-record"
TREND = "placebo-trend"

_QUIET_BARS = 60
_RECORD_TEXT = "close > highest(close, all)[1]"
_TREND_TEXT = "close > sma(close, 200)"


def placebo_rules(asset: str) -> tuple[Rule, ...]:
    """Records of PLACEBO_MARKET, and the asset's closes above its 200-day average; the first of an episode each."""
    made = ((RECORD, PLACEBO_MARKET, _RECORD_TEXT), (TREND, asset, _TREND_TEXT))
    return tuple(
        Rule(name, market, Timeframe.D1, compile_formula(text, Scope(), Kind.YES_NO), quiet=_QUIET_BARS)
        for name, market, text in made
    )
