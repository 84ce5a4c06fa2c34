"""Rule versions: the texts that the running bot took up, the newest few of each rule."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass

from bot.signals.timeframe import Instant
from bot.store.database import immediate
from bot.store.meta import get_value, set_value
from bot.store.sqlite import Database

KEPT = 5
"""Versions of a rule that are kept."""


@dataclass(frozen=True, slots=True)
class RuleVersion:
    """The text of a rule file, and when the bot took it up."""

    text: str
    since: Instant


def keep_rules(db: Database, texts: Mapping[str, str], now: Instant) -> None:
    """Remember the texts by which the rules run now; one that is known as the newest already changes nothing."""
    known = {rule: accepted_versions(db, rule) for rule in texts}
    new = {rule: text for rule, text in texts.items() if not known[rule] or known[rule][0].text != text}
    if not new:
        return
    with immediate(db):
        for rule, text in new.items():
            versions = [RuleVersion(text, now), *known[rule]][:KEPT]
            set_value(db, _key(rule), json.dumps([[each.text, each.since] for each in versions]), now)


def accepted_versions(db: Database, rule: str) -> list[RuleVersion]:
    """The versions of a rule that the bot took up, newest first; none where it never ran here."""
    kept = get_value(db, _key(rule))
    return [RuleVersion(str(text), int(since)) for text, since in json.loads(kept)] if kept else []


def accepted_texts(db: Database) -> dict[str, str]:
    """The newest text of every rule that the bot ever took up, by id."""
    rows = db.execute("SELECT key, value FROM meta WHERE key LIKE 'rule:%'").fetchall()
    return {str(key).removeprefix(_key("")): str(json.loads(value)[0][0]) for key, value in rows}


def _key(rule: str) -> str:
    return f"rule:{rule}"
