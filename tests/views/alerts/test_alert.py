"""Texts of alerts."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.evidence.claims import ClaimCheck, Measure, measured
from bot.evidence.event_study.significance import StudyVerdict
from bot.sandbox.markup.parser import parse_html
from bot.signals.replay.event import EventKind
from bot.views.alerts.alert import LIMIT, render_alert
from bot.views.alerts.facts import ClaimView
from bot.views.formatting import html
from tests.views.alert_facts import crypto, facts
from tests.views.alerts.test_context_lines import PANEL
from tests.views.pasts import EIGHT, moving, past

FLAT = [100.0] * 300


def seen(*args: Any, **more: Any) -> str:
    return html.visible(render_alert(facts(*args, **more))).replace("\u00a0", " ")


def test_a_record_after_a_long_time() -> None:
    text = seen(EventKind.FIRED, [*FLAT[:260], 120.0, *[110.0] * 41, 123.0], source="yahoo")
    assert text == (
        "📈 Russell 2000: a record\n"
        "Russell 2000 closed at 123.00, 2.5 % above the record close of 18 Sep 2019 (120.00).\n"
        "First record close in 42 sessions.\n"
        "\n"
        "Russell 2000 record · bar of Wed 30 Oct 2019, closed 21:00 UTC · yahoo"
    )


def test_a_level_that_is_the_record_is_told_once() -> None:
    closes = [*FLAT[:260], 120.0, *[110.0] * 41]
    above = seen(EventKind.FIRED, [*closes, 123.0], level=120.0)
    assert "closed at 123.00, 2.5 % above the record close of 18 Sep 2019 (120.00).\nFirst record close in" in above
    assert above.count("120.00") == 1
    below = seen(EventKind.FIRED, [*closes, 119.0], level=120.0)
    assert "closed at 119.00, 0.8 % under the record close of 18 Sep 2019 (120.00).\nHighest close since" in below
    assert below.count("120.00") == 1


def test_a_headline_that_says_it_is_not_repeated() -> None:
    closes = [*FLAT[:260], 120.0, *[110.0] * 41, 123.0]
    text = seen(EventKind.FIRED, closes, headline="Russell 2000: first record close in 42 sessions")
    assert text.count("42 sessions") == 1


def test_a_break_of_a_level_below_the_record() -> None:
    text = seen(EventKind.FIRED, [130.0, 120.0, *FLAT, 115.0], level=112.0)
    assert "Russell 2000 closed at 115.00, 2.7 % above the level of 112.00.\n" in text
    assert (
        "Highest close since 2 Jan 2019 (301 sessions). 11.5 % under the record close of 1 Jan 2019 (130.00)." in text
    )


def test_yesterdays_record_is_no_long_time() -> None:
    text = seen(EventKind.FIRED, [*FLAT, 101.0, 102.0])
    assert "1.0 % above the record close of 28 Oct 2019 (101.00)." in text
    assert "First record" not in text


def test_a_short_history_knows_no_record() -> None:
    assert "record close" not in seen(EventKind.FIRED, [1.0, 2.0, 3.0])


def test_late_is_said_openly() -> None:
    assert "⏰ Late: this is the bar of Wed 2 Jan 2019, 2 sessions ago." in seen(
        EventKind.FIRED, [1.0, 2.0], late=True, sessions_ago=2
    )
    assert "⏰ Late: this is the bar of Wed 2 Jan 2019.\n" in seen(EventKind.FIRED, [1.0, 2.0], late=True)
    assert "Late" not in seen(EventKind.FIRED, [1.0, 2.0])


def test_a_forming_bar_is_called_provisional() -> None:
    text = seen(EventKind.PROVISIONAL, [1.0, 2.0], level=1.5)
    assert text.startswith(
        "⏳ Russell 2000: a record\nProvisional, the bar is still forming: Russell 2000 at 2.00, 33.3 % above"
    )
    assert "forming until 21:00 UTC" in text


@pytest.mark.parametrize(
    ("closes", "more", "icon"),
    [
        ([1.0, 2.0], {}, "📈"),
        ([2.0, 1.0], {}, "🔔"),
        ([1.0, 2.0], {"severity": "low"}, "👀"),
        ([1.0, 2.0], {"level": 1.0}, "📈"),
        ([1.0, 2.0], {"level": 2.25}, "📈"),  # the bar's high is half a point above its close
        ([1.0, 2.0], {"level": 3.0}, "🔔"),
        ([4.0, 2.0], {"level": 3.0}, "📉"),
        ([4.0, float("nan"), 2.75], {"level": 3.0}, "📉"),
        ([2.75], {"level": 3.0}, "📈"),
        ([2.0], {"level": 3.0}, "🔔"),
    ],
)
def test_icons(closes: list[float], more: dict[str, Any], icon: str) -> None:
    assert seen(EventKind.FIRED, closes, **more).startswith(icon)


def test_crypto_is_shown_and_what_is_missing_is_said() -> None:
    lines = (crypto("BTC", 117_137.0, 0.006, 0.021, 0.04), crypto("Alts (10)", 241.0, 0.004, None, 3.14, priced=False))
    text = seen(EventKind.FIRED, [1.0, 2.0], crypto=lines, missing=("ETH",))
    assert (
        "Crypto at Thu 2 Jan 2020, 00:00 UTC\n"
        "              24 h    7 d   30 d\n"
        "BTC 117,137  +0.6%  +2.1%  +4.0%\n"
        "Alts (10)    +0.4%      –  +314%\n"
        "No figures for ETH: the sources gave none in time."
    ) in text


def test_an_old_crypto_price_says_of_which_day_it_is() -> None:
    lines = (crypto("BTC", 9.0, 0.1, 0.1, 0.1), crypto("ETH", 9.0, 0.1, 0.1, 0.1, as_of="2020-01-01"))
    assert "ETH: figures of Tue 31 Dec, not newer." in seen(EventKind.FIRED, [1.0, 2.0], crypto=lines)


def test_without_any_crypto_data_the_alert_says_so() -> None:
    text = seen(EventKind.FIRED, [1.0, 2.0], missing=("BTC", "ETH"))
    assert "No crypto figures for BTC, ETH: the sources gave none in time." in text


def test_why_and_caveats() -> None:
    told = render_alert(
        facts(EventKind.FIRED, [1.0, 2.0], why="Credit & risk.", caveats=("Not a cause.", "Few cases."))
    )
    assert "<blockquote expandable>Credit &amp; risk.</blockquote>" in told
    assert "<i>Not a cause.</i>\n<i>Few cases.</i>" in told


def test_neither_why_nor_a_caveat_is_cut() -> None:
    more = {"why": f"One reason. {'W' * 320}. Two.", "caveats": ("Not a cause.", "c" * 240, "Few cases.")}
    told = seen(EventKind.FIRED, [1.0, 2.0], **more)
    assert "\nOne reason.\n" in told
    assert "\nNot a cause.\n" in told
    assert "…" not in told


def answered(text: str, check: ClaimCheck) -> ClaimView:
    """A claim as the study of eight signals answers it."""
    return ClaimView(text, answer=measured(check, past(EIGHT)))


SAID = (
    answered("Bitcoin rose by 380 percent.", ClaimCheck(Measure.BEST, "BTC", 365, year=2020)),
    answered("Bitcoin broke out three times.", ClaimCheck(Measure.BREAKOUT, "BTC", 180, last=3)),
    answered("A third one.", ClaimCheck(Measure.RETURN, "BTC", 30)),
)


def evident(**more: Any) -> str:
    """An alert with all that can be told in it."""
    lines = (
        crypto("BTC", 117_137.0, 0.006, 0.021, 0.04),
        crypto("ETH", 4_590.0, -0.002, 0.017, 0.091),
        crypto("Alts (9)", 241.0, 0.004, 0.03, 0.075, priced=False),
    )
    told: dict[str, Any] = {
        "headline": "Russell 2000: first record close in 42 sessions",
        "crypto": lines,
        "caveats": ("Correlation is not causation.", "Funds lost 19.5 billion dollars (commentary, December 2025)."),
        "source": "yahoo",
        "history": past(EIGHT),
        "claims": SAID,
        "risk": PANEL,
        "correlation": moving(),
    }
    return seen(EventKind.FIRED, [*FLAT[:260], 120.0, *[110.0] * 41, 123.0], **(told | more))


def test_a_whole_alert_with_its_evidence() -> None:
    assert evident() == (
        "📈 Russell 2000: first record close in 42 sessions\n"
        "Russell 2000 closed at 123.00, 2.5 % above the record close of 18 Sep 2019 (120.00).\n"
        "\n"
        "Crypto at Thu 2 Jan 2020, 00:00 UTC\n"
        "              24 h    7 d   30 d\n"
        "BTC 117,137  +0.6%  +2.1%  +4.0%\n"
        "ETH   4,590  −0.2%  +1.7%  +9.1%\n"
        "Alts (9)     +0.4%  +3.0%  +7.5%\n"
        "\n"
        "What came after (8 earlier signals since 2011)\n"
        "BTC after 90 days: median +20 %, higher 4 of 8; any day +10 %, higher 60 %\n"
        "→ no difference seen\n"
        "“Bitcoin rose by 380 percent”: measured +314 % at best within 365 days\n"
        "“Bitcoin broke out three times”: BTC broke out within 180 days after 3 of 3 (any day: 84 %);"
        " left after 180 days: +200 %, +200 % and +200 %\n"
        "Risk: VIX 15.7 (34th percentile), IWM/SPY rising, HYG above its average\n"
        "\n"
        "Correlation is not causation.\n"
        "Funds lost 19.5 billion dollars (commentary, December 2025).\n"
        "\n"
        "Russell 2000 record · bar of Wed 30 Oct 2019, closed 21:00 UTC · yahoo"
    )


def test_where_there_is_room_the_correlation_is_told() -> None:
    assert "Correlation of BTC with IWM: +0.37 over 90 sessions" in evident(claims=SAID[:1])
    assert "Correlation of" not in evident()


def test_few_signals_are_listed_in_the_alert() -> None:
    told = evident(history=past(EIGHT[-2:], "BTC", StudyVerdict.CANT_TELL), claims=())
    assert "BTC after 90 days: +194 % (2021), +194 % (2025)\n→ can't tell\n" in told


def test_the_reasons_give_way_before_the_evidence() -> None:
    reason = "Two thousand small companies at a price that nobody ever paid before. "
    full = evident(why=reason * 3)
    assert 0 < full.count(reason.strip()) < 3
    assert full.replace(reason, "").replace(f"{reason.strip()}\n\n", "") == evident()
    short = evident(why=reason * 3, claims=(), caveats=())
    assert short.count("Two thousand") == 3
    assert evident(why="w" * 400) == evident()


def test_what_gives_way_first() -> None:
    titles = ["t" * 80, "h" * 230]
    crowded = evident(title=titles[0], headline=titles[1], caveats=("Not a cause.", "c" * 200))
    assert "c" * 100 not in crowded
    assert "Not a cause." in crowded
    assert "380 percent" in crowded
    assert "no difference seen" in crowded


def test_old_crypto_figures_are_called_old() -> None:
    lines = (crypto("BTC", 9.0, 0.1, 0.1, 0.1, as_of="2019-10-27"),)
    assert "These figures are 3 d older: the sources gave no newer ones in time." in evident(crypto=lines)
    assert "older" not in evident()


def test_a_headline_is_never_left_out() -> None:
    more = {"why": "w" * 900, "caveats": ("c" * 900,), "headline": "h" * 900, "title": "t" * 900, "market": "m" * 900}
    lines = tuple(crypto(f"C{i}", 1.0, 0.1, 0.1, 0.1) for i in range(30))
    told = render_alert(facts(EventKind.FIRED, [130.0, *FLAT, 101.0], level=100.5, crypto=lines, **more))
    assert html.visible_length(told) <= LIMIT
    assert "h" * 200 in told
    assert "the level of 100.50" in told


def test_an_empty_headline_is_the_title() -> None:
    assert seen(EventKind.FIRED, [1.0, 2.0], headline=" ").startswith("📈 Russell 2000 record\n")


texts = st.text(
    st.one_of(st.characters(codec="utf-8", exclude_categories=["Cs"]), st.sampled_from('<>&"😀 ')), max_size=500
)
claims = st.lists(st.builds(answered, texts, st.just(ClaimCheck(Measure.RETURN, "BTC", 90))), max_size=4).map(tuple)
numbers = st.one_of(st.none(), st.floats(allow_nan=True, allow_infinity=True))


@given(
    st.sampled_from(list(EventKind)),
    st.lists(st.floats(0.01, 1e6) | st.just(float("nan")), min_size=1, max_size=20),
    st.integers(0, 19),
    numbers,
    st.fixed_dictionaries(
        dict.fromkeys(("headline", "title", "market", "why", "source"), texts)
        | {"missing": st.lists(texts, max_size=4).map(tuple), "caveats": st.lists(texts, max_size=3).map(tuple)}
        | {"late": st.booleans(), "sessions_ago": st.integers(0, 9)}
        | {"history": st.sampled_from([None, past(EIGHT), past(EIGHT[:3]), past([])]), "claims": claims}
        | {"risk": st.sampled_from([None, PANEL]), "correlation": st.sampled_from([None, moving(), moving(None)])}
    ),
)
@settings(max_examples=100, deadline=None)
def test_whatever_the_facts_telegram_takes_it(
    kind: EventKind, closes: list[float], ago: int, level: float | None, more: dict[str, Any]
) -> None:
    told = render_alert(facts(kind, closes, min(ago, len(closes) - 1), level, **more))
    shown = parse_html(told).text
    assert shown
    assert len(shown.encode("utf-16-le")) // 2 <= LIMIT
