"""python-telegram-bot: commands, access, and the messenger."""

import os
from importlib import import_module

from bot.unneeded import kept_out

# python-telegram-bot warns at every 429 unless it is told that waiting times may be timedeltas
os.environ.setdefault("PTB_TIMEDELTA", "true")

# A seventh of the bot's memory that nobody would use: cryptography, for Telegram Passport, and httpx, in whose place
# our own requests are.
with kept_out(absent=["cryptography"], deferred=["httpx"]):
    import_module("telegram.ext")
