"""Secrets are hidden in texts, logs, warnings and complaints, in whatever form they come."""

from __future__ import annotations

import base64
import logging
import warnings
from urllib.parse import quote

import pytest

from bot import redaction
from bot.problem import Problem, ProblemError
from bot.redaction import HIDDEN, hide_tokens, install_redaction, register_secret

TOKEN = "123456789:AAHfiqksKZ8WmR2zSjiQ7_v4TMAKdiHm9T0"
SECOND = TOKEN.partition(":")[2]


@pytest.fixture
def logs(caplog):
    before = logging.getLogRecordFactory()
    install_redaction()
    install_redaction()
    yield caplog
    logging.setLogRecordFactory(before)


@pytest.fixture
def registered(monkeypatch):
    monkeypatch.setattr(redaction, "_registered", {})
    register_secret("9:a-secret-of-another-form")


@pytest.mark.parametrize(
    "written",
    [
        TOKEN,
        TOKEN.replace(":", "%3A"),
        TOKEN.replace(":", "%3a"),
        TOKEN.replace(":", "%253A"),
        TOKEN[:20],
        SECOND,
        f"bot{TOKEN}/getMe",
    ],
)
def test_what_looks_like_a_token_is_hidden(written):
    shown = hide_tokens(f"at 10:30 {written} was asked")
    assert HIDDEN in shown
    assert shown.startswith("at 10:30 ")
    assert not any(part in shown for part in (SECOND, SECOND[:8]))


@pytest.mark.parametrize(
    "text", ["2026-11-28T10:30:15", "rules/iwm.yaml:12:5: when: x", "http://127.0.0.1:8081/bot", "RUT 2,442.74: x"]
)
def test_what_is_no_token_stays(text):
    assert hide_tokens(text) == text


def test_what_was_registered_is_hidden_in_every_form(registered):
    secret = "9:a-secret-of-another-form"
    for form in (secret, quote(secret, ""), secret.encode().hex(), base64.b64encode(secret.encode()).decode()):
        assert secret.partition(":")[2] not in hide_tokens(f"<{form}>")
        assert HIDDEN in hide_tokens(f"<{form}>")


@pytest.mark.parametrize("part", [slice(0, 15), slice(-15, None)])
def test_what_was_registered_is_hidden_where_it_was_cut(registered, part):
    secret = "9:a-secret-of-another-form"
    shown = hide_tokens(f"not a mapping (got '{secret[part]}…')")
    assert shown == f"not a mapping (got '{HIDDEN}…')"
    assert hide_tokens("a-secretive-form") == "a-secretive-form"


@pytest.mark.parametrize(
    "address", ["http://me:{}@proxy:3128", "HTTPS_PROXY=https://:{}@[::1]:8", "(socks5://a.b:{}@h/)"]
)
def test_the_password_of_an_address_is_hidden(address):
    assert hide_tokens(address.format("hunter2!")) == address.format(HIDDEN)
    assert hide_tokens("see http://host:80/a:b@c and a@b.org") == "see http://host:80/a:b@c and a@b.org"


@pytest.mark.usefixtures("registered")
def test_a_new_token_of_a_bot_is_hidden_whole_beside_its_old_one():
    register_secret(TOKEN)
    new = "123456789:sandbox-token-of-no-use-anywhere"
    assert hide_tokens(f"at /bot{new}/getMe, before {TOKEN}") == f"at /bot{HIDDEN}/getMe, before {HIDDEN}"


def test_the_end_of_an_address_that_was_registered_stays(registered):
    register_secret("somebody somebody@example.org")
    assert hide_tokens("allowed: like https://example.org") == "allowed: like https://example.org"
    assert hide_tokens("told somebody somebody@example.org") == f"told {HIDDEN}"


def test_a_complaint_repeats_no_token_wherever_it_stands():
    first = Problem(TOKEN, 3, 1, TOKEN, f"not a mapping (got {TOKEN[:38]!r}…)")
    told = ProblemError([first, Problem.in_file("x", TOKEN)])
    assert SECOND[:8] not in str(told)
    assert SECOND[:8] not in repr(told.problems)


def test_a_traceback_in_the_log_has_no_token(logs):
    try:
        int(TOKEN)
    except ValueError:
        logging.getLogger("x").exception("asked %s", TOKEN)
    assert "asked <token>" in logs.text
    assert "ValueError: invalid literal for int() with base 10: '<token>'" in logs.text
    assert SECOND not in logs.text


def test_a_wrong_call_of_the_log_raises_nothing_and_hides_what_it_holds(logs):
    logging.getLogger("x").warning("%d apples", TOKEN)
    logging.getLogger("x").warning("one %s", *"ab")
    assert "%d apples" in logs.text
    assert "one %s ('a', 'b')" in logs.text
    assert SECOND not in logs.text


def test_a_warning_has_no_token(logs):
    assert SECOND not in warnings.formatwarning(f"asked {TOKEN}", UserWarning, "x.py", 3)
