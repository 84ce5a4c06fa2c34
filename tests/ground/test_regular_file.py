"""Ordinary files are read and written; links, pipes, devices and folders are refused and stay as they are."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from bot.regular_file import NotRegularFileError, read_regular, write_regular


@pytest.fixture
def mask():
    before = os.umask(0)
    yield
    os.umask(before)


def made(folder: Path, kind: str) -> Path:
    path = folder / kind
    if kind == "pipe":
        os.mkfifo(path)
    elif kind == "folder":
        path.mkdir()
    elif kind == "device":
        return Path("/dev/zero")
    else:
        target = folder / "target"
        if kind != "dangling":
            target.write_bytes(b"not ours")
        path.symlink_to(target)
    return path


@pytest.mark.parametrize("kind", ["pipe", "folder", "device"])
def test_what_is_no_ordinary_file_is_not_read(tmp_path: Path, kind: str) -> None:
    with pytest.raises(NotRegularFileError, match=r"a folder|not an ordinary file"):
        read_regular(made(tmp_path, kind), 100)


def test_a_file_is_read_through_links_and_no_further_than_allowed(tmp_path: Path) -> None:
    path = made(tmp_path, "link")
    assert read_regular(path, 100) == b"not ours"
    assert read_regular(path, 3) == b"not "


@pytest.mark.parametrize("kind", ["pipe", "folder", "link", "dangling"])
def test_nothing_is_written_over_or_through_what_is_no_ordinary_file(tmp_path: Path, kind: str) -> None:
    path = made(tmp_path, kind)
    before = sorted(tmp_path.iterdir()), path.lstat()
    with pytest.raises(NotRegularFileError):
        write_regular(path, b"ours")
    assert (sorted(tmp_path.iterdir()), path.lstat()) == before
    if kind == "link":
        assert path.read_bytes() == b"not ours"


def test_a_link_planted_beside_the_file_is_not_followed(tmp_path: Path) -> None:
    victim = tmp_path / "victim"
    victim.write_bytes(b"not ours")
    for name in (".a.yaml.new", ".a.yaml"):
        (tmp_path / name).symlink_to(victim)
    write_regular(tmp_path / "a.yaml", b"ours")
    assert (victim.read_bytes(), (tmp_path / "a.yaml").read_bytes()) == (b"not ours", b"ours")


@pytest.mark.parametrize("mode", [0o600, 0o640, 0o444, 0o664])
def test_a_file_keeps_its_mode(tmp_path: Path, mask: None, mode: int) -> None:
    path = tmp_path / "a"
    path.write_bytes(b"one")
    path.chmod(mode)
    write_regular(path, b"two")
    assert (stat.S_IMODE(path.stat().st_mode), path.read_bytes()) == (mode, b"two")


def test_a_new_file_is_nobody_elses_to_write_and_a_private_one_nobody_elses_to_read(tmp_path: Path, mask: None) -> None:
    write_regular(tmp_path / "open", b"")
    write_regular(tmp_path / "private", b"", 0o600)
    (tmp_path / "was-open").touch(0o666)
    write_regular(tmp_path / "was-open", b"", 0o600)
    modes = [stat.S_IMODE((tmp_path / name).stat().st_mode) for name in ("open", "private", "was-open")]
    assert modes == [0o644, 0o600, 0o600]


def test_a_hard_link_elsewhere_stays_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"not ours")
    os.link(tmp_path / "a", tmp_path / "b")
    write_regular(tmp_path / "a", b"ours")
    assert (tmp_path / "b").read_bytes() == b"not ours"


def test_a_disk_that_is_full_leaves_what_was_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    path = tmp_path / "a"
    path.write_bytes(b"one")
    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        write_regular(path, b"two")
    assert [(each.name, each.read_bytes()) for each in tmp_path.iterdir()] == [("a", b"one")]
