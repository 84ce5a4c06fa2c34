"""`python -m bot.worker MEMORY`: the worker process, started by the bot only."""

import sys

from bot.worker.child import main

main(int(sys.argv[1]))
