"""An entry in a folder of rules that can't be read is passed over and said, and never stops the others."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from bot.app.rule_reloader import RuleReloader
from bot.rulebook.book import RuleLife, load_book
from tests.rulebook.books import MARKETS, rule_text

NOBODY = 65_534


def dangling(folder: Path) -> None:
    (folder / "odd.yaml").symlink_to(folder / "nowhere")


def emacs_lock(folder: Path) -> None:
    (folder / ".#odd.yaml").symlink_to("somebody@somewhere.1:2")


def loop(folder: Path) -> None:
    (folder / "odd.yaml").symlink_to("odd.yaml")


def subfolder_named_as_a_rule(folder: Path) -> None:
    (folder / "odd.yaml").mkdir()
    (folder / "odd.yaml" / "inside.yaml").write_text(rule_text())


def pipe(folder: Path) -> None:
    os.mkfifo(folder / "odd.yaml")


def device(folder: Path) -> None:
    (folder / "odd.yaml").symlink_to("/dev/zero")


def unreadable(folder: Path) -> None:
    (folder / "odd.yaml").write_text(rule_text())
    (folder / "odd.yaml").chmod(0)


def closed_folder(folder: Path) -> None:
    (folder / "odd").mkdir()
    (folder / "odd" / "odd.yaml").write_text(rule_text())
    (folder / "odd").chmod(0)


def unsearchable_folder(folder: Path) -> None:
    closed_folder(folder)
    (folder / "odd").chmod(0o444)


def latin_1(folder: Path) -> None:
    (folder / "odd.yaml").write_bytes(rule_text(title="Fünf").encode("latin-1"))


def utf_16(folder: Path) -> None:
    (folder / "odd.yaml").write_bytes(rule_text().encode("utf-16"))


def zeros(folder: Path) -> None:
    (folder / "odd.yaml").write_bytes(b"\0" * 1000)


def huge(folder: Path) -> None:
    with (folder / "odd.yaml").open("wb") as file:
        file.truncate(10_000_000_000)  # a hole: it takes no room on the disk


def odd_name(folder: Path) -> None:
    (folder / os.fsdecode(b"odd\xff\x1b.yaml")).write_text(rule_text())


def long_line(folder: Path) -> None:
    (folder / "odd.yaml").write_text(f"title: {'x' * 200_000}\n")


ODD = (dangling, emacs_lock, loop, subfolder_named_as_a_rule, pipe, device, unreadable, closed_folder)
ODD += (unsearchable_folder, latin_1, utf_16, zeros, huge, odd_name, long_line)


@contextmanager
def as_nobody(folder: Path) -> Iterator[None]:
    """As a user whom modes mean something to: root may read everything."""
    if os.geteuid():
        yield
        return
    for path in [folder, *folder.rglob("*")]:
        os.chown(path, NOBODY, NOBODY, follow_symlinks=False)
    os.seteuid(NOBODY)
    try:
        yield
    finally:
        os.seteuid(0)


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder that anybody may look into."""
    with tempfile.TemporaryDirectory() as place:
        Path(place).chmod(0o755)
        (Path(place) / "rules").mkdir()
        (Path(place) / "rules" / "good.yaml").write_text(rule_text())
        yield Path(place) / "rules"
        (Path(place) / "rules").chmod(0o755)
        for path in Path(place).rglob("*"):
            if path.is_dir():
                path.chmod(0o755)


@pytest.mark.parametrize("odd", ODD)
def test_the_others_run_and_it_is_said(folder: Path, odd: Callable[[Path], None]) -> None:
    odd(folder)
    with as_nobody(folder):
        book = load_book(folder, MARKETS)
    assert set(book.rules) == {"good"}
    told = "\n".join(map(str, book.problems))
    told.encode()
    assert ("odd" in told) == (odd is not emacs_lock)
    assert len(told) < 1_000


@pytest.mark.parametrize("odd", ODD)
def test_what_is_saved_beside_it_is_taken_up(folder: Path, odd: Callable[[Path], None]) -> None:
    reloader = RuleReloader(folder, MARKETS)
    odd(folder)
    with as_nobody(folder):
        reloader.refresh()
        (folder / "new.yaml").write_text(rule_text())
        assert reloader.refresh()
    assert set(reloader.book().rules) == {"good", "new"}
    assert reloader.book().life_of("new", rule_text().encode()) is RuleLife.RUNS
    with as_nobody(folder):
        (folder / "new.yaml").write_text(rule_text("close > 1"))
        assert reloader.refresh()
        changed = reloader.book().rules["new"].text
        (folder / "good.yaml").unlink()
        assert reloader.refresh()
    assert changed == rule_text("close > 1")
    if odd not in {closed_folder, unsearchable_folder}:  # there it might have moved to
        assert set(reloader.book().rules) == {"new"}


def test_what_could_not_be_read_is_taken_up_as_soon_as_it_can(folder: Path) -> None:
    dangling(folder)
    reloader = RuleReloader(folder, MARKETS)
    (folder / "nowhere").write_text(rule_text())
    assert reloader.refresh()
    assert set(reloader.book().rules) == {"good", "odd"}


def test_a_mode_that_was_mended_is_noticed(folder: Path) -> None:
    unreadable(folder)
    with as_nobody(folder):
        reloader = RuleReloader(folder, MARKETS)
        assert set(reloader.book().rules) == {"good"}
        (folder / "odd.yaml").chmod(0o644)
        assert reloader.refresh()
    assert set(reloader.book().rules) == {"good", "odd"}


@pytest.mark.parametrize(
    ("text", "life"),
    [
        (rule_text(), RuleLife.RUNS),
        (rule_text(enabled="false"), RuleLife.OFF),
        (rule_text("close > 2"), RuleLife.WAITS),
    ],
)
def test_only_a_rule_that_runs_is_said_to_run(folder: Path, text: str, life: RuleLife) -> None:
    book = load_book(folder, MARKETS)
    if life is RuleLife.OFF:
        (folder / "good.yaml").write_text(text)
        book = load_book(folder, MARKETS)
    assert book.life_of("good", text.encode()) is life
    assert book.life_of("good", b"\xef\xbb\xbf" + text.encode()) is life
    assert book.life_of("other", text.encode()) is RuleLife.WAITS
