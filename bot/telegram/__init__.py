"""python-telegram-bot: commands, access, and the messenger."""

import os

# python-telegram-bot warns at every 429 unless it is told that waiting times may be timedeltas
os.environ.setdefault("PTB_TIMEDELTA", "true")
