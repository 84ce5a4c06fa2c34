"""Monospaced blocks of messages, whatever the markets are called and cost: none is wider than a phone."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.signals.levels.snapshot import LevelSnapshot
from bot.signals.timeframe import DAY, Timeframe
from bot.views.alerts.story import render_story
from bot.views.formatting import html
from bot.views.formatting.table import table
from bot.views.markets.crypto import crypto_rows, render_crypto
from bot.views.markets.levels import render_levels
from tests.views.alert_facts import alert, crypto, story
from tests.views.markets.test_levels import BAR, rung

_PRE = re.compile(r"<pre>(.*?)</pre>", re.DOTALL)
_CHANGES = st.none() | st.floats(-1, 1e4)
_LINES = st.lists(
    st.builds(
        crypto,
        st.text("ABCDEFGHIJKLMNOP_", min_size=1, max_size=40),
        st.floats(1e-9, 1e13),
        _CHANGES,
        _CHANGES,
        _CHANGES,
        priced=st.booleans(),
    ),
    min_size=1,
    max_size=5,
)


def too_wide(message: str) -> list[str]:
    lines = [line for block in _PRE.findall(message) for line in html.visible(block).split("\n")]
    return [line for line in lines if len(line) > html.PHONE_WIDTH]


def untidy(message: str) -> list[str]:
    """Lines that end in a blank, and empty lines beside another."""
    lines = html.visible(message).rstrip("\n").split("\n")
    doubled = [f"before {after}" for one, two, after in zip(lines, lines[1:], lines[2:], strict=False) if not one + two]
    return [line for line in lines if line != line.rstrip()] + doubled


@given(_LINES)
def test_crypto_in_answers_and_alerts(lines: list) -> None:
    assert too_wide(render_crypto(lines)) == []
    told = render_story(story(alert([1.0] * 30), crypto=tuple(lines)))
    assert too_wide(told) == []
    assert untidy(told) == []
    assert all(html.clip(line.label, 4).rstrip("…")[:3] in told for line in lines)


def test_prices_that_do_not_fit_give_way_to_their_changes() -> None:
    lines = [crypto("BTC", 1.8e9, 0.01, 0.02, 0.03), crypto("TOTAL_OF_ALL", 3.2e12, 0.01, 0.02, 0.03)]
    assert crypto_rows(lines).split("\n")[0] == "BTC          24 h  +1.0% 30 d  +3.0%"
    assert crypto_rows(lines[:1]) == "BTC 24 h  +1.0% 30 d  +3.0%"
    assert crypto_rows([crypto("BTC", 117_137.0, 0.01, 0.02, 0.03)]) == "BTC 117,137 24 h  +1.0% 30 d  +3.0%"


@given(
    st.integers(1, 6).flatmap(
        lambda width: st.lists(
            st.lists(st.text("aB-9%+.,", max_size=20), min_size=width, max_size=width), min_size=1, max_size=6
        )
    )
)
def test_tables(rows: list[list[str]]) -> None:
    assert too_wide(table(rows)) == []


def test_a_table_cuts_names_first() -> None:
    told = html.visible(table([["", "now", "13 weeks"], ["A market of a very long name", "22,026.0", "−1,255.0"]]))
    assert told.split("\n")[1] == "A market of a very… 22,026.0 −1,255.0"


@given(st.floats(1e-6, 1e12), st.floats(1e-6, 1e12))
def test_levels(close: float, price: float) -> None:
    rungs = (rung(price, "2024-12-30", "2026-02-02", role="support", pinned=True),)
    snapshot = LevelSnapshot("X", Timeframe.D1, BAR, BAR + DAY, close, rungs)
    assert too_wide(render_levels(snapshot, "X")) == []


@pytest.mark.parametrize("golden", sorted(Path(__file__).parent.rglob("golden/*.html")), ids=lambda path: path.stem)
def test_whole_messages(golden: Path) -> None:
    text = golden.read_text("utf-8")
    assert too_wide(text) == []
    assert untidy(text) == []


@given(st.text())
def test_whatever_is_put_into_such_a_block(text: str) -> None:
    assert too_wide(html.pre(text)) == []


def test_there_is_no_other_way_to_make_one() -> None:
    sources = {
        path.name: path.read_text("utf-8")
        for path in (Path(__file__).parents[2] / "bot").rglob("*.py")
        if "sandbox" not in path.parts
    }
    assert [name for name, source in sources.items() if "<pre" in source] == ["html.py"]
