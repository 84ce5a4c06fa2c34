"""The benches' runner sees what got worse, and says what went wrong; the table tells what is on record."""

from __future__ import annotations

import ast
import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.bench import record, running
from tests.bench.__main__ import BENCHES, alone, main
from tests.bench.figures import Figure, of_rounds, quantile
from tests.bench.record import BEGINS, ENDS, Record
from tests.bench.running import Bench
from tests.bench.store_calls import NOT_ASKED
from tests.structure.bench_told import TOLD
from tests.structure.test_habits import FILES, name, none_of, tree

HERE = Path(record.__file__).parent
TOLD_BENCH = Bench("told", "what the environment says", 30, folder="tests.structure")


class Folder:
    """A folder with a table, and benches that tell what they are told to."""

    def __init__(self, path: Path, patch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
        self.path, self._patch, self._capsys = path, patch, capsys
        path.joinpath("README.md").write_text(f"# Benches\n\n{BEGINS}{ENDS}\nThe end.\n", "utf-8")
        path.joinpath("first.json").write_text('{"commit": "abc", "pace": 10.0, "figures": {"told: a": 8.0}}', "utf-8")
        self.pace(10.0)

    def pace(self, milliseconds: float) -> None:
        self._patch.setattr(running, "measured_pace", lambda: milliseconds)

    def run(self, told: Any, *words: str, seconds: int = 30) -> tuple[int, str]:
        """The exit code and the runner's last lines."""
        self._patch.setenv(TOLD, json.dumps(told))
        bench = Bench("told", TOLD_BENCH.asks, seconds, folder=TOLD_BENCH.folder)
        code = main(words, [bench], self.path)
        return code, self._capsys.readouterr().out

    @property
    def table(self) -> str:
        return self.path.joinpath("README.md").read_text("utf-8").partition(BEGINS)[2].partition(ENDS)[0]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Folder:
    return Folder(tmp_path, monkeypatch, capsys)


def ms(value: float, **more: Any) -> dict[str, Any]:
    return {"name": "a", "value": value, "unit": "ms", **more}


def test_first_run_is_told_beside_the_first_commit(folder: Folder) -> None:
    assert folder.run([ms(2.0, goal=3.0, least=1.0, most=4.0, rounds=7)])[0] == 0
    assert "| a | 2.00 ms | 1.00 to 4.00 of 7 | at most 3.00 |  | 8.00 (÷ 4.00) |" in folder.table


def test_missed_goal_ends_with_1(folder: Folder) -> None:
    code, said = folder.run([ms(4.0, goal=3.0)])
    assert code == 1
    assert "told: a: 4.00 ms misses its goal" in said
    assert "at most 3.00, **missed**" in folder.table


@pytest.mark.parametrize(
    ("figure", "better", "worse"),
    [({"unit": "ms"}, 1.0, 2.0), ({"unit": "/s", "more_is_better": True}, 10.0, 5.0), ({"unit": "MB"}, 100.0, 200.0)],
)
def test_twice_as_bad_is_seen_again_and_again_until_it_is_accepted(
    folder: Folder, figure: dict[str, Any], better: float, worse: float
) -> None:
    assert folder.run([{"name": "a", "value": better, **figure}])[0] == 0
    for _ in range(2):
        code, said = folder.run([{"name": "a", "value": worse, **figure}])
        assert code == 1
        assert "told: a: " in said
    assert folder.run([{"name": "a", "value": worse, **figure}], "--accept")[0] == 1
    assert folder.run([{"name": "a", "value": worse, **figure}])[0] == 0


def test_twice_as_good_or_a_half_worse_is_no_fault(folder: Folder) -> None:
    for value in (2.0, 1.0, 1.5):
        assert folder.run([ms(value)])[0] == 0


def test_work_is_compared_at_the_machines_pace_and_waiting_is_not(folder: Folder) -> None:
    told = [ms(2.0), {"name": "b", "value": 2.0, "unit": "s", "waits": True}]
    folder.run(told)
    folder.pace(20.0)
    twice = [{**each, "value": 4.0} for each in told]
    code, said = folder.run(twice)
    assert code == 1
    assert [line for line in said.splitlines() if "before" in line] == ["told: b: 4.00 s now, 2.00 before"]


def test_what_is_slow_only_since_others_are_at_work_is_no_fault(folder: Folder) -> None:
    folder.run([ms(2.0, least=1.5, most=3.0, rounds=9)])
    assert folder.run([ms(5.0, least=1.6, most=9.0, rounds=9)])[0] == 0
    folder.run([ms(2.0, least=1.5, most=3.0, rounds=9)])
    assert folder.run([ms(5.0, least=3.2, most=9.0, rounds=9)])[0] == 1


def test_peer_may_get_slower(folder: Folder) -> None:
    folder.run([ms(1.0, peer=True)])
    assert folder.run([ms(5.0, peer=True)])[0] == 0


def test_figure_that_is_not_measured_any_more_is_told_and_stays(folder: Folder) -> None:
    other = {"name": "b", "value": 5.0, "unit": "ms"}
    folder.run([ms(1.0), other])
    code, said = folder.run([ms(1.0)])
    assert code == 1
    assert "told: b: not measured this time" in said
    assert "| b (of " in folder.table
    assert folder.run([ms(1.0)], "--accept")[0] == 0
    assert "| b" not in folder.table


@pytest.mark.parametrize(("how", "told"), [("crash", "ended with 3"), ([], "told no figures")])
def test_bench_that_does_not_end_well_keeps_its_figures(folder: Folder, how: Any, told: str) -> None:
    folder.run([ms(1.0)])
    code, said = folder.run(how)
    assert code == 1
    assert f"told: {told}" in said
    assert f": {told}**; what follows is older." in folder.table
    assert "| a (of " in folder.table
    assert folder.run([ms(2.0)])[0] == 1, "the older figure still counts"


def test_bench_that_hangs_is_ended_with_all_that_it_started(
    folder: Folder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TOLD_CHILD", str(tmp_path / "child"))
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    code, said = folder.run("hang", seconds=3)
    assert code == 1
    assert "told: took more than 3 s" in said
    assert ended(int((tmp_path / "child").read_text("utf-8")))
    assert not list(tmp_path.glob("bench-*"))


def test_kept_run_changes_nothing(folder: Folder) -> None:
    folder.run([ms(1.0)])
    before = {each: each.read_bytes() for each in folder.path.iterdir()}
    assert folder.run([ms(5.0)], "--keep")[0] == 1
    assert {each: each.read_bytes() for each in folder.path.iterdir()} == before


def test_two_runs_at_once_are_refused(folder: Folder) -> None:
    with alone(folder.path):
        assert folder.run([ms(1.0)])[0] == 2


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_interrupt_leaves_the_files_whole_and_nothing_running(
    folder: Folder, tmp_path_factory: pytest.TempPathFactory, how: signal.Signals
) -> None:
    folder.run([ms(1.0)])
    before = {each: each.read_bytes() for each in folder.path.iterdir()}
    code = (
        "import sys; from pathlib import Path; from tests.bench.__main__ import main;"
        "from tests.structure.test_benches import TOLD_BENCH;"
        "sys.exit(main([], [TOLD_BENCH], Path(sys.argv[1])))"
    )
    child = tmp_path_factory.mktemp("told") / "child"
    environment = {**os.environ, TOLD: '"hang"', "TOLD_CHILD": str(child)}
    command = [sys.executable, "-c", code, str(folder.path)]
    runner = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL)
    ends = time.monotonic() + 60
    while not (child.is_file() and child.read_text("utf-8")) and time.monotonic() < ends:
        time.sleep(0.05)
    runner.send_signal(how)
    assert runner.wait(30) == 130
    assert ended(int(child.read_text("utf-8")))
    assert {each: each.read_bytes() for each in folder.path.iterdir()} == before


def ended(pid: int) -> bool:
    """Whether a process is gone, or gone but for whoever should take note of it."""
    ends = time.monotonic() + 10
    stat = Path(f"/proc/{pid}/stat")
    while time.monotonic() < ends:
        if not stat.is_file() or stat.read_text("utf-8").rpartition(")")[2].split()[0] == "Z":
            return True
        time.sleep(0.05)
    return False


def test_rate_of_which_less_would_be_better_is_refused() -> None:
    with pytest.raises(ValueError, match="more is better"):
        of_rounds("a", [1.0], "/s")


def test_95_of_twenty_is_the_nineteenth() -> None:
    assert quantile([float(each) for each in range(20)], 0.95) == 18.0
    assert quantile([3.0], 0.95) == 3.0
    assert str(Figure("a", 1.0, "ms", 2.0)).endswith("goal <= 2.00")


# --- the benches that are there ---


def test_table_tells_what_is_on_record() -> None:
    kept = Record(HERE)
    table = (HERE / "README.md").read_text("utf-8").partition(BEGINS)[2].partition(ENDS)[0]
    assert table == kept.table(kept.parts()), "python -m tests.bench renews the table; it is not edited by hand"


def test_every_bench_is_run_by_the_command_or_named_beside_it() -> None:
    there = {file.stem.removeprefix("bench_") for file in HERE.glob("bench_*.py")}
    readme = (HERE / "README.md").read_text("utf-8").partition(BEGINS)[0]
    named = set(re.findall(r"tests\.bench\.bench_(\w+)", readme))
    assert {bench.name for bench in BENCHES} <= there
    assert there - {bench.name for bench in BENCHES} <= named <= there


def test_figures_of_the_first_commit_are_those_of_today() -> None:
    kept = Record(HERE).parts()
    today = {f"{name}: {line.figure.name}" for name, part in kept.items() for line in part.lines}
    first = json.loads((HERE / "first.json").read_text("utf-8"))["figures"]
    assert set(first) <= today


def test_every_question_to_the_database_is_in_the_bench_of_the_years() -> None:
    asked = {node.id for node in ast.walk(tree(HERE / "store_calls.py")) if isinstance(node, ast.Name)}
    there = {function.name: name(path, function.lineno) for path in FILES for function in of_the_database(path)}
    assert set(NOT_ASKED) <= set(there) - asked, "what is left out is there, and left out"
    lost = {place for function, place in there.items() if function not in asked | set(NOT_ASKED)}
    none_of(sorted(lost), "a function that takes the database is in tests/bench/store_calls.py, or there with a reason")


def of_the_database(path: Path) -> Iterator[ast.FunctionDef]:
    """The public functions of a module that take the database; what the migrations do is done once."""
    for node in tree(path).body:
        if isinstance(node, ast.FunctionDef) and not node.name.startswith("_") and not node.decorator_list:
            arguments = [*node.args.args, *node.args.kwonlyargs]
            if any(isinstance(each.annotation, ast.Name) and each.annotation.id == "Database" for each in arguments):
                yield node
