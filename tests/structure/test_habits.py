"""The habits of this code that a tool can hold: sizes, names, docstrings, imports. Every offender is named."""

from __future__ import annotations

import ast
import re
import tokenize
from collections import defaultdict
from collections.abc import Iterator
from functools import cache
from io import BytesIO
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
MAX_FILES = 16
"""Python files in one folder, besides its __init__.py."""

MAX_FILE_LINES = 350
MAX_FUNCTION_LINES = 40
FILES = sorted((ROOT / "bot").rglob("*.py"))
TESTS = sorted((ROOT / "tests").rglob("*.py"))
UNFINISHED = re.compile(r"\b(TODO|FIXME|XXX)\b|\b(stub|placeholder)s?\b", re.IGNORECASE)
QUESTION = re.compile(r"\?")

Function = ast.FunctionDef | ast.AsyncFunctionDef


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text("utf-8"), str(path))


def name(path: Path, line: int = 0) -> str:
    place = str(path.relative_to(ROOT))
    return f"{place}:{line}" if line else place


def functions(path: Path) -> Iterator[Function]:
    return (node for node in ast.walk(tree(path)) if isinstance(node, Function))


def none_of(offenders: list[str], habit: str) -> None:
    assert not offenders, f"{habit}; these do not:\n  " + "\n  ".join(offenders)


def test_folders_are_small() -> None:
    count: dict[Path, int] = defaultdict(int)
    for path in FILES:
        count[path.parent] += path.name != "__init__.py"
    crowded = [f"{name(folder)}: {files} files" for folder, files in sorted(count.items()) if files > MAX_FILES]
    none_of(crowded, f"a folder has at most {MAX_FILES} files")


@pytest.mark.parametrize("files", [FILES, TESTS], ids=["bot", "tests"])
def test_files_are_small(files: list[Path]) -> None:
    lines = {path: len(path.read_text("utf-8").splitlines()) for path in files}
    long = [f"{name(path)}: {count} lines" for path, count in lines.items() if count > MAX_FILE_LINES]
    none_of(long, f"a file has at most {MAX_FILE_LINES} lines")


def test_functions_are_small() -> None:
    spans = [(path, node, (node.end_lineno or 0) - node.lineno + 1) for path in FILES for node in functions(path)]
    long = [
        f"{name(path, node.lineno)}: {node.name}: {span} lines"
        for path, node, span in spans
        if span > MAX_FUNCTION_LINES
    ]
    none_of(long, f"a function has at most {MAX_FUNCTION_LINES} lines")


def test_no_public_class_name_is_defined_twice() -> None:
    homes: dict[str, list[str]] = defaultdict(list)
    for path in FILES:
        for node in tree(path).body:
            if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                homes[node.name].append(name(path, node.lineno))
    twice = [f"{each}: {', '.join(places)}" for each, places in sorted(homes.items()) if len(places) > 1]
    none_of(twice, "a public class name stands for one class")


def test_imports_stand_at_the_top() -> None:
    inside = [
        f"{name(path, each.lineno)}: in {node.name}"
        for path in FILES
        for node in functions(path)
        for each in ast.walk(node)
        if isinstance(each, ast.Import | ast.ImportFrom)
    ]
    none_of(inside, "imports stand at the top of their file")


@pytest.mark.parametrize("files", [FILES, TESTS], ids=["bot", "tests"])
def test_every_module_says_in_one_statement_what_is_in_it(files: list[Path]) -> None:
    wrong = []
    for path in files:
        told = ast.get_docstring(tree(path))
        first = (told or "").split("\n", 1)[0]
        if told is None:
            if path.read_text("utf-8").strip():
                wrong.append(f"{name(path)}: has no docstring")
        elif QUESTION.search(first):
            wrong.append(f"{name(path)}: asks: {first}")
    none_of(wrong, "a module's docstring is a statement")


def test_nothing_is_left_unfinished() -> None:
    left = [
        f"{name(path, token.start[0])}: {found[0]}"
        for path in FILES
        for token in tokenize.tokenize(BytesIO(path.read_bytes()).readline)
        if token.type in {tokenize.COMMENT, tokenize.STRING} and (found := UNFINISHED.search(token.string))
    ]
    none_of(left, "nothing is marked as unfinished")
