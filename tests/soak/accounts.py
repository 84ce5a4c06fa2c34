"""A soak from its first life to the account of every event: what was expected, recorded, sent and heard."""

from __future__ import annotations

import random
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from bot.rulebook.book import load_book
from bot.scan.stories import DIGEST_ONLY, MINOR
from bot.signals.replay.event import Event
from bot.signals.replay.ruleset import replay_all
from bot.store.database import damage, open_readonly
from bot.store.sqlite import Database
from tests.soak.life import BLOCKS, IN_FLIGHT, MOVED_TO, MOVES, chats, digest_of
from tests.soak.past import ROOT, Past, kept_past, settings_in

Key = tuple[str, str, int, str, int]
"""An event: rule, market, bar of the alert, kind, bar of the event."""


@dataclass(frozen=True)
class Account:
    """What came of a soak. Events and pairs (event, chat) by name; all but `doubles` and counts should be empty."""

    lives: int
    events: int
    pairs: int
    arrivals: int
    injected: Mapping[str, int]
    unrecorded: frozenset[Key]
    unexpected: frozenset[Key]
    lost: tuple[tuple[Key, int], ...]
    unheard: int
    unknown: int
    doubles: int
    allowed_doubles: int
    damaged: tuple[str, ...]

    @property
    def fine(self) -> bool:
        """Whether nothing was lost, made up, or doubled beyond what was in flight."""
        odd = self.unrecorded or self.unexpected or self.lost or self.unheard or self.unknown or self.damaged
        return not odd and self.doubles <= self.allowed_doubles

    def told(self) -> str:
        """All of it in a few lines."""
        injected = ", ".join(f"{many} {what}" for what, many in sorted(self.injected.items()))
        return (
            f"{self.lives} lives; {self.events} events expected, {len(self.unrecorded)} unrecorded,"
            f" {len(self.unexpected)} made up\n"
            f"{self.pairs:,} pairs of event and chat, {len(self.lost)} lost; {self.arrivals:,} messages arrived,"
            f" {self.unheard} on record and never heard, {self.unknown} heard and not on record\n"
            f"{self.doubles} doubles of at most {self.allowed_doubles}; integrity {self.damaged or 'ok'}\n"
            f"injected: {injected}"
        )


def lived(folder: Path, seed: int, kills: int, messages: int, seconds: float = 600.0) -> int:
    """Live through the past that is kept there, killed so often; how many lives it took.

    A life is killed as soon as 1 to `messages` messages have arrived in it, or a moment later. After `seconds` none
    is any more: the last one goes on to the end.
    """
    numbers, ends = random.Random(seed), time.monotonic() + seconds
    for life in range(1, kills + 2):
        with (folder / "log").open("ab") as log:
            command = [sys.executable, "-m", "tests.soak.life", str(folder), str(seed), str(life)]
            process = subprocess.Popen(command, cwd=ROOT, stderr=log)
        enough = len(_arrived(folder)) + numbers.randint(1, messages)
        while process.poll() is None and (life > kills or len(_arrived(folder)) < enough):
            time.sleep(0.004 if life <= kills and time.monotonic() < ends else 0.5)
            enough = enough if time.monotonic() < ends else sys.maxsize
        if process.poll() is None:
            time.sleep(numbers.choice([0.0, numbers.uniform(0.0, 0.3)]))
            process.kill()
        if process.wait() == 0:
            return life
        with closing(open_readonly(folder / "bellwether.db")) as db:
            assert not damage(db)
    raise AssertionError(f"the last life ended with {process.returncode}; see {folder / 'log'}")


