"""Texts about what a chat keeps quiet."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.views.chats.preferences import zone
from bot.views.formatting import html, numbers

_LONGEST_NAME = 64
_MOST_NAMED = 5
_MOST_TAGS = 20
_FAR = 9999


@dataclass(frozen=True, slots=True)
class Muted:
    """What is muted: tags, and the titles of the rules, those of the tags among them; neither: all alerts.

    `spared` are the titles of the rules that all but them was said of; `beside` those that have none of the tags.
    """

    tags: tuple[str, ...] = ()
    rules: tuple[str, ...] = ()
    spared: tuple[str, ...] = ()
    beside: tuple[str, ...] = ()


def muted(what: Muted, end: str, *, kept: Sequence[tuple[str, str]] = (), was: str = "") -> str:
    """The answer to /mute; `end` is `until`'s.

    `kept` are the titles of rules that stay muted for longer, each with the words of `until`; `was` is the
    later end that the one rule had.
    """
    told = [f"🔇 Muted {end}: {_what(what)}."] if not kept or len(kept) < len(what.rules) else ["🔇 No change."]
    told += [f"It was muted {was}; now it comes back earlier."] if was else []
    ends: dict[str, list[str]] = {}
    for title, longer in kept:
        ends.setdefault(longer, []).append(title)
    told += [
        f"{_listed(titles)} {'stays' if len(titles) == 1 else 'stay'} muted {longer}, as before."
        for longer, titles in list(ends.items())[:_MOST_NAMED]
    ]
    more = sum(len(titles) for titles in list(ends.values())[_MOST_NAMED:])
    told += [f"{more} more stay muted for longer, as before."] if more else []
    return " ".join([*told, "/mute lists what is muted."])


def muted_ahead(what: Muted, stretch: str) -> str:
    """The answer to /mute of what begins later; `stretch` is `beginning`'s and `until`'s."""
    return f"🔇 Will be muted {stretch}: {_what(what)}. Before that nothing changes. /mute lists what is muted."


def which_stretch(said: str, *, ends: bool) -> str:
    """Over the buttons with the stretches that may be meant; without `ends` it was not said how long it lasts."""
    if ends:
        return f"{html.quoted(said)}: which one? Nothing is muted yet."
    return f"{html.quoted(said)}: for how long? Nothing is muted yet. Or {html.code('/mute from friday to monday')}"


def type_stretch(question: str, word: str, stretches: Sequence[tuple[str, str]]) -> str:
    """The question with what is to be typed, where buttons have no room for so many names."""
    lines = [html.code(f"/mute {word} from {begins} to {ends}") for begins, ends in stretches]
    return "\n".join([question, *lines])


def every_night(said: str, first: int, last: int) -> str:
    """The answer to a mute of every night; minutes after midnight."""
    return (
        f"{html.quoted(said)}: what comes back each night are quiet hours. They hold for all alerts of this chat; these"
        f" come without a sound, or wait until {clock(last)}. Nothing is set yet:"
        f" {html.code(f'/settings quiet {hours(first, last)}')}"
    )


def every_weekend(said: str, speaking: Sequence[str]) -> str:
    """The answer to a mute of every weekend; `speaking` are titles of rules whose markets trade then."""
    names = ", ".join(_name(title) for title in speaking[:_MOST_NAMED])
    more = f" and {len(speaking) - _MOST_NAMED} more" if len(speaking) > _MOST_NAMED else ""
    who = (
        f"Only rules on crypto can fire then: {names}{more}."
        if speaking
        else "No rule here can fire then: exchanges are closed."
    )
    return f"{html.quoted(said)}: no mute comes back each week. {who} The next weekend can be muted:"


def no_week_plan(said: str) -> str:
    """The answer to a mute of certain days of each week."""
    return (
        f"{html.quoted(said)}: no mute comes back each week, so nothing is muted. What works: a single one,"
        f" {html.code('/mute from monday 9:00 to monday 17:00')}, and quiet hours for every day,"
        f" {html.code('/settings quiet 22-7')}"
    )


def hours(first: int, last: int) -> str:
    """22:00-07:00, of minutes after midnight."""
    return f"{clock(first)}-{clock(last)}"


def clock(minute: int) -> str:
    """07:00, of minutes after midnight."""
    return f"{minute // 60:02}:{minute % 60:02}"


def nothing_shorter(end: str) -> str:
    """The answer to /mute of everything where all is muted for longer."""
    return f"🔇 All alerts stay muted {end}, as before. {html.code('/unmute all')} ends that."


def mute_list(mutes: Sequence[tuple[tuple[str, ...], str]]) -> str:
    """What is muted in this chat: titles (none: all alerts), with the words of `until` or `stretch`."""
    if not mutes:
        how = f"Or type {html.code('/mute RULE 7d')}: hours, days, until friday, from friday to monday, forever."
        return f"🔔 {html.bold('Nothing is muted here.')}\n{how}"
    lines = [f"• {', '.join(map(_name, rules)) if rules else 'all alerts'} {end}" for rules, end in mutes]
    return "\n".join([f"🔇 {html.bold('Muted in this chat')}", *lines])


def in_short(for_all: str | None, rules: int, begins: str, rules_later: int) -> str:
    """What is muted, for a line among others: until when all alerts are, how many rules, and what begins next."""
    parts = [f"all alerts {for_all}"] if for_all is not None else []
    parts += [numbers.count(rules, "rule")] if rules else []
    parts += [f"{numbers.count(rules_later, 'rule') if rules_later else 'all alerts'} {begins}"] if begins else []
    return "; ".join(parts)


def muted_on_their_own(rules: int, *, was: bool) -> str:
    """The answer to /unmute all where rules are muted still."""
    ended = "🔔 The mute of all alerts has ended." if was else "🔔 All alerts together were not muted."
    keeps, their = ("keeps", "its") if rules == 1 else ("keep", "their")
    return f"{ended}\n🔇 {numbers.count(rules, 'rule')} {keeps} {their} own: /mute lists what is muted."


def which_rule() -> str:
    """Over the buttons with the rules that can be muted."""
    return "🔇 Mute which rule for good?"


def unmuted(what: Muted, *, was: bool, all_muted: str = "") -> str:
    """The answer to /unmute; `all_muted` is until when all alerts are muted still, in the words of `until`."""
    told = _what(what)
    if all_muted:
        no_more = f"🔔 The mute of {told} has ended." if was else "That had no mute of its own."
        return f"{no_more}\n🔇 But all alerts are muted {all_muted}. {html.code('/unmute all')} ends that."
    return f"🔔 {told[0].upper()}{told[1:]} come again." if was else "🔔 That was not muted. /mute lists what is."


def come_after_all(alerts: int) -> str:
    """What follows the answer to /unmute where alerts were dropped by the mute a moment ago."""
    come = "comes" if alerts == 1 else "come"
    return f"📬 {numbers.count(alerts, 'alert')} that the mute kept back {come} now."


def nothing_to_unmute(said: str) -> str:
    """The answer to /unmute with something that is no rule."""
    return f"There is no rule called {html.quoted(said)}. /mute lists what is muted."


def nothing_to_mute(said: str) -> str:
    """The answer to /mute with something that is no rule and no time."""
    return (
        f"Mute what? There is no rule called {html.quoted(said)}.\n"
        f"{html.code('/mute 24h')} for all alerts, {html.code('/mute RULE 7d')} or {html.code('/mute RULE forever')}"
        " for one rule. /rules lists the rules."
    )


def no_length(said: str) -> str:
    """The answer to /mute with a length of nothing."""
    return (
        f"{html.quoted(said)} is no time at all, so nothing is muted.\n"
        f"{html.code('/mute 24h')} for all alerts, {html.code('/mute RULE 7d')} for one rule. /unmute ends a mute."
    )


def too_long(said: str) -> str:
    """The answer to /mute with a length beyond a lifetime."""
    return (
        f"{html.quoted(said)} is 100 years or more, so nothing is muted. Shorter ones are allowed, and"
        f" {html.code('/mute forever')}, {html.code('/mute RULE forever')}."
    )


def several_lengths(said: str) -> str:
    """The answer to /mute with two lengths, or a length and an end."""
    return (
        f"{html.quoted(said)}: that is more than one time, so nothing is muted. One of them, please:"
        f" {html.code('/mute 3h')}, {html.code('/mute 1h30m')}, {html.code('/mute until 18:00')}"
    )


def no_such_length(said: str) -> str:
    """The answer to /mute with a number that is no length of time."""
    return (
        f"I don't understand {html.quoted(said)}, so nothing is muted. Minutes, hours, days, weeks, months:"
        f" {html.code('/mute 90m')}, {html.code('/mute 6h')}, {html.code('/mute RULE 7d')}"
    )


def off(all_muted: str) -> str:
    """The answer to /mute off."""
    state = f"All alerts are muted {all_muted}." if all_muted else "All alerts are not muted."
    return f"To end a mute: {html.code('/unmute RULE')}, or {html.code('/unmute all')}. {state} /mute lists what is."


def no_tag(said: str, tags: Sequence[str]) -> str:
    """The answer to a tag that there is not, with those that there are."""
    shown = ", ".join(html.code(f"#{tag}") for tag in tags[:_MOST_TAGS])
    more = f" and {len(tags) - _MOST_TAGS} more" if len(tags) > _MOST_TAGS else ""
    known = f"Tags: {shown}{more}." if tags else "No rule has a tag."
    return f"There is no tag {html.quoted(said)}, so nothing changes. {known}"


def no_unit(said: str) -> str:
    """The answer to /mute with a bare number."""
    return (
        f"{html.quoted(said)}: minutes, hours or days? Nothing is muted yet.\n"
        f"{html.code('/mute 90m')}, {html.code('/mute 6h')}, {html.code('/mute until 18:00')}"
    )


def no_end(said: str) -> str:
    """The answer to /mute until something that is no time."""
    return (
        f"I don't know when {html.quoted(said)} is, so nothing is muted.\n"
        f"{html.code('/mute until 18:00')}, {html.code('/mute until friday')}, {html.code('/mute until 24 Dec')},"
        f" {html.code('/mute 3 days')}"
    )


def over_already(said: str) -> str:
    """The answer to /mute until a time that is over."""
    return f"{html.quoted(said)} is over already, so nothing is muted."


def which_end(said: str, *, later: bool = False, only: bool = False) -> str:
    """Over the buttons with the times that may have been meant; `later`: what was said may begin later than now.

    `only`: that it is muted then only is among them.
    """
    if not later:
        return f"{html.quoted(said)}: which one?"
    when = "From now on, or only then?" if only else "From now until when?"
    return f"{html.quoted(said)}: nothing is muted yet. {when}"


def severity_is_a_setting() -> str:
    """The answer to /mute and /unmute with a severity."""
    return (
        "Which severities come is a setting, not a mute."
        f" {html.code('/settings severity high')} lets only the weighty ones through."
    )


def until(at: datetime | None, zone_name: str) -> str:
    """Until Fri 4 Dec 2026, 18:00 Europe/Berlin: by the chat's own clock; None: for good."""
    if at is None:
        return "for good"
    return f"until {at:%a} {at.day} {at:%b} {at.year}, {at:%H:%M} {zone(zone_name)}"


