"""`python -m tests.acceptance.at 2025-09-18T20:05:00+00:00 run`: the bellwether command, begun at another time.

Where a file `clock` comes to lie in the folder, the clock on the wall is set by the seconds that it holds, as often as
one comes; the monotonic one goes on, as on a real machine.
"""

import sys
import threading
import time
from datetime import datetime
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any

from bot.cli.main import main
from bot.memory import collect_less_often, keep_large_apart, keep_one_heap

sys.modules["pytest"] = None  # time_machine would take it along, 10 MB that the command by itself has not
bare = {"unittest": ModuleType("unittest"), "unittest.mock": ModuleType("unittest.mock")}  # which it looks at only
bare["unittest"].TestCase = object  # type: ignore[attr-defined]
sys.modules.update({name: module for name, module in bare.items() if name not in sys.modules})
time_machine = import_module("time_machine")

CLOCK = Path("clock")


def _follow(clock: Any, sleep: Any) -> None:
    while True:
        if CLOCK.exists():
            clock.shift(float(CLOCK.read_text()))
            CLOCK.unlink()
        sleep(0.05)


keep_one_heap()  # as the command does before it has threads
keep_large_apart()
collect_less_often()
with time_machine.travel(datetime.fromisoformat(sys.argv[1]), tick=True) as traveller:
    threading.Thread(target=_follow, args=(traveller, time.sleep), daemon=True).start()
    main(sys.argv[2:])
