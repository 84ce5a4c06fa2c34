"""Text of /alerts: the latest alerts and what became of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from bot.alert import AlertRow
from bot.signals.replay.event import EventKind
from bot.signals.timeframe import Instant, Timeframe
from bot.views.alerts.runs import RunFacts, run_block
from bot.views.formatting import html, numbers

_OPENING = frozenset(kind.value for kind in EventKind if kind.opens)


_WORDS = {
    EventKind.RESUMED.value: "came back",
    EventKind.MILESTONE.value: "went a step further",
    EventKind.ENDED.value: "its watch is over",
    EventKind.CORRECTED.value: "its close was corrected",
}


def alert_list(
    alerts: Sequence[AlertRow],
    titles: Mapping[str, str],
    rule: str | None = None,
    runs: Sequence[RunFacts] = (),
    since: Instant | None = None,
) -> str:
    """The answer to /alerts, newest first; those of one rule where one was named. `titles` are the rules'.

    `runs` are the signals that go on: they stand above all others. `since`: only those of that time were asked for.
    """
    of_rule = f" of {html.escape(html.clip(titles.get(rule, rule), 80))}" if rule is not None else ""
    if since is not None:
        of_rule += f" since {numbers.day(since)}"
    if not alerts and since is not None:
        return f"No alert{of_rule}. {html.code('/alerts')} tells the last ones."
    if not alerts:
        return f"No alert{of_rule} yet. The bot writes when a rule fires; /why says how far it is from that."
    going_on = run_block([run for run in runs if rule in {None, run.rule}])
    listed = "\n".join([html.bold(f"The last alerts{of_rule}"), *(_alert(alert, titles) for alert in alerts)])
    return "\n\n".join(filter(None, [going_on, listed]))


def how_many_alerts(said: str, most: int) -> str:
    """The answer to /alerts with a count that makes no sense."""
    return f"{html.quoted(said)} is no number of alerts. From 1 to {most}: {html.code('/alerts 5')}."


def _alert(alert: AlertRow, titles: Mapping[str, str]) -> str:
    title = html.escape(html.clip(titles.get(alert.rule, alert.rule), 80))
    bar = numbers.bar_name(alert.bar, Timeframe(alert.timeframe))
    close = f" at {numbers.price(alert.close)}" if alert.close is not None else ""
    became = [html.escape(_WORDS.get(kind, kind)) for kind in alert.events if kind not in _OPENING]
    if "fired" not in alert.events and "provisional" in alert.events:
        became.insert(0, "provisional")
    after = f"\n     then {', '.join(became)}" if became else ""
    return f"• {bar}: {title} ({html.escape(alert.market)}){close}{after}"
