"""Each scenario of the demo, as a person sees it who pipes it into a file, and the terminal's own line."""

from __future__ import annotations

import os
import pty
import re
import select
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from bot.cli.main import main
from bot.market.simulation.scenarios import SCENARIOS

ROOT = Path(__file__).parents[2]
CLEAN = {name: value for name, value in os.environ.items() if not name.startswith(("BELLWETHER_", "TELEGRAM_"))}
COMMAND = [sys.executable, "-m", "bot", "demo"]


def played(folder: Path, scenario: str, days: int) -> str:
    """What a demo prints that nobody talks to; all that must be true of any."""
    told = subprocess.run(
        [*COMMAND, "--scenario", scenario, "--days", str(days), "--pace", "0.02", "--files", str(folder / "files")],
        cwd=folder,
        env={**CLEAN, "PYTHONPATH": str(ROOT)},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )
    assert told.returncode == 0, told.stderr
    assert told.stderr == ""
    assert "\x1b" not in told.stdout
    assert len(bubbles(told.stdout)) >= 2
    assert all("SIMULATED" in bubble for bubble in bubbles(told.stdout))
    assert "rule file" not in told.stdout
    assert "unknown market" not in told.stdout
    assert [path.name for path in folder.iterdir()] in ([], ["files"])
    alerts = [bubble for bubble in bubbles(told.stdout) if re.search(r"\[\d+\] Evidence", bubble)]
    pictures = [name for bubble in alerts for name in re.findall(r"picture: (\S+)", bubble)]
    assert len(set(pictures)) == len(alerts), "every alert has a picture of its own"
    assert {path.name for path in (folder / "files").glob("*.png")} == set(pictures)
    assert all((folder / "files" / name).read_bytes().startswith(b"\x89PNG") for name in pictures)
    assert bool(alerts) is (scenario != "quiet")
    return told.stdout


def bubbles(text: str) -> list[str]:
    """Each message with its title, its lines joined as they were before they were wrapped."""
    found = re.findall(r"╭─(.*?)╰", text, re.DOTALL)
    return [re.sub(r"\s+", " ", bubble.replace("│", " ")) for bubble in found]


def number_of(texts: list[str], words: str) -> int:
    """Which message, of all in the chat, says that."""
    found = [text for text in texts if words in text]
    assert found, f"nobody says {words!r} in {texts}"
    return int(re.findall(r"#(\d+)", found[0])[0])


def test_the_default_scenario_breaks_out_and_fails_under_its_alert(tmp_path):
    told = played(tmp_path, "default", 8)
    texts = bubbles(told)
    story = number_of(texts, "above the resistance of")
    assert any(f"answers #{story}" in text and "Back under" in text for text in texts)
    assert "── Mon 02 Mar 2026 … Wed 04 Mar 2026: nothing to tell ──" in told


def test_a_breakout_that_holds(tmp_path):
    texts = bubbles(played(tmp_path, "holds", 11))
    number_of(texts, "above the resistance of")
    digest = next(text for text in reversed(texts) if "The week" in text)
    assert re.search(r"IWM breaks resistance · \w+ \d+ Mar 2026: confirmed, then held", digest)
    assert not any("Back under" in text for text in texts)
    assert not any("answers #" in text for text in texts), "what only bears an alert out makes no message of its own"


def test_a_run_fails_comes_back_and_goes_on(tmp_path):
    texts = bubbles(played(tmp_path, "run", 20))
    story = number_of(texts, "above the resistance of")
    told = " ".join(text for text in texts if f"answers #{story}" in text)
    assert told.index("Back under") < told.index("Back at a record") < told.index("🎯")


def test_a_breakout_that_fails_is_the_same_show_each_time(tmp_path):
    texts = bubbles(played(tmp_path, "fails", 5))
    story = number_of(texts, "above the resistance of")
    assert any(f"answers #{story}" in text and "Back under" in text for text in texts)
    again = bubbles(played(tmp_path, "fails", 3))
    assert len(again) >= 3
    assert texts[: len(again)] == again


def test_an_outage_is_told_and_its_alert_comes_late(tmp_path):
    texts = bubbles(played(tmp_path, "outage", 7))
    ill = number_of(texts, "No fresh data. Rules on it wait; nothing is lost.")
    late = number_of(texts, "Late: this is the bar of Fri 6 Mar 2026")
    well = number_of(texts, "Fresh data again: IWM, IWN, RUT.")
    assert ill < min(late, well)


def test_a_quiet_month_says_so_in_a_digest(tmp_path):
    told = played(tmp_path, "quiet", 6)
    texts = bubbles(told)
    assert any("The week" in text and "Nothing new" in text for text in texts)
    assert not any("📈" in text for text in texts)
    assert "── Mon 02 Mar 2026 … Fri 06 Mar 2026: nothing to tell ──" in told


def piped(folder: Path, text: str, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*COMMAND, "--pace", "0.02", "--files", str(folder / "files"), *words],
        cwd=folder,
        env={**CLEAN, "PYTHONPATH": str(ROOT)},
        input=text,
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )


