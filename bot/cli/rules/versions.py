"""Versions of a rule to compare: a file, what the bot ran before, or what is shipped."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from bot.cli.rules.git import text_at
from bot.problem import ProblemError
from bot.rulebook.rule_files import SUFFIX, find_rule_files, id_problem
from bot.settings import Settings, shipped
from bot.store.database import reading
from bot.store.rule_versions import RuleVersion, accepted_versions
from bot.views.formatting import numbers
from bot.yamlfile.load import read_bytes


@dataclass(frozen=True, slots=True)
class RuleText:
    """One version of the rule `rule`, and what to call it."""

    rule: str
    raw: bytes
    name: str


def file_text(file: Path, settings: Settings) -> RuleText:
    """The version in a file; a bare name of a rule means its file. Raises ProblemError."""
    path = file if file.is_file() else find_rule_files(settings.rules).rules.get(str(file), file)
    if not path.is_file():
        raise ProblemError.of(file, "no such file; allowed: a rule file, or a rule's name")
    if path.suffix == SUFFIX and (problem := id_problem(str(path))):
        raise ProblemError([problem])
    return RuleText(path.stem, read_bytes(path, str(path)), str(path))


def old_text(old: str, now: RuleText, settings: Settings) -> RuleText:
    """The version that `--old` names: a file, else a revision in git of the new one's file. Raises ProblemError."""
    if Path(old).is_file() or old.endswith(SUFFIX):
        return file_text(Path(old), settings)
    text, path = text_at(Path(now.name), old)
    return RuleText(now.rule, text, f"{path} at {old}")


def text_before(now: RuleText, settings: Settings) -> RuleText:
    """The newest version unlike this one that the bot took up, else the shipped one. Raises ProblemError."""
    versions = _accepted(now.rule, settings)
    for version in versions:
        if version.text.encode() != now.raw.removeprefix(b"\xef\xbb\xbf"):
            return RuleText(now.rule, version.text.encode(), f"what the bot took up on {numbers.moment(version.since)}")
    original = shipped("rules") / f"{now.rule}{SUFFIX}"
    if original.is_file() and original.read_bytes() != now.raw:
        return RuleText(now.rule, original.read_bytes(), "the rule as it is shipped")
    why = "the bot has run no other version" if versions else "no bot has run this rule here"
    raise ProblemError.of(
        now.name, f"nothing to compare with: {why}; allowed: --old FILE, or --old HEAD where git has it"
    )


def _accepted(rule: str, settings: Settings) -> list[RuleVersion]:
    if not settings.database.is_file():
        return []
    with reading(settings.database) as db:
        return accepted_versions(db, rule)
