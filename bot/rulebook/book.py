"""The rulebook: the rules that can run, each after those that it speaks of, and what is wrong with the others."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from enum import Enum
from graphlib import CycleError, TopologicalSorter
from pathlib import Path
from typing import NamedTuple

from bot.problem import Problem, ProblemError
from bot.rulebook.definitions import Definitions, definitions_text, parse_definitions, read_definitions
from bot.rulebook.formula_problems import line_column
from bot.rulebook.rule_definition import LoadResult, RuleDefinition, read_rule, rule_digest
from bot.rulebook.rule_files import DEFINITIONS, Folders, find_rule_files
from bot.yamlfile.document import KeyPath
from bot.yamlfile.load import read_bytes


class RuleLife(Enum):
    """What the running bot does with a rule's file."""

    RUNS = "runs"
    OFF = "off"  # the file says so itself
    WAITS = "waits"  # the rules were not taken up anew


@dataclass(frozen=True)
class Rulebook:
    """The rules that can run, disabled ones included, each after the rules that it speaks of.

    `stale` are ids of rules that run on their last good version, since their file is broken now. `files` is how
    many files the folders hold, `definitions` the named formulas.
    """

    rules: Mapping[str, RuleDefinition] = field(default_factory=dict)
    problems: tuple[Problem, ...] = ()
    stale: frozenset[str] = frozenset()
    files: int = 0
    definitions: Mapping[str, str] = field(default_factory=dict)

    @property
    def enabled(self) -> tuple[RuleDefinition, ...]:
        """The rules that may send alerts. To replay them, their `needs` are needed too, enabled or not."""
        return tuple(rule for rule in self.rules.values() if rule.enabled)

    @property
    def texts(self) -> dict[str, str]:
        """The files by which the rules run, by id; that of the definitions under its own name."""
        return {**{id_: rule.text for id_, rule in self.rules.items()}, DEFINITIONS: definitions_text(self.definitions)}

    def pinned_levels(self, market: str) -> tuple[float, ...]:
        """The prices that the rules of a market pin as levels, lowest first."""
        rules = [definition.rule for definition in self.rules.values() if definition.rule.market == market]
        return tuple(sorted({price for rule in rules for price in rule.pinned}))

    def life_of(self, rule_id: str, raw: bytes) -> RuleLife:
        """What becomes of a rule whose file was just put into its place."""
        rule = self.rules.get(rule_id)
        if rule is None or rule.text != raw.decode("utf-8-sig"):
            return RuleLife.WAITS
        return RuleLife.RUNS if rule.enabled else RuleLife.OFF


class Candidate(NamedTuple):
    """A file to be read as if it were the one of a rule; `file` is what complaints call it."""

    file: str
    raw: bytes


def load_book(folders: Folders, markets: frozenset[str], previous: Rulebook | None = None) -> Rulebook:
    """All rules of one folder or of several, and all problems in their files.

    A file of a later folder replaces that of an earlier one with the same name. Never raises for what is in the files.
    A rule whose file is broken, or in a folder that can't be read, keeps the version that `previous` has of it; one
    whose file is gone goes.
    """
    found = find_rule_files(folders)
    before = dict(previous.rules) if previous else {}
    spare = {rule_id: rule for rule_id, rule in before.items() if found.unreadable or rule_id in found.rules}
    ids = frozenset({*found.rules, *spare})
    definitions = read_definitions(found.definitions, markets, ids)
    readings = {str(path): _read(path, markets, ids, definitions) for path in found.rules.values()}
    problems = (*found.problems, *definitions.problems)
    named = {name: formula.text for name, formula in definitions.formulas.items()}
    book = _settled(readings, spare, Rulebook({}, problems, files=found.count, definitions=named))
    if previous is None or not (book.stale or definitions.problems):
        return book
    gone = {name: text for name, text in previous.definitions.items() if name not in named}
    return replace(book, definitions={**gone, **named})


def book_with(folders: Folders, markets: frozenset[str], candidates: Mapping[str, Candidate]) -> Rulebook:
    """The book that the folders would hold if these were files in them; as `load_book`, and writes nothing."""
    found = find_rule_files(folders)
    paths = [path for rule_id, path in found.rules.items() if rule_id not in candidates]
    ids = frozenset({*found.rules, *candidates})
    definitions = read_definitions(found.definitions, markets, ids)
    readings = {str(path): _read(path, markets, ids, definitions) for path in paths}
    for rule_id, each in candidates.items():
        reading = read_rule(each.raw, each.file, markets, ids, definitions.formulas)
        readings[each.file] = _named(reading, rule_id)
    return _settled(readings, {}, Rulebook({}, definitions.problems, files=len(readings)))


