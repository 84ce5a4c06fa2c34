"""Another process can run the vendors' stand-in and tell it what to say."""

import json
import subprocess
import sys
import urllib.request

import pytest

from bot.signals.timeframe import start_of
from tests.market.vendors import flat


@pytest.fixture
def address(tmp_path):
    state = tmp_path / "state.json"
    opens = [start_of("2026-11-19T14:30Z")]
    state.write_text(json.dumps({"bars": [{"symbol": "IWM", "interval": "1d", "rows": flat(opens)}], "faults": []}))
    command = [sys.executable, "-m", "tests.replay", "--port", "0", "--file", str(state)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        yield process.stdout.readline().strip()
        process.stdin.close()
        assert process.wait(timeout=10) == 0


def asked(url: str, document: object = None) -> object:
    body = None if document is None else json.dumps(document).encode()
    with urllib.request.urlopen(url, data=body, timeout=10) as answer:
        return json.load(answer)


def closes(address: str) -> list[float]:
    found = asked(f"{address}/v8/finance/chart/IWM?period1=0&period2=2000000000&interval=1d")
    return found["chart"]["result"][0]["indicators"]["quote"][0]["close"]


def test_bars_faults_and_requests_over_http(address):
    assert closes(address) == [100.0]
    row = [start_of("2026-11-20T14:30Z"), 1, 2, 1, 1.5, 10]
    assert asked(f"{address}/control/bars", {"symbol": "IWM", "interval": "1d", "rows": [row]}) == {"ok": True}
    assert closes(address) == [100.0, 1.5]
    asked(f"{address}/control/fault", {"path": "/chart/IWM", "body": "[]", "times": 1})
    assert asked(f"{address}/v8/finance/chart/IWM?period1=0&period2=1&interval=1d") == []
    assert closes(address) == [100.0, 1.5]
    assert len(asked(f"{address}/control/requests")) == 4
    asked(f"{address}/control/reset", {})
    assert asked(f"{address}/control/requests") == []
