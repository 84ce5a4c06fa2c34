"""Rule tests run through the replay that the live bot uses."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from bot.problem import Problem, ProblemError
from bot.rulebook.book import Rulebook
from bot.rulebook.rule_files import Folders, find_rule_files, find_test_files, folders_of
from bot.rulebook.testing.event_diff import Difference, differences, replayed_rule
from bot.rulebook.testing.read_tests import WrittenTests, read_tests
from bot.rulebook.testing.test_bars import (
    BarReader,
    BarSchedule,
    CaseBars,
    CaseError,
    HourReader,
    case_bars,
    file_bars,
    file_hours,
)
from bot.rulebook.testing.test_file import FIRST_DAY, SILENCE, CaseModel
from bot.signals.hours.hourly_replay import Hours, forms_daily, replay_by_hours
from bot.signals.replay.event import EventKind
from bot.signals.replay.replay import Replay
from bot.signals.replay.rule import Rule
from bot.signals.timeframe import start_of
from bot.yamlfile.document import Document
from bot.yamlfile.pydantic_errors import not_among


@dataclass(frozen=True)
class CaseResult:
    """What came of one test. `reason` is why it failed, in a sentence; `rows` are the bars where events differ."""

    rule: str
    name: str
    file: str
    line: int
    reason: str = ""
    rows: tuple[Difference, ...] = ()

    @property
    def passed(self) -> bool:
        """Whether the rule said just what was expected."""
        return not self.reason and not any(row.differs for row in self.rows)


@dataclass(frozen=True)
class TestRun:
    """What came of all tests. `unproven` are rules with what they lack: a firing test, a non-firing one."""

    __test__ = False  # its name is no test of pytest's

    results: tuple[CaseResult, ...]
    problems: tuple[Problem, ...]
    unproven: tuple[tuple[str, str], ...]

    @property
    def passed(self) -> bool:
        """Whether all went well; a rule without tests is listed, and fails nothing."""
        return not self.problems and all(result.passed for result in self.results)


@dataclass(frozen=True, slots=True)
class TestSetting:
    """What tests need to know of the world.

    `round_the_clock` are the markets that trade on all days and whose daily bars close at midnight UTC; the bars of
    the others lie on weekdays and close at 21:00 UTC. `read_bars` and `read_hours` read the CSV files that tests name;
    `traded` are the markets that may have hours.
    """

    __test__ = False  # its name is no test of pytest's

    round_the_clock: frozenset[str] = frozenset()
    read_bars: BarReader | None = None
    read_hours: HourReader | None = None
    traded: frozenset[str] = frozenset()


def run_tests(
    folders: Folders, book: Rulebook, setting: TestSetting = TestSetting(), only: Collection[str] = ()
) -> TestRun:
    """Runs the test files beside the rules through the replay that the live bot uses; `only` those of some rules.

    A rule that a later folder replaces is tested by that folder's tests alone. Never raises for what is in the files.
    """
    results: list[CaseResult] = []
    problems: list[Problem] = []
    expectations: dict[str, set[bool]] = {rule_id: set() for rule_id in book.rules if not only or rule_id in only}
    rules = find_rule_files(folders).rules
    for folder in folders_of(folders):
        for path in find_test_files(folder):
            try:
                tests = read_tests(path)
            except ProblemError as error:
                problems += error.problems if not only or path.stem in only else []
                expectations.pop(path.stem, None)
                continue
            rule_id = tests.rule or path.stem
            if (only and rule_id not in only) or _is_replaced(rules.get(rule_id), folder):
                continue
            if found := _faults(tests, rule_id, book, setting):
                problems += found
                expectations.pop(rule_id, None)  # what it lacks can't be told before all is read
            for index, case in tests.whole.items() if rule_id in book.rules else ():
                results.append(_run(tests.document, index, case, book, rule_id, setting))
                if case.expect is not None and rule_id in expectations:
                    expectations[rule_id].add(any(EventKind.FIRED in kinds for kinds in case.expect.values()))
    return TestRun(tuple(results), tuple(problems), _unproven(expectations))


def _is_replaced(rule: Path | None, folder: Path) -> bool:
    """Whether a rule's file lies in another folder than this one."""
    return rule is not None and not rule.is_relative_to(folder)


def _faults(tests: WrittenTests, rule_id: str, book: Rulebook, setting: TestSetting) -> list[Problem]:
    """All that is wrong in a file, beside what its whole tests say once they are run."""
    found = list(tests.problems)
    if rule_id not in book.rules:
        path = ("rule",) if tests.rule else ()
        told = not_among("no such rule, or a broken one", rule_id, book.rules)
        return sorted([*found, tests.document.problem(path, told)])
    rules = _needed(book, rule_id)
    for index, case in tests.parts.items():
        try:
            given = _bars(tests.document, index, case, rules, setting)
            if rules[-1].market in given:
                _positions(tests.document, index, case, given[rules[-1].market])
        except CaseError as error:
            found += error.problems
    return sorted(found)


