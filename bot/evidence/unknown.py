"""How does an unknown number leave the arrays?"""

from __future__ import annotations

from math import isfinite


def or_none(value: float) -> float | None:
    """The number, or None where it is unknown."""
    return float(value) if isfinite(value) else None
