"""The command `doctor`: runs the checks and prints them, one line each, or one JSON document."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator
from dataclasses import asdict
from pathlib import Path

import typer

from bot.cli.doctor.check import Check, one_for_each_cause
from bot.cli.io.output import print_json
from bot.cli.loading import imported
from bot.problem import ProblemError
from bot.settings import find_config, load_settings, without_absent


def doctor(*, as_json: bool) -> None:
    """`bellwether doctor`, as it is typed in `bot.cli.signatures.operation`."""
    checks = asyncio.run(_run(tell=not as_json))
    fine = all(check.ok for check in checks)
    if as_json:
        print_json({"ok": fine, "checks": [_document(check) for check in checks]})
    else:
        wrong = sum(not check.ok for check in checks)
        print(f"{len(checks)} checks, all fine" if fine else f"{wrong} of {len(checks)} checks fail")
    raise typer.Exit(0 if fine else 1)


def _document(check: Check) -> dict[str, object]:
    return {key: value for key, value in asdict(check).items() if key not in {"subject", "cause"}}


async def _run(*, tell: bool) -> list[Check]:
    """What is fine is told at once; failures at the end, those of one cause once."""
    fine: list[Check] = []
    failed: list[Check] = []
    async for check in _checks():
        (fine if check.ok else failed).append(check)
        if tell and check.ok:
            print(f"✓ {check.name}: {check.detail}", flush=True)
    told = one_for_each_cause(failed)
    if tell:
        for check in told:
            print(f"✗ {check.name}: {check.detail}")
            print(f"    {check.remedy}")
    return [*fine, *told]


async def _checks() -> AsyncIterator[Check]:
    here = Path.cwd()
    config = find_config(os.environ, here)
    try:
        settings = without_absent(load_settings(config, os.environ, here))
    except ProblemError as error:
        yield Check("config", ok=False, detail="; ".join(map(str, error.problems)), remedy="mend the lines named")
        return
    told = str(config) if config else "none here, so the example's settings hold"
    yield Check("config", config is not None, told, "" if config else "`bellwether init` makes one")
    local, outside = imported("bot.cli.doctor.local"), imported("bot.cli.doctor.outside")
    telegram = await outside.token_check(settings)
    yield telegram
    for check in (*local.database_checks(settings), *local.key_checks(settings), local.rule_check(settings)):
        yield check
    workers = imported("bot.app.workers:WorkerPool")()
    try:
        async for check in outside.outside_checks(settings, workers.external, telegram):
            yield check
    finally:
        await workers.close()
