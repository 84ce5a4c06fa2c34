"""Document of a replay: every message with the events that it tells of, and how many there were in each month."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bot.signals.replay.event import AlertId
from bot.signals.timeframe import Instant, Timeframe, label
from bot.store.sqlite import Database


@dataclass(frozen=True, slots=True)
class ReplayedMessage:
    """One message as its reader got it: its number, when, what it answers (None: nothing), plain text, the events."""

    id: int
    at: Instant
    answers: int | None
    text: str
    opens: bool
    events: tuple[tuple[AlertId, str], ...]


def message_events(db: Database) -> dict[int, list[tuple[AlertId, str]]]:
    """By the id that the messenger gave a message: the alerts that it tells of, and what of each."""
    rows = db.execute(
        "SELECT d.message_id, a.rule, a.market, a.timeframe, a.bar, e.kind FROM deliveries d"
        " JOIN message_events told ON told.message = d.message JOIN events e ON e.id = told.event"
        " JOIN alerts a ON a.id = e.alert WHERE d.state = 'sent' ORDER BY d.message_id, e.id"
    )
    found: dict[int, list[tuple[AlertId, str]]] = {}
    for number, rule, market, timeframe, bar, kind in rows.fetchall():
        found.setdefault(number, []).append((AlertId(rule, market, Timeframe(timeframe), bar), kind))
    return found


def months_of(messages: list[ReplayedMessage]) -> Mapping[str, int]:
    """How many messages there were in each month ("2025-09") that had any."""
    counted = Counter(label(message.at, Timeframe.D1)[:7] for message in messages)
    return dict(sorted(counted.items()))


def replay_document(messages: list[ReplayedMessage]) -> dict[str, Any]:
    """The document of `replay --json`."""
    return {
        "messages": [
            {
                "id": message.id,
                "at": label(message.at, Timeframe.M5),
                "answers": message.answers,
                "events": [{"alert": str(alert), "event": kind} for alert, kind in message.events],
                "text": message.text,
                "picture": message.opens,
            }
            for message in messages
        ],
        "months": months_of(messages),
    }


def months_table(messages: list[ReplayedMessage]) -> str:
    """A line for each year: messages by month, and their sum."""
    months = months_of(messages)
    years = sorted({month[:4] for month in months})
    head = "year " + " ".join(f"{number:>3}" for number in range(1, 13)) + "  sum"
    lines = [head]
    for year in years:
        counts = [months.get(f"{year}-{number:02}", 0) for number in range(1, 13)]
        lines.append(f"{year} " + " ".join(f"{count or '·':>3}" for count in counts) + f"  {sum(counts):>3}")
    return "\n".join(lines)