def book_of_texts(texts: Mapping[str, str], markets: frozenset[str]) -> Rulebook:
    """The book that `Rulebook.texts` came of, as far as it can be read still; problems are not told."""
    ids = frozenset(texts) - {DEFINITIONS}
    known = parse_definitions([(DEFINITIONS, texts.get(DEFINITIONS, "").encode())], markets, ids)
    readings = {
        rule_id: _named(read_rule(texts[rule_id].encode(), rule_id, markets, ids, known.formulas), rule_id)
        for rule_id in sorted(ids)
    }
    named = {name: formula.text for name, formula in known.formulas.items()}
    return _settled(readings, {}, Rulebook(definitions=named))


def _named(reading: LoadResult, rule_id: str) -> LoadResult:
    """The reading of a file that may lie anywhere, as the rule of that id."""
    if reading.rule is None:
        return reading
    return replace(reading, rule=replace(reading.rule, rule=replace(reading.rule.rule, id=rule_id)))


def _read(path: Path, markets: frozenset[str], ids: frozenset[str], definitions: Definitions) -> LoadResult:
    file = str(path)
    try:
        return read_rule(read_bytes(path, file), file, markets, ids, definitions.formulas)
    except ProblemError as error:
        return LoadResult(None, tuple(error.problems))


def _settled(readings: Mapping[str, LoadResult], spare: Mapping[str, RuleDefinition], book: Rulebook) -> Rulebook:
    """The book with the largest set of rules whose needs are all met, newest versions first."""
    chosen = dict(spare)
    chosen |= {reading.rule.rule.id: reading.rule for reading in readings.values() if reading.rule}
    problems = [*book.problems, *(problem for reading in readings.values() for problem in reading.problems)]
    while faults := _faults(chosen):
        for rule_id, needed, message in faults:
            rule = chosen[rule_id]
            problems += _fault_problems(readings.get(rule.file, LoadResult(None, ())), rule, needed, message)
            older = spare.get(rule_id)
            if older is not None and older is not rule:
                chosen[rule_id] = older
            else:
                del chosen[rule_id]
    stale = frozenset(rule_id for rule_id, rule in chosen.items() if spare.get(rule_id) is rule)
    return replace(book, rules=_digested(chosen), problems=tuple(sorted(set(problems))), stale=stale)


def _faults(chosen: Mapping[str, RuleDefinition]) -> list[tuple[str, str, str]]:
    """Rules that can't run as things stand: id, the rule they speak of, and what is wrong with that."""
    faults = [
        (rule_id, needed, f"speaks of rule '{needed}', which can't be read itself")
        for rule_id, rule in chosen.items()
        for needed in sorted(rule.needs - chosen.keys())[:1]
    ]
    return faults or _cycle(chosen)


def _cycle(chosen: Mapping[str, RuleDefinition]) -> list[tuple[str, str, str]]:
    try:
        TopologicalSorter({rule_id: sorted(rule.needs) for rule_id, rule in sorted(chosen.items())}).prepare()
    except CycleError as error:
        # graphlib names the needed rule first; people read "a speaks of b".
        around: list[str] = list(reversed(error.args[1]))[:-1]
        return [_round(around, at) for at in range(len(around))]
    return []


def _round(around: list[str], at: int) -> tuple[str, str, str]:
    if len(around) == 1:
        return around[0], around[0], "a rule can't speak of itself"
    turned = [*around[at:], *around[:at], around[at]]
    return turned[0], turned[1], f"rules that speak of each other in a circle: {' → '.join(turned)}"


def _fault_problems(reading: LoadResult, rule: RuleDefinition, needed: str, message: str) -> list[Problem]:
    """The fault, where the rule speaks of the other one; nothing for a last good version, whose file has its say."""
    document = reading.document
    if document is None or reading.rule is not rule:
        return []
    path, offset = _mention(((path, text.value) for path, text in document.texts.items()), needed)
    return [document.problem(path, message, at=line_column(document.texts[path].value, offset))]


def _mention(texts: Iterable[tuple[KeyPath, str]], needed: str) -> tuple[KeyPath, int]:
    """Where a file first speaks of a rule; the beginning of `when` where a definition does so for it."""
    quoted = ((path, max(text.find(f'"{needed}"'), text.find(f"'{needed}'"))) for path, text in texts)
    return next(((path, offset) for path, offset in quoted if offset >= 0), (("when",), 0))


def _digested(chosen: Mapping[str, RuleDefinition]) -> dict[str, RuleDefinition]:
    """The rules in order of need, each with its digest."""
    order = TopologicalSorter({rule_id: sorted(rule.needs) for rule_id, rule in sorted(chosen.items())}).static_order()
    done: dict[str, RuleDefinition] = {}
    for rule_id in order:
        written = chosen[rule_id]
        digest = rule_digest(written.rule, {needed: done[needed].rule.digest for needed in written.rule.needs})
        done[rule_id] = replace(written, rule=replace(written.rule, digest=digest))
    return done
