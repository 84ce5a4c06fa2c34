"""The systemd unit's own command, in its folder, with its environment, and as shut in as this machine allows."""

from __future__ import annotations

import asyncio
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from bot.cli.service import unit
from bot.sandbox.server import Sandbox
from bot.sandbox.users import SOMEBODY

pytestmark = pytest.mark.timeout(120)

CONFIG = """
telegram: {{api_url: {api}, token: "{token}", operators: [42], access: open}}
markets:
  BTC: {{title: Bitcoin, kind: crypto, sources: [{{csv: btc.csv}}]}}
crypto: [BTC]
schedule: {{look: 1 second}}
"""
RULE = 'title: Up\nmarket: BTC\ntimeframe: 1d\nwhen: close > sma(close, 3)\nheadline: "BTC is up"\n'
SHUT_IN = (
    "mount --make-rprivate / && mount --bind {folder} {folder} && mount -o remount,bind,ro /"
    " && exec setpriv --no-new-privs --inh-caps=-all --ambient-caps=-all --bounding-set=-all {command}"
)


def prepared(folder: Path, sandbox: Sandbox) -> None:
    (folder / "config.yaml").write_text(CONFIG.format(api=sandbox.url, token=sandbox.token))
    (folder / "config.yaml").chmod(0o600)
    (folder / "rules").mkdir()
    (folder / "rules" / "up.yaml").write_text(RULE)
    (folder / "btc.csv").write_text("date,close\n2024-01-01,1\n2024-01-02,2\n")


def may_shut_in() -> bool:
    """Whether this process may make a file system of its own, as systemd does for a unit."""
    if os.getuid() != 0 or not all(map(shutil.which, ("unshare", "setpriv", "mount"))):
        return False
    tried = ["unshare", "-m", "sh", "-c", "mount --make-rprivate / && mount -o remount,bind,ro /"]
    return subprocess.run(tried, capture_output=True, check=False).returncode == 0


def value(text: str, key: str) -> str:
    found = re.search(rf"^{key}=(.*)$", text, re.MULTILINE)
    assert found is not None, key
    return found[1]


async def notified(listening: socket.socket, word: str) -> None:
    async with asyncio.timeout(60):
        while word not in (await asyncio.get_running_loop().sock_recv(listening, 256)).decode():
            pass


async def test_the_units_command_starts_is_watched_answers_and_stops(tmp_path: Path) -> None:
    program = Path(sys.executable).with_name("bellwether")
    if not program.exists():
        pytest.skip("bellwether is not installed beside this Python")
    sandbox = Sandbox()
    await sandbox.start()
    prepared(tmp_path, sandbox)
    text = unit(tmp_path, program, "root")
    command = value(text, "ExecStart")
    if may_shut_in():
        words = ["unshare", "-m", "sh", "-c", SHUT_IN.format(folder=tmp_path, command=command)]
    else:
        words = command.split(" ")
    cache = tmp_path / "cache"
    given = dict(each.split("=", 1) for each in value(text, "Environment").replace("%C", str(cache)).split(" "))
    environ = {
        "PATH": "/usr/bin:/bin",
        "NOTIFY_SOCKET": str(tmp_path / "notify"),
        "WATCHDOG_USEC": "900000000",
        **given,
    }
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as systemd, (tmp_path / "log").open("wb") as log:
        systemd.bind(environ["NOTIFY_SOCKET"])
        systemd.setblocking(False)
        process = await asyncio.create_subprocess_exec(
            *words,
            cwd=value(text, "WorkingDirectory"),
            env=environ,
            umask=int(value(text, "UMask"), 8),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
        )
        try:
            await notified(systemd, "READY=1")
            await notified(systemd, "WATCHDOG=1")
            sandbox.say("/status")
            await sandbox.wait_for(SOMEBODY, 1, timeout=30)
            process.send_signal(signal.SIGTERM)
            await notified(systemd, "STOPPING=1")
            async with asyncio.timeout(30):
                assert await process.wait() == 0
        finally:
            if process.returncode is None:
                process.kill()
            await sandbox.close()
    told = (tmp_path / "log").read_text()
    assert "Traceback" not in told
    assert sandbox.token not in told
    assert (tmp_path / "bellwether.db").stat().st_mode & 0o777 == 0o600
