"""A bot's token in the wrong place: no command prints it, in no form, wherever it was put."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from pydantic import BaseModel

from bot.cli.main import main
from bot.cli.program import COMMANDS
from bot.settings import Settings
from tests.cli.author import Shell
from tests.leaks import leaks

SECRET = "AAEhBOweik6ad9r_QXMENQjcrGbqCr4K-bc"
TOKEN = f"987654321:{SECRET}"
ODD = "an-odd-token-of-no-known-form-77"
"""A token that nothing but its place tells."""

LINES = {
    "init": "init",
    "run": "run",
    "status": "status --json",
    "doctor": "doctor --json",
    "rules check": "rules check --json",
    "rules test": "rules test",
    "rules new": "rules new iwm-new",
    "rules list": "rules list --json",
    "rules schema": "rules schema",
    "rules explain": "rules explain iwm-tops --data data",
    "rules diff": "rules diff iwm-tops --data data",
    "backtest": "backtest iwm-tops --data data --json",
    "levels": "levels IWM --data data",
    "chart": "chart IWM x.png --data data",
    "replay": "replay --data data --from 2024-01-02 --to 2024-01-05 --json",
    "evidence": "evidence iwm-tops --asset IWM --data data --json",
    "claims": "claims --data data --json",
    "scorecard": "scorecard",
    "data fetch": "data fetch",
    "service": "service",
    "db backup": "db backup copy.db",
    "db restore": "db restore copy.db",
}
"""How each command is typed, as JSON where it can be."""

QUIET = sorted(set(LINES) - {"run", "data fetch", "init"})
"""Those that end by themselves where nothing is wrong, and ask nobody."""


def said(_: Shell, capsys: pytest.CaptureFixture[str], *words: str) -> str:
    with pytest.raises(SystemExit):
        main(list(words))
    out, err = capsys.readouterr()
    return out + err


def fields(model: type[BaseModel], path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """Every key that a config may have, nested ones too."""
    for name, field in model.model_fields.items():
        yield (*path, name)
        for each in (field.annotation, *getattr(field.annotation, "__args__", ())):
            if isinstance(each, type) and issubclass(each, BaseModel):
                yield from fields(each, (*path, name))


def config(place: Path, path: tuple[str, ...], value: Any) -> None:
    for name in reversed(path):
        value = {name: value}
    (place / "config.yaml").write_text(yaml.safe_dump(value))
    (place / "config.yaml").chmod(0o600)


def test_every_command_is_tried() -> None:
    assert set(LINES) == {name for name, entry in COMMANDS.items() if not entry.hidden} - {"demo"}


@pytest.mark.parametrize("path", list(fields(Settings)), ids=".".join)
def test_in_every_field_of_the_config(
    place: Path, shell: Shell, capsys: pytest.CaptureFixture[str], path: tuple[str, ...]
) -> None:
    for value in (TOKEN, [TOKEN], {"x": TOKEN}, {TOKEN: "x"}, {"x": {"y": [{TOKEN: TOKEN}]}}, f"http://h/bot{TOKEN}"):
        config(place, path, value)
        for line in ("rules check --json", "status --json"):
            assert not leaks(said(shell, capsys, *line.split()), SECRET), (path, value, line)


@pytest.mark.parametrize("name", sorted(LINES))
def test_as_the_whole_config(place: Path, shell: Shell, capsys: pytest.CaptureFixture[str], name: str) -> None:
    for text in (TOKEN, f"telegram:\n  token:{TOKEN}\n", f"telegram: {TOKEN}\n", f"- {TOKEN}\n", f'"{TOKEN}'):
        (place / "config.yaml").write_text(text)
        told = said(shell, capsys, *LINES[name].split())
        assert not leaks(told, SECRET), text


@pytest.mark.parametrize("name", QUIET)
def test_as_every_word_of_a_command(place: Path, shell: Shell, capsys: pytest.CaptureFixture[str], name: str) -> None:
    words = LINES[name].split()
    first = len(name.split())
    for at in range(first, len(words)):
        if words[at].startswith("--"):
            typed = [[*words[:at], f"{words[at]}={TOKEN}"], [*words[:at], f"--{TOKEN}"]]
        else:
            typed = [[*words[:at], TOKEN, *words[at + 1 :]], [*words[:at], f"{TOKEN}.yaml", *words[at + 1 :]]]
        for each in typed:
            assert not leaks(said(shell, capsys, *each), SECRET), each
    assert not leaks(said(shell, capsys, *words, TOKEN), SECRET)


@pytest.mark.parametrize("words", [[TOKEN], ["rules", TOKEN], ["db", TOKEN], [f"--{TOKEN}"], [f"--at={TOKEN}"]])
def test_as_a_command(place: Path, shell: Shell, capsys: pytest.CaptureFixture[str], words: list[str]) -> None:
    assert not leaks(said(shell, capsys, *words), SECRET)


@pytest.mark.parametrize("name", ["rules check", "rules list", "rules test", "backtest", "status", "claims", "replay"])
def test_in_and_as_rule_files(place: Path, shell: Shell, capsys: pytest.CaptureFixture[str], name: str) -> None:
    rules = place / "rules"
    (rules / "only.yaml").write_text(TOKEN)
    (rules / "keys.yaml").write_text(f"title: {TOKEN}\n{TOKEN}: x\nmarket: {TOKEN}\nwhen: {TOKEN}\n")
    (rules / "formula.yaml").write_text(f'title: T\nmarket: IWM\nwhen: close > "{TOKEN}"\n')
    (rules / "escaped.yaml").write_text(f'title: "{TOKEN.replace(":", chr(92) + "x3a")}\n')
    (rules / f"{TOKEN}.yaml").write_text("title: T\n")
    (rules / "tests").mkdir()
    (rules / "tests" / "iwm-tops.yaml").write_text(f"{TOKEN}: {TOKEN}\n")
    assert not leaks(said(shell, capsys, *LINES[name].split()), SECRET)


@pytest.mark.parametrize("name", ["backtest", "levels", "replay", "evidence", "rules explain"])
def test_in_files_of_prices(place: Path, shell: Shell, capsys: pytest.CaptureFixture[str], name: str) -> None:
    for text in (TOKEN, f"date,close\n2020-01-01,{TOKEN}\n{TOKEN},1\n", f"date,{TOKEN}\n", f"sep={TOKEN}\n"):
        (place / "data" / "IWM.csv").write_text(text)
        assert not leaks(said(shell, capsys, *LINES[name].split()), SECRET), text


@pytest.mark.parametrize(
    "name", ["BELLWETHER_TELEGRAM", "BELLWETHER_DATABASE", "BELLWETHER_RULES", "BELLWETHER_CONFIG", "BELLWETHER_KEYS"]
)
def test_in_the_environment(
    place: Path, shell: Shell, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    for value in (TOKEN, f"{{token: {TOKEN}}}", f'{{tiingo: "{TOKEN}"}}', json.dumps([TOKEN])):
        monkeypatch.setenv(name, value)
        for line in ("rules check", "status --json", "service", "scorecard"):
            assert not leaks(said(shell, capsys, *line.split()), SECRET), (value, line)


@pytest.mark.parametrize(
    "path", [("telegram", "token"), ("keys",), ("keys", "tiingo"), ("keys", "nobody")], ids=".".join
)
def test_what_stands_where_secrets_belong_is_one_whatever_its_form(
    place: Path, shell: Shell, capsys: pytest.CaptureFixture[str], path: tuple[str, ...]
) -> None:
    odd = f"odd-{'-of-'.join(path)}-{ODD}"  # what was hidden once stays so in this process
    for value in ([odd], {"x": odd}, {"x": [odd]}, odd):
        config(place, path, value)
        for line in ("rules check --json", "status --json"):
            assert not leaks(said(shell, capsys, *line.split()), odd), (path, value, line)


def test_an_odd_token_of_the_environment_is_hidden_too(
    place: Path, shell: Shell, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TELEGRAM_TOKEN", ODD)
    for words in (["levels", ODD], ["rules", "check", ODD], [ODD], ["init"]):
        assert not leaks(said(shell, capsys, *words), ODD), words
