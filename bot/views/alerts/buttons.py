"""Buttons under a message, and the names of rules that fit into them."""

from __future__ import annotations

from hashlib import blake2s

from bot.alert import Buttons

WORD_LIMIT = 40
"""Characters that a rule's name takes at most in a button: room for the longest command around it."""

_MARK = "~"  # in no rule's id


def alert_buttons(rule: str) -> Buttons:
    """The rows under an alert of `rule`. They say all that is needed: no button is ever too old to be understood."""
    word = rule_word(rule)
    return (
        (("Evidence", f"/evidence {word}"), ("Crypto chart", "/crypto chart")),
        (("Mute 24 h", "/mute all 24h"), ("Mute this rule", f"/mute {word} forever")),
    )


def rule_word(rule: str) -> str:
    """The rule's id as it stands in a button: itself, or its beginning and a hash of the whole where it is long."""
    if len(rule) <= WORD_LIMIT:
        return rule
    digest = blake2s(rule.encode(), digest_size=4).hexdigest()
    return f"{rule[: WORD_LIMIT - len(digest) - len(_MARK)]}{_MARK}{digest}"
