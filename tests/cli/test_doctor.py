"""The doctor names what is ill and what mends it, through the real sources on loopback."""

from __future__ import annotations

import asyncio
import json
import socket
from datetime import UTC, datetime
from pathlib import Path

from bot.cli.doctor.check import Check, one_for_each_cause
from bot.sandbox.server import Sandbox
from bot.store.database import open_database
from tests.acceptance.running_bot import coin_bars
from tests.cli.test_operator import bellwether
from tests.replay import Replay

CONFIG = """
telegram: {{api_url: {api}}}
markets:
  BTC: {{title: Bitcoin, kind: crypto, sources: [{{exchange: BTC}}]}}
  ETH: {{title: Ether, kind: crypto, sources: [{{exchange: ETH}}]}}
crypto: [BTC]
funds: []
exchanges: [{{id: binance, quote: USDT, options: {{base_url: {vendor}}}}}]
"""


async def test_the_doctor_tries_everything_and_says_what_mends_it(tmp_path: Path) -> None:
    sandbox = Sandbox()
    await sandbox.start()
    (tmp_path / "rules").mkdir()
    (tmp_path / "rules" / "broken.yaml").write_text("title: x\n")
    open_database(tmp_path / "bellwether.db").close()
    with Replay() as vendor:
        vendor.world.add("BTCUSDT", "1d", coin_bars(datetime.now(UTC).date().isoformat()))
        (tmp_path / "config.yaml").write_text(CONFIG.format(api=sandbox.url, vendor=vendor.url))
        told = await asyncio.to_thread(bellwether, tmp_path, "doctor", "--json", TELEGRAM_TOKEN=sandbox.token)
        wrong = await asyncio.to_thread(bellwether, tmp_path, "doctor", TELEGRAM_TOKEN="123456:" + "A" * 35)
    await sandbox.close()
    assert told.returncode == 1
    document = json.loads(told.stdout)
    checks = {check["name"]: check for check in document["checks"]}
    assert document["ok"] is False
    assert {name for name, check in checks.items() if check["ok"]} >= {
        "config",
        "telegram",
        "database",
        "calendar",
        "charts",
    }
    assert "broken.yaml" in checks["rules"]["detail"]
    assert "rules check" in checks["rules"]["remedy"]
    assert checks["market ETH"]["detail"] == "binance: unknown symbol"
    assert "config.yaml" in checks["market ETH"]["remedy"]
    assert "✗ telegram: Telegram does not know this token" in wrong.stdout
    assert sandbox.token not in told.stdout + told.stderr


OFFLINE = """
telegram: {{api_url: {nowhere}}}
markets:
  RUT: {{title: A, kind: index, sources: [{{yahoo: ^RUT, options: {{base_url: {nowhere}}}}}]}}
  IWM: {{title: B, kind: equity, sources: [{{yahoo: IWM, options: {{base_url: {nowhere}}}}}]}}
  IWN: {{title: C, kind: equity, sources: [{{yahoo: IWN, options: {{base_url: {nowhere}}}}}]}}
  SPY: {{title: D, kind: equity, sources: [{{yahoo: SPY, options: {{base_url: {nowhere}}}}}]}}
  OWN: {{title: E, kind: equity, sources: [{{csv: csv/nix.csv}}]}}
crypto: []
funds: []
exchanges: []
"""


def test_offline_one_cause_is_told_once_and_a_missing_file_by_its_name(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        nowhere = f"http://127.0.0.1:{taken.getsockname()[1]}"
    (tmp_path / "config.yaml").write_text(OFFLINE.format(nowhere=nowhere))
    told = bellwether(tmp_path, "doctor", "--json", TELEGRAM_TOKEN="123456:" + "A" * 35)
    checks = {check["name"]: check for check in json.loads(told.stdout)["checks"]}
    assert checks["network"]["detail"] == "out of reach: Telegram, RUT, IWM, IWN, SPY"
    assert "HTTPS_PROXY" in checks["network"]["remedy"]
    assert "csv/nix.csv: no such file" in checks["market OWN"]["detail"]
    assert not {"telegram", "market RUT", "market SPY"} & set(checks)


def test_failures_of_one_cause_are_one_and_others_stand_for_themselves() -> None:
    ill = [
        Check("market A", False, "yahoo: rate limited", "wait", subject="A", cause="limit"),
        Check("rules", False, "broken", "mend"),
        Check("market B", False, "yahoo: rate limited", "wait", subject="B", cause="limit"),
    ]
    assert one_for_each_cause(ill) == [Check("markets A, B", False, "yahoo: rate limited", "wait"), ill[1]]
