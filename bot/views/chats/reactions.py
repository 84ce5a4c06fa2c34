"""Text of the reactions to alerts, under the scorecard."""

from __future__ import annotations

from collections.abc import Mapping

from bot.views.formatting import html

_MAX_EMOJIS = 5


def reaction_lines(counts: Mapping[str, Mapping[str, int]], titles: Mapping[str, str]) -> str:
    """What readers put under the alerts of each rule; empty where nobody did."""
    if not counts:
        return ""
    lines = [
        f"{html.escape(html.clip(titles.get(rule, rule), 60))}: "
        + "  ".join(f"{html.escape(emoji)} {count}" for emoji, count in list(found.items())[:_MAX_EMOJIS])
        for rule, found in counts.items()
    ]
    return "\n".join([html.bold("Reactions of readers"), *lines])
