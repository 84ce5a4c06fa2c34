"""`service` prints a systemd unit that systemd itself finds right and tight."""

from __future__ import annotations

import configparser
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from bot.cli.service import unit
from bot.problem import ProblemError


def parsed(text: str) -> configparser.RawConfigParser:
    parser = configparser.RawConfigParser(strict=False)
    parser.optionxform = str  # type: ignore[assignment,method-assign]  # systemd's keys have capitals
    parser.read_string(text)
    return parser


def test_the_unit_names_the_folder_the_program_and_the_user() -> None:
    service = parsed(unit(Path("/srv/bellwether"), Path("/srv/bellwether/.venv/bin/bellwether"), "bell"))["Service"]
    assert service["ExecStart"] == "/srv/bellwether/.venv/bin/bellwether run"
    assert service["WorkingDirectory"] == service["ReadWritePaths"] == "/srv/bellwether"
    assert (service["User"], service["ProtectHome"]) == ("bell", "yes")
    assert (service["Restart"], service["RestartSec"]) == ("always", "30")


@pytest.mark.parametrize("folder", ["/home/ann/bot", "/run/user/1000/bot"])
def test_a_folder_in_a_home_stays_readable(folder: str) -> None:
    assert parsed(unit(Path(folder), Path("/opt/b/bin/bellwether"), "ann"))["Service"]["ProtectHome"] == "read-only"


@pytest.mark.parametrize("folder", ["/srv/my bot", "/srv/100%", '/srv/"'])
def test_a_path_that_systemd_would_misread_is_refused(folder: str) -> None:
    with pytest.raises(ProblemError, match="systemd takes no path"):
        unit(Path(folder), Path("/opt/b/bin/bellwether"), "ann")


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd is not here")
def test_systemd_finds_nothing_wrong_with_the_unit(tmp_path: Path) -> None:
    file = tmp_path / "bellwether.service"
    file.write_text(unit(tmp_path, Path(shutil.which("true") or "/bin/true"), "daemon"))
    checked = subprocess.run(["systemd-analyze", "verify", file], capture_output=True, text=True, check=False)
    assert (checked.returncode, checked.stderr) == (0, "")
    weighed = subprocess.run(
        ["systemd-analyze", "security", "--offline=true", file], capture_output=True, text=True, check=False
    )
    found = re.search(r"exposure level .*?: ([\d.]+)", weighed.stdout)
    assert found is not None
    assert float(found[1]) <= 2.5
