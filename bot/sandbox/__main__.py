"""`python -m bot.sandbox`: a sandbox of its own, which prints its address and token as a line of JSON."""

from __future__ import annotations

import argparse
import asyncio
import json
import signal
import sys

from bot.sandbox.server import Sandbox


async def run_server(port: int, *, attached: bool, sandbox: Sandbox) -> None:
    """Until SIGTERM or SIGINT; `attached`: also until standard input ends."""
    loop = asyncio.get_running_loop()
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    if attached:
        loop.add_reader(sys.stdin.fileno(), stop.set)
    await sandbox.start(port)
    sys.stdout.write(json.dumps({"url": sandbox.url, "token": sandbox.token}) + "\n")
    sys.stdout.flush()
    await stop.wait()
    await sandbox.close()


def main(sandbox: Sandbox | None = None) -> None:
    """Read the options."""
    parser = argparse.ArgumentParser(prog="python -m bot.sandbox", description="A Bot API server on 127.0.0.1.")
    parser.add_argument("--port", type=int, default=0, help="0 takes a free one")
    parser.add_argument("--attached", action="store_true", help="end when standard input ends")
    options = parser.parse_args()
    asyncio.run(run_server(options.port, attached=options.attached, sandbox=sandbox or Sandbox()))


if __name__ == "__main__":
    main()
