"""`python -m tests.acceptance.at 2025-09-18T20:05:00+00:00 run`: the bellwether command, begun at another time."""

import sys
from datetime import datetime

import time_machine

from bot.cli.main import main

with time_machine.travel(datetime.fromisoformat(sys.argv[1]), tick=True):
    main(sys.argv[2:])
