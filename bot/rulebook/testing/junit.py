"""JUnit XML of a run of rule tests, for build servers."""

from __future__ import annotations

from collections import defaultdict
from xml.etree.ElementTree import Element, SubElement, tostring

from bot.rulebook.testing.report import case_text
from bot.rulebook.testing.runner import CaseResult, TestRun


def junit_xml(run: TestRun) -> str:
    """JUnit XML: a suite for each file, files that can't be read as errors."""
    suites: dict[str, list[CaseResult]] = defaultdict(list)
    for result in run.results:
        suites[result.file].append(result)
    unread: dict[str, list[str]] = defaultdict(list)
    for problem in run.problems:
        unread[problem.file].append(str(problem))
    failed = sum(not result.passed for result in run.results)
    root = Element("testsuites", name="bellwether rules")
    root.attrib |= {"tests": str(len(run.results)), "failures": str(failed), "errors": str(len(unread))}
    for file, results in suites.items():
        _suite(root, file, results)
    for file, lines in unread.items():
        suite = SubElement(root, "testsuite", name=file, tests="1", failures="0", errors="1")
        case = SubElement(suite, "testcase", classname=file, name="can be read")
        SubElement(case, "error", message=lines[0]).text = "\n".join(lines)
    return tostring(root, encoding="unicode", xml_declaration=True) + "\n"


def _suite(root: Element, file: str, results: list[CaseResult]) -> None:
    failed = sum(not result.passed for result in results)
    counts = {"tests": str(len(results)), "failures": str(failed), "errors": "0"}
    suite = SubElement(root, "testsuite", {"name": file, **counts})
    for result in results:
        facts = {"classname": result.rule, "name": result.name, "file": result.file, "line": str(result.line)}
        case = SubElement(suite, "testcase", facts)
        if not result.passed:
            failure = SubElement(case, "failure", message=result.reason or "other events than expected")
            failure.text = case_text(result)
