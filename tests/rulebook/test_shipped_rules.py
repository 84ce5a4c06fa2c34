"""The rules that come with the bot: complete, proven, and right about the past."""

from __future__ import annotations

import csv
import json
import re
from collections import Counter
from datetime import date
from pathlib import Path

import jsonschema
import numpy as np
import pytest

from bot.evidence.claim_check import Measure, Stance
from bot.rulebook.book import Rulebook, load_book
from bot.rulebook.check_report import check_report
from bot.rulebook.reference import with_reference
from bot.rulebook.schema import FILE_NAME, KnownNames, rule_schema, schema_text
from bot.rulebook.testing.report import run_report
from bot.rulebook.testing.runner import TestSetting, run_tests
from bot.settings import load_settings
from bot.signals.bars import COLUMNS, Bars
from bot.signals.formula import FUNCTIONS, Frame, evaluate
from bot.signals.replay.event import Event, EventKind
from bot.signals.replay.ruleset import replay_all
from bot.signals.timeframe import DAY, Timeframe, label, midnight
from bot.yamlfile.load import read_yaml
from tests.rulebook.books import MARKETS, ROOT, ROUND_THE_CLOCK, RULES, rule_text
from tests.rulebook.messages import messages

SHIPPED = {
    "russell-2000-all-time-high",
    "russell-2000-value-all-time-high",
    "iwm-resistance-break",
    "iwm-breaks-support",
    "iwm-52-week-high",
    "iwm-near-record",
    "bitcoin-follows",
    "ethereum-follows",
    "altcoins-follow",
    "small-caps-lead",
}
OFF = {"russell-2000-record-with-liquidity"}
"""Shipped, but not enabled: it needs a macro series."""
DATA = ROOT.parent / "shared" / "data" / "daily"
needs_data = pytest.mark.skipif(not DATA.is_dir(), reason="needs real market history, which is not in the repository")


@pytest.fixture(scope="module")
def book() -> Rulebook:
    return load_book(RULES, MARKETS | {"NET_LIQUIDITY"})


def test_all_are_there_and_none_has_a_problem(book: Rulebook) -> None:
    assert not book.problems
    assert set(book.rules) == SHIPPED | OFF
    assert {id_ for id_, rule in book.rules.items() if not rule.enabled} == OFF


def test_those_on_crypto_are_found_by_that_word(book: Rulebook) -> None:
    crypto = {id_ for id_, rule in book.rules.items() if rule.rule.market in {"BTC", "ETH", "ALTS"}}
    assert crypto == {id_ for id_, rule in book.rules.items() if "crypto" in rule.tags}
    assert len(crypto) == 3


def test_each_says_why_who_claims_what_and_what_speaks_against_it(book: Rulebook) -> None:
    for written in book.rules.values():
        assert "What speaks against it:" in written.why
        assert written.tags
        assert "crypto" in written.context
        assert "Correlation is not causation." in written.caveats
        for claim in written.claims:
            assert claim.source == "market commentary"
            assert label(claim.made, Timeframe.D1) == "2025-12-11"
            assert claim.check is not None
        assert written.claims
        assert len(written.why) <= 320  # what an alert has room for
        assert len(" ".join(written.caveats)) <= 240


def test_their_own_tests_pass_and_prove_each_of_them(book: Rulebook) -> None:
    done = run_tests(RULES, book, TestSetting(ROUND_THE_CLOCK))
    assert run_report(done) == f"{len(done.results)} passed, 0 failed"
    assert not done.unproven
    assert {result.rule for result in done.results} == SHIPPED | OFF


def test_the_schema_that_is_shipped_is_true() -> None:
    markets = load_settings(None, {}, ROOT).markets
    names = KnownNames(sorted(markets), sorted(SHIPPED | OFF), ["small_cap_signal"])
    assert (RULES / FILE_NAME).read_text("utf-8") == schema_text(names)


def test_the_guide_s_reference_is_true() -> None:
    guide = (RULES / "README.md").read_text("utf-8")
    assert guide == with_reference(guide)
    assert all(f"`{function.signature}`" in guide for function in FUNCTIONS.values())


def test_the_guide_s_first_rule_and_its_tests_work(tmp_path: Path) -> None:
    blocks = re.findall(r"```yaml\n(.*?)```", (RULES / "README.md").read_text("utf-8"), re.DOTALL)
    (tmp_path / "tests").mkdir()
    (tmp_path / "iwm-up-five-percent.yaml").write_text(blocks[0])
    tests = next(block for block in blocks if block.startswith("tests:"))
    (tmp_path / "tests" / "iwm-up-five-percent.yaml").write_text(tests)
    book = load_book(tmp_path, MARKETS)
    assert check_report(book) == "1 rule, no problems"
    assert run_report(run_tests(tmp_path, book)) == "2 passed, 0 failed"


