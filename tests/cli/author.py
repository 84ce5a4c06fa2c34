"""What a rule author has: a folder with rules and prices, and a shell."""

from __future__ import annotations

import math
from datetime import date, timedelta
from pathlib import Path

import pytest

from bot.cli.main import main

RULE = """title: IWM tops ten sessions
market: IWM
when: close > highest(close, 10)[1] + 0.1 * atr(5)
level: highest(close, 10)[1]
headline: "IWM at {close:.2f}"
quiet: 5 bars
follow:
  for: 10 bars
  confirmed: 2 closes
  failed: close < level
"""
PINNED = """title: IWM near a level of mine
market: IWM
when: close > resistance(touches=2)
headline: "H"
levels: [123.45]
"""

FIRST = date(2023, 1, 2)


def weekdays(count: int) -> list[date]:
    """Weekdays from a Monday on; none of the first year's holidays matters to what is tested."""
    days = (FIRST + timedelta(days=at) for at in range(count * 2))
    return [day for day in days if day.weekday() < 5][:count]


def closes(count: int) -> list[float]:
    """A wave that rises: some breaks hold, some fail."""
    return [round(100 + at / 25 + 8 * math.sin(at / 11) + 3 * math.sin(at / 3), 2) for at in range(count)]


def write_prices(folder: Path, market: str = "IWM", count: int = 400) -> list[date]:
    """A CSV file of daily prices; the days in it."""
    folder.mkdir(exist_ok=True)
    days = weekdays(count)
    rows = [
        f"{day},{close},{close + 0.5},{close - 0.5},{close},1000"
        for day, close in zip(days, closes(count), strict=True)
    ]
    (folder / f"{market}.csv").write_text("\n".join(["date,open,high,low,close,volume", *rows]) + "\n")
    return days


class Shell:
    """Types commands in the author's folder, in this process."""

    def __init__(self, capsys: pytest.CaptureFixture[str]) -> None:
        self._capsys = capsys

    def __call__(self, line: str, code: int = 0) -> str:
        """What the command prints; `err` holds what it says beside it."""
        with pytest.raises(SystemExit) as ended:
            main(line.split())
        out, self.err = self._capsys.readouterr()
        assert (ended.value.code or 0) == code, (out, self.err)
        return out
