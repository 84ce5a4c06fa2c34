"""A bot's token in the wrong place: whatever is wrong with the config, no complaint repeats it."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from bot.problem import ProblemError
from bot.rulebook.book import load_book
from bot.settings import Settings, load_settings

TOKEN = "987654321:AAEhBOweik6ad9r_QXMENQjcrGbqCr4K-bc"
SECRET = TOKEN.partition(":")[2]


def complaint(folder: Path, text: str, environ: dict[str, str] | None = None) -> str:
    """What is said of a config with this text; empty where it is taken."""
    path = folder / "config.yaml"
    path.write_text(text)
    path.chmod(0o600)
    try:
        load_settings(path, environ or {}, folder)
    except ProblemError as error:
        return f"{error} {error!r} {error.problems!r}"
    return ""


@pytest.mark.parametrize(
    "text",
    [
        TOKEN,
        f"telegram: {TOKEN}",
        f"telegram:\n  token:{TOKEN}",
        f"telegram:\n  token_file: {TOKEN}",
        f"telegram:\n  {TOKEN}: x",
        f"telegram:\n  operators: [{TOKEN}]",
        f"telegram:\n  access: {TOKEN}",
        f"telegram:\n  api_url: api.telegram.org/bot{TOKEN}",
        f"telegram:\n  proxy: {TOKEN}",
        f"{TOKEN}: 1",
        f"- {TOKEN}",
        f'telegram: {{token: "{TOKEN}"}}\ntelegram: {{token: "{TOKEN}"}}',
        f"database: [{TOKEN}]",
        f"markets: {{{TOKEN}: {{}}}}",
    ],
)
def test_in_the_config(tmp_path: Path, text: str) -> None:
    told = complaint(tmp_path, text)
    assert told
    assert SECRET[:8] not in told


@pytest.mark.parametrize("field", [*Settings.model_fields, *(f"telegram.{name}" for name in ("operators", "members"))])
@pytest.mark.parametrize("shape", ["{}", "[{}]", "{{x: {}}}"])
def test_in_every_field(tmp_path: Path, field: str, shape: str) -> None:
    value = yaml.safe_load(shape.format(f'"{TOKEN}"'))
    for name in reversed(field.split(".")):
        value = {name: value}
    assert SECRET[:8] not in complaint(tmp_path, yaml.safe_dump(value))


@pytest.mark.parametrize(
    "name", ["BELLWETHER_TELEGRAM", "BELLWETHER_DATABASE", f"BELLWETHER_{TOKEN}", "BELLWETHER_MARKETS"]
)
def test_in_the_environment(tmp_path: Path, name: str) -> None:
    assert SECRET[:8] not in complaint(tmp_path, "{}", {f"BELLWETHER_{name}": TOKEN})


def test_as_a_rule_file(tmp_path: Path) -> None:
    (tmp_path / "rule.yaml").write_text(TOKEN)
    (tmp_path / "other.yaml").write_text(f"title: {TOKEN}\n{TOKEN}: x\n")
    book = load_book([tmp_path], frozenset({"IWM"}))
    assert book.problems
    assert SECRET[:8] not in repr(book.problems)
