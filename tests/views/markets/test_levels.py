"""Texts of levels."""

from __future__ import annotations

from bot.signals.levels.snapshot import LevelSnapshot, LevelView
from bot.signals.timeframe import DAY, Timeframe, start_of
from bot.views.formatting import html
from bot.views.markets.levels import render_levels

BAR = start_of("2026-11-19")


def rung(price: float, *touches: str, role: str = "resistance", pinned: bool = False) -> LevelView:
    return LevelView(price, price, price, role, price / 250 - 1, tuple(start_of(day) for day in touches), None, pinned)  # type: ignore[arg-type]


def plain(*rungs: LevelView, shown: int = 8) -> str:
    ladder = LevelSnapshot("IWM", Timeframe.D1, BAR, BAR + DAY, 250.0, rungs)
    return html.visible(render_levels(ladder, "IWM <fund>", shown))


def test_resistance_above_support_below_the_price_between() -> None:
    assert plain(
        rung(1_254.12, "2026-01-22", "2026-03-03", "2026-11-03"),
        rung(252.0, pinned=True),
        rung(249.5, "2025-12-30"),
        rung(240.0, "2025-12-30", "2026-02-02", role="support", pinned=True),
    ) == (
        "IWM <fund>, bar of Thu 19 Nov 2026\n"
        "  1,254.12 +402%  3× Jan–Nov 26\n"
        "    252.00 +0.8%  pinned\n"
        "▸   250.00        close\n"
        "    249.50 −0.2%  1× Dec 25\n"
        "    closed above, not yet support\n"
        "    240.00 −4.0%  2× Dec 25–Feb 26\n"
        "    pinned\n"
        "×: how often it was touched, first and last month"
    )


def test_nothing_above_and_nothing_below() -> None:
    assert "nothing above: no level was higher\n▸ 250.00" in plain(rung(249.5, "2025-12-30", role="support"))
    assert plain(rung(254.0, "2025-12-30")).split("close\n")[1].startswith("nothing below: no level was lower\n")


def test_those_far_away_are_counted() -> None:
    above = [rung(270.0 - at, "2025-12-30") for at in range(5)]
    below = [rung(240.0 - at, "2025-12-30", role="support") for at in range(4)]
    lines = plain(*above, *below, shown=2).split("\n")
    assert lines[1].strip() == "… 3 higher"
    assert [line.split()[0] for line in lines[2:4]] == ["267.00", "266.00"]
    assert [line.split()[0] for line in lines[5:7]] == ["240.00", "239.00"]
    assert lines[-2].strip() == "… 2 lower"


def test_no_level_at_all() -> None:
    assert "No level stands" in plain()
