"""The doctor names what is ill and what mends it, through the real sources on loopback."""

from __future__ import annotations

import asyncio
import json
from datetime import UTC, datetime
from pathlib import Path

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
