"""Commands for operators: /approve, /subscribers, /pause, /resume, /reload, /health, /test."""

from __future__ import annotations

import re

from bot.charts.request import MarketChart
from bot.delivery.transport import OutgoingMessage
from bot.rulebook.book import Rulebook
from bot.store.notices import SampleAlert, newest_alert, queue_sample
from bot.store.subscribers.lists import newest_active, unreachable
from bot.store.subscribers.refusals import refused_chats
from bot.store.subscribers.subscribers import chats_in, count_subscribers
from bot.subscriptions.operating import approve_chat, pause_alerts, resume_alerts
from bot.telegram.command import Command, CommandRequest, HelpGroup, Permission, Reply
from bot.telegram.keyboard import button_if_fits
from bot.telegram.services import Services
from bot.views.chats import access
from bot.views.operator import admin
from bot.views.operator.health import render_health

_PLACE = re.compile(r"([-−–]?\d{1,18})(?:\s*[/:,\s]\s*(\d{1,18}))?")
_MAX_LISTED = 10
_MAX_ERRORS = 8


async def approve_command(services: Services, request: CommandRequest) -> Reply:
    """Give a waiting chat its alerts, and tell it so; without an id, list those that wait."""
    if not request.argument:
        return await _waiting(services)
    place = parse_place(request.argument)
    if place is None:
        return Reply(access.approval_usage())
    chat_id, thread_id = place
    if not await approve_chat(services.store, chat_id, thread_id, services.now()):
        return Reply(access.approval_done(request.argument, was_pending=False))
    told = OutgoingMessage(chat_id, access.approved(), thread_id=thread_id or None)
    return Reply(access.approval_done(request.argument, was_pending=True), others=(told,))


async def show_subscribers(services: Services, _request: CommandRequest) -> Reply:
    """How many there are, who came last, and whom Telegram refuses."""
    counts = await services.store.run(count_subscribers)
    came = await services.store.run(newest_active, _MAX_LISTED)
    off = await services.store.run(unreachable, _MAX_LISTED)
    refused = await services.store.run(refused_chats, _MAX_LISTED)
    return Reply(admin.roll(counts, came, off, services.now(), refused))


async def pause_command(services: Services, _request: CommandRequest) -> Reply:
    """Let alerts wait in the outbox, those too that are about to leave it."""
    already = await pause_alerts(services.store, services.now())
    services.recall(None)
    return Reply(admin.paused(already=already))


async def resume_command(services: Services, _request: CommandRequest) -> Reply:
    """Let them go."""
    resumed = await resume_alerts(services.store, services.wake)
    return Reply(admin.resumed(was_paused=resumed.was_paused, waiting=resumed.waiting))


async def reload_command(services: Services, _request: CommandRequest) -> Reply:
    """Take up the rule files now, and tell what that changed."""
    before = services.rulebook()
    await services.reload()
    after = services.rulebook()
    config = await services.config_change()
    return Reply(admin.reloaded(book_change(before, after), after.problems, sorted(after.stale), config))


async def show_health(services: Services, _request: CommandRequest) -> Reply:
    """Every check with its remedy, the processes, the sources, the last errors."""
    process_health = await services.process_health()
    errors = [(trouble.at, trouble.what) for trouble in reversed(services.troubles.recent)][:_MAX_ERRORS]
    return Reply(render_health(await services.status(), process_health, errors, services.troubles.count))


async def send_sample(services: Services, request: CommandRequest) -> Reply:
    """Send the operator an alert by the road that all alerts take."""
    assert request.user_id is not None, "an operator is a person"
    known = await services.store.run(newest_alert)
    shown = known if known is not None else SampleAlert(admin.sample_words(), await _picture(services))
    sample = SampleAlert(f"{admin.sample_head()}\n\n{shown.html}", shown.photo, shown.buttons)
    queued = await services.store.run(queue_sample, request.user_id, sample, services.now())
    services.wake()
    return Reply(admin.sample_queued(queued=queued, private=request.chat.kind == "private"))


def parse_place(argument: str) -> tuple[int, int] | None:
    """Chat and topic (0 none) as /approve takes them; None where it is no id."""
    found = _PLACE.fullmatch(argument.strip())
    if found is None:
        return None
    return int(found[1].replace("−", "-").replace("–", "-")), int(found[2] or 0)


def book_change(before: Rulebook, after: Rulebook) -> admin.BookChange:
    """What is different between two books; a rule has changed where its file has."""
    both = before.rules.keys() & after.rules.keys()
    return admin.BookChange(
        added=tuple(sorted(after.rules.keys() - before.rules.keys())),
        changed=tuple(sorted(id_ for id_ in both if before.rules[id_].text != after.rules[id_].text)),
        removed=tuple(sorted(before.rules.keys() - after.rules.keys())),
        running=len(after.enabled),
    )


async def _waiting(services: Services) -> Reply:
    chats = (await services.store.run(chats_in, "pending"))[:_MAX_LISTED]
    made = [button_if_fits(admin.yes_to(chat), "approve", access.place(chat)) for chat in chats]
    return Reply(admin.pending(chats), tuple((button,) for button in made if button is not None))


async def _picture(services: Services) -> bytes | None:
    """The chart of the first market, as an alert would have one."""
    shown = services.market_data.shown()
    if not shown:
        return None
    bars = await services.market_data.bars(shown[0].name)
    return await services.draw(MarketChart(bars=bars, title=shown[0].title, note=services.banner))


COMMANDS = (
    Command(
        "approve", "let a waiting chat in", approve_command, Permission.OPERATORS, "[ID]", group=HelpGroup.OPERATORS
    ),
    Command(
        "health",
        "every check with its remedy",
        show_health,
        Permission.OPERATORS,
        aliases=("doctor",),
        group=HelpGroup.OPERATORS,
    ),
    Command("subscribers", "who gets the alerts", show_subscribers, Permission.OPERATORS, group=HelpGroup.OPERATORS),
    Command("reload", "take up the rule files now", reload_command, Permission.OPERATORS, group=HelpGroup.OPERATORS),
    Command("pause", "let all alerts wait", pause_command, Permission.OPERATORS, group=HelpGroup.OPERATORS),
    Command(
        "resume",
        "let them go again",
        resume_command,
        Permission.OPERATORS,
        aliases=("unpause",),
        group=HelpGroup.OPERATORS,
    ),
    Command("test", "send me a sample alert", send_sample, Permission.OPERATORS, group=HelpGroup.OPERATORS),
)