def _run(
    document: Document, index: int, case: CaseModel, book: Rulebook, rule_id: str, setting: TestSetting
) -> CaseResult:
    line, _ = document.places["tests", index]
    rules = _needed(book, rule_id)
    rule = rules[-1]
    try:
        given = _bars(document, index, case, rules, setting)
        said = _proves_nothing(case, given, rules) or _lacks_hours(given, rule, setting)
        if said:
            return CaseResult(rule_id, case.name, document.file, line, said)
        bars = {(name, rule.timeframe): each.bars for name, each in given.items()}
        days = {name: each.hours for name, each in given.items() if each.hours is not None}
        replays = replay_by_hours(rules, bars, Hours(days, frozenset({rule_id})))
        expected = _positions(document, index, case, given[rule.market])
    except CaseError as error:
        return CaseResult(rule_id, case.name, document.file, line, "\n".join(str(each) for each in error.problems))
    own = {name: each.bars for name, each in given.items()}
    run = replayed_rule(rule, replays, own, by_hours=bool(days))
    dated = case.series[rule.market].csv is not None
    rows = differences(run, given[rule.market].numbers, expected, dated=dated)
    return CaseResult(rule_id, case.name, document.file, line, _idle(case, replays[rule_id]), rows)


def _needed(book: Rulebook, rule_id: str) -> list[Rule]:
    """The rule and all that it speaks of, itself last."""
    wanted = {rule_id}
    for written in reversed(list(book.rules.values())):
        wanted |= written.rule.needs if written.rule.id in wanted else frozenset()
    return [written.rule for written in book.rules.values() if written.rule.id in wanted]


def _bars(
    document: Document, index: int, case: CaseModel, rules: list[Rule], setting: TestSetting
) -> dict[str, CaseBars]:
    first = case.start if case.start is not None else start_of(FIRST_DAY)
    given: dict[str, CaseBars] = {}
    problems: list[Problem] = []
    timeframe = rules[-1].timeframe
    for market, part in case.series.items():
        begins = part.start if part.start is not None else first
        path = ("tests", index, "series", market)
        try:
            if part.csv is not None:
                found = file_bars(document, path, part, timeframe, setting.read_bars)
                hours = file_hours(document, path, part, found.bars, setting.read_hours)
                given[market] = replace(found, hours=hours)
            else:
                schedule = BarSchedule(timeframe, begins, weekdays=market not in setting.round_the_clock)
                given[market] = case_bars(document, path, part, schedule)
        except CaseError as error:
            problems += error.problems
    if problems:
        raise CaseError(problems)
    return given


def _proves_nothing(case: CaseModel, given: Mapping[str, CaseBars], rules: list[Rule]) -> str:
    """Why the test proves nothing, before it is run."""
    if case.expect is None:
        return f"expects nothing; say which events, as in 31: fired, or expect: {SILENCE}"
    needed = frozenset[str]().union(*(_markets(rule) for rule in rules))
    if absent := sorted(needed - given.keys()):
        return f"no bars of {', '.join(absent)}, which the rule reads; add them to series"
    if idle := sorted(given.keys() - needed):
        return f"bars of {', '.join(idle)}, which the rule does not read; it reads {', '.join(sorted(needed))}"
    frames = {rule.timeframe for rule in rules}
    return "rules of different timeframes can't be tested together" if len(frames) > 1 else ""


def _lacks_hours(given: Mapping[str, CaseBars], rule: Rule, setting: TestSetting) -> str:
    """Why the days can't be looked at hour by hour, where a test names hours."""
    named = {name for name, each in given.items() if each.hours is not None}
    if named and not forms_daily(rule):
        return (
            f"hours of {', '.join(sorted(named))}; needed by daily rules with trigger: intraday alone, leave them out"
        )
    lacking = (_markets(rule) & setting.traded) - named if named else ()
    return f"no hours of {', '.join(sorted(lacking))}, which the rule compares with; add them" if lacking else ""


def _markets(rule: Rule) -> frozenset[str]:
    return frozenset({rule.market}).union(*(formula.markets for formula in rule.formulas))


def _positions(document: Document, index: int, case: CaseModel, given: CaseBars) -> dict[int, tuple[EventKind, ...]]:
    """The events expected, by position of their bar."""
    expected: dict[int, tuple[EventKind, ...]] = {}
    problems: list[Problem] = []
    for bar, kinds in (case.expect or {}).items():
        position = given.position(bar)
        if position is None:
            message = f"no such bar among the {len(given.bars)} of {given.bars.market}"
            problems.append(document.problem(("tests", index, "expect", bar), message, key=True))
        else:
            expected[position] = (*expected.get(position, ()), *kinds)
    if problems:
        raise CaseError(problems)
    return expected


def _idle(case: CaseModel, replay: Replay) -> str:
    """A silence that only comes of too few bars proves nothing."""
    if not case.expect and np.isnan(replay.truth).all():
        return "silent only because the formula is unknown at every bar; give it more bars"
    return ""


def _unproven(expectations: Mapping[str, set[bool]]) -> tuple[tuple[str, str], ...]:
    words = {(): "a firing and a non-firing test", (True,): "a non-firing test", (False,): "a firing test"}
    lacks = ((rule_id, words.get(tuple(sorted(kinds)))) for rule_id, kinds in sorted(expectations.items()))
    return tuple((rule_id, lack) for rule_id, lack in lacks if lack)
