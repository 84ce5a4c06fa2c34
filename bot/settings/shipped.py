"""Files that come with Bellwether: the example config and the rules."""

from __future__ import annotations

import sys
from pathlib import Path

EXAMPLE = "config.example.yaml"


def shipped(name: str) -> Path:
    """Path of a file or folder that comes with Bellwether: in the checkout, else where the wheel put it."""
    for root in (Path(__file__).parents[2], Path(sys.prefix) / "share" / "bellwether"):
        if (root / EXAMPLE).is_file():
            return root / name
    raise FileNotFoundError(f"{EXAMPLE}: neither in the checkout nor in {sys.prefix}; install Bellwether again")
