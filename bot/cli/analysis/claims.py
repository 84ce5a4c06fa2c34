"""`bellwether claims`: what others said of the signals, scored before and after they said it."""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import Any

from bot.cli.io.bars import bars_of, missing_market
from bot.cli.io.chat_text import console, styled
from bot.cli.io.options import current_rulebook, current_settings, date_option, end_as_read, select_rules
from bot.cli.io.output import json_number, print_json
from bot.evidence.claim_check import Measure
from bot.evidence.claim_ledger import SinceMade
from bot.evidence.claims import Case, ClaimAnswer
from bot.evidence.event_study.event_study import signals_of
from bot.evidence.risk.filed_flows import FiledFlow, together
from bot.queries.claims import ledger_markets, scored_claims
from bot.rulebook.dependencies import with_needs
from bot.rulebook.rule_definition import RuleDefinition
from bot.scan.series import Series
from bot.signals.replay.ruleset import replay_all
from bot.signals.timeframe import DAY, Timeframe, label
from bot.views.formatting import numbers
from bot.views.markets.claims import LedgerEntry, render_claims


def claims(*, rules: list[str] | None, at: str | None, data: Path | None, as_json: bool) -> None:
    """`bellwether claims`, as it is typed in `bot.cli.signatures.analysis`."""
    settings = current_settings()
    book = current_rulebook(settings)
    moment = date_option("--at", at)
    now = int(time.time())
    if moment is not None and moment > now:
        print(f"{label(moment, Timeframe.D1)} lies ahead; what is known today is taken", file=sys.stderr)
    elif moment is not None:
        now = moment + DAY
    picked = [written for written in select_rules(book, rules or []) if written.claims]
    needed = with_needs(book.rules, [written.rule.id for written in picked])
    names = [*(name for each in needed for name in sorted(each.markets)), *ledger_markets(picked)]
    series = bars_of(data, settings, names, {each.rule.timeframe for each in needed})
    there = [each for each in picked if len(series.get(_own(each), ()))]
    if picked and not there:
        raise missing_market(picked[0].rule.market, data, settings.specs, timeframe=picked[0].rule.timeframe)
    for lost, timeframe in sorted({_own(each) for each in picked} - {_own(each) for each in there}):
        bars = "bars" if timeframe.has_dates else f"bars of {timeframe}"
        print(f"{lost}: no {bars} of this market; the claims of its rules are left out", file=sys.stderr)
    replays = replay_all([each.rule for each in with_needs(book.rules, [each.rule.id for each in there])], series)
    signals = {each.rule.id: signals_of(replays[each.rule.id], each.demanded_high) for each in there}
    daily = {name: bars for (name, timeframe), bars in series.items() if timeframe is Timeframe.D1}
    entries = scored_claims(there, signals, daily, now)
    if as_json:
        print_json({"claims": [_document(entry) for entry in entries]})
    else:
        console.print(styled(render_claims(entries)), soft_wrap=True)
    end_as_read(book, rules or [])


def _own(definition: RuleDefinition) -> Series:
    return definition.rule.market, definition.rule.timeframe


def _document(entry: LedgerEntry) -> dict[str, Any]:
    claim, check, score = entry.claim, entry.claim.check, entry.score
    return {
        "rule": entry.rule,
        "text": claim.text,
        "source": claim.source,
        "made": label(claim.made, Timeframe.D1),
        "stance": claim.stance.value,
        "measure": check.measure.value if check else None,
        "asset": check.asset if check else None,
        "within": check.days if check else None,
        "before": _before(score.before) if score else None,
        "since": _since(score.since, check.measure) if check and score else None,
        "state": entry.state.value,
    }


def _before(answer: ClaimAnswer) -> dict[str, Any] | None:
    if answer.likeness is not None:
        alike = answer.likeness
        return {
            "with": answer.other,
            "sessions": alike.sessions,
            "correlation": json_number(alike.returns),
            "recent": json_number(alike.recent),
            "levels": json_number(alike.levels),
            "unrelated": json_number(alike.unrelated),
        }
    if answer.flows:
        return {"flows": [_filed(each) for each in answer.flows], "together": json_number(together(answer.flows))}
    if (losses := answer.losses) is not None:
        share, rank = json_number(losses.share), json_number(losses.percentile)
        quarter = numbers.quarter(losses.quarter)
        return {"quarter": quarter, "share": share, "companies": losses.companies, "percentile": rank}
    if answer.overall is None:
        return None
    overall = answer.overall
    return {
        "n": overall.n,
        "median": json_number(overall.median),
        "hit_rate": json_number(overall.hit_rate),
        "base_median": json_number(overall.base_median),
        "base_hit_rate": json_number(overall.base_hit_rate),
        "best": json_number(answer.best),
        "breakouts": json_number(overall.breakouts),
        "base_breakouts": json_number(overall.base_breakouts),
        "events": [_case(case) for case in answer.cases],
    }


def _filed(flow: FiledFlow) -> dict[str, Any]:
    months = [label(each, Timeframe.D1)[:7] for each in (flow.first, flow.last)]
    return {"fund": flow.fund, "from": months[0], "to": months[1], "months": flow.months, "billions": flow.amount}


def _case(case: Case) -> dict[str, Any]:
    return {
        "bar": case.event.label,
        "return": json_number(case.change),
        "best": json_number(case.best.change if case.best else None),
        "worst": json_number(case.worst.change if case.worst else None),
        "breakout": label(case.breakout.bar, Timeframe.D1) if case.breakout else None,
    }


def _since(since: SinceMade, measure: Measure) -> dict[str, Any] | None:
    """Returns by days; a correlation claim has its correlation beside them, the others their extremes."""
    if since.returns is None:
        return None
    returns: dict[str, Any] = {str(days): json_number(change) for days, change in since.returns.items()}
    if measure is Measure.CORRELATION:
        return {**returns, "correlation": json_number(since.correlation), "sessions": since.sessions}
    best, worst, broke = since.best, since.worst, since.breakout
    extremes = {
        "best": json_number(best.change if best else None),
        "worst": json_number(worst.change if worst else None),
    }
    return {**returns, **extremes, "breakout": label(broke.bar, Timeframe.D1) if broke else None}
