"""`python -m tests.acceptance.at 2025-09-18T20:05:00+00:00 run`: the bellwether command, begun at another time."""

import sys
from datetime import datetime
from importlib import import_module

from bot.cli.main import main

sys.modules["pytest"] = None  # time_machine would take it along, 10 MB that the command by itself has not
time_machine = import_module("time_machine")

with time_machine.travel(datetime.fromisoformat(sys.argv[1]), tick=True):
    main(sys.argv[2:])
