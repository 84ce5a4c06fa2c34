"""The database under the running bot: replaced, out of room, gone at the start, another bot's."""

from __future__ import annotations

import asyncio
import resource
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from tests.acceptance.running_bot import AT, DEADLINE_SECONDS, RunningBot, running_bot

pytestmark = pytest.mark.timeout(240)

ANOTHER = "4200000777:AAHanotherbotanotherbotanotherbotano"
READER = 6_000_000_001
WITHIN_A_MINUTE = 60.0
ALERTS = (
    "SELECT count(*) FROM deliveries d JOIN messages m ON m.id = d.message WHERE d.state = 'sent' AND m.kind = 'alert'"
)


async def told(bot: RunningBot, words: str, seconds: float = DEADLINE_SECONDS) -> None:
    """Until the operator has read these words."""
    read: list[str] = []
    try:
        async with asyncio.timeout(seconds):
            while not any(words in text for text in read):
                await asyncio.sleep(0.1)
                read = [message.text for message in bot.sandbox.messages(bot.operator)]
    except TimeoutError:
        pytest.fail(f"the operator was never told {words!r}, but {read}")


async def started(bot: RunningBot) -> None:
    bot.sandbox.add_person(bot.operator, "Operator")
    bot.subscribe([READER])
    await bot.start()
    await bot.until("SELECT count(*) FROM watermarks")


def delete_database(folder: Path) -> None:
    for name in ("bellwether.db", "bellwether.db-wal", "bellwether.db-shm"):
        (folder / name).unlink(missing_ok=True)


async def replaced_by_a_copy(folder: Path) -> None:
    """As `cp` and `mv` of a backup do, which looks right and is not what the bot writes to."""
    async with running_bot(folder) as bot:
        await started(bot)
        with closing(sqlite3.connect(folder / "bellwether.db")) as db, closing(sqlite3.connect(folder / "new")) as copy:
            db.backup(copy)
        (folder / "new").replace(folder / "bellwether.db")
        await told(bot, "was replaced while the bot ran", WITHIN_A_MINUTE)
        bot.sandbox.say("/health", user=bot.operator)
        await told(bot, "checks fail")
        await bot.stop()


async def out_of_room(folder: Path) -> None:
    """No file may grow any more: told, though nothing can be queued; then all goes on and nothing was lost."""
    async with running_bot(folder) as bot:
        await started(bot)
        await bot.looked()
        assert bot.process is not None
        _, most = resource.prlimit(bot.process.pid, resource.RLIMIT_FSIZE)
        resource.prlimit(bot.process.pid, resource.RLIMIT_FSIZE, (0, most))
        bot.new_record()
        await told(bot, "can't be written to", WITHIN_A_MINUTE)
        bot.sandbox.say("/status", user=bot.operator)
        await told(bot, "attention: database")
        resource.prlimit(bot.process.pid, resource.RLIMIT_FSIZE, (most, most))
        await bot.until(ALERTS)
        await told(bot, "The database is fine again", WITHIN_A_MINUTE)
        await bot.looked(2)
        assert sum("a record" in message.text for message in bot.sandbox.messages(READER)) == 1
        assert await bot.stop() == 0


async def locked_by_another(folder: Path) -> None:
    """Another program holds the write lock for longer than anybody waits for it: told after, once."""
    async with running_bot(folder) as bot:
        await started(bot)
        await bot.looked()
        with closing(sqlite3.connect(folder / "bellwether.db", isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            bot.new_record()
            await asyncio.sleep(13)
            other.execute("ROLLBACK")
        await bot.until(ALERTS)
        await bot.looked(2)
        assert sum("a record" in message.text for message in bot.sandbox.messages(READER)) == 1
        assert await bot.stop() == 0
        assert "Traceback" not in bot.log()


async def gone_at_the_start(folder: Path) -> None:
    """Deleted while the bot was down: it starts, and says that nobody is subscribed any more."""
    async with running_bot(folder) as bot:
        await started(bot)
        assert await bot.stop() == 0
        assert not any("was gone" in message.text for message in bot.sandbox.messages(bot.operator)), "at the first"
        delete_database(folder)
        await bot.start()
        await told(bot, "nobody is subscribed")
        assert await bot.stop() == 0


async def anothers_token(folder: Path) -> None:
    """A second bot's token on this database is refused, and nobody is lost."""
    async with running_bot(folder) as bot, running_bot(folder / "other", ANOTHER) as other:
        await started(bot)
        assert await bot.stop() == 0
        shutil.copy(folder / "bellwether.db", folder / "other" / "bellwether.db")
        await other.start(AT)
        assert other.process is not None
        async with asyncio.timeout(DEADLINE_SECONDS):
            assert await other.process.wait() == 2
        assert other.count("SELECT count(*) FROM subscribers WHERE state = 'active'") == 1
        assert "Traceback" not in other.log()
        assert "the database belongs to another bot" in other.log()


async def test_whatever_befalls_the_file_is_noticed_within_a_minute_and_told(tmp_path: Path) -> None:
    """Side by side, since each is mostly waiting."""
    cases = (replaced_by_a_copy, out_of_room, locked_by_another, gone_at_the_start, anothers_token)
    for case in cases:
        (tmp_path / case.__name__).mkdir()
    (tmp_path / "anothers_token" / "other").mkdir()
    async with asyncio.TaskGroup() as side_by_side:
        for case in cases:
            side_by_side.create_task(case(tmp_path / case.__name__))
