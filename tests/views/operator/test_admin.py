"""What operators read: nothing that others wrote is markup, and every figure stands where it belongs."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.alert import AlertRow
from bot.problem import Problem
from bot.queries.market_data import market_facts
from bot.sandbox.markup.parser import parse_html
from bot.signals.bars import Bars
from bot.signals.levels.snapshot import level_snapshot
from bot.signals.timeframe import DAY, Timeframe
from bot.subscriber import Chat, ListedSubscriber
from bot.views.alerts.alert_list import alert_list
from bot.views.chats.resolve import nothing_called, which
from bot.views.formatting.html import visible
from bot.views.markets.market import market_caption
from bot.views.operator import admin, rule_admin
from bot.views.operator.health import ProcessHealth, SourceHealth, WorkerHealth, render_health
from bot.views.operator.status_facts import StatusFacts

NOW = 1_700_000_000
TEXT = st.text(st.characters(codec="utf-8", exclude_characters="\x00"), max_size=120)


def chat(title: str, kind: str = "private") -> Chat:
    return Chat(-5, 7, kind, title)


@given(TEXT, TEXT)
@settings(max_examples=60)
def test_whatever_others_wrote_stands_there_as_text(name, reason):
    listed = ListedSubscriber(chat(name, "group"), NOW - 60, reason)
    row = AlertRow(name, reason, "1d", NOW - DAY, NOW, 1.5, None, "high", NOW, True, ("fired", reason))
    problem = Problem(f"/rules/{name}", 3, 4, reason, name)
    process_health = ProcessHealth(
        sources=(SourceHealth(name, "open", NOW + 60, reason),), workers=(WorkerHealth(name, 1),), delivery=reason
    )
    for html in (
        admin.roll({name: 2}, [listed], [listed], NOW),
        admin.pending([chat(name)]),
        admin.reloaded(admin.BookChange((name,), (reason,), (name,), 3), [problem], [name]),
        rule_admin.refused(name, [problem] * 20),
        rule_admin.not_a_rule_file(name),
        rule_admin.draft_gone(name),
        render_health(StatusFacts(NOW, name, broken=(reason,)), process_health, [(NOW - 5, reason)], 1),
        alert_list([row], {name: reason}, name),
        alert_list([], {}, name),
        nothing_called("rule", name, reason),
        which(name, [reason]),
    ):
        parse_html(html)  # refuses what Telegram would


def caption(title: str, bars: Bars) -> str:
    return market_caption(market_facts(title, bars, level_snapshot(bars, len(bars) - 1)), title, NOW)


def test_what_taking_up_the_rules_changed():
    change = admin.BookChange(("new",), ("edited",), ("gone",), 7)
    text = visible(admin.reloaded(change, [], ["old"]))
    assert text.startswith("🔄 7 rules running\nNew: new\nChanged: edited\nGone: gone")
    assert text.endswith("Running on the last good version: old")
    assert "Nothing has changed." in admin.reloaded(admin.BookChange(running=1), [], [])


def test_problems_by_line_and_no_more_than_can_be_read():
    problems = [Problem("/srv/rules/a.yaml", line, 1, "when", f"wrong {line}") for line in range(1, 16)]
    text = visible(admin.problem_list([Problem("/srv/rules", 0, 0, "", "no rules here"), *problems]))
    assert text.startswith("16 problems\n• rules no rules here\n• a.yaml:1 when: wrong 1")
    assert text.endswith("• and 4 more")


def test_health_where_all_is_well():
    facts = StatusFacts(NOW, "1.0", heartbeat=NOW - 5, rules=3)
    process_health = ProcessHealth(sources=(SourceHealth("yahoo", "closed"), SourceHealth("binance", "closed")))
    text = visible(render_health(facts, process_health, [], 0))
    assert "All 6 checks are fine" in text
    assert "Sources: yahoo, binance answer" in text
    on_trial = ProcessHealth(sources=(SourceHealth("yahoo", "half open"),))
    assert "on trial" in render_health(facts, on_trial, [], 0)


def walk(closes) -> Bars:
    close = np.array(closes, dtype=float)
    end = NOW - NOW % DAY - DAY * np.arange(len(close))[::-1]
    return Bars("RUT", Timeframe.D1, end - DAY, end, close, close + 1, close - 1, close, close * 0)


def test_a_market_at_a_record_and_under_it():
    rising, under = walk(range(100, 400)), walk([*range(100, 400), 380])
    record = visible(caption("Russell <2000>", rising))
    assert record.startswith("Russell <2000> 399.00, +0.3\xa0%\nMon 13 Nov 2023, closed, 22\xa0h old\n")
    assert "A record close. The one before: 398.00 on 12 Nov 2023" in record
    text = visible(caption("Russell 2000", under))
    assert "Record close: 399.00 on 12 Nov 2023, +5.0\xa0% from here" in text


def test_a_market_of_which_too_little_is_known():
    short = walk([100.0])
    assert visible(caption("RUT", short)).splitlines()[0] == "RUT 100.00"
    unknown = walk([float("nan")])
    assert "no prices yet" in caption("RUT", unknown)
    assert "no prices yet" in market_caption(None, "RUT", NOW)


def test_alerts_with_what_became_of_them():
    row = AlertRow(
        "r", "RUT", "1d", NOW - NOW % DAY, NOW, 2467.7, 2442.0, "high", NOW, True, ("fired", "held", "failed")
    )
    told = visible(alert_list([row], {"r": "A record"}))
    assert told == "The last alerts\n• Tue 14 Nov 2023: A record (RUT) at 2,467.70\n     then held, failed"
    passing = AlertRow("r", "RUT", "1h", NOW, NOW, None, None, "low", NOW, False, ("provisional", "withdrawn"))
    assert visible(alert_list([passing], {})).endswith("r (RUT)\n     then provisional, withdrawn")
