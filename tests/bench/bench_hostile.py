"""Memory of bot and worker under hostile answers: python -m tests.bench.bench_hostile [CLIENT…]."""

from __future__ import annotations

import asyncio
import sys
import time

from bot.worker.client import Worker, WorkerError
from tests.market.hostile import clients
from tests.market.hostile.server import BODIES, HostileServer

CLIENTS = ("yahoo", "exchange", "exchange with its markets", "coingecko", "fund_snapshot", "fred", "telegram")


async def measure(server: HostileServer, names: tuple[str, ...]) -> None:
    for body in BODIES:
        server.answer_with(body)
        print(f"\n{body.name}")
        for client in names:
            worker = Worker("data")
            began = time.monotonic()
            try:
                told, before, most = await worker.call(f"{clients.__name__}:asked", client, server.url, timeout=60)
                figures = f"{before:4} -> {most:4} MB"
            except WorkerError as error:
                told, figures = f"{type(error).__name__}: {error}", "  the worker's end"
            await worker.close()
            print(f"  {client:26} {figures}  {time.monotonic() - began:4.1f} s  {told[:110]}", flush=True)


if __name__ == "__main__":
    with HostileServer() as served:
        asyncio.run(measure(served, tuple(sys.argv[1:]) or CLIENTS))
