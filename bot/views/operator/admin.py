"""Answers to the operator's commands."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from bot.problem import Problem
from bot.signals.timeframe import Instant
from bot.subscriber import Chat, ListedSubscriber
from bot.views.chats import access
from bot.views.formatting import html, numbers

_LONGEST_NAME = 48
_PROBLEMS = 12


@dataclass(frozen=True, slots=True)
class BookChange:
    """What taking up the rule files changed, by rule."""

    added: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    running: int = 0


@dataclass(frozen=True, slots=True)
class ConfigChange:
    """Keys of the config that differ from what runs, and complaints where it can't be read any more."""

    keys: tuple[str, ...] = ()
    problems: tuple[str, ...] = ()


UNCHANGED = ConfigChange()


def reloaded(
    change: BookChange, problems: Sequence[Problem], stale: Sequence[str], config: ConfigChange = UNCHANGED
) -> str:
    """The answer to /reload: what is different now, and what is wrong, by line."""
    lines = [
        f"{name}: {html.escape(', '.join(rules))}"
        for name, rules in (("New", change.added), ("Changed", change.changed), ("Gone", change.removed))
        if rules
    ]
    running = numbers.count(change.running, "rule")
    head = f"🔄 {html.bold(f'{running} running')}"
    blocks = ["\n".join([head, *(lines or ["Nothing has changed."])])]
    if problems:
        blocks.append(problem_list(problems))
    if stale:
        blocks.append(f"Running on the last good version: {html.escape(', '.join(stale))}")
    return "\n\n".join([*blocks, *_config_blocks(config)])


def _config_blocks(config: ConfigChange) -> Iterator[str]:
    if config.keys:
        changed = html.bold(html.escape(", ".join(config.keys)))
        yield f"The config has changed in {changed}: restart the bot to take that up."
    if config.problems:
        wrong = [f"• {html.code(html.clip(problem, 200))}" for problem in config.problems[:_PROBLEMS]]
        yield "\n".join(["The config can't be read any more; a restart would fail:", *wrong])


def problem_list(problems: Sequence[Problem]) -> str:
    """Mistakes in rule files, by line."""
    lines = [f"• {_problem(problem)}" for problem in problems[:_PROBLEMS]]
    if len(problems) > _PROBLEMS:
        lines.append(f"• and {len(problems) - _PROBLEMS} more")
    return "\n".join([html.bold(numbers.count(len(problems), "problem")), *lines])


def paused(*, already: bool) -> str:
    """The answer to /pause."""
    if already:
        return "⏸ Alerts are paused already. /resume lets them go."
    return (
        "⏸ Paused: alerts wait in the outbox until /resume. The bot goes on watching and answering."
        " What waits longer than a day (three days if of high severity) is dropped as too late."
    )


def resumed(*, was_paused: bool, waiting: int) -> str:
    """The answer to /resume."""
    if not was_paused:
        return "▶️ Alerts are not paused."
    follow = f" {numbers.count(waiting, 'message')} in the outbox." if waiting else ""
    return f"▶️ Alerts go out again.{follow}"


def pending(chats: Sequence[Chat]) -> str:
    """The answer to /approve without an id."""
    if not chats:
        return "Nobody waits for approval."
    lines = [f"• {_chat(chat)} {html.code(access.place(chat))}" for chat in chats]
    return "\n".join([html.bold(f"{numbers.count(len(chats), 'chat')} waiting for approval"), *lines])


def yes_to(chat: Chat) -> str:
    """The words on the button that lets a chat in."""
    return f"Approve {html.clip(chat.title, 24) or chat.chat_id}"


def roll(
    counts: Mapping[str, int],
    newest: Sequence[ListedSubscriber],
    off: Sequence[ListedSubscriber],
    now: Instant,
    refused: Sequence[ListedSubscriber] = (),
) -> str:
    """The answer to /subscribers; `refused` are active, and can't be written to for the time being."""
    told = [f"{how_many:,} {html.escape(state)}" for state, how_many in sorted(counts.items()) if how_many]
    blocks = [html.bold("Subscribers: " + (", ".join(told) or "none"))]
    if newest:
        lines = [f"• {_chat(each.chat)}, {numbers.age(now - each.at)} ago" for each in newest]
        blocks.append("\n".join(["The newest:", *lines]))
    if refused:
        lines = [f"• {_chat(each.chat)}: {_why(each.reason)}, for {numbers.age(now - each.at)}" for each in refused]
        blocks.append("\n".join(["Can't be written to at present:", *lines]))
    if off:
        lines = [f"• {_chat(each.chat)}: {_why(each.reason)}, {numbers.age(now - each.at)} ago" for each in off]
        blocks.append("\n".join(["Switched off, since Telegram refuses them:", *lines]))
    return "\n\n".join(blocks)


def sample_head() -> str:
    """The line over a sample alert."""
    return f"🧪 {html.bold('A test, sent as every alert is.')} Nothing has happened."


def sample_words() -> str:
    """What a sample alert says where no rule has ever fired."""
    return (
        "An alert begins with what happened, under a chart. Then come the level that was broken, how crypto is doing,"
        " and what it did after the earlier signals of this kind."
    )


def sample_queued(*, queued: bool, private: bool) -> str:
    """The answer to /test."""
    if not queued:
        return "I can't write to you in private yet: open a chat with me and send /start, then try again."
    return "🧪 A sample is in the outbox, " + ("and comes here." if private else "and comes to our private chat.")


def _problem(problem: Problem) -> str:
    name = problem.file.rpartition("/")[2]
    place = f"{name}:{problem.line}" if problem.line else name
    key = f"{problem.path}: " if problem.path else ""
    return f"{html.code(place)} {html.escape(html.clip(key + problem.message, 400))}"


def _chat(chat: Chat) -> str:
    name = html.name(chat.title)
    return name if chat.kind == "private" else f"{name} ({html.escape(chat.kind)})"


def _why(reason: str) -> str:
    return html.escape(html.clip(reason, 80)) or "no reason given"
