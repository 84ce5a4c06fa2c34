"""The threat model in SECURITY.md is shown by tests that are there; what tools can tell of it is told here."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
MODEL = (ROOT / "SECURITY.md").read_text("utf-8")
ROWS = [line for line in MODEL.splitlines() if line.startswith("| ") and not line.startswith("| against")]

_WEAK = re.compile(r"(verify|ssl|verify_ssl)\s*=\s*False|CERT_NONE|check_hostname|_create_unverified|--insecure")


def test_every_line_names_tests_that_are_there() -> None:
    for row in ROWS:
        named = re.findall(r"`(tests/[\w./]+\.py)(?:::(\w+))?`", row.split("|")[-2])
        assert named, f"no test is named: {row[:60]}"
        for file, test in named:
            path = ROOT / file
            assert path.is_file(), f"not there: {file}"
            found = re.search(rf"^(async )?def {test}\(", path.read_text("utf-8"), re.MULTILINE)
            assert found or not test, f"no {test} in {file}"


def test_assets_actors_surfaces_and_what_is_not_defended_are_told() -> None:
    for each in ("**Assets**", "**Actors**", "**Surfaces**", "## What holds", "## What is not defended, and why"):
        assert each in MODEL


def test_tls_is_weakened_nowhere() -> None:
    weak = [
        f"{path.relative_to(ROOT)}:{number}: {line.strip()}"
        for path in sorted((ROOT / "bot").rglob("*.py"))
        for number, line in enumerate(path.read_text("utf-8").splitlines(), 1)
        if _WEAK.search(line)
    ]
    assert not weak


def test_every_requirement_is_pinned_with_a_hash() -> None:
    for name in ("constraints.txt", "tests/constraints.txt"):
        text = (ROOT / name).read_text("utf-8")
        entries = re.split(r"^(?=[A-Za-z0-9][\w.-]*==)", text, flags=re.MULTILINE)[1:]
        assert entries
        assert not [each.partition("\n")[0] for each in entries if "--hash=sha256:" not in each]
        assert "://" not in text
    assert re.search(r"^setuptools==", (ROOT / "constraints.txt").read_text("utf-8"), re.MULTILINE)


def test_nothing_is_built_with_what_is_not_pinned() -> None:
    for name in ("README.md", "CONTRIBUTING.md", "Containerfile"):
        for line in (ROOT / name).read_text("utf-8").splitlines():
            for command in re.findall(r"pip install [^&`]*--no-deps[^&`]*", line):
                assert "--no-build-isolation" in command, f"{name}: {command}"
