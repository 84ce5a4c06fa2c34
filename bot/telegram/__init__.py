"""python-telegram-bot: commands, access, and the messenger."""

import os
import sys
from importlib import import_module

# python-telegram-bot warns at every 429 unless it is told that waiting times may be timedeltas
os.environ.setdefault("PTB_TIMEDELTA", "true")

# A seventh of the bot's memory that nobody would use: cryptography, for Telegram Passport, and pygments and rich, for
# the program that httpx is in a shell. None in sys.modules makes their imports fail as if they were not installed,
# which both libraries allow for.
_WITHHELD = [name for name in ("cryptography", "pygments") if name not in sys.modules]
sys.modules.update(dict.fromkeys(_WITHHELD))  # type: ignore[arg-type]
try:
    import_module("telegram.ext")
finally:
    for _name in _WITHHELD:
        del sys.modules[_name]