def test_piped_lines_are_said_each_as_if_it_was_typed(tmp_path):
    told = piped(tmp_path, "/status\r\n\n 7777 \n/why iwm-near-record\n1\n/help")
    assert (told.returncode, told.stderr) == (0, "")
    said = re.sub(r"\s+", " ", told.stdout)
    order = [
        "you: /status",
        "no button has the number 7777",
        "you: /why iwm-near-record",
        "you press [1]",
        "you: /help",
    ]
    assert [said.index(words) for words in order] == sorted(said.index(words) for words in order)
    last = bubbles(told.stdout)[-1]
    assert "/help" in last or "What" in last
    assert len(bubbles(told.stdout)) >= 5
    assert "nothing to tell" not in told.stdout, "no day is played"


def test_piped_lines_come_before_the_days_that_were_asked_for(tmp_path):
    told = piped(tmp_path, "/status\n", "--days", "2")
    assert told.returncode == 0, told.stderr
    assert told.stdout.index("you: /status") < told.stdout.index("nothing to tell")


def test_more_than_anybody_types_is_refused(tmp_path):
    told = piped(tmp_path, "/status\n" * 20_000)
    assert told.returncode == 2
    assert told.stderr == "standard input: too much to say; allowed: up to 100 kB\n"


@pytest.mark.parametrize(
    ("typed", "said"), [("hold", "did you mean holds?"), ("xyz", "allowed: default, holds, fails, run, outage, quiet")]
)
def test_an_unknown_scenario_is_refused_kindly(typed, said, capsys):
    with pytest.raises(SystemExit) as ended:
        main(["demo", "--scenario", typed])
    assert ended.value.code == 2
    assert capsys.readouterr().err == f"--scenario: no such scenario (got {typed}); {said}\n"


def test_help_names_every_scenario(capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "200")
    with pytest.raises(SystemExit):
        main(["demo", "--help"])
    told = capsys.readouterr().out
    assert all(f"{name}:" in told for name in SCENARIOS)


class Person:
    """Somebody at a terminal of their own, in which the demo runs."""

    def __init__(self, screen: int, demo: subprocess.Popen[bytes]) -> None:
        self._screen = screen
        self.demo = demo
        self.seen = ""

    def type(self, keys: str) -> None:
        os.write(self._screen, keys.encode())

    def sees(self, words: str, within: float = 25.0) -> None:
        until = time.monotonic() + within
        while words not in self.seen:
            assert time.monotonic() < until, f"never saw {words!r} in {self.seen[-3000:]}"
            self._look(0.1)

    def ends(self, within: float) -> int:
        """The demo's exit code."""
        until = time.monotonic() + within
        while self.demo.poll() is None:
            assert time.monotonic() < until, "it does not end"
            self._look(0.05)
        self._look(0.1)
        return int(self.demo.returncode)

    def _look(self, seconds: float) -> None:
        if select.select([self._screen], [], [], seconds)[0]:
            try:
                self.seen += os.read(self._screen, 65536).decode("utf-8", "replace")
                self.seen = re.sub(r"\x1b\[[0-9;]*[A-Za-z]|\r", "", self.seen)
            except OSError:  # the other end is closed
                time.sleep(seconds)


@contextmanager
def person(folder: Path, *words: str) -> Iterator[Person]:
    screen, theirs = pty.openpty()
    demo = subprocess.Popen(
        [*COMMAND, "--files", str(folder / "files"), *words],
        cwd=folder,
        env={**CLEAN, "PYTHONPATH": str(ROOT), "TERM": "xterm", "COLUMNS": "100"},
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        start_new_session=True,
    )
    os.close(theirs)
    try:
        yield Person(screen, demo)
    finally:
        if demo.poll() is None:
            demo.kill()
        demo.wait()
        os.close(screen)


def test_a_person_presses_buttons_sends_files_and_leaves(tmp_path):
    (tmp_path / "my-rule.yaml").write_text("title: Mine\n")
    with person(tmp_path, "--pace", "60") as guest:
        guest.sees("Muted")
        guest.type("1234\n")
        guest.sees("no button has the number 1234")
        guest.type("/rulx\x7fes iwm-near-record\n")
        guest.sees("file: iwm-near-record.yaml")
        guest.type("send iwm-near-record.yaml\n")
        guest.sees("you send the file iwm-near-record.yaml")
        guest.type("send my-rule.yaml\n")
        guest.sees("my-rule can't be taken up")
        guest.type("send nowhere.yaml\n")
        guest.sees("nowhere.yaml: can't be sent: no such file")
        guest.type("3\n")
        guest.sees("you press [3]")
        guest.sees("edited")
        guest.type("\n")
        guest.sees("⏸")
        guest.type("\x04")
        assert guest.ends(4) == 0
    assert "Traceback" not in guest.seen
    assert "The demo is over" in guest.seen


@pytest.mark.parametrize("moment", ["Pictures and files", "a record"])
def test_control_c_ends_it_at_once_whatever_it_does(tmp_path, moment):
    with person(tmp_path, "--pace", "0.02") as guest:
        guest.sees(moment)
        os.killpg(guest.demo.pid, signal.SIGINT)
        assert guest.ends(4) == 0
    assert "Traceback" not in guest.seen
    assert "The demo is over" in guest.seen
