"""Log lines: the time's zone, JSON, no library noise, and never the token."""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Iterator

import pytest

from bot.app.logs import log_to_terminal
from bot.settings.model import LogFormat

TOKEN = "4200000001:AAEsecretsecretsecretsecretsecretsec"


@pytest.fixture(autouse=True)
def _as_before() -> Iterator[None]:
    root, own, factory = logging.getLogger(), logging.getLogger("bot"), logging.getLogRecordFactory()
    handlers, levels = root.handlers[:], (root.level, own.level)
    yield
    root.handlers[:] = handlers
    root.setLevel(levels[0])
    own.setLevel(levels[1])
    logging.setLogRecordFactory(factory)


def test_a_line_says_when_in_which_zone(capsys: pytest.CaptureFixture[str]) -> None:
    log_to_terminal(TOKEN)
    logging.getLogger("bot.x").info("hello %s", TOKEN)
    assert re.fullmatch(
        r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[+-]\d{4} INFO    bot\.x: hello <token>\n", capsys.readouterr().err
    )


def test_json_lines_hold_what_was_raised_and_no_token(capsys: pytest.CaptureFixture[str]) -> None:
    log_to_terminal(TOKEN, LogFormat.JSON)
    error = ValueError(f"at {TOKEN}\nand on")
    logging.getLogger("bot.x").error("broke\noff", exc_info=error)
    told = capsys.readouterr().err
    assert TOKEN not in told
    (line,) = told.splitlines()
    document = json.loads(line)
    assert (document["level"], document["logger"], document["message"]) == ("error", "bot.x", "broke\noff")
    assert document["raised"].endswith("ValueError: at <token>\nand on")
    assert re.search(r"[+-]\d\d:\d\d$", document["time"])


def test_libraries_are_heard_from_warnings_on_only(capsys: pytest.CaptureFixture[str]) -> None:
    log_to_terminal(TOKEN, level=logging.DEBUG)
    logging.getLogger("telegram.ext").debug("noise")
    logging.getLogger("httpx").info("noise")
    logging.getLogger("bot.x").debug("detail")
    logging.getLogger("yfinance").warning("trouble")
    assert [line.split(": ")[1] for line in capsys.readouterr().err.splitlines()] == ["detail", "trouble"]
