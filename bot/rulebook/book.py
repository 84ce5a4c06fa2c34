"""The rulebook: the rules that can run, each after those that it speaks of, and what is wrong with the others."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

from bot.problem import Problem, ProblemError
from bot.rulebook.formula_problems import line_column
from bot.rulebook.rule_definition import LoadResult, RuleDefinition, id_problem, read_rule, rule_digest
from bot.yamlfile.document import KeyPath
from bot.yamlfile.load import read_bytes

SUFFIX = ".yaml"


@dataclass(frozen=True)
class Rulebook:
    """The rules that can run, disabled ones included, each after the rules that it speaks of.

    `stale` are ids of rules that run on their last good version, since their file is broken now. `files` is how
    many files the folder holds.
    """

    rules: Mapping[str, RuleDefinition] = field(default_factory=dict)
    problems: tuple[Problem, ...] = ()
    stale: frozenset[str] = frozenset()
    files: int = 0

    @property
    def enabled(self) -> tuple[RuleDefinition, ...]:
        """The rules that may send alerts. To replay them, their `needs` are needed too, enabled or not."""
        return tuple(rule for rule in self.rules.values() if rule.enabled)


def load_book(folder: Path, markets: frozenset[str], previous: Rulebook | None = None) -> Rulebook:
    """All rules of a folder, and all problems in their files.

    Never raises for what is in the files. A rule whose file is broken keeps the version that `previous` has of
    it; one whose file is gone goes. Folders inside (tests) are not read.
    """
    before = dict(previous.rules) if previous else {}
    try:
        files = _files(folder)
    except OSError as error:
        problem = Problem.in_file(folder, f"rules can't be read: {error.strerror or error}")
        return Rulebook(before, (problem,), frozenset(before))
    if not files:
        problem = Problem.in_file(folder, f"no rules here; a rule is a file like {folder}/my-rule{SUFFIX}")
        return Rulebook({}, (problem,))
    ids = frozenset(path.stem for path in files if path.suffix == SUFFIX and id_problem(str(path)) is None)
    readings = {str(path): _read(path, markets, ids) for path in files}
    spare = {rule_id: rule for rule_id, rule in before.items() if rule_id in ids}
    return _settled(readings, spare, len(files))


def book_with(folder: Path, markets: frozenset[str], rule_id: str, raw: bytes) -> Rulebook:
    """The book that the folder would hold if the file of one rule were this one; as `load_book`, and writes nothing."""
    candidate = folder / f"{rule_id}{SUFFIX}"
    try:
        others = [path for path in _files(folder) if path != candidate]
    except OSError:
        others = []
    ids = frozenset(path.stem for path in (*others, candidate) if path.suffix == SUFFIX and not id_problem(str(path)))
    readings = {str(path): _read(path, markets, ids) for path in others}
    readings[str(candidate)] = read_rule(raw, str(candidate), markets, ids)
    return _settled(readings, {}, len(readings))


def _files(folder: Path) -> list[Path]:
    """Files that mean to be rules, in order of name; what editors leave behind is passed over."""
    entries = sorted(folder.iterdir(), key=lambda path: path.name)
    return [path for path in entries if path.suffix in (SUFFIX, ".yml") and not path.name.startswith((".", "#"))]


def _read(path: Path, markets: frozenset[str], ids: frozenset[str]) -> LoadResult:
    file = str(path)
    if path.suffix != SUFFIX:
        return LoadResult(None, (Problem.in_file(file, f"not read; allowed: names that end in {SUFFIX}"),))
    if problem := id_problem(file):
        return LoadResult(None, (problem,))
    try:
        return read_rule(read_bytes(path, file), file, markets, ids)
    except ProblemError as error:
        return LoadResult(None, tuple(error.problems))


def _settled(readings: Mapping[str, LoadResult], spare: Mapping[str, RuleDefinition], files: int) -> Rulebook:
    """The largest set of rules whose needs are all met, newest versions first."""
    chosen = dict(spare)
    chosen |= {reading.rule.rule.id: reading.rule for reading in readings.values() if reading.rule}
    problems = [problem for reading in readings.values() for problem in reading.problems]
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
    return Rulebook(_digested(chosen), tuple(sorted(set(problems))), stale, files)


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
    """Where a file first speaks of a rule."""
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
