"""`data fetch` brings the history of every market, and `--data demo` takes a simulated one."""

from __future__ import annotations

import asyncio
import fcntl
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.app.components import build_scan
from bot.app.rule_reloader import RuleReloader
from bot.app.workers import WorkerPool
from bot.cli.data import groups
from bot.market.model import Market, MarketKind
from bot.settings import load_settings
from bot.signals.timeframe import Timeframe
from bot.store.database import open_database
from bot.store.store import Store
from tests.acceptance.running_bot import coin_bars, index_bars
from tests.cli.test_operator import bellwether
from tests.replay import Replay

CONFIG = """
markets:
  RUT: {{title: Russell 2000, kind: index, sources: [{{yahoo: ^RUT, options: {{base_url: {vendor}}}}}]}}
  BTC: {{title: Bitcoin, kind: crypto, sources: [{{exchange: BTC}}]}}
  ETH: {{title: Ether, kind: crypto, sources: [{{exchange: ETH}}]}}
crypto: [BTC]
funds: []
exchanges: [{{id: binance, quote: USDT, options: {{base_url: {vendor}}}}}]
"""
RULE = "title: Bitcoin high\nmarket: BTC\nwhen: close > highest(close, 20)[1]\nheadline: H\n"


def test_the_history_of_every_market_is_fetched_and_the_next_time_only_what_is_missing(tmp_path: Path) -> None:
    today = datetime.now(UTC).date()
    (tmp_path / "rules").mkdir()
    (tmp_path / "rules" / "bitcoin-high.yaml").write_text(RULE)
    with Replay() as vendor:
        vendor.world.add("BTCUSDT", "1d", coin_bars(today.isoformat()))
        vendor.world.add("^RUT", "1d", index_bars((today - timedelta(days=5)).isoformat()), instrument="INDEX")
        (tmp_path / "config.yaml").write_text(CONFIG.format(vendor=vendor.url))
        lost = bellwether(tmp_path, "backtest", "bitcoin-high")
        first = bellwether(tmp_path, "data", "fetch")
        again = bellwether(tmp_path, "data", "fetch", "btc")
    assert lost.returncode == 2
    assert "`bellwether data fetch`" in lost.stderr
    assert "--data demo" in lost.stderr
    lines = first.stdout.splitlines()
    assert lines[0].startswith("RUT  ")
    assert ", yahoo" in lines[0]
    assert lines[1].startswith("BTC  99 bars, ")
    assert lines[2:] == ["ETH  no bars: binance: unknown symbol", "1 market has no bars; the same command tries again"]
    assert (first.returncode, again.returncode) == (1, 0)
    assert "99 bars" in again.stdout
    assert "nothing new" in again.stdout
    told = json.loads(bellwether(tmp_path, "backtest", "bitcoin-high", "--json").stdout)
    assert told["rules"][0]["events"]


def test_what_has_no_source_that_may_be_asked_is_off_and_not_lost(tmp_path: Path) -> None:
    (tmp_path / "rules").mkdir()
    (tmp_path / "config.yaml").write_text(
        "markets:\n  IWM_FLOWS: {title: Flows, kind: macro, sources: [{sec_nport: IWM}]}\ncrypto: []\nfunds: []\n"
        "rules: [./rules]\n"
    )
    done = bellwether(tmp_path, "data", "fetch")
    assert done.returncode == 0
    assert done.stdout == ("off, since no source of theirs may be asked (`bellwether doctor` says why): IWM_FLOWS\n")


