"""The map in bot/README.md is true: every file and folder that it names is there, and every room is in it."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
MAP = (ROOT / "bot" / "README.md").read_text("utf-8")
PLACES = (ROOT, ROOT / "bot", ROOT / "bot" / "signals" / "formula", ROOT / "tests" / "signals" / "formula")
"""Folders from which the map names files."""

USERS_OWN = {"definitions.yaml"}
"""Files that people make and the repository does not hold."""


def test_every_file_that_the_map_names_is_there() -> None:
    named = set(re.findall(r"`([\w./-]+(?:\.py|\.md|\.yaml|\.json|/))`", MAP))
    folders = [*PLACES, *(each for each in (ROOT / "bot").rglob("*") if each.is_dir())]
    lost = sorted(name for name in named - USERS_OWN if not any((folder / name).exists() for folder in folders))
    assert not lost, f"not there: {', '.join(lost)}"


def test_every_room_is_in_the_map() -> None:
    rooms = sorted(each.parent.name for each in (ROOT / "bot").glob("*/__init__.py"))
    lost = [room for room in rooms if not re.search(rf"\b{room}/", MAP)]
    assert not lost, f"not in the map: {', '.join(lost)}"
