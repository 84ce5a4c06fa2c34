"""`bellwether scorecard`: what crypto did after every alert that this bot has sent."""

from __future__ import annotations

import time
from typing import Any

from bot.alert import AlertRow
from bot.cli.io.chat_text import show_wrapped
from bot.cli.io.options import current_rulebook, current_settings, end_as_read, note_left_out
from bot.cli.io.output import print_json
from bot.cli.loading import imported
from bot.evidence.event_study.event_study import signals_of
from bot.evidence.scorecard import ScoreRow
from bot.problem import ProblemError
from bot.queries.score_span import ALLOWED, EVERY, ScoreSpan, read_score_span
from bot.scan.context import default_asset
from bot.settings import Settings
from bot.signals.timeframe import Instant, Timeframe, label
from bot.store.alerts import recent_alerts
from bot.store.database import reading
from bot.views.markets.scorecard import render_scorecard

MAX_ALERTS = 2_000
"""Alerts on the scorecard, the newest."""


def scorecard(*, span: list[str] | None, as_json: bool) -> None:
    """`bellwether scorecard`, as it is typed in `bot.cli.signatures.analysis`."""
    settings, now = current_settings(), int(time.time())
    meant = _span(" ".join(span), now) if span else EVERY
    specs, alerts = settings.specs, _alerts(settings)
    queries, bars_of = imported("bot.queries.scorecard"), imported("bot.cli.io.bars:bars_of")
    book = current_rulebook(settings)
    note_left_out(book)
    every = queries.sent_of(alerts, now)
    sent = [alert for alert in every if meant.holds(alert.at)]
    rules = [book.rules[id_] for id_ in dict.fromkeys(alert.rule for alert in sent) if id_ in book.rules]
    own = {rule.rule.id: rule.rule.market for rule in rules}
    judged = {id_: default_asset(specs, settings.crypto, market) or market for id_, market in own.items()}
    series = bars_of(None, settings, [*settings.crypto, *judged.values()])
    bars = {name: each for (name, timeframe), each in series.items() if timeframe is Timeframe.D1}
    judged = {id_: asset for id_, asset in judged.items() if len(bars.get(asset, ()))}
    replayed = imported("bot.cli.analysis.backtest:replayed")
    done = replayed(settings, book, rules, None) if rules else None
    firings = {id_: signals_of(each) for id_, each in done.replays.items()} if done else {}
    assets = {name: each for name, each in bars.items() if name in settings.crypto or name in judged.values()}
    found = queries.scorecard_report(sent, assets, firings, judged, now)
    if as_json:
        print_json({"alerts": [_document(row) for row in found.card.rows]})
    else:
        titles = {id_: rule.title for id_, rule in book.rules.items()}
        show_wrapped(render_scorecard(found.card, titles, found.courses, meant.name, len(every)))
    end_as_read(book)


def _span(said: str, now: Instant) -> ScoreSpan:
    span = read_score_span(said, now)
    if isinstance(span, ScoreSpan):
        return span
    why = f" ({span.odd})" if span is not None and span.odd is not None else ""
    raise ProblemError.of("SPAN", f"not a span of time{why} (got {said!r}); allowed: {ALLOWED}")


def _alerts(settings: Settings) -> list[AlertRow]:
    if not settings.database.is_file():
        where = str(settings.database)
        raise ProblemError.of(where, "no such database: no bot has run here yet")
    with reading(settings.database) as db:
        return recent_alerts(db, MAX_ALERTS)


def _document(row: ScoreRow) -> dict[str, Any]:
    alert = row.alert
    results = {
        asset: None if result is None else {str(days): change for days, change in result.returns.items()}
        for asset, result in row.results.items()
    }
    return {"rule": alert.rule, "market": alert.market, "bar": label(alert.bar, Timeframe.D1), "returns": results}
