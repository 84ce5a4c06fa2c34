"""Files of rule tests, with what can be understood of one that has mistakes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from pydantic import ValidationError

from bot.problem import Problem
from bot.rulebook.testing.test_file import CaseModel, TestFile, understood_events
from bot.yamlfile.document import Document
from bot.yamlfile.load import read_bytes, read_yaml
from bot.yamlfile.pydantic_errors import problems_of


@dataclass(frozen=True)
class WrittenTests:
    """The tests of `rule` by their position in the file: `whole` ones, and of others the `parts` without mistakes.

    `rule` is empty where the file does not say it.
    """

    document: Document
    rule: str
    whole: Mapping[int, CaseModel]
    parts: Mapping[int, CaseModel] = field(default_factory=dict)
    problems: tuple[Problem, ...] = ()


def read_tests(path: Path) -> WrittenTests:
    """A file of tests. Raises ProblemError where nothing in it can be read."""
    file = str(path)
    document = read_yaml(read_bytes(path, file), file)
    try:
        tests = TestFile.model_validate(document.data)
    except ValidationError as error:
        return _partly(document, tuple(sorted(problems_of(error, document, TestFile))))
    names = [case.name for case in tests.tests]
    doubled = [index for index, name in enumerate(names) if name in names[:index]]
    told = tuple(document.problem(("tests", at, "name"), "a name that an earlier test has") for at in doubled)
    return WrittenTests(document, tests.rule or "", dict(enumerate(tests.tests)), {}, told)


def _partly(document: Document, problems: tuple[Problem, ...]) -> WrittenTests:
    data = document.data if isinstance(document.data, dict) else {}
    rule, tests = data.get("rule"), data.get("tests")
    whole: dict[int, CaseModel] = {}
    parts: dict[int, CaseModel] = {}
    for index, written in enumerate(tests if isinstance(tests, list) else []):
        if not isinstance(written, dict):
            continue
        try:
            whole[index] = CaseModel.model_validate(written)
        except ValidationError as error:
            if (part := _part(written, error)) is not None:
                parts[index] = part
    return WrittenTests(document, rule if isinstance(rule, str) else "", whole, parts, problems)


def _part(written: Mapping[str, object], error: ValidationError) -> CaseModel | None:
    """A test without what is wrong in it; None where no bars are left."""
    wrong = {item["loc"][:2] if item["loc"][0] == "series" else item["loc"][:1] for item in error.errors()}
    kept = {"name": "?"} | {key: value for key, value in written.items() if (key,) not in wrong}
    if isinstance(series := kept.get("series"), dict):
        kept["series"] = {market: bars for market, bars in series.items() if ("series", market) not in wrong}
    if ("expect",) in wrong:
        kept["expect"] = understood_events(written["expect"])
    try:
        return CaseModel.model_validate(kept)
    except ValidationError:
        return None
