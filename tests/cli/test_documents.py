"""The documents name the commands that there are, and the commands' own help lines are true."""

from __future__ import annotations

import inspect
import re
from pathlib import Path

import pytest
import typer
from typer.main import get_command

from bot.cli.main import main
from bot.cli.program import COMMANDS, CommandEntry, build, load
from bot.cli.reference import with_chat_commands

ROOT = Path(__file__).parents[2]
README = ROOT / "README.md"


def commands() -> set[str]:
    """Every command with its subcommands, but those that help does not name."""
    context = typer.Context(get_command(build([])))
    found = set()
    for name, command in context.command.commands.items():
        inner = getattr(command, "commands", {})
        found |= {f"{name} {each}" for each in inner} or ({name} if not command.hidden else set())
    return found


def documented() -> set[str]:
    """Every command of the README's table for the shell: `a b C`, `d` stands for `a b` and `a d`."""
    table = README.read_text("utf-8").split("In the shell:", 1)[1]
    found = set()
    for row in re.findall(r"^\| (`bellwether .*?) \|", table, re.MULTILINE):
        first, *others = re.findall(r"`([^`]+)`", row)
        words = [word for word in first.split()[1:] if word.islower() and not word.startswith("-")]
        found |= {" ".join(words), *(" ".join([*words[:-1], other]) for other in others)}
    return found


def test_the_readme_s_table_of_the_shell_has_every_command_and_no_other() -> None:
    assert documented() == commands()


@pytest.mark.parametrize("words", [[], ["rules"], ["db"]])
def test_no_line_of_an_overview_is_cut_off(
    words: list[str], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    with pytest.raises(SystemExit):
        main([*words, "--help"])
    assert "..." not in capsys.readouterr().out.split("Commands:")[1]


@pytest.mark.parametrize("entry", COMMANDS.values())
def test_every_command_is_where_the_table_says_and_explains_itself(entry: CommandEntry) -> None:
    assert inspect.getdoc(load(entry))


def test_the_readme_s_table_of_the_chat_is_true() -> None:
    readme = README.read_text("utf-8")
    assert readme == with_chat_commands(readme)


def test_what_is_generated_is_renewed_in_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "rules").mkdir()
    for name in ("README.md", "rules/README.md"):
        text = (ROOT / name).read_text("utf-8")
        (tmp_path / name).write_text(re.sub(r"^\| .*\n", "", text, flags=re.MULTILINE), "utf-8")
        assert (tmp_path / name).read_text("utf-8") != text
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SystemExit) as ended:
        main(["reference"])
    assert not ended.value.code
    assert "| `/status` | " in (tmp_path / "README.md").read_text("utf-8")
    assert "| `highest(x, n)` | " in (tmp_path / "rules" / "README.md").read_text("utf-8")
