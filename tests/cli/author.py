"""A rule author's folder with rules and prices, and a shell."""

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

FIRST = date(2023, 1, 3)
HOLIDAYS = {
    *("2023-01-16", "2023-02-20", "2023-04-07", "2023-05-29", "2023-06-19", "2023-07-04", "2023-09-04", "2023-11-23"),
    *("2023-12-25", "2024-01-01", "2024-01-15", "2024-02-19", "2024-03-29", "2024-05-27", "2024-06-19", "2024-07-04"),
    *("2024-09-02", "2024-11-28", "2024-12-25"),
}


def weekdays(count: int) -> list[date]:
    """Days on which New York trades."""
    days = (FIRST + timedelta(days=at) for at in range(count * 2))
    return [day for day in days if day.weekday() < 5 and str(day) not in HOLIDAYS][:count]


def closes(count: int) -> list[float]:
    """A wave that rises: some breaks hold, some fail."""
    return [round(100 + at / 25 + 8 * math.sin(at / 11) + 3 * math.sin(at / 3), 2) for at in range(count)]


def write_prices(folder: Path, market: str = "IWM", count: int = 400) -> list[date]:
    """A CSV file of daily prices; the days in it."""
    folder.mkdir(exist_ok=True)
    days = weekdays(count)
    rows = [
        f"{day},{close + 0.1 * (-1) ** at},{close + 0.5},{close - 0.5},{close},1000"
        for at, (day, close) in enumerate(zip(days, closes(count), strict=True))
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
