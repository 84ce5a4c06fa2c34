"""The waits between a bar at its vendor and the first message, added up as bot/README.md says them."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from bot.app.bellwether import HEAD_START_SECONDS, SOURCE_PATIENCE_SECONDS
from bot.app.workers import FETCH_SECONDS, SOURCES_AT_ONCE
from bot.market.breaker import FIRST_PAUSE_S, LONGEST_PAUSE_S
from bot.market.feed import HEDGE_S, LONGEST_HEDGES, SECOND_TRY_S
from bot.market.http_client import ANSWER_TIMEOUT_S, MOST_REDIRECTS, REQUEST_TIMEOUT_S
from bot.market.sources.registry import source_types
from bot.market.vendors import ccxt, yfinance_client
from bot.scan.compose import PICTURE_TIMEOUT_SECONDS
from bot.scan.fetching.fetcher import CONTEXT_PATIENCE, SISTER_PATIENCE
from bot.scan.fetching.questions import BORNE_OUT_S, ODD_PATIENCE_S
from bot.settings import load_settings
from bot.turns import HANGS_S, KEEPS_PLACE_S, MOST_BESIDE

ROOT = Path(__file__).parents[2]
GOAL_S = 5.0
OUR_OWN_S = 1.5
"""What is left for the one source that answers, and for judging, composing and drawing."""


def test_the_waits_leave_a_second_and_a_half_of_the_five() -> None:
    another = LONGEST_HEDGES * HEDGE_S
    sister = SISTER_PATIENCE * SOURCE_PATIENCE_SECONDS
    assert CONTEXT_PATIENCE * SOURCE_PATIENCE_SECONDS < SOURCE_PATIENCE_SECONDS < sister
    assert max(another, sister, SOURCE_PATIENCE_SECONDS) < ODD_PATIENCE_S
    longest = max(ODD_PATIENCE_S, another + BORNE_OUT_S)
    assert longest + OUR_OWN_S <= GOAL_S
    assert f"**{longest:g} s**" in (ROOT / "bot" / "README.md").read_text("utf-8")


def test_a_fault_that_passes_is_made_up_for_before_the_look_has_given_up_waiting() -> None:
    assert SECOND_TRY_S < SOURCE_PATIENCE_SECONDS


def test_each_wait_that_the_map_names_is_what_the_code_has() -> None:
    told = re.findall(r"\| ([\d.]+) s \| `(\w+)`", (ROOT / "bot" / "README.md").read_text("utf-8"))
    assert {name: float(seconds) for seconds, name in told} == pytest.approx(
        {
            "LONGEST_HEDGES": LONGEST_HEDGES * HEDGE_S,
            "HEDGE_S": HEDGE_S,
            "SISTER_PATIENCE": SISTER_PATIENCE * SOURCE_PATIENCE_SECONDS,
            "ODD_PATIENCE_S": ODD_PATIENCE_S,
            "BORNE_OUT_S": BORNE_OUT_S,
            "SECOND_TRY_S": SECOND_TRY_S,
            "HANGS_S": HANGS_S,
            "KEEPS_PLACE_S": KEEPS_PLACE_S,
            "FIRST_PAUSE_S": FIRST_PAUSE_S,
            "LONGEST_PAUSE_S": LONGEST_PAUSE_S,
            "CONTEXT_PATIENCE": CONTEXT_PATIENCE * SOURCE_PATIENCE_SECONDS,
            "SOURCE_PATIENCE_SECONDS": SOURCE_PATIENCE_SECONDS,
            "PICTURE_TIMEOUT_SECONDS": PICTURE_TIMEOUT_SECONDS,
            "HEAD_START_SECONDS": HEAD_START_SECONDS,
            "FETCH_SECONDS": FETCH_SECONDS,
        }
    )


def test_a_question_ends_before_its_process_is_given_up() -> None:
    request = REQUEST_TIMEOUT_S + ANSWER_TIMEOUT_S
    assert MOST_REDIRECTS * REQUEST_TIMEOUT_S + request < FETCH_SECONDS
    assert ccxt.QUESTION_S + ccxt._REQUEST_TIMEOUT_MS / 1000 < FETCH_SECONDS
    assert yfinance_client.QUESTION_S + yfinance_client.REQUEST_TIMEOUT_S < FETCH_SECONDS
    assert yfinance_client.PRELIMINARY_S < yfinance_client.REQUEST_TIMEOUT_S


def test_sources_that_all_hang_leave_room_for_other_questions() -> None:
    settings = load_settings(ROOT / "config.example.yaml", {}, ROOT)
    sources = [source for market in settings.specs.values() for source in market.sources]
    kinds = {(source.kind, source.name): source_types()[source.kind] for source in sources}
    assert sum(each.at_once * (1 if each.strict else MOST_BESIDE) for each in kinds.values()) < SOURCES_AT_ONCE
