"""The operator's commands as a person types them: what is printed, and the exit code."""

from __future__ import annotations

import asyncio
import json
import os
import pty
import select
import stat
import subprocess
import sys
import time
from pathlib import Path

import pytest

from bot import __version__
from bot.cli.main import main
from bot.cli.program import COMMANDS, GROUPS
from bot.market.csv_form.bars import read_csv
from bot.sandbox.server import Sandbox
from bot.sandbox.users import SOMEBODY
from bot.signals.sessions import Sessions
from bot.store.bars import save_bars
from bot.store.database import open_database
from bot.store.meta import set_value

ROOT = Path(__file__).parents[2]


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder to type in, in a clean environment."""
    monkeypatch.chdir(tmp_path)
    for name in [name for name in os.environ if name.startswith(("BELLWETHER_", "TELEGRAM_"))]:
        monkeypatch.delenv(name)
    return tmp_path


def typed(*words: str) -> int:
    """The exit code of a command."""
    with pytest.raises(SystemExit) as ended:
        main(list(words))
    return int(ended.value.code or 0)


def bellwether(folder: Path, *words: str, **environ: str) -> subprocess.CompletedProcess[str]:
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("BELLWETHER_", "TELEGRAM_"))}
    return subprocess.run(
        [sys.executable, "-m", "bot", *words],
        cwd=folder,
        env={**clean, "PYTHONPATH": str(ROOT), **environ},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )


def test_run_without_a_config_says_what_to_do_in_two_lines(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert typed("run") == 2
    told = capsys.readouterr().err.splitlines()
    assert len(told) == 2
    assert "bellwether init" in told[1]
    assert "bellwether demo" in told[1]


def test_run_without_a_token_says_where_it_may_come_from(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (here / "config.yaml").write_text("catch_up: 5 sessions\n")
    assert typed("run") == 2
    assert "TELEGRAM_TOKEN" in capsys.readouterr().err


def test_run_with_a_broken_config_says_every_problem(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (here / "config.yaml").write_text("catch_up: often\nmarket: {}\n")
    assert typed("run") == 2
    told = capsys.readouterr().err.splitlines()
    assert [line.split(" ")[0] for line in told] == [f"{here}/config.yaml:1:11:", f"{here}/config.yaml:2:1:"]


def test_an_unknown_command_is_misuse(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert typed("runn") == 2
    assert "runn" in capsys.readouterr().err


def test_the_version_is_told_without_a_command(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert typed("--version") == 0
    assert capsys.readouterr().out == f"bellwether {__version__}\n"


def test_help_names_every_command(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert typed("--help") == 0
    told = capsys.readouterr().out
    assert all(name in told for name in [*GROUPS, *COMMANDS] if " " not in name and name != "reference")
    assert "reference" not in told


async def test_init_checks_the_token_and_writes_a_private_config(here: Path) -> None:
    sandbox = Sandbox()
    await sandbox.start()
    environ = {"TELEGRAM_TOKEN": sandbox.token, "BELLWETHER_TELEGRAM__API_URL": sandbox.url}
    try:
        made = await asyncio.to_thread(bellwether, here, "init", **environ)
        again = await asyncio.to_thread(bellwether, here, "init", **environ)
        wrong = await asyncio.to_thread(
            bellwether, here, "init", "--force", **{**environ, "TELEGRAM_TOKEN": "123456:" + "A" * 35}
        )
    finally:
        await sandbox.close()
    assert made.returncode == 0, made.stderr
    assert "config.yaml is written" in made.stdout
    assert stat.S_IMODE((here / "config.yaml").stat().st_mode) == 0o600
    assert f'token: "{sandbox.token}"' in (here / "config.yaml").read_text()
    assert "\nrules: [shipped, my-rules] " in (here / "config.yaml").read_text()
    assert (here / "my-rules").is_dir()
    made_rule = await asyncio.to_thread(bellwether, here, "rules", "new", "my-own")
    assert made_rule.stdout.startswith("my-rules/my-own.yaml\n")
    listed = await asyncio.to_thread(bellwether, here, "rules", "list")
    assert "iwm-near-record" in listed.stdout
    assert "my-own" in listed.stdout
    assert again.returncode == 2
    assert "is here already" in again.stderr
    assert wrong.returncode == 2
    assert "does not know this token" in wrong.stderr
    assert sandbox.token not in made.stdout + made.stderr + again.stderr + wrong.stderr


async def test_init_without_anybody_to_ask_lets_nobody_in_and_says_how_to_go_on(here: Path) -> None:
    sandbox = Sandbox()
    await sandbox.start()
    environ = {"TELEGRAM_TOKEN": sandbox.token, "BELLWETHER_TELEGRAM__API_URL": sandbox.url}
    try:
        alone = await asyncio.to_thread(bellwether, here, "init", **environ)
        config = (here / "config.yaml").read_text()
        named = await asyncio.to_thread(bellwether, here, "init", "--force", "--operator", "42", **environ)
    finally:
        await sandbox.close()
    assert "No operator is named" in alone.stdout
    assert "access: members " in config
    assert "No operator is named" not in named.stdout
    assert "operators: [42]" in (here / "config.yaml").read_text()
    assert "access: approval " in (here / "config.yaml").read_text()


async def test_init_finds_the_operator_by_a_message_to_the_bot(here: Path) -> None:
    sandbox = Sandbox()
    await sandbox.start()
    sandbox.add_person(SOMEBODY, "Ann")
    screen, theirs = pty.openpty()
    environ = {**os.environ, "PYTHONPATH": str(ROOT), "BELLWETHER_TELEGRAM__API_URL": sandbox.url}
    asked = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bot", "init", cwd=here, env=environ, stdin=theirs, stdout=theirs, stderr=theirs
    )
    os.close(theirs)
    try:
        for words, answer in (("Token: ", sandbox.token), ("send it any message", ""), ("Is this you: Ann", "y")):
            await asyncio.to_thread(until_seen, screen, words)
            if answer:
                os.write(screen, f"{answer}\n".encode())
            else:
                sandbox.say("hello")
        await asyncio.to_thread(until_seen, screen, "Access [approval]")
        os.write(screen, b"everybody\n")
        await asyncio.to_thread(until_seen, screen, "Access [approval]")
        os.write(screen, b"open\n")
        await asyncio.to_thread(until_seen, screen, "config.yaml is written")
        assert await asyncio.wait_for(asked.wait(), 20) == 0
    finally:
        os.close(screen)
        if asked.returncode is None:
            asked.kill()
        await sandbox.close()
    config = (here / "config.yaml").read_text()
    assert f"operators: [{SOMEBODY}]" in config
    assert "access: open " in config


def until_seen(screen: int, words: str) -> None:
    """Read a terminal until these words stand in it."""
    seen, until = "", time.monotonic() + 30
    while words not in seen:
        assert time.monotonic() < until, f"never saw {words!r} in {seen!r}"
        if select.select([screen], [], [], 0.1)[0]:
            seen += os.read(screen, 65536).decode("utf-8", "replace")


def test_init_refuses_what_is_no_token(
    here: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("TELEGRAM_TOKEN", "hello")
    assert typed("init") == 2
    assert "does not look like a bot's token" in capsys.readouterr().err
    assert not (here / "config.yaml").exists()


def test_status_tells_of_a_bot_that_does_not_run(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert typed("status") == 1
    assert "no bot has run here yet" in capsys.readouterr().out
    assert typed("status", "--json") == 1
    (check,) = json.loads(capsys.readouterr().out)["checks"]
    assert (check["name"], check["ok"], check["remedy"]) == ("database", False, "`bellwether run` starts one")
    db = open_database(here / "bellwether.db")
    assert typed("status") == 1
    told = " ".join(capsys.readouterr().out.split())
    assert told == "bellwether.db: no bot has run here yet; `bellwether run` starts one"
    assert typed("status", "--json") == 1
    (check,) = json.loads(capsys.readouterr().out)["checks"]
    assert (check["name"], check["remedy"]) == ("bot", "`bellwether run` starts one")
    set_value(db, "heartbeat", "1000", 1000)
    db.close()
    assert typed("status", "--json") == 1
    told = json.loads(capsys.readouterr().out)
    assert told["ok"] is False
    assert {"name", "ok", "detail", "remedy"} == set(told["checks"][0])
    assert typed("status") == 1
    assert "attention" in capsys.readouterr().out


def test_a_backup_is_a_whole_private_copy(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    db = open_database(here / "bellwether.db")
    set_value(db, "a", "b", 1)
    db.close()
    main_ended = typed("db", "backup", "copy.db")
    assert main_ended == 0
    assert stat.S_IMODE((here / "copy.db").stat().st_mode) == 0o600
    assert open_database(here / "copy.db").execute("SELECT value FROM meta WHERE key = 'a'").fetchone() == ("b",)
    assert typed("db", "backup", "copy.db") == 2


PRICES = "date,open,high,low,close\n"


def history(folder: Path, closes: dict[str, float]) -> None:
    folder.mkdir()
    days = [f"2020-{month:02d}-{day:02d}" for month in range(1, 13) for day in range(1, 28)]
    rows = [
        f"{day},90,{price + 1},89,{price}" for day in days if (price := closes.get(day, 90.0 + (int(day[-2:]) % 5)))
    ]
    (folder / "BTC.csv").write_text(PRICES + "\n".join(rows) + "\n")


RULE = """
title: Bitcoin makes a high
market: BTC
timeframe: 1d
when: close > highest(close, 20)[1]
quiet: 5 bars
headline: "BTC closes at {close:.0f}"
"""


def test_replay_tells_what_a_subscriber_would_have_received(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    history(here / "data", {"2020-06-10": 120.0})
    (here / "rules").mkdir()
    (here / "rules" / "bitcoin-high.yaml").write_text(RULE)
    assert typed("replay", "--data", "data", "--from", "2020-06-01", "--to", "2020-06-20") == 0
    told = capsys.readouterr().out
    assert told.count("──") == 1
    assert "#1 Thu 11 Jun 2020 00:15 UTC" in told
    assert "BTC closes at 120" in told
    assert "1 message from 2020-06-01 to 2020-06-20" in told


def test_replay_takes_the_bots_own_bars_where_no_folder_is_named(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    history(here / "data", {"2020-06-10": 120.0})
    (here / "rules").mkdir()
    (here / "rules" / "bitcoin-high.yaml").write_text(RULE)
    span = ("--from", "2020-06-01", "--to", "2020-06-20")
    assert typed("replay", *span) == 2
    assert "no such database" in capsys.readouterr().err
    around = Sessions.round_the_clock(0, 1_900_000_000)
    db = open_database(here / "bellwether.db")
    assert typed("replay", *span) == 2
    assert "no bars of any market" in capsys.readouterr().err
    save_bars(db, read_csv(here / "data" / "BTC.csv", "BTC", around).bars, "test", 1_600_000_000)
    db.close()
    assert typed("replay", *span) == 0
    told = capsys.readouterr().out
    assert "BTC closes at 120" in told
    assert ", database" in told


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--data", "nowhere", "--from", "2020-06-01", "--to", "2020-06-20"), "nowhere: no such folder"),
        (("--data", ".", "--from", "2020-06-01", "--to", "2020-06-20"), "no bars of any market"),
        (("--data", ".", "--from", "yesterday", "--to", "2020-06-20"), "--from: not a date (got 'yesterday')"),
        (("--data", ".", "--from", "2020-06-21", "--to", "2020-06-20"), "--to: before --from"),
    ],
)
def test_replay_refuses_kindly(
    here: Path, words: tuple[str, ...], told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert typed("replay", *words) == 2
    assert told in capsys.readouterr().err


def test_a_broken_csv_is_said_by_file_and_line(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (here / "data").mkdir()
    rows = ["2020-01-02,1,2,1,2", "2020-01-03,1,2,1,x", "2020-01-01,1,2,1,2", "2020-01-01,1,2,1,3"]
    (here / "data" / "BTC.csv").write_text(PRICES + "\n".join(rows) + "\n")
    assert typed("backtest", "bitcoin-follows", "--data", "data") == 2
    told = capsys.readouterr().err.splitlines()
    assert [line.split(":")[1] for line in told] == ["3", "5"]  # rows may come in any order, but once
    assert "not a number (got 'x')" in told[0]
    assert "stands twice" in told[1]
