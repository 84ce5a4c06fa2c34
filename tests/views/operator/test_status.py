"""Texts and checks of the status."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.sandbox.markup.parser import parse_html
from bot.signals.timeframe import start_of
from bot.views.formatting import html
from bot.views.operator.health import ProcessHealth, render_health
from bot.views.operator.status import render_status
from bot.views.operator.status_checks import process_check, status_checks
from bot.views.operator.status_facts import MarketState, MarketStatus, ProcessState, StatusFacts

NOW = start_of("2026-11-20T13:00Z")
CLOSED = start_of("2026-11-19T21:00Z")

WELL = StatusFacts(
    now=NOW,
    version="0.1.0",
    markets=(MarketStatus("IWM", MarketState.FRESH, "2026-11-19", CLOSED, "yahoo"),),
    heartbeat=NOW - 20,
    last_scan=NOW - 3_600,
    next_scan=start_of("2026-11-20T21:10Z"),
    rules=9,
    subscribers={"active": 12, "off": 0},
)


def seen(facts: StatusFacts) -> str:
    return html.visible(render_status(facts)).replace("\u00a0", " ")


def failing(facts: StatusFacts) -> list[str]:
    return [str(check["name"]) for check in status_checks(facts) if not check["ok"]]


def test_markets_that_are_well_share_one_line_and_the_others_have_their_own() -> None:
    fresh = [MarketStatus(f"M{at}", MarketState.FRESH, "2026-11-19", CLOSED - at * 3_600, "yahoo") for at in range(26)]
    ill = MarketStatus("ILL", MarketState.STALE, "2026-11-12", CLOSED - 7 * 86_400, "yahoo")
    text = seen(replace(WELL, markets=(*fresh[:20], ill, *fresh[20:])))
    assert "\n🟢 26 markets, newest close 16 h old\n🟡 ILL 2026-11-12, 7 d old, yahoo\n     stale\n" in text
    assert "M3" not in text
    assert "🟢 M1 2026-11-19" in seen(replace(WELL, markets=tuple(fresh[:2])))


def test_all_is_well() -> None:
    assert seen(WELL) == (
        "✅ All is well\n\n"
        "🟢 IWM 2026-11-19, 16 h old, yahoo\n\n"
        "Next scan: Fri 20 Nov 2026, 21:10 UTC (last 60 min ago)\n"
        "Rules: 9 running\n"
        "Subscribers: 12 active\n"
        "Outbox: empty\n\n"
        "Bellwether 0.1.0"
    )
    assert failing(WELL) == []
    assert all(check["remedy"] == "" for check in status_checks(WELL))


@pytest.mark.parametrize(
    ("change", "name", "said"),
    [
        ({"heartbeat": None}, "bot", "1 thing needs attention: bot"),
        ({"heartbeat": NOW - 301}, "bot", "1 thing needs attention: bot"),
        ({"paused": True}, "alerts", "Paused: no alerts are sent until /resume"),
        ({"queued": 5, "oldest": NOW - 1_000}, "outbox", "5 waiting, the oldest for 16 min"),
        ({"broken": ("rules/a.yaml:4:1: when: no",), "stale": ("a",)}, "rules", "rules/a.yaml:4:1: when: no"),
        ({"rules": 0}, "rules", "Rules: 0 running"),
    ],
)
def test_what_is_wrong_is_said_and_has_a_remedy(change: dict[str, object], name: str, said: str) -> None:
    facts = replace(WELL, **change)  # type: ignore[arg-type]
    assert failing(facts) == [name]
    assert said in seen(facts)
    (check,) = (check for check in status_checks(facts) if not check["ok"])
    assert check["remedy"]


@pytest.mark.parametrize("state", [state for state in MarketState if state is not MarketState.FRESH])
def test_a_market_that_is_not_fresh(state: MarketState) -> None:
    facts = replace(WELL, markets=(*WELL.markets, MarketStatus("BTC", state, error="kraken: timeout")))
    assert failing(facts) == ["market BTC"]
    assert f"BTC no bars yet\n     {state}: kraken: timeout" in seen(facts)


def test_stale_rules_last_error_and_simulation_are_told() -> None:
    text = seen(replace(WELL, stale=("iwm",), last_error="yahoo: <429>", last_error_at=NOW - 7_200, simulated=True))
    assert "Running on the last good version: iwm" in text
    assert "Last error (2 h ago): yahoo: <429>" in text
    assert "Bellwether 0.1.0, simulated market" in text


def test_a_long_list_of_complaints_is_cut_with_its_number() -> None:
    text = seen(replace(WELL, broken=tuple(f"rules/{i}.yaml:1:1: no" for i in range(8))))
    assert "rules/4.yaml" in text
    assert "rules/5.yaml" not in text
    assert "and 3 more" in text


@given(st.lists(st.tuples(st.text(max_size=60), st.sampled_from(MarketState), st.text(max_size=300)), max_size=12))
@settings(max_examples=50, deadline=None)
def test_telegram_takes_it(markets: list[tuple[str, MarketState, str]]) -> None:
    told = tuple(MarketStatus(name, state, error=error, source=error) for name, state, error in markets)
    pages = html.split(render_status(replace(WELL, markets=told, broken=tuple(error for *_, error in markets))))
    assert all(parse_html(page).text for page in pages)


def test_markets_that_lack_bars_for_one_reason_share_a_line() -> None:
    away = tuple(MarketStatus(name, MarketState.NEVER, error="yahoo: unreachable") for name in ("RUT", "IWN", "SPY"))
    facts = replace(
        WELL, markets=(*away, MarketStatus("BTC", MarketState.NEVER, error="kraken: refused"), *WELL.markets)
    )
    text = seen(facts)
    assert text.startswith("⚠️ 4 things need attention: 4 markets\n\n⚪ 3 markets, never: RUT, IWN, SPY\n")
    assert text.count("yahoo: unreachable") == 1
    assert "⚪ BTC no bars yet\n     never: kraken: refused" in text
    assert len(failing(facts)) == 4


def test_health_tells_one_cause_once() -> None:
    away = tuple(MarketStatus(name, MarketState.NEVER, error="yahoo: unreachable") for name in ("RUT", "IWN", "SPY"))
    text = html.visible(render_health(replace(WELL, markets=away), ProcessHealth(), (), 0))
    assert "• 3 markets (RUT, IWN, SPY): never, no bars: yahoo: unreachable" in text
    assert text.count("wait for the first scan") == 1


@pytest.mark.parametrize(
    ("process", "since", "fine", "words"),
    [
        (ProcessState.STARTING, NOW - 40, True, "starting, since 40\u00a0s"),
        (ProcessState.STARTING, NOW - 400, False, "starting, since 6\u00a0min"),
        (ProcessState.STOPPED, NOW - 40, False, "stopped 40\u00a0s ago"),
        (ProcessState.RUNNING, NOW - 40, True, "last sign of life 20\u00a0s ago"),
        (ProcessState.RUNNING, None, True, "last sign of life 20\u00a0s ago"),
    ],
)
def test_what_the_process_said_of_itself(process: ProcessState, since: int | None, *, fine: bool, words: str) -> None:
    facts = replace(WELL, process=process, process_since=since)
    assert process_check(facts) == (fine, words)
    assert failing(facts) == ([] if fine else ["bot"])


def test_a_bot_before_its_first_look_has_said_nothing_of_its_rules() -> None:
    begun = StatusFacts(now=NOW, version="", process=ProcessState.STARTING, process_since=NOW - 20)
    assert not begun.never_ran
    assert failing(begun) == []
    assert seen(begun).endswith("\nBellwether")
    assert StatusFacts(now=NOW, version="").never_ran
    assert failing(replace(begun, version="0.1.0")) == ["rules"]
