"""Files that come with Bellwether: the example config and the rules."""

from __future__ import annotations

import os
import sys
from pathlib import Path

EXAMPLE = "config.example.yaml"
SHIPPED = Path("shipped")
"""What the config calls the folder of the rules that came with the program."""

OWN_RULES = Path("my-rules")
"""Folder of the operator's own rules, beside the shipped ones: no upgrade touches it."""


def shipped(name: str) -> Path:
    """Path of a file or folder that comes with Bellwether: in the checkout, else where the wheel put it."""
    for root in (Path(__file__).parents[2], Path(sys.prefix) / "share" / "bellwether"):
        if (root / EXAMPLE).is_file():
            return root / name
    raise FileNotFoundError(f"{EXAMPLE}: neither in the checkout nor in {sys.prefix}; install Bellwether again")


def holds_rules(folder: Path) -> bool:
    """Whether files that mean to be rules lie in a folder or its sub-folders; one that can't be read may hold some."""
    if folder.is_dir() and not os.access(folder, os.R_OK | os.X_OK):
        return True
    return any(path.suffix in {".yaml", ".yml"} for path in folder.rglob("*"))
