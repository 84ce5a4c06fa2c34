"""Text over the panel by which a chat chooses its alerts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bot.views.formatting import html, numbers

_LONGEST_NAME = 64


@dataclass(frozen=True, slots=True)
class PanelFacts:
    """A chat's subscriptions as it reads them: `state` as the store has it, "" for a chat that is not known.

    `everything`, or `others`: titles of rules, tags ("#iwm") and severities. `muted` counts the rules that it gets no
    alerts of for now, `all_muted` says that it gets none at all. `rules` are how many there are.
    """

    state: str
    everything: bool
    others: tuple[str, ...]
    muted: int
    all_muted: bool
    rules: int


def render_panel(facts: PanelFacts) -> str:
    """What stands over the buttons by which a chat chooses its alerts."""
    lines = [_standing(facts), muted_still(facts.muted, all_muted=facts.all_muted), "A tap switches."]
    return "\n".join(filter(None, lines))


def muted_still(rules: int, *, all_muted: bool) -> str:
    """What a chat does not hear of what it gets; empty where it hears all."""
    if all_muted:
        return "🔇 All alerts are muted for now: /mute"
    return f"🔇 {numbers.count(rules, 'rule')} muted: /mute" if rules else ""


def _standing(facts: PanelFacts) -> str:
    what = f"everything, {numbers.count(facts.rules, 'rule')}" if facts.everything else _listed(facts.others)
    if facts.state == "pending":
        return f"⏳ {html.bold('Waiting')} for the operator's yes, then: {what}"
    if facts.state == "active" and (facts.everything or facts.others):
        return f"🔔 {html.bold('This chat gets')} {what}"
    return f"🔕 {html.bold('This chat gets no alerts.')}"


def _listed(names: Sequence[str]) -> str:
    shown = [html.escape(html.clip(name, _LONGEST_NAME)) for name in names[:8]]
    more = [f"{len(names) - 8} more"] if len(names) > 8 else []
    return ", ".join([*shown, *more])


def ended_one(kind: str, value: str) -> str:
    """The answer to /unsubscribe with a rule, a tag or a severity that the chat had asked for."""
    return f"🔕 No more alerts of {_named(kind, value)} here."


def muted_instead(rule: str) -> str:
    """The answer to /unsubscribe with a rule that other subscriptions of the chat bring along."""
    return (
        f"🔇 Muted here: {_named('rule', rule)}. The chat's other alerts include it, so it is kept quiet for good."
        " /mute lists what is muted."
    )


def still_comes(kind: str, value: str, titles: Sequence[str], *, everything: bool, had: bool) -> str:
    """The answer to /unsubscribe with a tag or a severity whose rules other subscriptions of the chat bring along."""
    what = _named(kind, value)
    if everything:
        ended = f"🔕 The subscription to {what} has ended, but this" if had else "This"
        said = f"{ended} chat gets everything, so alerts of {what} still come."
    else:
        ended = f"🔕 The subscription to {what} has ended" if had else f"This chat has no subscription to {what}"
        rules = f"{numbers.count(len(titles), 'rule')} of it: {html.bold(_listed(titles))}"
        said = f"{ended}, but its other subscriptions bring {rules}."
    return f"{said} {'The button below mutes it.' if kind == 'tag' else '/subscribe shows what comes.'}"


def never_had(kind: str, value: str) -> str:
    """The answer to /unsubscribe with what the chat had not asked for."""
    return f"This chat has no subscription to {_named(kind, value)}. /subscribe shows what it gets."


def gone(said: str) -> str:
    """The answer to a button of a rule or a tag that there is no more."""
    return f"There is nothing called {html.quoted(said)} any more. /rules lists what runs."


def _named(kind: str, value: str) -> str:
    name = html.bold(html.escape(html.clip(value, _LONGEST_NAME)))
    return {"rule": f"the rule {name}", "tag": f"the tag {name}"}.get(kind, f"severity {name} and above")
