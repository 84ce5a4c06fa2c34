"""Commands of those who run the bot: /approve, /subscribers, /pause, /resume, /reload, /health, /test."""

from __future__ import annotations

import re

from bot.delivery.outcome import Outgoing
from bot.messages import membership, office
from bot.messages.sketch import market_sketch
from bot.messages.vitals import Vitals, render_health
from bot.rulebook.book import Rulebook
from bot.store.meta import PAUSED, forget_fact, get_fact, set_fact
from bot.store.outbox import depth
from bot.store.roll import newest, switched_off
from bot.store.sample import Sample, newest_alert, queue_sample
from bot.store.subscribers import approve, chats_in, count_subscribers
from bot.telegram.choosing import offer
from bot.telegram.command import Answer, Asked, Command, Who
from bot.telegram.desk import Desk

_PLACE = re.compile(r"([-−–]?\d{1,18})(?:\s*[/:,\s]\s*(\d{1,18}))?")
_LISTED = 10
_ERRORS = 8


async def let_in(desk: Desk, asked: Asked) -> Answer:
    """Give a waiting chat its alerts, and tell it so; without an id, list those that wait."""
    if not asked.argument:
        return await _waiting(desk)
    place = place_of(asked.argument)
    if place is None:
        return Answer(membership.approval_usage())
    chat_id, thread_id = place
    if not await desk.store.do(approve, chat_id, thread_id, desk.now()):
        return Answer(membership.approval_done(asked.argument, was_pending=False))
    told = Outgoing(chat_id, membership.approved(), thread_id=thread_id or None)
    return Answer(membership.approval_done(asked.argument, was_pending=True), others=(told,))


async def show_subscribers(desk: Desk, _asked: Asked) -> Answer:
    """How many there are, who came last, and whom Telegram refuses."""
    counts = await desk.store.do(count_subscribers)
    came = await desk.store.do(newest, _LISTED)
    off = await desk.store.do(switched_off, _LISTED)
    return Answer(office.roll(counts, came, off, desk.now()))


async def pause(desk: Desk, _asked: Asked) -> Answer:
    """Let alerts wait in the outbox."""
    already = await desk.store.do(get_fact, PAUSED) is not None
    if not already:
        await desk.store.do(set_fact, PAUSED, str(desk.now()), desk.now())
    return Answer(office.paused(already=already))


async def resume(desk: Desk, _asked: Asked) -> Answer:
    """Let them go."""
    was_paused = await desk.store.do(get_fact, PAUSED) is not None
    await desk.store.do(forget_fact, PAUSED)
    waiting = (await desk.store.do(depth)).queued
    desk.wake()
    return Answer(office.resumed(was_paused=was_paused, waiting=waiting))


async def reload(desk: Desk, _asked: Asked) -> Answer:
    """Take up the rule files now, and tell what that changed."""
    if desk.reload is None:
        return Answer(office.cannot_reload())
    before = desk.rulebook()
    await desk.reload()
    after = desk.rulebook()
    return Answer(office.reloaded(book_change(before, after), after.problems, sorted(after.stale)))


async def show_health(desk: Desk, _asked: Asked) -> Answer:
    """Every check with its remedy, the processes, the sources, the last errors."""
    vitals = await desk.vitals() if desk.vitals is not None else Vitals()
    errors = [(trouble.at, trouble.what) for trouble in reversed(desk.troubles.recent)][:_ERRORS]
    return Answer(render_health(await desk.status(), vitals, errors, desk.troubles.count))


async def send_sample(desk: Desk, asked: Asked) -> Answer:
    """Send the operator an alert by the road that all alerts take."""
    assert asked.user_id is not None, "an operator is a person"
    known = await desk.store.do(newest_alert)
    shown = known if known is not None else Sample(office.sample_words(), await _picture(desk))
    sample = Sample(f"{office.sample_head()}\n\n{shown.html}", shown.photo, shown.buttons)
    queued = await desk.store.do(queue_sample, asked.user_id, sample, desk.now())
    desk.wake()
    return Answer(office.sample_queued(queued=queued, private=asked.chat.kind == "private"))


def place_of(argument: str) -> tuple[int, int] | None:
    """Chat and topic (0 none) as /approve takes them; None where it is no id."""
    found = _PLACE.fullmatch(argument.strip())
    if found is None:
        return None
    return int(found[1].replace("−", "-").replace("–", "-")), int(found[2] or 0)


def book_change(before: Rulebook, after: Rulebook) -> office.BookChange:
    """What is different between two books; a rule has changed where its file has."""
    both = before.rules.keys() & after.rules.keys()
    return office.BookChange(
        added=tuple(sorted(after.rules.keys() - before.rules.keys())),
        changed=tuple(sorted(id_ for id_ in both if before.rules[id_].text != after.rules[id_].text)),
        removed=tuple(sorted(before.rules.keys() - after.rules.keys())),
        running=len(after.enabled),
    )


async def _waiting(desk: Desk) -> Answer:
    chats = (await desk.store.do(chats_in, "pending"))[:_LISTED]
    made = [offer(office.yes_to(chat), "approve", membership.place(chat)) for chat in chats]
    return Answer(office.pending(chats), tuple((button,) for button in made if button is not None))


async def _picture(desk: Desk) -> bytes | None:
    """The chart of the first market, as an alert would have one."""
    shown = desk.lookup.shown() if desk.lookup is not None else ()
    if desk.draw is None or desk.lookup is None or not shown:
        return None
    sketch = market_sketch(await desk.lookup.bars(shown[0].name), shown[0].title, note=desk.banner)
    return await desk.draw(sketch.function, *sketch.arguments)


COMMANDS = (
    Command("approve", "let a waiting chat in", let_in, Who.OPERATORS, "[ID]"),
    Command("health", "every check with its remedy", show_health, Who.OPERATORS, aliases=("doctor",)),
    Command("subscribers", "who gets the alerts", show_subscribers, Who.OPERATORS),
    Command("reload", "take up the rule files now", reload, Who.OPERATORS),
    Command("pause", "let all alerts wait", pause, Who.OPERATORS),
    Command("resume", "let them go again", resume, Who.OPERATORS, aliases=("unpause",)),
    Command("test", "send me a sample alert", send_sample, Who.OPERATORS),
)
