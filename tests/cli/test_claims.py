"""`bellwether claims`, as a person types it."""

from __future__ import annotations

import csv
import json
from datetime import date, timedelta
from pathlib import Path

import pytest

from tests.cli.author import RULE, Shell

CLAIMS = """claims:
  - text: Bitcoin rises after it.
    source: somebody
    made: 2024-01-02
    check: {measure: return, asset: BTC, within: 90 days}
  - text: Bitcoin mirrors IWM.
    source: somebody
    made: 2024-01-02
    stance: against
    check: {measure: correlation, asset: BTC}
  - {text: It always works., source: somebody, made: 2024-01-02}
  - {text: Said later., source: somebody, made: 2030-01-02}
"""
SHARED = Path(__file__).parents[2].parent / "shared" / "data" / "daily"


def write_bitcoin(folder: Path) -> dict[str, float]:
    """Two years of Bitcoin that falls by a half per mille a day."""
    days = [date(2023, 1, 3) + timedelta(days=at) for at in range(700)]
    closes = {str(day): round(20_000 * 0.9995**at, 2) for at, day in enumerate(days)}
    rows = [f"{day},{close},{close},{close},{close},1" for day, close in closes.items()]
    (folder / "BTC.csv").write_text("\n".join(["date,open,high,low,close,volume", *rows]) + "\n")
    return closes


@pytest.fixture
def closes(place: Path) -> dict[str, float]:
    (place / "rules" / "iwm-tops.yaml").write_text(RULE + CLAIMS)
    return write_bitcoin(place / "data")


def test_the_document_is_the_contract(shell: Shell, closes: dict[str, float]) -> None:
    found = json.loads(shell("claims iwm-tops --data data --json"))["claims"]
    assert [claim["text"] for claim in found] == ["Bitcoin rises after it.", "Bitcoin mirrors IWM.", "It always works."]
    rises, mirrors, bare = found
    assert (rises["rule"], rises["made"], rises["stance"]) == ("iwm-tops", "2024-01-02", "for")
    assert (rises["measure"], rises["asset"], rises["within"], rises["state"]) == ("return", "BTC", 90, "missed")
    for days in (90, 180, 270):
        then = closes[str(date(2024, 1, 2) + timedelta(days=days))]
        assert rises["since"][str(days)] == pytest.approx(then / closes["2024-01-02"] - 1)
    assert rises["since"]["365"] is None
    assert rises["before"]["n"] > 3
    assert rises["before"]["base_median"] < 0
    assert (mirrors["state"], mirrors["stance"]) == ("met", "against")
    assert abs(mirrors["since"]["correlation"]) < 0.3
    assert mirrors["before"]["with"] == "IWM"
    assert (bare["measure"], bare["before"], bare["since"], bare["state"]) == (None, None, None, "open")


def test_the_words(shell: Shell, closes: dict[str, float]) -> None:
    assert closes
    told = shell("claims --data data")
    assert told.startswith("Claims: 1 open, 1 met, 1 missed")
    assert "❌ “Bitcoin rises after it.” (somebody, 2 Jan 2024)" in told


def test_as_of_a_day_that_lies_ahead_is_as_of_today(shell: Shell, closes: dict[str, float]) -> None:
    ahead = shell("claims --data data --at 2135-01-01")
    assert shell.err == "2135-01-01 lies ahead; what is known today is taken\n"
    assert shell("claims --data data") == ahead


def test_as_of_a_day_nothing_is_known_that_came_later(shell: Shell, closes: dict[str, float]) -> None:
    assert closes
    early = json.loads(shell("claims --data data --json --at 2024-02-15"))["claims"][0]
    assert early["state"] == "open"
    assert set(early["since"].values()) >= {None}
    assert all(early["since"][str(days)] is None for days in (90, 180, 270, 365))
    assert json.loads(shell("claims --data data --json --at 2023-12-29"))["claims"] == []


def test_a_market_without_bars_is_named(shell: Shell, place: Path) -> None:
    (place / "rules" / "iwm-tops.yaml").write_text(RULE + CLAIMS)
    (place / "data" / "IWM.csv").unlink()
    write_bitcoin(place / "data")
    shell("claims --data data", code=2)
    assert "IWM: no bars of this market" in shell.err


@pytest.mark.skipif(not SHARED.is_dir(), reason="needs real market history, which is not in the repository")
def test_the_claims_of_december_2025_by_a_plain_look_up(shell: Shell, place: Path) -> None:
    for path in (place / "rules").glob("*.yaml"):
        path.unlink()
    shipped = Path(__file__).parents[2] / "rules"
    for path in shipped.glob("*.yaml"):
        (place / "rules" / path.name).write_bytes(path.read_bytes())
    found = json.loads(shell(f"claims --json --data {SHARED}"))["claims"]
    for claim in found:
        if claim["since"] is None or not (SHARED / f"{claim['asset']}.csv").is_file():
            continue
        with (SHARED / f"{claim['asset']}.csv").open() as handle:
            closes = {row["date"]: float(row["close"]) for row in csv.DictReader(handle)}
        for days in (90, 180, 270):
            then = closes[str(date(2025, 12, 11) + timedelta(days=days))]
            assert claim["since"][str(days)] == pytest.approx(then / closes["2025-12-11"] - 1)
    by_asset = {claim["asset"]: claim["since"] for claim in found if claim["since"]}
    assert [round(by_asset["BTC"][days], 2) for days in ("90", "180", "270")] == [-0.24, -0.33, -0.15]
    assert [round(by_asset["ETH"][days], 2) for days in ("90", "180", "270")] == [-0.37, -0.49, -0.23]
