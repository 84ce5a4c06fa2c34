"""Prices as people type them: what a number may mean, and what it means beside the last close."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

PRICE = r"\$?(?P<price>(?:\d{1,3}(?:\s\d{3})+(?:[.,]\d+)?|\d[\d,.]*)\s?[km]?)"
ABSURD = 20
"""Times that a price is away from the last close, up or down, from which on a doubtful reading is not believed."""

_FACTORS = {"k": 1_000.0, "m": 1_000_000.0}
_MIXED = re.compile(r"\d{1,3}(?:,\d{3})+\.\d+|\d{1,3}(?:\.\d{3})+,\d+")
_GROUPS = re.compile(r"\d{1,3}(?P<sign>[.,])\d{3}(?:(?P=sign)\d{3})*")
_PLAIN = re.compile(r"\d{1,12}(?:[.,]\d{1,10})?")


@dataclass(frozen=True, slots=True)
class TypedPrice:
    """The prices that a number may mean. Of "80.000" there are two; `blanks`: it may be several numbers as well.

    `doubtful`: how it is written leaves open what is meant, as the comma of "1,5" does.
    """

    readings: tuple[float, ...]
    doubtful: bool = False
    blanks: bool = False

    def near(self, close: float) -> tuple[float, ...]:
        """Those of its readings that are not absurd beside a last close; all of them where that is no price."""
        if not close > 0:
            return self.readings
        return tuple(each for each in self.readings if close / ABSURD <= each <= close * ABSURD)


def read_price(said: str) -> TypedPrice | None:
    """What "254.12", "2,442.74", "2 442,74", "80.000", "130k" may mean; None where it is no price, or 0."""
    text = said.strip().rstrip(".,").lower()
    factor = _FACTORS.get(text[-1:], 1.0)
    number = text[:-1].strip() if text[-1:] in _FACTORS else text
    digits = re.sub(r"\s", "", number)
    blanks = digits != number
    readings = [each * factor for each in _readings(digits, grouped=not blanks) if each]
    doubtful = len(readings) > 1 or blanks or ("," in digits and not _MIXED.fullmatch(digits))
    return TypedPrice(tuple(dict.fromkeys(readings)), doubtful, blanks) if readings else None


def _readings(digits: str, *, grouped: bool) -> Sequence[float]:
    """Without `grouped` a sign is no thousands': blanks stand between these already."""
    if _MIXED.fullmatch(digits):
        thousands = "," if digits.index(".") > digits.index(",") else "."
        return [float(digits.replace(thousands, "").replace(",", "."))]
    found: list[float] = []
    if grouped and (groups := _GROUPS.fullmatch(digits)) and not digits.startswith("0"):
        found.append(float(digits.replace(groups["sign"], "")))
    if _PLAIN.fullmatch(digits):
        found.append(float(digits.replace(",", ".")))
    return found


def typed_price(price: float) -> str:
    """A price as it stands behind a button: to be read in one way only."""
    text = f"{price:.10f}".rstrip("0").rstrip(".")
    return f"{text}0" if len(text.partition(".")[2]) == 3 else text
