"""The real command, in a process of its own: what it prints, imports and completes."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.author import Shell


def typed(line: str, place: Path, **environ: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2]), "COLUMNS": "80", **environ}
    return subprocess.run(
        [sys.executable, "-m", "bot", *line.split()],
        cwd=place,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


@pytest.mark.parametrize(
    ("line", "code", "says"),
    [
        ("rules explain iwm-tops --data data", 0, "IWM tops ten sessions: "),
        ("levels IWM --data data", 0, "▸ "),
        ("backtest --data data --plot p.png", 0, "How often"),
        ("rules diff iwm-tops --data data", 2, ""),
        ("levels NOPE --data data", 2, ""),
    ],
)
def test_it_ends_as_it_should(place: Path, line: str, code: int, says: str) -> None:
    done = typed(line, place)
    assert done.returncode == code, done.stderr
    assert says in done.stdout
    assert "Traceback" not in done.stderr
    assert bool(done.stderr) == (code != 0)


def through_a_shell(command: str, place: Path, **environ: str) -> subprocess.CompletedProcess[str]:
    """A line of bash, in which `bellwether` is the real command."""
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2]), **environ}
    line = command.replace("bellwether", f"{sys.executable} -m bot")
    return subprocess.run(["bash", "-c", line], cwd=place, env=environment, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("line", ["rules list", "backtest iwm-tops --data data", "rules list --help", "--version"])
@pytest.mark.parametrize("unbuffered", ["", "1"])
def test_a_reader_that_goes_away_ends_every_command_alike_and_quietly(place: Path, line: str, unbuffered: str) -> None:
    done = through_a_shell(f"bellwether {line} | exit 3; echo ${{PIPESTATUS[*]}}", place, PYTHONUNBUFFERED=unbuffered)
    assert (done.stdout, done.stderr) == ("141 3\n", "")


@pytest.mark.parametrize("line", ["rules list", "backtest iwm-tops --data data --json", "--help", "--version"])
@pytest.mark.parametrize("unbuffered", ["", "1"])
def test_a_full_disk_is_told_in_a_line(place: Path, line: str, unbuffered: str) -> None:
    done = through_a_shell(f"bellwether {line} > /dev/full", place, PYTHONUNBUFFERED=unbuffered)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == "standard output: can't be written: No space left on device\n"


@pytest.mark.parametrize("line", ["rules list", "backtest iwm-tops --data data --json", "--help", "--version"])
def test_an_answer_to_a_closed_stream_is_lost_as_on_a_full_disk(place: Path, line: str) -> None:
    done = through_a_shell(f"bellwether {line} >&-", place)
    assert (done.returncode, done.stderr) == (1, "standard output: can't be written: Bad file descriptor\n")


def test_who_prints_nothing_needs_no_stream(place: Path) -> None:
    done = through_a_shell("bellwether run >&- <&-", place)
    assert done.returncode == 2
    assert done.stderr.startswith("no config.yaml in this folder.")


@pytest.mark.parametrize(("streams", "code"), [("2>&-", 0), ("2>/dev/full", 0), ("<&-", 0), (">&- 2>&- <&-", 1)])
@pytest.mark.parametrize("unbuffered", ["", "1"])
def test_a_stream_that_is_closed_or_full_is_no_traceback(place: Path, streams: str, code: int, unbuffered: str) -> None:
    done = through_a_shell(f"bellwether rules list {streams}", place, PYTHONUNBUFFERED=unbuffered)
    assert (done.returncode, done.stderr) == (code, "")
    done = through_a_shell(f"bellwether rules list nowhere {streams}", place, PYTHONUNBUFFERED=unbuffered)
    assert done.returncode == 2
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("module", ["bot.cli.main", "bot.redaction", "typer", "bot.rulebook.book"])
def test_ctrl_c_is_quiet_from_the_first_import_on(place: Path, module: str) -> None:
    script = "import os, signal, sys; from bot.__main__ import main; sys.meta_path.insert(0, type('Interrupted', (), {"
    script += "'find_spec': staticmethod(lambda name, *_: os.kill(os.getpid(), signal.SIGINT)"
    script += f" if name == '{module}' else None)}})); sys.argv = ['bellwether', 'rules', 'list']; main()"
    done = through_a_shell(f'{sys.executable} -c "{script}"', place)
    assert (done.returncode, done.stdout, done.stderr) == (130, "", "")


def test_odd_rows_and_rules_that_are_left_out_are_told_beside_the_answer(place: Path, shell: Shell) -> None:
    prices = place / "data" / "IWM.csv"
    prices.write_text(prices.read_text() + "2024-09-07,100,101,99,100,1000\n2024-09-09,100,101,99,,1000\n")
    (place / "rules" / "broken.yaml").write_text("title: T\n")
    told = json.loads(shell("backtest --data data --json", 2))
    assert [rule["rule"] for rule in told["rules"]] == ["iwm-mine", "iwm-tops"]
    assert shell.err.splitlines() == [
        "left out: 1 of 3 files; `bellwether rules check` says why",
        "data/IWM.csv:403: 2024-09-09: without a close, left out (1 row)",
        "data/IWM.csv:402: 2024-09-07: no session of XNYS (1 row)",
        "IWM: 1 bar left out, IWM 2024-09-07: the market had no session; 22 sessions missing, the last: 2024-09-06",
    ]


def test_what_leaves_out_a_broken_file_ends_with_2_after_the_answer_of_the_others(place: Path, shell: Shell) -> None:
    (place / "rules" / "broken.yaml").write_text("title: T\n")
    listed = shell("rules list", 2)
    assert "iwm-mine" in listed
    assert "iwm-tops" in listed
    assert "rules/broken.yaml" in shell.err
    for line in ("backtest --data data", "levels IWM --data data", "claims --data data"):
        assert shell(line, 2)
        assert "left out: 1 of 3 files" in shell.err
    assert shell("replay --data data --from 2023-06-01 --to 2023-06-02 --summary", 2)
    assert "rules/broken.yaml" in shell.err
    for line in ("backtest iwm-tops --data data", "rules explain iwm-tops --data data"):
        assert shell(line), "the broken file was not asked for"


def test_a_rule_that_cannot_be_read_is_told_with_its_mistakes(place: Path, shell: Shell) -> None:
    (place / "rules" / "broken.yaml").write_text(
        "title: T\nmarket: IWM\nheadline: H\nwhen: close > hihgest(close, 9)\n"
    )
    shell("backtest broken --data data", 2)
    assert shell.err == "rules/broken.yaml:4:15: when: unknown function 'hihgest'; did you mean 'highest'?\n"


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("rules test --junit no/where.xml", "no/where.xml: can't be written: No such file or directory"),
        ("rules schema rules", "rules: can't be written: a folder"),
        ("replay --data data --from 2023-06-01 --to 2023-06-02 --charts rules/iwm-tops.yaml/x", "can't be a folder"),
        ("chart IWM /proc/no.png --data data", "/proc/no.png: can't be written"),
    ],
)
def test_a_file_that_cannot_be_written_is_named(shell: Shell, line: str, says: str) -> None:
    shell(line, 2)
    (told,) = (each for each in shell.err.splitlines() if not each.startswith("without bars, so left out: "))
    assert says in told


@pytest.mark.parametrize(
    ("words", "offered"),
    [
        ("bellwether rul", "rules"),
        ("bellwether rules di", "diff"),
        ("bellwether backtest --plo", "--plot"),
        ("bellwether evidence --ass", "--asset"),
        ("bellwether backtest iwm-t", "iwm-tops"),
        ("bellwether rules explain iwm-", "iwm-mine"),
        ("bellwether rules diff iwm-", "iwm-tops"),
        ("bellwether rules check iwm-", "iwm-tops"),
        ("bellwether levels IW", "IWM"),
        ("bellwether chart BT", "BTC"),
    ],
)
def test_a_shell_completes_commands_and_options(place: Path, words: str, offered: str) -> None:
    asked = {"_BELLWETHER_COMPLETE": "complete_bash", "COMP_WORDS": words, "COMP_CWORD": str(len(words.split()) - 1)}
    assert offered in typed("", place, **asked).stdout.split()


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_what_a_shell_sources_completes_rules(place: Path, shell: str) -> None:
    """The script that is printed is sourced in the shell itself, where it is installed."""
    if shutil.which(shell) is None:
        pytest.skip(f"no {shell} here")
    (place / "bellwether").write_text(f'#!/bin/sh\nexec {sys.executable} -m bot "$@"\n')
    (place / "bellwether").chmod(0o755)
    ask = {
        "bash": "source <(bellwether --show-completion); COMP_WORDS=(bellwether backtest iwm-t); COMP_CWORD=2;"
        " _bellwether_completion bellwether; echo ${COMPREPLY[*]}",
        "zsh": "compdef() { : }; _describe() { print -- $@ }; _arguments() { print -- $@ };"
        " source <(bellwether --show-completion); words=(bellwether backtest iwm-t); CURRENT=3; _bellwether_completion",
        "fish": 'bellwether --show-completion | source; complete -C "bellwether backtest iwm-t"',
    }
    environment = {
        **os.environ,
        "PYTHONPATH": str(Path(__file__).parents[2]),
        "PATH": f"{place}:{os.environ['PATH']}",
        "HOME": str(place),
    }
    done = subprocess.run(
        [shell, "-c", ask[shell]], cwd=place, env=environment, capture_output=True, text=True, check=False, timeout=60
    )
    assert "iwm-tops" in done.stdout, (done.stdout, done.stderr)


def test_a_terminal_without_unicode_gets_its_answer_too(place: Path) -> None:
    done = typed("levels IWM --data data", place, PYTHONIOENCODING="ascii")
    assert done.returncode == 0, done.stderr
    assert "close" in done.stdout
    assert "?" in done.stdout


@pytest.mark.parametrize("first", [False, True])
def test_sigterm_ends_it_while_it_begins_also_as_the_first_process_of_a_container(place: Path, first: bool) -> None:  # noqa: FBT001
    """A signal without a handler does nothing to the first process of a container."""
    alone = ["unshare", "--pid", "--fork", "--kill-child"]
    if first and (shutil.which("unshare") is None or subprocess.run([*alone, "true"], check=False).returncode):
        pytest.skip("no process here may be the first one")
    script = "import os, sys, time; from bot.cli.main import main; sys.meta_path.insert(0, type('Slow', (), {"
    script += "'find_spec': staticmethod(lambda name, *_: print('begins', flush=True) or time.sleep(60)"
    script += " if name == 'bot.cli.program' else None)})); main(['status'])"
    process = subprocess.Popen(
        [*(alone if first else []), sys.executable, "-c", script],
        cwd=place,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
        stdout=subprocess.PIPE,
        start_new_session=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == b"begins\n"
    os.killpg(process.pid, signal.SIGTERM)
    assert process.wait(timeout=20) != 0
    process.stdout.close()


def test_a_folder_of_rules_that_is_empty_does_not_stand_for_the_shipped_ones(place: Path, shell: Shell) -> None:
    for file in (place / "rules").iterdir():
        file.unlink()
    assert "iwm-52-week-high" in shell("rules list")


def test_a_folder_without_rules_is_told_where_rules_are_wanted_and_not_where_they_are_not(
    place: Path, shell: Shell
) -> None:
    for file in (place / "rules").iterdir():
        file.unlink()
    (place / "config.yaml").write_text("rules: rules\n")
    told = (
        "rules: no rules here; a rule is a file like rules/my-rule.yaml, and `rules: [shipped]` names the program's own"
    )
    anyway = ("rules list", "backtest --data data", "claims --data data")
    for line in (*anyway, "backtest iwm-tops --data data", "rules explain iwm-tops --data data"):
        shell(line, 2)
        assert shell.err == f"{told}\n"
    assert shell("levels IWM --data data")
    (place / "mine").mkdir()
    (place / "config.yaml").write_text("rules: [rules, mine]\n")
    shell("backtest iwm-tops --data data", 2)
    assert shell.err.startswith("rules: no rules here, nor in mine; a rule is a file like mine/my-rule.yaml, and ")
