"""Pictures of commands: how they are drawn and saved."""

from __future__ import annotations

from pathlib import Path

from bot.charts.request import ChartRequest
from bot.cli.io.output import write_file
from bot.cli.loading import imported


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
