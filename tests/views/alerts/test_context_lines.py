"""The lines of risk and correlation."""

from __future__ import annotations

from dataclasses import replace

from bot.evidence.risk.breadth import Breadth
from bot.evidence.risk.earnings import LosingCompanies
from bot.evidence.risk.fund_flows import Flow, FundFlows
from bot.evidence.risk.published_figures import PUBLISHED_FIGURES
from bot.evidence.risk.risk_panel import Activity, RiskPanel, RiskSign
from bot.sandbox.markup.parser import parse_html
from bot.signals.timeframe import DAY, start_of
from bot.views.alerts.context_lines import correlation_line, risk_line
from bot.views.markets.crypto_now import Caps, CryptoNow, render_crypto_now
from bot.views.markets.risk import render_risk
from tests.views.alert_facts import crypto
from tests.views.pasts import moving

NOW = start_of("2026-09-28")
PANEL = RiskPanel(
    signs=(
        RiskSign("VIX", NOW, 15.7, -0.12, 34.9, leans=True),
        RiskSign("IWM/SPY", NOW, 0.412, 0.021, 12.3, leans=True),
        RiskSign("SPHB/SPLV", NOW, 1.253, -0.03, 80.0, leans=False),
        RiskSign("Crypto mood", NOW, 69.0, -4.0, None, leans=False, points=True),
        RiskSign("BTC funding", NOW, 0.00031, 0.0001, 50.0, leans=True, points=True),
    ),
    volume=Activity(NOW, 2e7, 1.26),
    missing=("HYG/IEF", "Dollar"),
)
NOTHING = RiskPanel((), None, ("VIX", "HYG/IEF"))


def seen(told: str) -> str:
    return parse_html(told).text.replace("\u00a0", " ")


def test_risk_in_a_line() -> None:
    assert (
        risk_line(PANEL).replace("\u00a0", " ")
        == "Risk: 3 of 5 signs lean to risk, 2 unknown, VIX 15.7, IWM/SPY rising"
    )
    assert risk_line(replace(PANEL, signs=PANEL.signs[2:3])) == "Risk: 0 of 1 signs lean to risk, 2 unknown"
    assert risk_line(NOTHING) == "Risk: no figures, the sources gave none in time"


def test_signs_of_the_session_before_are_named() -> None:
    close = NOW + 20 * 3_600
    vix, small_caps, beta, *macro = (replace(each, as_of=close) for each in PANEL.signs)
    macro = [replace(each, as_of=NOW) for each in macro]  # their days end at midnight; they are not behind
    assert risk_line(replace(PANEL, signs=(vix, small_caps, beta, *macro)), close).endswith("IWM/SPY rising")
    before = [replace(each, as_of=close - 3 * DAY) for each in (vix, small_caps, beta)]
    for at in (close, None):
        told = risk_line(replace(PANEL, signs=(before[0], small_caps, before[2], *macro)), at)
        assert told.endswith(", IWM/SPY rising; VIX, SPHB/SPLV as of 25 Sep 2026")
    told = risk_line(replace(PANEL, signs=(*before, *macro)), close)
    assert told.endswith(", IWM/SPY rising; prices as of 25 Sep 2026")
    assert "as of" not in risk_line(replace(PANEL, signs=(*before, *macro)))
    earlier = replace(beta, as_of=close - 4 * DAY)
    told = risk_line(replace(PANEL, signs=(before[0], small_caps, earlier, *macro)), close)
    assert told.endswith("; VIX, SPHB/SPLV as of 24 Sep to 25 Sep 2026")


def test_correlation_in_a_line() -> None:
    assert correlation_line(moving()).replace("\u00a0", " ") == (
        "Correlation of BTC with IWM: +0.37 over 90 sessions, above 82 % of three years"
    )
    assert correlation_line(moving(None)) == ""


def test_risk_in_full() -> None:
    month = Flow(-1.234e9, NOW - 30 * DAY, NOW, whole=True)
    year = Flow(2.5e8, start_of("2026-03-02"), NOW, whole=False)
    flows = {"IWM": FundFlows("IWM", None, month, year)}
    assert seen(render_risk(PANEL, flows, LosingCompanies(NOW, 792, 1_980))) == (
        "Appetite for risk: 3 of 5 lean to risk\n"
        "                now 20 bars 3 y\n"
        "▲ VIX          15.7  −12.0% 35%\n"
        "▲ IWM/SPY     0.412   +2.1% 12%\n"
        "▽ SPHB/SPLV   1.253   −3.0% 80%\n"
        "▽ Crypto mood  69.0      −4   ?\n"
        "▲ BTC funding 0.03%  +0.01% 50%\n"
        "▲ leans to risk over 20 bars. 3 y: the share of 3 years that was lower.\n"
        "IWM volume: 1.3 times its average\n"
        "No figures for HYG/IEF, Dollar: the sources gave none in time.\n"
        "Money into IWM, as the bot reckons: −$1.23 bn in 30 days, +$250 m in this year (known since 2 Mar 2026 only)\n"
        "Earnings: 792 of 1,980 US small caps (40 %) lost money over the last four quarters (screened 28 Sep 2026)"
    )


