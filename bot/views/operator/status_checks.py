"""Checks of the bot's state: what is well, what is not, and what to do about it."""

from __future__ import annotations

from collections.abc import Iterator

from bot.views.formatting import numbers
from bot.views.operator.status_facts import HoursStatus, MarketState, MarketStatus, ProcessState, StatusFacts

HEARTBEAT_LIMIT = 300
"""Seconds without a sign of life after which the loop counts as stopped."""

QUEUE_LIMIT = 900
"""Seconds that a delivery may wait in the outbox."""

MARKET = "market "
"""Begins the names of the checks of markets."""

_REMEDIES = {
    MarketState.STALE: "wait for the next scan; if it stays, run `bellwether doctor`",
    MarketState.HOLED: "nothing to do: it is asked for again with each session; another source would fill it",
    MarketState.SUSPECT: "compare its newest bar elsewhere; it passes once the source mends it or a second one agrees",
    MarketState.DEAD: "run `bellwether doctor`; add another source for it in config.yaml",
    MarketState.NEVER: "wait for the first scan; check its symbol and sources in config.yaml",
}

_Check = tuple[str, bool, str, str]


def status_checks(facts: StatusFacts) -> list[dict[str, object]]:
    """What is told as checks, in the shape of `status --json`: name, ok, detail, remedy ("" where all is well)."""
    return [
        {"name": name, "ok": ok, "detail": detail, "remedy": "" if ok else remedy}
        for name, ok, detail, remedy in (
            *_bot_checks(facts),
            *map(_market_check, facts.markets),
            *map(_hours_check, facts.hours),
            *_rule_checks(facts),
        )
    ]


def delivery_checks(facts: StatusFacts) -> list[dict[str, object]]:
    """What became of messages that did not arrive, for /health: chats that refuse them, and those given up."""
    many = sum(facts.dropped.values())
    told = ", ".join(f"{count} {reason}" for reason, count in sorted(facts.dropped.items(), key=lambda item: -item[1]))
    return [
        {
            "name": "chats",
            "ok": not facts.refused,
            "detail": f"{numbers.count(facts.refused, 'chat')} can't be written to at present",
            "remedy": "/subscribers says which and why: a closed topic, a missing right, a chat that is gone",
        },
        {
            "name": "dropped",
            "ok": not many,
            "detail": f"{numbers.count(many, 'message')} given up in the last week: {told}",
            "remedy": "see /subscribers; what is too late waited for Telegram for a day or three",
        },
    ]


def process_check(facts: StatusFacts) -> tuple[bool, str]:
    """Whether the bot's process lives, and how it says so."""
    if facts.process is not ProcessState.RUNNING and facts.process_since is not None:
        since = facts.now - facts.process_since
        if facts.process is ProcessState.STOPPED:
            return False, f"stopped {numbers.age(since)} ago"
        return since <= HEARTBEAT_LIMIT, f"starting, since {numbers.age(since)}"
    silence = None if facts.heartbeat is None else facts.now - facts.heartbeat
    alive = silence is not None and silence <= HEARTBEAT_LIMIT
    return alive, "no sign of life" if silence is None else f"last sign of life {numbers.age(silence)} ago"


def _bot_checks(facts: StatusFacts) -> Iterator[_Check]:
    yield ("bot", *process_check(facts), "start it: `bellwether run`")
    yield "alerts", not facts.paused, "paused" if facts.paused else "on", "send /resume to the bot"
    if facts.database:
        yield "database", False, facts.database, "see README, “Back up, restore, move”"
    if facts.sending_pause is not None:
        yield "sending", False, paused_for(facts), "wait, or send /resume where alerts are held back"
    seconds = 0 if facts.oldest is None else facts.now - facts.oldest
    detail = f"{facts.queued} queued, {facts.sending} sending{waited(facts)}"
    yield "outbox", seconds <= QUEUE_LIMIT, detail, "run `bellwether doctor`: Telegram may be out of reach"


def _market_check(market: MarketStatus) -> _Check:
    fine = market.state is MarketState.FRESH
    last = f"{market.state}, last bar {market.last_bar}" if market.last_bar else f"{market.state}, no bars"
    return (
        f"{MARKET}{market.name}",
        fine,
        f"{last}: {market.error}" if market.error else last,
        _REMEDIES.get(market.state, ""),
    )


def _hours_check(kept: HoursStatus) -> _Check:
    """Wrong only where there are none at all: what is missing of late is asked for again the next night."""
    span = f"{kept.first} to {kept.last}" if kept.last else "none yet"
    detail = f"{span}: {kept.trouble}" if kept.trouble else span
    return f"hours {kept.name}", bool(kept.last) or not kept.trouble, detail, "wait for the next night; see its sources"


def _rule_checks(facts: StatusFacts) -> Iterator[_Check]:
    looked = bool(facts.version)  # before its first look is over, the bot has said nothing of its rules
    detail = "; ".join(facts.broken) or (f"{facts.rules} running" if looked else "not read yet")
    fine = not facts.broken and (facts.rules > 0 or not looked)
    yield "rules", fine, detail, "run `bellwether rules check`"
    for rule, reason in facts.waiting.items():
        yield f"rule {rule}", False, reason, "nothing to do: it goes on without after a day, and is made up for later"


def paused_for(facts: StatusFacts) -> str:
    """For how long nothing is sent, and why."""
    until, why = facts.sending_pause or (facts.now, "")
    return f"paused for {numbers.age(max(0, until - facts.now))} more: {why}"


def waited(facts: StatusFacts) -> str:
    """How long the oldest delivery has waited, as the end of a sentence; empty where none waits."""
    return f", the oldest for {numbers.age(facts.now - facts.oldest)}" if facts.oldest is not None else ""
