"""The five minutes of rules/README.md, line by line as a newcomer types them, on the simulated market."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.test_operator import ROOT, bellwether

TUTORIAL = (ROOT / "rules" / "README.md").read_text("utf-8").split("## In five minutes")[1].split("\n## ")[0]
FILE, RULE = re.findall(r"Save this as `(.*?)`.*?:\n\n```yaml\n(.*?)```", TUTORIAL, re.DOTALL)[0]
LINES = [line.split("   ")[0].split()[1:] for line in TUTORIAL.splitlines() if line.startswith("bellwether ")]
OFFLINE = {"backtest", "explain", "diff"}
"""Commands that take `--data demo`, as the tutorial says."""


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """A fresh clone with the tutorial's rule in it, under git."""
    shutil.copytree(ROOT / "rules", tmp_path / "rules")
    (tmp_path / FILE).parent.mkdir()
    (tmp_path / FILE).write_text(RULE, "utf-8")
    for words in (["init", "-q"], ["add", "."], ["-c", "user.name=a", "-c", "user.email=a@b", "commit", "-qm", "x"]):
        subprocess.run(["git", *words], cwd=tmp_path, check=True)
    return tmp_path


def typed(folder: Path, words: list[str]) -> str:
    told = bellwether(folder, *words, *(["--data", "demo"] if OFFLINE & set(words) else []))
    assert told.returncode == 0, told.stdout + told.stderr
    return told.stdout


def test_the_tutorial_has_the_commands_that_this_test_knows() -> None:
    names = [next(word for word in reversed(words[:2]) if word != "iwm-up-five-percent") for words in LINES]
    assert names == ["check", "fetch", "backtest", "explain", "diff", "test"]


def test_each_line_works_as_it_is_written(clone: Path) -> None:
    check, fetch, backtest, explain, diff, test = LINES
    assert "no problems" in typed(clone, check)
    assert "no token is needed" in " ".join(typed(clone, [*fetch, "--help"]).split())
    assert "iwm-up-five-percent on IWM 1d" in typed(clone, backtest)
    assert "change(close, 5)" in typed(clone, explain)
    assert typed(clone, [*explain, "--at", "2024-07-12"]).splitlines()
    (clone / FILE).write_text(RULE.replace("0.05", "0.06"), "utf-8")
    assert "iwm-up-five-percent on IWM 1d" in typed(clone, [*diff, "--old", "HEAD"])
    assert "pass" in typed(clone, test)


def test_a_rule_that_is_begun_by_the_program_is_checked_and_tested(clone: Path) -> None:
    typed(clone, ["rules", "new", "my-rule"])
    assert "no problems" in typed(clone, ["rules", "check"])
    typed(clone, ["rules", "test"])


def test_the_pictures_of_the_tutorial_are_drawn(clone: Path) -> None:
    typed(clone, ["backtest", "iwm-up-five-percent", "--plot", "up.png"])
    assert (clone / "up.png").read_bytes().startswith(b"\x89PNG")


def test_in_a_checkout_a_new_rule_lies_where_no_upgrade_meets_it(clone: Path) -> None:
    shutil.copytree(ROOT / "bot", clone / "bot", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "config.example.yaml", clone)
    command = [sys.executable, "-m", "bot", "rules", "new", "my-own"]
    told = subprocess.run(command, cwd=clone, capture_output=True, text=True, check=True, timeout=60).stdout
    assert told.startswith("my-rules/my-own.yaml\nmy-rules/tests/my-own.yaml\nmy-rules/rule.schema.json ")
    (clone / "config.yaml").write_text("rules: rules\n")
    told = subprocess.run([*command[:-1], "my-other"], cwd=clone, capture_output=True, text=True, check=True).stdout
    assert told.startswith("my-rules/my-other.yaml\n")
    assert "write `rules: [shipped, my-rules]` in it" in told