def test_bars_within_a_day_come_with_the_rules_that_read_them(tmp_path: Path) -> None:
    now = int(datetime.now(UTC).timestamp()) // 3_600 * 3_600
    hours = [[now - 3_600 * (60 - at), c := 100.0 + at % 7, c + 1, c - 1, c, 10.0] for at in range(61)]
    (tmp_path / "rules").mkdir()
    hourly = RULE.replace("when:", "timeframe: 1h\nwhen:").replace("20)", "5)")
    (tmp_path / "rules" / "bitcoin-hour.yaml").write_text(hourly)
    with Replay() as vendor:
        vendor.world.add("BTCUSDT", "1d", coin_bars(datetime.now(UTC).date().isoformat()))
        vendor.world.add("BTCUSDT", "1h", hours)
        (tmp_path / "config.yaml").write_text(CONFIG.format(vendor=vendor.url))
        told = bellwether(tmp_path, "data", "fetch", "BTC")
    assert told.returncode == 0, told.stdout + told.stderr
    assert [line.split("  ")[0] for line in told.stdout.splitlines()] == ["BTC", "BTC 1h"]
    run = bellwether(tmp_path, "backtest", "bitcoin-hour", "--json")
    assert json.loads(run.stdout)["rules"][0]["timeframe"] == "1h"
    assert bellwether(tmp_path, "rules", "explain", "bitcoin-hour").returncode == 0


def test_hours_come_with_the_rules_whose_days_are_looked_at_as_they_form(tmp_path: Path) -> None:
    now = int(datetime.now(UTC).timestamp()) // 3_600 * 3_600
    hours = [[now - 3_600 * (90 - at), c := 109_700.0 + at % 7, c + 1, c - 1, c, 10.0] for at in range(91)]
    (tmp_path / "rules").mkdir()
    (tmp_path / "rules" / "bitcoin-high.yaml").write_text(RULE + "trigger: intraday\n")
    with Replay() as vendor:
        vendor.world.add("BTCUSDT", "1d", coin_bars(datetime.now(UTC).date().isoformat()))
        (tmp_path / "config.yaml").write_text(CONFIG.format(vendor=vendor.url))
        bellwether(tmp_path, "data", "fetch", "BTC")
        before = bellwether(tmp_path, "backtest", "bitcoin-high", "--json")
        vendor.world.add("BTCUSDT", "1h", hours)
        told = bellwether(tmp_path, "data", "fetch", "BTC")
    assert before.stderr == (
        "bitcoin-high: its days are looked at once they have closed; to look at them hour by hour, "
        "wanted: hours of BTC, which the running bot fetches at night, or `bellwether data fetch` while none runs\n"
    )
    assert [line.split("  ")[0] for line in told.stdout.splitlines()] == ["BTC", "BTC 1h"]
    run = bellwether(tmp_path, "backtest", "bitcoin-high", "--json")
    assert "hour by hour" not in run.stderr
    (rule,) = json.loads(run.stdout)["rules"]
    assert rule["hours"]["days"] in {3, 4}


