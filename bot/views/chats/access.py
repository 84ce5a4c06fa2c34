"""Texts about who gets alerts, and the first words in a chat."""

from __future__ import annotations

from collections.abc import Sequence

from bot.subscriber import Chat
from bot.views.chats import onboarding
from bot.views.formatting import html

_LONGEST_NAME = 64


def hint() -> str:
    """The answer to plain words."""
    return (
        "👋 I watch US small caps for breakouts and tell here what happens. I answer to commands, so tap one of these,"
        " or /help for all of them."
    )


def words_too_many(said: str, command: str) -> str:
    """Before the answer of a command that takes no words."""
    return f"{html.quoted(said)} means nothing to /{html.escape(command)}: it takes no words."


def meant_command(command: str) -> str:
    """The answer to a command that was typed without its slash."""
    return f"Commands begin with a slash. Did you mean {html.code(command)}?"


def dead_button() -> str:
    """The answer to a button that stands for nothing, or for nothing that this person may do."""
    return "This button does nothing here. /help lists what you can ask."


def no_access_for(user_id: int | None) -> str:
    """The answer to somebody who was not let in, with what the operator needs to let them in."""
    own = f"\nYour id, for the operator: {html.code(str(user_id))}" if user_id is not None else ""
    return onboarding.no_access() + own


def answered_privately() -> str:
    """The word in a group where an operator asked for what is the operators' alone."""
    return "That is for operators: the answer is in our private chat."


def write_to_me_first() -> str:
    """The same, where the bot may not write to the operator."""
    return "That is for operators, and I may not write to you: open a private chat with me, send /start, ask there."


def admins_unknown() -> str:
    """The answer where Telegram did not say who a group's admins are."""
    return "I could not ask Telegram who administers this group. Please try again in a minute."


def subscribed_to(kind: str, value: str, *, new: bool) -> str:
    """The answer to /subscribe with a rule, a tag or a severity."""
    names = {"rule": "the rule", "tag": "the tag", "severity": "alerts of at least the severity"}
    what = f"{names[kind]} {html.bold(html.escape(value))}"
    if not new:
        return f"🔔 This chat gets {what} already."
    return f"🔔 Subscribed to {what}. /unsubscribe ends that."


def included(kind: str, value: str) -> str:
    """The answer to /subscribe with a rule, a tag or a severity in a chat that gets everything."""
    return f"🔔 This chat gets everything, so also {target_name(kind, value)}."


def only_targets(targets: Sequence[tuple[str, str]]) -> str:
    """The answer to /subscribe only …."""
    names = ", ".join(target_name(*target) for target in targets)
    return f"🔔 This chat gets {names} from now on, and nothing else."


def target_name(kind: str, value: str) -> str:
    """A subscription in a few words, without markup: #iwm, high severity, the title or id of a rule."""
    names = {"tag": f"#{value}", "severity": f"severity {value} and above", "all": "everything"}
    return html.escape(html.clip(names.get(kind, value), _LONGEST_NAME))


def nothing_of_that_name(said: str, near: str | None, examples: Sequence[str], command: str = "subscribe") -> str:
    """The answer to /subscribe, or another command, with something that is no rule, tag or severity."""
    lines = [f"There is no rule, tag or severity called {html.quoted(said)}."]
    if near is not None:
        lines.append(f"Did you mean {html.code(f'/{command} {near}')}?")
    others = [html.code(f"/{command} {example}") for example in examples if example != near]
    if others:
        lines.append(f"{'Or' if near is not None else 'For example'}: {', '.join(others)}")
    return "\n".join([*lines, "/rules lists the rules."])


def waiting() -> str:
    """The answer to /subscribe where an operator decides."""
    return "⏳ The operator of this bot has been asked. Alerts start once they say yes."


def request(chat: Chat, asker: str) -> str:
    """What the operators read when a chat asks for alerts."""
    what = "A person" if chat.kind == "private" else f"A {chat.kind}"
    by = f", asked by {html.name(asker)}" if chat.kind != "private" and asker else ""
    return f"{what} asks for alerts: {html.name(chat.title)}{by}\n{html.code(f'/approve {place(chat)}')}"


def place(chat: Chat) -> str:
    """A chat as /approve takes it: its id, and after a slash its topic."""
    return f"{chat.chat_id}/{chat.thread_id}" if chat.thread_id else str(chat.chat_id)


def approved() -> str:
    """What a chat reads when an operator said yes."""
    return "🔔 The operator said yes: alerts come here from now on. /unsubscribe ends that."


def approval_done(where: str, *, was_pending: bool) -> str:
    """The answer to /approve."""
    if was_pending:
        return f"✅ {html.code(where)} gets the alerts now."
    return f"Nobody waits for approval under {html.code(html.clip(where, _LONGEST_NAME))}."


def approval_usage() -> str:
    """The answer to /approve without an id that makes sense."""
    return f"Whom? {html.code('/approve ID')}, with the id from the request."


def came_into_group() -> str:
    """The first words in a group."""
    return "👋 I watch US small caps and tell what I see. An admin can /subscribe this group; /help says more."


def came_into_channel() -> str:
    """The first words in a channel that may post alerts."""
    return "🔔 Alerts come to this channel from now on. /unsubscribe, posted here, ends that."


def second_copy() -> str:
    """What the operators read from a copy that stops because another one runs."""
    return "⚠️ A second copy of this bot was started with the same token. It has stopped; the first one goes on."