def test_the_guide_s_claims_are_claims(tmp_path: Path) -> None:
    blocks = re.findall(r"```yaml\n(.*?)```", (RULES / "README.md").read_text("utf-8"), re.DOTALL)
    (claims,) = [block for block in blocks if block.startswith("claims:")]
    (tmp_path / "a-rule.yaml").write_text(rule_text() + claims)
    book = load_book(tmp_path, MARKETS)
    assert not book.problems
    assert len(book.rules["a-rule"].claims) == 2


def test_what_is_claimed_and_what_speaks_against_it(book: Rulebook) -> None:
    claims = [claim for written in book.rules.values() for claim in written.claims]
    asked = {(claim.stance, claim.check.measure, claim.check.asset) for claim in claims if claim.check}
    assert asked >= {
        (Stance.FOR, Measure.BEST, "BTC"),
        (Stance.FOR, Measure.BREAKOUT, "BTC"),
        (Stance.FOR, Measure.CORRELATION, "ETH"),
        (Stance.FOR, Measure.RETURN, "CRYPTO_ALT"),
        (Stance.AGAINST, Measure.CORRELATION, "BTC"),
        (Stance.AGAINST, Measure.FLOW, "IWM"),
        (Stance.AGAINST, Measure.SHARE, None),
    }


def test_the_schema_is_a_schema_and_accepts_every_shipped_rule() -> None:
    schema = rule_schema()
    jsonschema.Draft202012Validator.check_schema(schema)
    for path in (RULES / f"{rule}.yaml" for rule in SHIPPED):
        jsonschema.validate(read_yaml(path.read_bytes(), path.name).data, schema)


@pytest.mark.parametrize(
    "keys",
    [
        {"quiet": "10"},
        {"severity": "urgent"},
        {"faild": "x"},
        {"follow": "{faild: x}"},
        {"timeframe": "2d"},
        {"tags": "[A]"},
        {"levels": "[0]"},
        {"title": "5"},
        {"follow": ""},
        {"quiet": "10 days"},
        {"enabled": "yes"},
    ],
)
def test_the_schema_refuses_what_the_bot_refuses(keys: dict[str, str]) -> None:
    data = read_yaml(rule_text(**keys).encode(), "x").data
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(data, rule_schema())


def test_the_schema_is_named_by_every_shipped_rule() -> None:
    for path in (RULES / f"{rule}.yaml" for rule in SHIPPED):
        assert path.read_text("utf-8").startswith(f"# yaml-language-server: $schema={FILE_NAME}\n")
    assert json.loads(schema_text())["$schema"].startswith("https://json-schema.org/")


def history(market: str, file: str) -> Bars:
    with (DATA / f"{file}.csv").open(encoding="utf-8") as handle:
        rows = list(csv.DictReader(handle))
    start = np.array([midnight(date.fromisoformat(row["date"])) for row in rows], dtype=np.int64)
    columns = {name: np.array([float(row.get(name) or "nan") for row in rows]) for name in COLUMNS}
    return Bars(market, Timeframe.D1, start, start + (DAY if market in ROUND_THE_CLOCK else 21 * 3600), **columns)


@pytest.fixture(scope="module")
def past() -> dict[tuple[str, Timeframe], Bars]:
    files = {"RUT": "RUT", "IWM": "IWM", "IWN": "IWN", "SPY": "SPY", "BTC": "BTC", "ETH": "ETH", "ALTS": "LTC"}
    return {(market, Timeframe.D1): history(market, file) for market, file in files.items()}


@pytest.fixture(scope="module")
def told(book: Rulebook, past: dict[tuple[str, Timeframe], Bars]) -> dict[str, tuple[Event, ...]]:
    running = [written.rule for written in book.rules.values() if written.enabled]
    return {rule: each.events for rule, each in replay_all(running, past).items()}


def fired(events: tuple[Event, ...]) -> dict[str, Event]:
    return {event.label: event for event in events if event.kind is EventKind.FIRED}


@needs_data
def test_records_of_the_russell_2000_are_those_of_history(told: dict[str, tuple[Event, ...]]) -> None:
    records = fired(told["russell-2000-all-time-high"])
    assert (records["2020-11-13"].close, records["2020-11-13"].level) == (1744.04, 1740.75)
    assert (records["2025-09-18"].close, records["2025-09-18"].level) == (2467.70, 2442.74)
    assert "2024-11-25" not in records
    assert [day for day in records if "2022" <= day < "2026"] == ["2025-09-18"]


@needs_data
def test_records_of_a_market_are_found_by_a_slow_loop_too(
    told: dict[str, tuple[Event, ...]], past: dict[tuple[str, Timeframe], Bars]
) -> None:
    closes = past["RUT", Timeframe.D1].close.tolist()
    found, best, since = [], max(closes[:252]), 10_000
    for position in range(252, len(closes)):
        if closes[position] > best:
            if since >= 60:
                found.append(past["RUT", Timeframe.D1].label(position))
            best, since = closes[position], 0
        else:
            since += 1
    assert list(fired(told["russell-2000-all-time-high"])) == found