def test_a_bot_that_runs_keeps_its_database_to_itself(tmp_path: Path) -> None:
    open_database(tmp_path / "bellwether.db").close()
    with (tmp_path / "bellwether.db-lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        told = bellwether(tmp_path, "data", "fetch")
    assert told.returncode == 2
    assert "leave it to the bot (`bellwether status` says how far it is), or stop the bot first" in told.stderr
    assert len(told.stderr.splitlines()) == 1


@pytest.mark.parametrize("line", ["levels IWM", "backtest iwm-resistance-break", "evidence iwm-resistance-break"])
def test_a_simulated_market_answers_offline_and_says_what_it_is(tmp_path: Path, line: str) -> None:
    told = bellwether(tmp_path, *line.split(), "--data", "demo")
    assert told.returncode == 0, told.stderr
    assert told.stderr == "demo: a simulated market; no price of it is real\n"
    assert told.stdout


def test_a_folder_called_demo_goes_before_the_simulated_market(tmp_path: Path) -> None:
    (tmp_path / "demo").mkdir()
    told = bellwether(tmp_path, "levels", "IWM", "--data", "demo")
    assert told.returncode == 2
    assert told.stderr == "demo: IWM: no bars of this market here; wanted: a file demo/IWM.csv\n"


def test_markets_are_fetched_with_those_that_they_are_judged_by() -> None:
    sisters = {"RUT": "IWM", "IWM": "RUT", "VIX": "", "IWN": "IWM", "BTC": ""}
    markets = {name: Market(name, name, MarketKind.EQUITY, "XNYS", (), (), kin) for name, kin in sisters.items()}
    assert list(groups(list(markets), markets)) == [["RUT", "IWM", "IWN"], ["VIX"], ["BTC"]]


def test_the_evidence_is_split_by_what_was_public_at_each_signal(tmp_path: Path) -> None:
    done = bellwether(tmp_path, "evidence", "iwm-resistance-break", "--data", "demo", "--json")
    (split,) = json.loads(done.stdout)["conditions"]
    assert (split["market"], split["unknown"]) == ("NET_LIQUIDITY", 0)
    above, below = split["branches"]
    assert above["n"] + below["n"] == json.loads(done.stdout)["n"]
    assert list(above["horizons"]) == ["90"]
    assert above["horizons"]["90"]["base_hit_rate"] != below["horizons"]["90"]["base_hit_rate"]


def test_without_a_network_every_market_is_told_and_a_way_to_go_on(tmp_path: Path) -> None:
    (tmp_path / "rules").mkdir()
    (tmp_path / "config.yaml").write_text(CONFIG.format(vendor="http://127.0.0.1:9"))
    done = bellwether(tmp_path, "data", "fetch")
    assert done.returncode == 1
    lines = done.stdout.splitlines()
    assert lines[:3] == [f"{name}  no bars: {source}: unreachable" for name, source in SOURCES.items()]
    assert lines[3] == "3 markets have no bars; the same command tries again"
    assert lines[4].endswith("Offline, --data demo takes a simulated market.")


SOURCES = {"RUT": "yahoo", "BTC": "binance", "ETH": "binance"}


def test_a_replay_names_the_markets_without_bars_in_one_line(tmp_path: Path) -> None:
    done = bellwether(tmp_path, "replay", "--from", "2024-01-02", "--to", "2024-01-03", "--data", "demo")
    assert done.returncode == 0
    _, told = done.stderr.splitlines()
    assert told.startswith("without bars, so left out: ")


async def test_a_running_bots_night_brings_the_hours_through_the_real_client_and_the_shell_reads_them(
    tmp_path: Path,
) -> None:
    """The worker's process with the real ccxt, the bot's database, and `backtest` and `status` beside the bot."""
    now = int(datetime.now(UTC).timestamp()) // 3_600 * 3_600
    hours = [[now - 3_600 * (90 - at), c := 109_700.0 + at % 7, c + 1, c - 1, c, 10.0] for at in range(91)]
    (tmp_path / "rules").mkdir()
    (tmp_path / "rules" / "bitcoin-high.yaml").write_text(RULE + "trigger: intraday\n")
    with Replay() as vendor:
        vendor.world.add("BTCUSDT", "1d", coin_bars(datetime.now(UTC).date().isoformat()))
        vendor.world.add("BTCUSDT", "1h", hours)
        (tmp_path / "config.yaml").write_text(CONFIG.format(vendor=vendor.url) + "rules: [rules]\n")
        await asyncio.to_thread(bellwether, tmp_path, "data", "fetch", "RUT")
        settings = load_settings(tmp_path / "config.yaml", {}, tmp_path)
        store, workers = Store(tmp_path / "bellwether.db"), WorkerPool()
        book = RuleReloader(settings.rules, settings.market_names)
        scan = build_scan(settings, settings.specs, store, workers.external, book)
        try:
            await scan.bar_cache.open([("BTC", Timeframe.D1)])
            await scan.fetcher.gather([("BTC", Timeframe.D1)], now)
            assert await scan.hours.collect(lambda: now) in {89, 90}
            refused = await asyncio.to_thread(bellwether, tmp_path, "data", "fetch")
            run = await asyncio.to_thread(bellwether, tmp_path, "backtest", "bitcoin-high", "--json")
        finally:
            await scan.close()
            await store.close()
            await workers.close()
    assert "leave it to the bot" in refused.stderr
    assert "hour by hour" not in run.stderr
    assert json.loads(run.stdout)["rules"][0]["hours"]["days"] in {3, 4}