def test_what_others_published_is_marked_as_theirs() -> None:
    told = seen(render_risk(NOTHING))
    assert "No figures: the sources gave none in time." in told
    for name, fact in (
        ("Fund flows", PUBLISHED_FIGURES["fund flows"]),
        ("Earnings", PUBLISHED_FIGURES["losing companies"]),
    ):
        assert f"{name}: last known: {fact.text} (market commentary, December 2025)" in told
    assert "No figures: the sources gave none in time." in seen(render_risk(None))


def test_crypto_in_full() -> None:
    lines = (
        crypto("BTC", 117_137.0, 0.006, 0.021, 0.04, as_of="2026-09-28"),
        crypto("Alts (9)", 241.0, 0.004, None, 3.14, as_of="2026-09-28", priced=False),
    )
    facts = CryptoNow(
        now=NOW,
        lines=(
            replace(lines[0], performance=replace(lines[0].performance, distance=-0.062, record=124_753.0)),
            lines[1],
        ),
        missing=("ETH",),
        breadth=Breadth("BTC", NOW, ("SOL", "<X>"), ("SOL", "<X>", "ADA"), ("LTC",)),
        caps=Caps(NOW, 2.99e12, 1.294e12, 0.5863, "coingecko"),
        correlations=(moving(),),
    )
    assert seen(render_crypto_now(facts)) == (
        "Crypto at Mon 28 Sep 2026, 00:00 UTC\n"
        "          24 h   7 d  30 d 90 d\n"
        "BTC      +0.6% +2.1% +4.0%    –\n"
        "Alts (9) +0.4%     – +314%    –\n"
        "No figures for ETH: the sources gave none in time.\n"
        "\n"
        "BTC: 117,137, 6.2 % under its record close of 124,753 (1 Jan 2019)\n"
        "Alts (9): at its record close (1 Jan 2019)\n"
        "\n"
        "2 of the 3 coins in the alt basket beat BTC over 90 days: SOL, <X>\n"
        "Not counted, for want of prices: LTC\n"
        "All of crypto $2.99 tn, altcoins $1.29 tn, Bitcoin's share 58.6 % (28 Sep 2026, coingecko)\n"
        "\n"
        "BTC and IWM: correlation +0.37 over 30 sessions (above 82 % of three years), +0.37 over 90 sessions (above"
        " 82 % of three years), beta 0.7. Neither goes first: it is largest on the same day (+0.40, where chance"
        " alone reaches 0.05).\n"
        "\n"
        "Two prices that move together need not move each other. Not investment advice."
    )


def test_who_goes_first() -> None:
    def told(both: object) -> str:
        return seen(render_crypto_now(CryptoNow(NOW, (), correlations=(both,))))  # type: ignore[arg-type]

    assert "IWM goes first by 2 sessions (+0.40, where chance alone reaches 0.05)." in told(moving(lag=2))
    assert "BTC goes first by 1 session (−0.30, where chance" in told(moving(lag=-1, largest=-0.3))
    assert "No more at any lag than chance alone brings." in told(moving(lag=2, band=0.5))
    assert "Too few days to say whether one goes first." in told(replace(moving(), lead_lag=None))
    assert "BTC and IWM: too few days with both prices to correlate." in told(moving(None))


def test_crypto_without_any_figures() -> None:
    told = seen(render_crypto_now(CryptoNow(NOW, (), ("BTC", "ETH"), caps=Caps(NOW))))
    assert told.startswith("No crypto figures for BTC, ETH: the sources gave none in time.\n\nTwo prices")


def test_old_figures_are_called_old() -> None:
    lines = (crypto("BTC", 9.0, 0.1, 0.1, 0.1, as_of="2026-09-25"),)
    assert "These figures are 3 d older: the sources gave no newer ones in time." in seen(
        render_crypto_now(CryptoNow(NOW, lines))
    )
