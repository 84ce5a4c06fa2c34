"""Years of looks with faults in sources, in Telegram and in the clock, killed again and again: an account of it.

Run: python -m tests.bench.bench_soak [--data DIR] [--from DATE] [--to DATE] [--kills N] [--seconds S]

The bot's own scan, store and outbox, in a process that is killed at random instants; of `--data` the shipped rules on
real daily history, without it three made markets. After so many seconds no more is killed, and the past lived to its
end. What the rules say of the whole past at once is compared with the records, and these with what arrived.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from pathlib import Path

from tests.soak.accounts import account, lived
from tests.soak.past import made_past, real_past


def main() -> int:
    options = argparse.ArgumentParser(prog="python -m tests.bench.bench_soak")
    options.add_argument("--data", type=Path)
    options.add_argument("--from", dest="first", default="2016-01-01")
    options.add_argument("--to", dest="last", default="2026-09-25")
    options.add_argument("--days", type=int, default=3_000, help="of the made past")
    options.add_argument("--kills", type=int, default=40)
    options.add_argument("--messages", type=int, default=200, help="that arrive in a life before it is killed, at most")
    options.add_argument("--seconds", type=float, default=600)
    options.add_argument("--seed", type=int, default=1)
    given = options.parse_args()
    with tempfile.TemporaryDirectory(prefix="bellwether-soak-") as name:
        folder = Path(name)
        span = (given.first, given.last)
        past = real_past(folder, given.data, *span) if given.data else made_past(folder, given.days)
        past.keep(folder)
        began = time.monotonic()
        lives = lived(folder, given.seed, given.kills, given.messages, given.seconds)
        took = time.monotonic() - began
        found = account(folder, lives)
    print(f"{(past.last - past.first) / 86_400:,.0f} days in {took:.0f} s\n{found.told()}")
    for name, odd in (("unrecorded", found.unrecorded), ("made up", found.unexpected), ("lost", found.lost)):
        print("".join(f"  {name}: {each}\n" for each in sorted(odd)[:20]), end="")  # type: ignore[type-var]
    return 0 if found.fine else 1


if __name__ == "__main__":
    sys.exit(main())
