"""Texts of scorecards."""

from __future__ import annotations

import re

from bot.evidence.event_study.significance import StudyVerdict
from bot.evidence.scorecard import Result, Scorecard, ScoreRow, SentAlert, Standpoint, Tally
from bot.sandbox.markup.parser import parse_html
from bot.signals.timeframe import DAY, start_of
from bot.views.markets.scorecard import render_scorecard


def sent(day: str, rule: str = "rut-record") -> SentAlert:
    return SentAlert(rule, "RUT", start_of(day), start_of(day) + 80_000)


def result(*returns: float | None) -> Result:
    return Result(0, 100.0, dict(zip((7, 30, 90), returns, strict=True)))


def seen(told: str) -> str:
    return parse_html(told).text.replace("\u00a0", " ")


def test_a_whole_scorecard() -> None:
    rows = (
        ScoreRow(sent("2020-11-13"), {"BTC": result(0.14, 0.17, 1.94), "ALTS": None}),
        ScoreRow(sent("2025-09-18", "<gone>"), {"BTC": result(-0.001, None, None), "ALTS": result(-0.15, -0.24, 9.9)}),
    )
    tallies = (
        Tally("rut-record", "BTC", 30, 1, 1, 0.17),
        Tally("rut-record", "BTC", 90, 1, 1, 1.94),
        Tally("rut-record", "ALTS", 90, 0, 0, None),
        Tally("<gone>", "ALTS", 90, 1, 1, 9.9),
    )
    course = [
        Standpoint(start_of("2018-01-01"), 4, 0.1, 0.1, StudyVerdict.CANT_TELL),
        Standpoint(start_of("2019-01-01"), 4, 0.1, 0.1, StudyVerdict.CANT_TELL),
        Standpoint(start_of("2020-11-13"), 5, 0.1, 0.1, StudyVerdict.NONE),
        Standpoint(start_of("2026-01-01"), 8, 0.1, 0.1, StudyVerdict.NONE),
    ]
    told = render_scorecard(
        Scorecard(rows, tallies), {"rut-record": "A record"}, {("rut-record", "BTC"): course, ("other", "BTC"): course}
    )
    assert seen(told) == (
        "Scorecard: 2 alerts, change in % after so many days\n"
        "\n"
        "A record\n"
        "           7d 30d  90d\n"
        "13 Nov 20\n"
        "  BTC     +14 +17 +194\n"
        "  ALTS      –   –    –\n"
        "BTC after 90 days: median +194 %, higher 1 of 1\n"
        "BTC, all signals: can't tell (1 Jan 2018, 4 signals) → no difference seen (13 Nov 2020, 5 signals)"
        " → still so on 1 Jan 2026 (8 signals)\n"
        "\n"
        "<gone>\n"
        "           7d 30d  90d\n"
        "18 Sep 25\n"
        "  BTC       0   –    –\n"
        "  ALTS    −15 −24 +990\n"
        "The alt basket after 90 days: median +990 %, higher 1 of 1\n"
        "\n"
        "The count begins at the first close after an alert went out. –: not known yet."
    )


def test_the_newest_come_first_and_the_rest_is_folded() -> None:
    rows = tuple(ScoreRow(sent(f"2020-0{month}-01"), {"BTC": result(0.1, None, None)}) for month in range(1, 9))
    told = render_scorecard(Scorecard(rows, ()), {})
    shown, folded = told.split("<blockquote expandable>Earlier ones")
    assert re.findall(r"1 (\w+) 20", shown) == ["Aug", "Jul", "Jun", "May", "Apr"]
    assert re.findall(r"1 (\w+) 20", folded) == ["Mar", "Feb", "Jan"]
    assert seen(told)


def test_no_alert_yet() -> None:
    assert seen(render_scorecard(Scorecard((), ()), {})).startswith("No alert was sent yet")


def test_alerts_of_one_day_apart_stay_apart() -> None:
    rows = (ScoreRow(sent("2020-01-01"), {"BTC": None}), ScoreRow(sent("2020-01-02"), {"BTC": None}))
    told = seen(render_scorecard(Scorecard(rows, ()), {}))
    assert told.index(" 2 Jan 20") < told.index(" 1 Jan 20")
    assert rows[1].alert.bar - rows[0].alert.bar == DAY
