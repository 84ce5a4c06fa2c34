"""What the benches measured the last time: `last.json`, and the table of README.md that is made of it."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass, replace
from pathlib import Path
from typing import Any, Self

from tests.bench.figures import Figure, number
from tests.bench.running import Run

BEGINS, ENDS = "<!-- figures -->\n", "<!-- end of figures -->\n"
WORSE = 1.6
"""Times as bad as before that are told: of what takes twice as long a noisy hour may hide a part."""


@dataclass(frozen=True, slots=True)
class Mark:
    """A value that others are compared with, that of its best round, and the pace of the minute."""

    value: float
    pace: float
    best: float | None = None

    @classmethod
    def of(cls, figure: Figure, pace: float) -> Self:
        """What a figure leaves for the next one."""
        return cls(figure.value, pace, best_round(figure))

    def at(self, pace: float, figure: Figure) -> Self:
        """What it would be at this pace: a time of work is longer on a slower machine, all else is not."""
        if figure.unit not in {"ms", "s"} or figure.waits:
            return self
        times = pace / self.pace
        return replace(self, value=self.value * times, pace=pace, best=self.best and self.best * times)


@dataclass(frozen=True, slots=True)
class Line:
    """A figure on record. The next one is held against `mark`: this one, or an older one that is not given up."""

    figure: Figure
    day: str
    mark: Mark
    before: float | None = None
    """What it was held against, at its own pace."""

    worse: bool = False
    """It is ours, and so much as bad as what it was held against."""

    missing: bool = False
    """It is from an earlier run than the others."""


@dataclass(frozen=True, slots=True)
class Part:
    """One bench on record; `ended` says how its last run did where that was not by itself."""

    asks: str
    day: str
    pace: float
    seconds: float
    ended: str = ""
    lines: tuple[Line, ...] = ()


def best_round(figure: Figure) -> float | None:
    """None where there was but one."""
    if figure.rounds < 3:
        return None
    return figure.most if figure.more_is_better else figure.least


def is_worse(figure: Figure, was: Mark) -> bool:
    """Whether a figure of ours is WORSE than before, in its best round too: not only since others were at work."""
    best = best_round(figure)
    if figure.peer or figure.growth or worse_by(figure, figure.value, was.value) < WORSE:
        return False
    return best is None or was.best is None or worse_by(figure, best, was.best) >= WORSE


def worse_by(figure: Figure, now: float, was: float) -> float:
    """How many times as bad as before."""
    low, high = (now, was) if figure.more_is_better else (was, now)
    if low <= 0:  # there was nothing, and where there is a goal it says what may come of it
        return math.inf if high > 0 and figure.goal is None else 1.0
    return high / low


def renewed(run: Run, old: Part | None, day: str, *, accept: bool) -> Part:
    """The bench's record after a run.

    A figure that is WORSE is told, and the next one is still held against the better one; one that was not
    measured this time stays. Where they are accepted, neither is so.
    """
    known = {line.figure.name: line for line in old.lines} if old else {}
    lines = [_line(run, figure, known.pop(figure.name, None), day, accept=accept) for figure in run.figures]
    left = [] if accept and not run.ended else [replace(line, missing=True) for line in known.values()]
    return Part(run.bench.asks, day, run.pace, run.seconds, run.ended, (*lines, *left))


def _line(run: Run, figure: Figure, old: Line | None, day: str, *, accept: bool) -> Line:
    mark = Mark.of(figure, run.pace)
    if old is None:
        return Line(figure, day, mark)
    was = old.mark.at(run.pace, figure)
    worse = is_worse(figure, was)
    return Line(figure, day, old.mark if worse and not accept else mark, was.value, worse)


def complaints(name: str, part: Part) -> list[str]:
    """What is wrong with a bench that has just run."""
    found = [f"{name}: {part.ended}"] if part.ended else []
    for line in part.lines:
        figure, what = line.figure, f"{name}: {line.figure.name}"
        if line.missing:
            found += [] if part.ended else [f"{what}: not measured this time; {figure.measured} on {line.day}"]
            continue
        if not figure.met:
            found.append(f"{what}: {figure.measured} misses its goal")
        if line.worse:
            found.append(f"{what}: {figure.measured} now, {number(line.before or 0)} before")
    return found


# --- the files ---


@dataclass(frozen=True, slots=True)
class Record:
    """The files of a folder: README.md with its table, last.json, and first.json, which never changes."""

    folder: Path

    def parts(self) -> dict[str, Part]:
        """By the bench's name, in the table's order."""
        file = self.folder / "last.json"
        told = json.loads(file.read_text("utf-8")) if file.is_file() else {}
        return {name: _part(part) for name, part in told.items()}

    def keep(self, parts: Mapping[str, Part]) -> None:
        """Write both anew, each at once: who is interrupted leaves them whole."""
        readme = self.folder / "README.md"
        head, _, rest = readme.read_text("utf-8").partition(BEGINS)
        _replaced(self.folder / "last.json", _json(parts))
        _replaced(readme, head + BEGINS + self.table(parts) + ENDS + rest.partition(ENDS)[2])

    def table(self, parts: Mapping[str, Part]) -> str:
        """What stands between the marks in README.md."""
        told = json.loads((self.folder / "first.json").read_text("utf-8"))
        heads = ("what", "measured", "least to most", "goal", "last time", f"at {told['commit']}")
        rows = ["", ""]
        for name, part in parts.items():
            ended = f" **{part.day}: {part.ended}**; what follows is older." if part.ended else ""
            took = f", in {part.seconds:.0f} s" if part.seconds else ""
            pace = f"{part.day}{took}; a million empty turns {part.pace:.1f} ms."
            rows += [f"### {name}", "", f"{part.asks[0].upper()}{part.asks[1:]}. {pace}{ended}", ""]
            rows += [_row(heads), "|---" * len(heads) + "|"]
            for line in part.lines:
                first = told["figures"].get(f"{name}: {line.figure.name}")
                rows.append(_row(_cells(line, part.pace, None if first is None else Mark(first, told["pace"]))))
            rows.append("")
        return "\n".join(rows[1:]) + "\n" if parts else "\n"


def _cells(line: Line, pace: float, first: Mark | None) -> list[str]:
    figure = line.figure
    name = f"{figure.name} (of {line.day}, not measured since)" if line.missing else figure.name
    sign = "at least" if figure.more_is_better else "at most"
    goal = "" if figure.goal is None else f"{sign} {number(figure.goal)}{'' if figure.met else ', **missed**'}"
    was = first.at(pace, figure).value if first else None
    return [name, figure.measured, figure.spread, goal, _times(figure, line.before), _times(figure, was)]


def _times(figure: Figure, was: float | None) -> str:
    """An older value, and by what that has to be multiplied or divided to be the figure."""
    if was is None or was <= 0 or figure.value <= 0:
        return "" if was is None else number(was)
    times = figure.value / was
    return f"{number(was)} ({f'× {number(times)}' if times > 0.5 else f'÷ {number(1 / times)}'})"


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _json(parts: Mapping[str, Part]) -> str:
    """A line for each figure, so that changes can be read."""
    told = []
    for name, part in parts.items():
        lines = ",\n".join(f"  {json.dumps(_told(line), ensure_ascii=False)}" for line in part.lines)
        head = json.dumps({**_told(part), "lines": None})[:-5]
        told.append(f"{json.dumps(name)}: {head}[\n{lines}\n ]}}")
    return "{\n " + ",\n ".join(told) + "\n}\n"


def _told(of: Any) -> dict[str, Any]:
    """Its facts but those that are as they are by themselves."""
    told = {}
    for each in fields(of):
        value = getattr(of, each.name)
        if each.name != "lines" and value != each.default:
            told[each.name] = _told(value) if is_dataclass(value) else value
    return told


def _part(told: dict[str, Any]) -> Part:
    lines = [
        Line(**{**each, "figure": Figure(**each["figure"]), "mark": Mark(**each["mark"])}) for each in told["lines"]
    ]
    return Part(**{**told, "lines": tuple(lines)})


def _replaced(file: Path, text: str) -> None:
    new = file.with_name(f".{file.name}.new")
    new.write_text(text, "utf-8")
    new.replace(file)
