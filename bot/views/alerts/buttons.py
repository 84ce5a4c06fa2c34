"""Buttons under a message, and the names of rules that fit into them."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import blake2s

from bot.alert import COPY, Buttons
from bot.views.alerts.facts import AlertFacts
from bot.views.formatting import html, numbers

WORD_LIMIT = 40
"""Characters that a rule's name takes at most in a button: room for the longest command around it in 64 bytes."""

_LABEL_LIMIT = 24
"""UTF-16 units of a rule's title in a button: what half of a phone's width shows."""

_RULES_LIMIT = 5
"""Rules that have buttons of their own under one message."""

_MARK = "~"  # in no rule's id


def level_buttons(lead: AlertFacts) -> Buttons:
    """A row that copies the level that was broken and the next one; none where the alert has no price of either."""
    levels = {"Level": lead.event.level, "Next": lead.next_level.price if lead.next_level else None}
    shown = {name: numbers.price(level) for name, level in levels.items() if level is not None and lead.priced}
    row = tuple((f"📋 {name} {price}", COPY + price.replace(",", "")) for name, price in shown.items())
    return (row,) if row else ()


def story_buttons(rules: Sequence[tuple[str, str]], levels: Buttons = ()) -> Buttons:
    """The rows under a story of these rules (id, title), the first one leading, with its row of `levels`.

    They say all that is needed: no button is ever too old to be understood.
    """
    lead = rule_word(rules[0][0])
    first = (("Why", f"/why {lead}"), ("Evidence", f"/evidence {lead}"), ("Crypto", "/crypto chart"))
    if len(rules) == 1:
        return (first, *levels, (("Mute 24 h", "/mute all 24h"), ("Mute this rule", f"/mute {lead} forever")))
    each = tuple(_rule_row(rule, html.clip(title, _LABEL_LIMIT)) for rule, title in rules[:_RULES_LIMIT])
    return (first, *levels, *each, (("Mute all for 24 h", "/mute all 24h"),))


def _rule_row(rule: str, label: str) -> tuple[tuple[str, str], ...]:
    return (f"About: {label}", f"/evidence {rule_word(rule)}"), (f"Mute: {label}", f"/mute {rule_word(rule)} forever")


def rule_word(rule: str) -> str:
    """The rule's id as it stands in a button: itself, or its beginning and a hash of the whole where it is long."""
    if len(rule) <= WORD_LIMIT:
        return rule
    digest = blake2s(rule.encode(), digest_size=4).hexdigest()
    return f"{rule[: WORD_LIMIT - len(digest) - len(_MARK)]}{_MARK}{digest}"
