"""Texts of event studies."""

from __future__ import annotations

import itertools

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.evidence.claims import ClaimCheck, Measure, measured
from bot.evidence.event_study.event_study import Signals, event_study
from bot.evidence.event_study.significance import P_VALUE_LIMIT, StudyVerdict
from bot.sandbox.markup.parser import parse_html
from bot.signals.bars import Bars
from bot.signals.timeframe import Timeframe
from bot.views.alerts.facts import ClaimView
from bot.views.alerts.track_record import history_sentence
from bot.views.formatting import html
from bot.views.markets.evidence import render_study
from tests.evidence.walks import walks
from tests.views.pasts import EIGHT, event, past


def seen(told: str) -> str:
    return parse_html(told).text.replace("\u00a0", " ")


WIDEST = 34
"""Characters that a phone shows in a line of a table."""


def test_a_whole_study() -> None:
    check = ClaimCheck(Measure.RETURN, "BTC", 90)
    claim = ClaimView("It rises.", "commentary", answer=measured(check, past(EIGHT)))
    told = render_study(past(EIGHT, notes=("2 firings left out",)), "Russell <record>", [claim], "yahoo")
    assert seen(told) == (
        "Russell <record>\n"
        "and what BTC did after it\n"
        "\n"
        "8 signals since 13 Nov 2011\n"
        "      n median  up any day  up\n"
        "7 d   8 +20.0% 50%  +10.0% 60%\n"
        "30 d  8 +20.0% 50%  +10.0% 60%\n"
        "90 d  8 +20.0% 50%  +10.0% 60%\n"
        "180 d 8 +20.0% 50%  +10.0% 60%\n"
        "365 d 8 +20.0% 50%  +10.0% 60%\n"
        "\n"
        "→ no difference seen over any of these spans\n"
        "\n"
        "After each signal the count begins at the asset's next close. The intervals take the signals for independent."
        " p says how often the same signals at other dates, with the same spacing, show a median as far from the usual"
        f" one; an edge is spoken of below {P_VALUE_LIMIT:g}.\n"
        + "".join(
            f"{days} d: higher 4 of 8 (20 to 80 %), p 0.432, 8 windows do not overlap; a breakout of its own after 50 %"
            " (any day 84 %).\n"
            for days in (7, 30, 90, 180, 365)
        )
        + "\n"
        "Each signal, change in % after so many days\n"
        "          7d 30d  90d 180d 365d\n"
        + "".join(f"13 Nov {year} +2  −5 +194 +200    –\n" for year in ("25", "21", "20", "18", "16", "14", "13", "11"))
        + "\n"
        "Best and worst close within 365 days\n"
        + "".join(
            f"13 Nov {year}: from 100.00 best +314 % on 23 Nov {year}, worst −10 % on 18 Nov {year};"
            f" own breakout 3 Dec {year}\n"
            for year in (2025, 2021, 2020, 2018, 2016, 2014, 2013, 2011)
        )
        + "\n"
        "What others say\n"
        "\n"
        "“It rises.” (commentary)\n"
        "→ measured +20 % in the median of BTC after 90 days, any day +10 %\n"
        "\n"
        "Any day: all closes of BTC, 13 Jul 2010 to 27 Sep 2026. Source: yahoo.\n"
        "2 firings left out.\n"
        "What came before a rise did not have to cause it. Not investment advice."
    )


def test_few_signals_are_listed_before_all_else() -> None:
    told = seen(render_study(past(EIGHT[-2:], "ALTS", StudyVerdict.CANT_TELL), "Record"))
    assert "2 signals: can't tell. Here is each of them.\n\nEach signal" in told
    assert told.index("13 Nov 25") < told.index("Together, and beside any day of the alt basket")
    assert "edge" not in told


def test_no_signal_at_all() -> None:
    told = seen(render_study(past([]), "Record"))
    assert "No signal yet with a price of BTC after it: nothing to conclude." in told
    assert "median" not in told


def test_each_verdict_names_its_horizons() -> None:
    mixed = past(EIGHT)
    mixed.horizons[90], mixed.horizons[365] = (
        past(EIGHT, verdict=StudyVerdict.ABOVE).horizons[days] for days in (90, 365)
    )  # type: ignore[index]
    told = seen(render_study(mixed, "Record"))
    assert "→ no difference seen after 7, 30, 180 days\n→ above its time after 90, 365 days\n" in told


def test_of_many_signals_the_older_are_folded() -> None:
    many = past(
        [event(f"{year}-0{month}-03", [0.1] * 5) for year, month in itertools.product(range(2010, 2017), range(1, 7))]
    )
    told = render_study(many, "Record")
    head, folded = told.split("Before these")
    assert head.count("3 Jan 1") == 2
    assert folded.count("3 Jan 10") >= 1
    assert "<blockquote expandable>Before these\n<pre>" in told
    assert all(parse_html(page).text for page in html.split(told, 1_000))


@given(
    st.lists(st.lists(st.none() | st.floats(-1, 99), min_size=5, max_size=5), max_size=30),
    st.text(max_size=200),
    st.sampled_from(list(StudyVerdict)),
    st.integers(200, 4_096),
)
@settings(max_examples=25, deadline=None)
def test_whatever_happened_it_can_be_told_in_pages(
    returns: list[list[float | None]], title: str, verdict: StudyVerdict, limit: int
) -> None:
    events = [event(f"{1990 + number}-01-03", each) for number, each in enumerate(returns)]
    told = render_study(past(events, verdict=verdict), title, source=title)
    pages = html.split(told, limit)
    assert all(len(parse_html(page).text.encode("utf-16-le")) // 2 <= limit for page in pages)
    assert "".join(map(html.visible, pages)).split() == html.visible(told).split()
    block = parse_html(told)
    for entity in block.entities:
        if entity["type"] == "pre":
            table = block.text.encode("utf-16-le")[2 * entity["offset"] : 2 * (entity["offset"] + entity["length"])]
            assert max(map(len, table.decode("utf-16-le").splitlines())) <= WIDEST + 6


@given(walks(), st.sets(st.integers(0, 39)))
@settings(max_examples=20, deadline=None)
def test_a_real_study_of_whatever_bars_can_be_told(bars: Bars, fires: set[int]) -> None:
    at = [each for each in sorted(fires) if each < len(bars)]
    since = int(bars.end[0]) if len(bars) else 0
    firings = Signals("r", "IWM", Timeframe.D1, bars.start[at], bars.end[at], since)
    made = event_study(firings, bars, 2_000_000_000)
    assert parse_html(render_study(made, "Record")).text
    assert 1 <= len(history_sentence(made).splitlines()) <= 3
