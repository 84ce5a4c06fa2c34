"""Files of rules in several folders: which count, which are overridden, and which don't belong there."""

from __future__ import annotations

import os
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from bot.problem import Problem
from bot.rulebook.rule_file import RULE_ID
from bot.severity import Severity

SUFFIX = ".yaml"
TESTS = "tests"
"""Name of folders that hold the rules' tests."""

PREVIOUS = "previous"
"""Name of the folder, beside the rules, that holds their earlier versions; rules in it do not run."""

DEFINITIONS = "definitions"
"""Stem of the file that holds named formulas; no rule may be called so."""

RESERVED = frozenset(
    {"all", "any", "everything", "alerts", "restore", "for", "until", "forever", "on", "off"}
    | {severity.word for severity in Severity}
)
"""Words that commands give a meaning of their own, where a rule's name may stand too: `/subscribe all`."""

_DURATION = re.compile(r"\d+-?(?:min|mo|[mhdw]|hours?|days?|weeks?|months?|minutes?)")

Folders = Path | Sequence[Path]
"""One folder of rules, or several, of which a later one's file replaces an earlier one's of the same name."""


@dataclass(frozen=True)
class RuleFiles:
    """The files of some folders: rules by id, definitions in the order of their folders, and misplaced ones.

    `count` is how many files there are, overridden ones included. `unreadable`: a folder could not be looked into.
    """

    rules: dict[str, Path] = field(default_factory=dict)
    definitions: tuple[Path, ...] = ()
    problems: tuple[Problem, ...] = ()
    count: int = 0
    unreadable: bool = False


def folders_of(folders: Folders) -> tuple[Path, ...]:
    """The folders as a tuple, one or many."""
    return (folders,) if isinstance(folders, Path) else tuple(folders)


def find_rule_files(folders: Folders) -> RuleFiles:
    """The files that mean to be rules or definitions, sub-folders included. Raises nothing for what it finds."""
    rules: dict[str, Path] = {}
    definitions: list[Path] = []
    problems: list[Problem] = []
    count, unreadable = 0, False
    for folder in folders_of(folders):
        own: dict[str, Path] = {}
        files, closed = _files(folder)
        problems += closed
        unreadable = unreadable or bool(closed)
        for path in files:
            if problem := _misplaced(path, own):
                problems.append(problem)
            elif path.stem == DEFINITIONS:
                definitions.append(path)
            else:
                own[path.stem] = path
        rules |= own
        count += len(files)
    if not count and not problems:
        problems.append(_no_rules(folders_of(folders)))
    return RuleFiles(rules, tuple(definitions), tuple(problems), count, unreadable)


def _no_rules(folders: tuple[Path, ...]) -> Problem:
    nor = "".join(f", nor in {each}" for each in folders[1:])
    like = f"a rule is a file like {folders[-1]}/my-rule{SUFFIX}"
    return Problem.in_file(folders[0], f"no rules here{nor}; {like}, and `rules: [shipped]` names the program's own")


def find_test_files(folder: Path) -> list[Path]:
    """Files of rule tests in a folder of rules and in its sub-folders, in order of name."""
    return [
        path
        for path in sorted(folder.rglob(f"*{SUFFIX}"))
        if TESTS in path.relative_to(folder).parts[:-1] and not path.name.startswith(".")
    ]


def id_problem(path: str | Path) -> Problem | None:
    """What is wrong with a file's name as the id of a rule."""
    stem = Path(path).stem
    if stem in RESERVED or _DURATION.fullmatch(stem):
        message = f"'{stem}' means something else in commands, as in /subscribe all and /mute 1h; choose another name"
        return Problem.in_file(path, message)
    if RULE_ID.fullmatch(stem):
        return None
    nearest = f", like {plain}" if (plain := _plain_id(stem)) else ""
    message = f"not a rule's name (got '{stem}'); allowed: small letters, digits and single hyphens{nearest}"
    return Problem.in_file(path, message)


def new_id_problem(name: str) -> Problem | None:
    """What is wrong with a name that a person gives a new rule, which is no path."""
    if name != Path(name).name:
        return Problem.in_file("rules new", f"not a rule's name (got '{name}'); allowed: a name without a folder")
    problem = id_problem(f"{name}{SUFFIX}")
    return Problem.in_file("rules new", problem.message) if problem else None


def _plain_id(stem: str) -> str:
    """The id that is nearest to a name: `my-rule` for My_Rule; empty where nothing of it can stay."""
    german = stem.lower().translate({ord("ä"): "ae", ord("ö"): "oe", ord("ü"): "ue", ord("ß"): "ss"})
    bare = unicodedata.normalize("NFKD", german).encode("ascii", "ignore").decode()
    return "-".join(re.findall("[a-z0-9]+", bare))[:40].strip("-")


def _files(folder: Path) -> tuple[list[Path], list[Problem]]:
    """Files that mean to be rules, in order of name, a folder's own first, and the folders that can't be looked into.

    What editors leave behind is passed over.
    """
    try:
        with os.scandir(folder) as found:
            # a link to a folder may lead back to where it lies
            entries = sorted((each.is_dir(follow_symlinks=False), each.name) for each in found)
    except OSError as error:
        return [], [Problem.in_file(folder, f"rules can't be read: {error.strerror or error}")]
    files: list[Path] = []
    problems: list[Problem] = []
    for is_folder, name in entries:
        path = folder / name
        if name.startswith((".", "#")):
            continue
        if path.suffix in (SUFFIX, ".yml"):
            files.append(path)  # a folder of that name is told apart from a file when it is read
        elif is_folder and name not in (TESTS, PREVIOUS):
            below, closed = _files(path)
            files += below
            problems += closed
    return files, problems


def _misplaced(path: Path, own: dict[str, Path]) -> Problem | None:
    if path.suffix != SUFFIX:
        return Problem.in_file(path, f"not read; allowed: names that end in {SUFFIX}")
    if problem := id_problem(path):
        return problem
    if path.stem in own:
        return Problem.in_file(path, f"the same rule stands in {own[path.stem]} too; keep one of them")
    return None
