"""How does the bot's token stay out of what is printed, logged or raised?"""

from __future__ import annotations

import re
from typing import Final

HIDDEN: Final = "<token>"

_token = re.compile(r"\d{3,20}:[A-Za-z0-9_-]{20,}")


def hide_tokens(text: str) -> str:
    """The text with everything that looks like a bot's token replaced; what else it says stays."""
    return _token.sub(HIDDEN, text)
