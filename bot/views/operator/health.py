"""Text of /health: checks with their remedies, processes, sources."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bot.signals.timeframe import Instant
from bot.views.formatting import html, numbers
from bot.views.operator.status_checks import delivery_checks, status_checks
from bot.views.operator.status_facts import StatusFacts

MEGABYTE = 1_000_000


@dataclass(frozen=True, slots=True)
class SourceHealth:
    """How a source of bars fares: `state` is "closed" (all is well), "open" (left alone) or "half open".

    `until` is when it is asked again, `error` what it said last.
    """

    name: str
    state: str
    until: Instant | None = None
    error: str = ""


@dataclass(frozen=True, slots=True)
class WorkerHealth:
    """How a worker process fares: `pid` is None where it rests, `memory` in bytes, None where no machine says."""

    name: str
    pid: int | None = None
    memory: int | None = None


@dataclass(frozen=True, slots=True)
class ProcessHealth:
    """What only the running process knows of itself.

    `memory` is what it holds now, in bytes, without its workers; None where no machine says. `scan_seconds` is how long
    the last look took. `delivery` says why sending stands still, empty where it does not.
    """

    started: Instant | None = None
    memory: int | None = None
    workers: tuple[WorkerHealth, ...] = ()
    scan_seconds: float | None = None
    sources: tuple[SourceHealth, ...] = ()
    delivery: str = ""


def render_health(
    facts: StatusFacts, process_health: ProcessHealth, errors: Sequence[tuple[Instant, str]], count: int
) -> str:
    """The answer to /health. `errors` are the last ones at the Telegram side, `count` how many there were."""
    blocks = [
        _checks(facts),
        _process(facts, process_health),
        _sources(facts, process_health),
        _errors(facts, errors, count),
    ]
    return "\n\n".join(block for block in blocks if block)


def _checks(facts: StatusFacts) -> str:
    checks = [*status_checks(facts), *delivery_checks(facts)]
    wrong = [check for check in checks if not check["ok"]]
    head = f"✅ {html.bold(f'All {len(checks)} checks are fine')}"
    if wrong:
        head = f"⚠️ {html.bold(f'{len(wrong)} of {len(checks)} checks fail')}"
    return "\n".join([head, *map(_check, _together(wrong))])


def _together(checks: Sequence[dict[str, object]]) -> list[dict[str, object]]:
    """Checks of which several fail in one way, as one."""
    groups: dict[object, list[dict[str, object]]] = {}
    for check in checks:
        kind = str(check["name"]).partition(" ")[0]
        groups.setdefault((kind, check["detail"], check["remedy"]), []).append(check)
    return [group[0] if len(group) == 1 else _one(group) for group in groups.values()]


def _one(group: Sequence[dict[str, object]]) -> dict[str, object]:
    kind = str(group[0]["name"]).partition(" ")[0]
    names = ", ".join(str(check["name"]).partition(" ")[2] for check in group)
    return group[0] | {"name": f"{len(group)} {kind}s ({names})"}


def _check(check: dict[str, object]) -> str:
    name, detail, remedy = (html.escape(html.clip(str(check[key]), 300)) for key in ("name", "detail", "remedy"))
    return f"• {html.bold(name)}: {detail}" + (f"\n     → {remedy}" if remedy else "")


def _process(facts: StatusFacts, process_health: ProcessHealth) -> str:
    return "\n".join(_process_lines(facts, process_health))


def _process_lines(facts: StatusFacts, process_health: ProcessHealth) -> Iterator[str]:
    up = f"up {numbers.age(facts.now - process_health.started)}" if process_health.started is not None else ""
    if told := ", ".join(part for part in (up, _megabytes(process_health.memory)) if part):
        yield f"Process: {told}"
    if process_health.workers:
        yield f"Workers: {html.escape(', '.join(map(_worker, process_health.workers)))}"
    if process_health.scan_seconds is not None:
        yield f"Last look: took {numbers.number(process_health.scan_seconds)}{numbers.SPACE}s"
    if process_health.delivery:
        yield f"Sending stands still: {html.escape(html.clip(process_health.delivery, 200))}"


def _worker(worker: WorkerHealth) -> str:
    """Its name with what is known of it: "data (pid 4242, 104 MB)", "charts resting"."""
    if worker.pid is None:
        return f"{worker.name} resting"
    told = ", ".join(part for part in (f"pid{numbers.SPACE}{worker.pid}", _megabytes(worker.memory)) if part)
    return f"{worker.name} ({told})"


def _megabytes(memory: int | None) -> str:
    return "" if memory is None else f"{memory / MEGABYTE:,.0f}{numbers.SPACE}MB"


def _sources(facts: StatusFacts, process_health: ProcessHealth) -> str:
    if not process_health.sources:
        return ""
    ill = [source for source in process_health.sources if source.state != "closed"]
    if not ill:
        verb = "answers" if len(process_health.sources) == 1 else "answer"
        return f"Sources: {html.escape(', '.join(source.name for source in process_health.sources))} {verb}"
    return "\n".join(["Sources:", *(_source(source, facts.now) for source in ill)])


def _source(source: SourceHealth, now: Instant) -> str:
    line = f"• {html.bold(html.escape(source.name))}: {html.escape(_STATES.get(source.state, source.state))}"
    if source.until is not None and source.until > now:
        line += f" for {numbers.age(source.until - now)} more"
    return line + (f": {html.escape(html.clip(source.error, 160))}" if source.error else "")


_STATES = {"open": "left alone", "half open": "on trial: its next answer decides"}


def _errors(facts: StatusFacts, errors: Sequence[tuple[Instant, str]], count: int) -> str:
    if not errors:
        return "No error at the Telegram side since the start." if not facts.last_error else ""
    lines = [f"• {numbers.age(facts.now - at)} ago: {html.escape(html.clip(what, 160))}" for at, what in errors]
    return html.folded("\n".join([html.bold(f"The last of {numbers.count(count, 'error')}"), *lines]))