@needs_data
def test_breaks_of_iwm_are_those_that_people_spoke_of(told: dict[str, tuple[Event, ...]]) -> None:
    breaks = fired(told["iwm-resistance-break"])
    assert {"2023-12-01", "2024-07-11", "2024-11-05", "2026-04-17"} <= breaks.keys()
    assert 40 < len(breaks) < 110
    assert all(event.level is not None and event.close > event.level for event in breaks.values())


@needs_data
def test_the_second_attempt_of_october_2025_is_told(told: dict[str, tuple[Event, ...]]) -> None:
    days = [(event.label, event.kind) for event in told["iwm-resistance-break"] if event.label.startswith("2025-10")]
    assert days[0] == ("2025-10-03", EventKind.FIRED)
    assert ("2025-10-10", EventKind.FAILED) in days
    assert ("2025-10-14", EventKind.RESUMED) in days


@needs_data
@pytest.mark.parametrize("rule", ["russell-2000-all-time-high", "russell-2000-value-all-time-high"])
def test_a_year_of_records_is_told_in_few_messages_and_failed_is_not_the_last(
    told: dict[str, tuple[Event, ...]], past: dict[tuple[str, Timeframe], Bars], rule: str
) -> None:
    events = [event for event in told[rule] if event.kind is not EventKind.ENDED]
    year = [event for event in events if "2025-09" <= event.label < "2026-09"]
    assert 4 <= len(year) <= 12
    decisive = [event for event in year if event.kind in {EventKind.FAILED, EventKind.RESUMED}]
    assert decisive[-1].kind is EventKind.RESUMED
    bars = past[events[0].alert.market, Timeframe.D1]
    records = bars.start[np.flatnonzero(bars.close[1:] > np.maximum.accumulate(bars.close)[:-1]) + 1]
    for failed, back in zip(decisive[::2], decisive[1::2], strict=True):
        assert back.bar == records[np.searchsorted(records, failed.bar)]
    assert len(events) / (len(bars) / 252) <= 2.5


@needs_data
def test_a_spike_that_the_close_took_back_is_a_52_week_high_and_no_record(told: dict[str, tuple[Event, ...]]) -> None:
    assert "2020-11-09" in fired(told["iwm-52-week-high"])
    assert "2020-11-09" not in fired(told["russell-2000-all-time-high"])


@needs_data
def test_a_chat_with_all_rules_gets_few_messages(told: dict[str, tuple[Event, ...]]) -> None:
    everything = messages(event for events in told.values() for event in events)
    by_year = Counter(message.year for message in everything)
    assert max(by_year[year] for year in range(2016, 2026)) <= 38
    assert sum(by_year[year] for year in range(2016, 2026)) <= 235, "24 a year"
    assert len(fired(told["iwm-resistance-break"])) / 26.3 <= 4
    for day in ("2020-11-09", "2024-07-12", "2024-11-06", "2025-09-18"):
        assert len([each for each in everything if label(each.at - 1, Timeframe.D1) == day]) == 1, day


@needs_data
def test_no_rule_is_silent_and_none_chatters(
    told: dict[str, tuple[Event, ...]], past: dict[tuple[str, Timeframe], Bars]
) -> None:
    assert told.keys() == SHIPPED
    for rule, events in told.items():
        alerts = list(fired(events).values())
        years = len(past[alerts[0].alert.market, Timeframe.D1]) / 252
        assert 5 <= len(alerts) < 4 * years, rule


@needs_data
def test_a_headline_has_every_value_when_its_rule_fires(
    book: Rulebook, told: dict[str, tuple[Event, ...]], past: dict[tuple[str, Timeframe], Bars]
) -> None:
    lines = {}
    for rule, written in ((id_, each) for id_, each in book.rules.items() if each.enabled):
        event = list(fired(told[rule]).values())[-1]
        bars = past[written.rule.market, Timeframe.D1]
        level = np.full(len(bars), np.nan if event.level is None else event.level)
        frame = Frame(bars, {market: each for (market, _), each in past.items()}, {}, {"level": level})
        position = bars.position(event.bar)
        assert position is not None
        lines[rule] = written.headline.render(lambda formula, f=frame, p=position: float(evaluate(formula, f)[p]))
    assert not [line for line in lines.values() if "–" in line]


@needs_data
def test_the_headline_of_the_record_of_2025(book: Rulebook, past: dict[tuple[str, Timeframe], Bars]) -> None:
    bars = past["RUT", Timeframe.D1]
    position = bars.position(midnight(date(2025, 9, 18)))
    assert position is not None
    line = book.rules["russell-2000-all-time-high"].headline.render(lambda f: float(evaluate(f, Frame(bars))[position]))
    assert line == "Russell 2000 closed at 2,467.70, a record"


def test_nothing_in_the_rules_folder_is_left_over() -> None:
    known = {f"{rule}.yaml" for rule in SHIPPED | OFF} | {"README.md", "definitions.yaml", FILE_NAME, "tests"}
    assert {path.name for path in Path(RULES).iterdir()} == known
