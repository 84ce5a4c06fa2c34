"""Text of /liquidity, at the width of a phone."""

from __future__ import annotations

from bot.evidence.liquidity import LiquidityReading
from bot.signals.timeframe import DAY, start_of
from bot.views.formatting import html
from bot.views.markets.liquidity import liquidity_line, render_liquidity

DAY_OF = start_of("2025-09-10")
READINGS = (
    LiquidityReading("NET_LIQUIDITY", DAY_OF, DAY_OF + 3 * DAY, 5_904.1, -235.0, 59.2),
    LiquidityReading("NFCI", DAY_OF, DAY_OF + 3 * DAY, -0.53, -0.05, 35.0),
    LiquidityReading("M2", DAY_OF, DAY_OF + 3 * DAY, 22_026.0, 255.0, 99.6),
    LiquidityReading("STABLECOINS", DAY_OF, DAY_OF + 3 * DAY, 285.3, None, None),
)


def test_the_table_fits_a_phone() -> None:
    text = html.visible(render_liquidity(READINGS))
    table = [line for line in text.split("\n") if line.startswith((" ", "Fed net ", "NFCI ", "M2 ", "Stables "))]
    assert table == [
        "           now 13 weeks 10 y",
        "Fed net  5,904     −235  59%",
        "NFCI     −0.53    −0.05  35%",
        "M2      22,026     +255 100%",
        "Stables  285.3        ?    ?",
    ]
    assert "Of 10 Sep, public since 13 Sep 2025." in text


def test_a_rank_among_fewer_years_is_marked() -> None:
    text = html.visible(render_liquidity([LiquidityReading("HY_SPREAD", DAY_OF, DAY_OF + DAY, 2.79, -0.39, 3.0, 3)]))
    assert "HY spread 2.79    −0.39  3%*" in text
    assert text.splitlines()[3].endswith("figures that were lower. * of so many years: HY spread 3.")


def test_one_sentence_counts_what_became_easier() -> None:
    assert liquidity_line(READINGS) == "Liquidity: 2 of 3 easier than 13 weeks ago; Fed liquidity falls"


def test_all_six_series_fit_under_a_picture() -> None:
    names = ("NET_LIQUIDITY", "NFCI", "M2", "HY_SPREAD", "BROAD_DOLLAR", "STABLECOINS")
    readings = [LiquidityReading(name, DAY_OF, DAY_OF + 3 * DAY, 22_026.0, -1_255.0, 100.0) for name in names]
    assert len(f"SIMULATED\n{html.visible(render_liquidity(readings))}".encode("utf-16-le")) // 2 <= 1_024


def test_what_has_no_figure_is_named() -> None:
    words = liquidity_line(READINGS, ["HY_SPREAD", "BROAD_DOLLAR"])
    assert words == ("Liquidity: 2 of 3 easier than 13 weeks ago; Fed liquidity falls; no figures of HY spread, Dollar")
    assert liquidity_line((), ["NFCI"]) == "Liquidity: no figures of NFCI"
    assert liquidity_line(()) == ""


def test_without_figures_it_says_what_brings_them() -> None:
    assert "macro markets in the config" in html.visible(render_liquidity(()))
