"""`python -m tests.acceptance.at 2025-09-18T20:05:00+00:00 run`: the bellwether command, begun at another time.

Where a file `clock` comes to lie in the folder, the clock on the wall is set by the seconds that it holds, as often as
one comes; the monotonic one goes on, as on a real machine.
"""

import sys
import threading
import time
from datetime import datetime
from pathlib import Path

import time_machine

from bot.cli.main import main

CLOCK = Path("clock")
_REAL_SLEEP = time.sleep


def _follow(clock: time_machine.Traveller) -> None:
    while True:
        if CLOCK.exists():
            clock.shift(float(CLOCK.read_text()))
            CLOCK.unlink()
        _REAL_SLEEP(0.05)


with time_machine.travel(datetime.fromisoformat(sys.argv[1]), tick=True) as traveller:
    threading.Thread(target=_follow, args=(traveller,), daemon=True).start()
    main(sys.argv[2:])
