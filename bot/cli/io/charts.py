"""Pictures of commands: where they may go, how they are drawn and saved."""

from __future__ import annotations

from pathlib import Path

from bot.charts.request import ChartRequest
from bot.cli.io.output import write_file
from bot.cli.loading import imported
from bot.problem import ProblemError

SUFFIX = ".png"


def png_path(option: str, file: Path) -> None:
    """Refuse a place where no picture can go, before any work is done. Raises ProblemError."""
    if file.suffix.lower() != SUFFIX:
        raise ProblemError.of(option, f"not a PNG file (got {file}); allowed: names that end in .png")
    if not file.absolute().parent.is_dir():
        raise ProblemError.of(option, f"no such folder (got {file.parent}); allowed: one that is there")


def draw(chart: ChartRequest) -> bytes:
    """The PNG of a chart.

    By its function's name, so that a command that draws nothing does not wait for Pillow.
    """
    png: bytes = imported(chart.function)(chart)
    return png


def save(file: Path, png: bytes, *, quiet: bool = False) -> None:
    """Write the picture and say where it is, unless `quiet`. Raises ProblemError where that is not possible."""
    write_file(file, png)
    if not quiet:
        print(f"{file} ({len(png) / 1e3:.0f} kB)")
