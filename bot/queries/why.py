"""Facts of /why: what a rule said at a bar and why, from the replay that the live bot uses."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from bot.rulebook.book import Rulebook
from bot.rulebook.dependencies import with_needs
from bot.signals.bars import Bars
from bot.signals.formula import Frame
from bot.signals.hours.hourly_replay import Hours, replay_by_hours
from bot.signals.replay.explanation import explain_bar
from bot.signals.replay.ruleset import Series, joined
from bot.signals.timeframe import Instant
from bot.views.markets.why import WhyFacts


def why_facts(
    book: Rulebook,
    rule_id: str,
    bars: Mapping[Series, Bars],
    market: str,
    now: Instant,
    at: Instant | None = None,
    waits: str = "",
    hours: Hours | None = None,
) -> WhyFacts | None:
    """What a rule of the book said at its market's last bar that starts at or before `at`, and why; None without one.

    `bars` are those of every market that it and the rules it speaks of read, `market` is how its own is called, and
    `waits` says what the running bot is waiting for ("waits for SPY"); with `hours` it is told too what the bar brought
    as it formed. Takes a replay: run it beside an event loop.
    """
    definition = book.rules[rule_id]
    rule = definition.rule
    replays = replay_by_hours([each.rule for each in with_needs(book.rules, [rule_id])], bars, hours or Hours())
    replay = replays[rule_id]
    position = position_at(replay.bars, at)
    if position is None:
        return None
    fired = {id_: each.fired for id_, each in replays.items()}
    frame = Frame(replay.bars, joined(bars, rule.timeframe), fired)
    return WhyFacts(
        explain_bar(replay, frame, position),
        definition.title,
        market,
        now,
        definition.enabled,
        rule_id in book.stale,
        waits,
    )


def position_at(bars: Bars, at: Instant | None) -> int | None:
    """Position of the last bar that starts at or before `at`, of the last one where `at` is None."""
    found = len(bars) if at is None else int(np.searchsorted(bars.start, at, side="right"))
    return found - 1 if found else None
