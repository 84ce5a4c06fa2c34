"""`python -m bot.worker`: the worker process, started by the bot only."""

from bot.worker.child import main

main()