def stretch(begins: datetime, ends: datetime | None, zone_name: str) -> str:
    """From Fri 4 Dec 2026, 18:00 until 22:00 Europe/Berlin: by the chat's own clock; None: for good."""
    start = f"from {begins:%a} {begins.day} {begins:%b} {begins.year}, {begins:%H:%M}"
    if ends is None:
        return f"{start} {zone(zone_name)} on, for good"
    same = ends.date() == begins.date()
    return f"{start} {f'until {ends:%H:%M} {zone(zone_name)}' if same else until(ends, zone_name)}"


def local_span(begins: datetime, ends: datetime) -> str:
    """Fri 4 Dec, 18:00–22:00; Fri 4 Dec, 00:00 – Mon 7 Dec, 00:00."""
    if ends.date() == begins.date():
        return f"{local(begins)}–{ends:%H:%M}"
    return f"{local(begins)} – {local(ends)}" if ends.year < _FAR else f"{local(begins)}, for good"


def local(at: datetime) -> str:
    """Fri 4 Dec, 18:00: an instant as the chat's own clock shows it."""
    return f"{at:%a} {at.day} {at:%b}, {at:%H:%M}"


def no_subscriber() -> str:
    """The answer to /mute and /settings in a chat that gets no alerts."""
    return "This chat gets no alerts, so there is nothing to set. /subscribe starts them."


def _what(what: Muted) -> str:
    if not what.tags and not what.rules:
        return "all alerts"
    if what.spared:
        spared = ", ".join(_name(rule) for rule in what.spared[:_MOST_NAMED])
        left = len(what.spared) - _MOST_NAMED
        return f"all {numbers.count(len(what.rules), 'rule')} but {spared}{f' and {left} more' if left > 0 else ''}"
    if not what.tags:
        return f"alerts of {_listed(what.rules)}"
    tags = ", ".join(html.escape(f"#{tag}") for tag in what.tags)
    tagged = [rule for rule in what.rules if rule not in what.beside]
    beside = f"; and of {_listed(what.beside)}" if what.beside else ""
    return f"alerts of {tags}, {numbers.count(len(tagged), 'rule')}: {_listed(tagged)}{beside}"


def _listed(rules: Sequence[str]) -> str:
    more = [f"{len(rules) - _MOST_NAMED} more"] if len(rules) > _MOST_NAMED else []
    return ", ".join([*map(_name, rules[:_MOST_NAMED]), *more])


def _name(rule: str) -> str:
    return html.bold(html.escape(html.clip(rule, _LONGEST_NAME)))
