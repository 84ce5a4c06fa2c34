"""`bellwether rules new`: a rule and its test to begin with, both right as they stand."""

from __future__ import annotations

from bot.cli.io.options import market_named, named_settings
from bot.cli.io.output import ensure_folder, write_file
from bot.cli.rules.schema import rule_schema_text
from bot.problem import ProblemError
from bot.rulebook.rule_files import DEFINITIONS, SUFFIX, TESTS, find_rule_files, new_id_problem
from bot.rulebook.schema import FILE_NAME
from bot.settings import OWN_RULES, shipped

RULE = """\
# yaml-language-server: $schema={schema}
title: {title}
market: {market}
timeframe: 1d
when: close > highest(close, 20)[1]
level: highest(close, 20)[1]
why: >
  Why it matters, in your words. What speaks against it: say that too.
quiet: 10 bars
follow:
  for: 20 bars
  failed: close < level
severity: normal
tags: [mine]
context: [crypto, history]
"""

TEST = """\
tests:
  - name: the first close above twenty others fires, the next ones do not
    series: {{{market}: 100x25 101 102 103}}
    expect:
      26: fired
  - name: a market that stands still says nothing
    series: {{{market}: 100x40}}
    expect: silence
"""


def new_rule(*, name: str, market: str) -> None:
    """`bellwether rules new`, as it is typed in `bot.cli.signatures.rules`."""
    settings = named_settings()
    stem = name.removesuffix(SUFFIX)
    if stem == DEFINITIONS:
        raise ProblemError.of(stem, "kept for named formulas; choose another name")
    if problem := new_id_problem(stem):
        raise ProblemError([problem])
    folder = settings.rules[-1]
    if folder.absolute() == shipped("rules").absolute():  # an upgrade shall never meet an edit
        folder = OWN_RULES
    there = find_rule_files([each for each in settings.rules if each.is_dir()]).rules
    place, test = folder / f"{stem}{SUFFIX}", folder / TESTS / f"{stem}{SUFFIX}"
    for path in (place, test, there.get(stem)):
        if path is not None and path.exists():
            raise ProblemError.of(path, "is here already; allowed: another name")
    named = market_named(market, settings)
    title = stem.replace("-", " ").capitalize()
    ensure_folder(folder / TESTS)
    write_file(place, RULE.format(schema=FILE_NAME, title=title, market=named).encode())
    write_file(test, TEST.format(market=named).encode())
    print(f"{place}\n{test}")
    if folder in settings.rules:
        write_file(folder / FILE_NAME, rule_schema_text(settings).encode())
        print(f"{folder / FILE_NAME}   for your editor")
    else:
        print(f"Your config.yaml does not name this folder yet; write `rules: [shipped, {folder}]` in it.")
    print(f"Now: edit the rule, then `bellwether rules check {stem}`, `rules test {stem}`, `backtest {stem}`.")