def account(folder: Path, lives: int) -> Account:
    """Compare what the replay of the whole past says with the records, and these with what arrived."""
    past = kept_past(folder)
    expected = expected_events(folder, past)
    told = {key for key, event in expected.items() if event.kind not in DIGEST_ONLY | MINOR}
    arrived = Counter(_arrived(folder))
    injected = Counter((folder / "injected").read_text().splitlines()) if (folder / "injected").exists() else Counter()
    with closing(open_readonly(folder / "bellwether.db")) as db:
        recorded = _recorded(db)
        heard, blocked = _heard(db), _blocked(db)
        sent = _sent(db)
        broken = tuple(damage(db))
    lost = tuple((key, chat) for key in sorted(told) for chat in chats() if (key, chat) not in heard | blocked)
    return Account(
        lives=lives,
        events=len(expected),
        pairs=len(told) * len(chats()),
        arrivals=arrived.total(),
        injected=injected,
        unrecorded=frozenset(expected.keys() - recorded),
        unexpected=frozenset(recorded - expected.keys()),
        lost=lost,
        unheard=len(sent.keys() - arrived.keys()),
        unknown=len(arrived.keys() - sent.keys() - _given_up(folder)),
        doubles=sum(arrived.values()) - sent.total(),
        allowed_doubles=(lives - 1) * IN_FLIGHT + injected["arrived, then no answer"],
        damaged=broken,
    )


def expected_events(folder: Path, past: Past) -> dict[Key, Event]:
    """What the rules say of the whole past at once, of alerts that began after its first instant."""
    settings = settings_in(folder)
    book = load_book(settings.rules, frozenset(settings.markets))
    last = past.looks(settings.schedule.settle)[-1]
    bars = {series: each.known_at(last) for series, each in past.bars.items()}
    replays = replay_all([rule.rule for rule in book.rules.values()], bars)
    return {
        _key(event): event
        for rule in book.enabled
        for event in replays[rule.rule.id].events
        if event.alert.bar > past.first and event.at <= last
    }


def _key(event: Event) -> Key:
    return event.alert.rule, event.alert.market, event.alert.bar, event.kind.value, event.bar


def _recorded(db: Database) -> set[Key]:
    first = "SELECT min(since) FROM subscribers"
    query = (
        f"SELECT rule, market, a.bar, kind, e.bar FROM events e JOIN alerts a ON a.id = e.alert WHERE a.bar > ({first})"
    )
    return {(rule, market, alert, kind, bar) for rule, market, alert, kind, bar in db.execute(query).fetchall()}


_DELIVERED = """
    FROM deliveries d JOIN subscribers s ON s.id = d.subscriber JOIN messages m ON m.id = d.message
"""

_OF_EVENTS = """
    SELECT a.rule, a.market, a.bar, e.kind, e.bar, s.chat_id
    FROM deliveries d JOIN subscribers s ON s.id = d.subscriber
    JOIN message_events told ON told.message = d.message
    JOIN events e ON e.id = told.event JOIN alerts a ON a.id = e.alert WHERE d.state = 'sent'
"""


def _heard(db: Database) -> set[tuple[Key, int]]:
    """Pairs of which a message was sent."""
    rows = db.execute(_OF_EVENTS).fetchall()
    return {((rule, market, alert, kind, bar), _own(chat)) for rule, market, alert, kind, bar, chat in rows}


def _blocked(db: Database) -> set[tuple[Key, int]]:
    """Pairs of the chat that blocked the bot, which need not hear any more."""
    return {(key, BLOCKS) for key in _recorded(db)}


def _sent(db: Database) -> Counter[tuple[int, str]]:
    rows = db.execute(f"SELECT s.chat_id, m.html {_DELIVERED} WHERE d.state = 'sent' AND m.kind = 'alert'").fetchall()
    return Counter((_own(chat), digest_of(html)) for chat, html in rows)


def _given_up(folder: Path) -> set[tuple[int, str]]:
    """What was not sent in the end, or is no alert, and may have arrived all the same."""
    with closing(open_readonly(folder / "bellwether.db")) as db:
        rows = db.execute(
            f"SELECT s.chat_id, m.html {_DELIVERED} WHERE d.state <> 'sent' OR m.kind <> 'alert'"
        ).fetchall()
    return {(_own(chat), digest_of(html)) for chat, html in rows}


def _own(chat: int) -> int:
    return MOVES if chat == MOVED_TO else chat


def _arrived(folder: Path) -> list[tuple[int, str]]:
    file = folder / "arrived"
    lines = file.read_text().splitlines() if file.exists() else []
    return [(int(chat), digest) for chat, digest in (line.split(" ") for line in lines)]
