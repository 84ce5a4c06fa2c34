"""Texts of /start, /help, /rules, and of replies that explain how to ask."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bot.signals.timeframe import Instant, Timeframe
from bot.suggest import nearest
from bot.views.formatting import html, numbers


@dataclass(frozen=True, slots=True)
class CommandHelp:
    """One command as /help lists it: its name without the slash, what it does in a few words, how it may be typed.

    `usage` names what may stand behind it.
    """

    name: str
    help: str
    group: str = ""
    example: str = ""
    usage: str = ""


@dataclass(frozen=True, slots=True)
class RuleLine:
    """One rule as /rules lists it. `state` is "" for a rule that simply runs, else "off", "stale", "held: …"."""

    rule: str
    title: str
    market: str
    timeframe: Timeframe
    severity: str
    last_fired: Instant | None = None
    state: str = ""


def welcome(*, subscribed: bool) -> str:
    """The answer to /start."""
    call = "You are subscribed." if subscribed else "/subscribe to get the alerts here."
    return (
        f"👋 {html.bold('Bellwether')} watches US small caps (the Russell 2000 and its funds) for records and"
        " breakouts, and tells you at the close what happened, with a chart and how crypto is doing.\n\n"
        "Few messages, and honest ones: a late alert says that it is late, a breakout that fails is reported as"
        " failed.\n\n"
        f"{call} /help lists the rest.\n\n"
        + html.italic("Not investment advice. What went before a rise did not have to cause it.")
    )


def no_rule_to_start(said: str) -> str:
    """What stands over the greeting where a link or a person named a rule that there is not."""
    return f"No rule here is called {html.quoted(said)}; nothing was subscribed by it. /rules lists them."


def description(banner: str = "") -> str:
    """What stands in an empty chat with the bot, without markup: 512 characters at most."""
    what = (
        "Bellwether watches US small caps (the Russell 2000, IWM, IWN) for records and breakouts. It tells what"
        " happened, with a chart, how crypto is doing, and what crypto did after every earlier signal of the kind,"
        " beside any day."
        " No advice, and nothing that is not computed or dated."
    )
    return f"{banner}\n{what}".strip()


def short_description(banner: str = "") -> str:
    """What stands in the bot's profile, without markup: 120 characters at most."""
    return f"{banner} US small caps: records and breakouts, and what crypto did after the earlier ones.".strip()


def help_text(commands: Sequence[CommandHelp], groups: Sequence[str]) -> str:
    """The answer to /help: the commands that this person may use here, in the groups of what people want."""
    blocks = []
    for group in groups:
        mine = [command for command in commands if command.group == group]
        lines = [f"/{html.escape(command.name)} – {html.escape(command.help)}" for command in mine]
        typed = [html.code(f"/{command.name} {command.example}") for command in mine if command.example]
        if lines:
            blocks.append("\n".join([html.bold(html.escape(group)), *lines, *_for_example(typed)]))
    return "\n\n".join([*blocks, "Rules and markets may be typed in parts: a word that only one has will do."])


def command_help(command: CommandHelp) -> str:
    """The answer to /help COMMAND."""
    typed = html.code(f"/{command.name} {command.usage}".strip())
    example = [html.code(f"/{command.name} {command.example}")] if command.example else []
    return "\n".join([f"{typed} – {html.escape(command.help)}", *_for_example(example)])


def _for_example(typed: Sequence[str]) -> list[str]:
    return [f"For example: {', '.join(typed)}"] if typed else []


def subscribed(*, new: bool) -> str:
    """The answer to /subscribe."""
    if new:
        return "🔔 Subscribed: alerts come here from now on. /unsubscribe ends that."
    return "🔔 This chat is subscribed already. /unsubscribe ends that."


def unsubscribed(*, was: bool) -> str:
    """The answer to /unsubscribe."""
    if was:
        return "🔕 Unsubscribed: no more alerts here. /subscribe brings them back."
    return "🔕 This chat was not subscribed. /subscribe starts the alerts."


def rules_list(rules: Sequence[RuleLine]) -> str:
    """The answer to /rules: two lines a rule, with the day it last fired as far as the bot saw it."""
    if not rules:
        return "No rule is loaded. The operator sees why in /status."
    lines = [html.bold(numbers.count(len(rules), "rule")), *map(_rule, rules)]
    if any(line.last_fired is None for line in rules):
        lines.append("Without a day: not fired since this bot started.")
    return "\n".join(lines)


def unknown_command(said: str, commands: Sequence[CommandHelp]) -> str:
    """The answer to a command that does not exist, with the nearest one that does."""
    name = said.lstrip("/").split("@")[0].lower()
    near = nearest(name, [command.name for command in commands], cutoff=0.6)
    hint = f"Did you mean /{html.escape(near[0])}? " if near else ""
    return f"I don't know {html.code(f'/{html.clip(name, 40)}')}. {hint}/help lists what I know."


def not_allowed(*, group: bool = False) -> str:
    """The answer to a command that this person may not use here."""
    if group:
        return "Only admins of this group can do that here. In a private chat with me you can subscribe yourself."
    return "That command is for the operator of this bot."


def no_access() -> str:
    """The answer to a person whom the operator has not let in."""
    return "This bot is private. Ask its operator to let you in."


def command_failed() -> str:
    """The answer when a command broke; the details are in the log."""
    return "Sorry, that went wrong on my side. The operator is told; please try again in a while."


def slow_down() -> str:
    """The answer to a flood of commands."""
    return "One moment: that was a lot at once. Alerts come through all the same."


def _rule(line: RuleLine) -> str:
    mark = {"high": "🔴", "normal": "🔵", "low": "⚪"}.get(line.severity, "🔵") if not line.state else "⏸"
    details = [html.escape(line.market), line.timeframe.value, html.escape(line.severity)]
    if line.last_fired is not None:
        details.append(f"last {numbers.day(line.last_fired)}")
    if line.state:
        details.append(html.escape(html.clip(line.state, 80)))
    return f"{mark} {html.escape(html.clip(line.title, 80))}\n     {' · '.join(details)}"
