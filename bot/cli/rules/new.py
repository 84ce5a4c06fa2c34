"""`bellwether rules new`: a rule and its test to begin with, both right as they stand."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from bot.cli.io.options import current_settings, market_named
from bot.cli.io.output import ensure_folder, write_file
from bot.problem import ProblemError
from bot.rulebook.rule_files import DEFINITIONS, SUFFIX, TESTS, find_rule_files, id_problem
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


def new_rule(
    name: Annotated[str, typer.Argument(help="The rule's name: small letters, digits and hyphens, like my-breakout.")],
    market: Annotated[str, typer.Option(help="The market that it reads.")] = "IWM",
) -> None:
    """Write a rule of your own and its test, in the last of your rule folders, my-rules where you named none."""
    settings = current_settings()
    stem = name.removesuffix(SUFFIX)
    if (problem := id_problem(stem)) or stem == DEFINITIONS:
        raise ProblemError([problem] if problem else ProblemError.of(name, "kept for named formulas").problems)
    folder = settings.rules[-1]
    if folder.absolute() == shipped("rules").absolute() and not Path(folder).is_relative_to(Path.cwd()):
        folder = OWN_RULES
    there = find_rule_files([each for each in settings.rules if each.is_dir()]).rules
    place, test = folder / f"{stem}{SUFFIX}", folder / TESTS / f"{stem}{SUFFIX}"
    for path in (place, test, there.get(stem)):
        if path is not None and path.exists():
            raise ProblemError.of(path, "is here already; allowed: another name")
    named = market_named(market, settings)
    title = stem.replace("-", " ").capitalize()
    ensure_folder(folder / TESTS)
    write_file(place, RULE.format(schema="rule.schema.json", title=title, market=named).encode())
    write_file(test, TEST.format(market=named).encode())
    print(f"{place}\n{test}")
    if folder not in current_settings().rules:
        print(f"Your config.yaml does not name this folder yet; write `rules: [shipped, {folder}]` in it.")
    print(f"Now: edit the rule, then `bellwether rules check {stem}`, `rules test {stem}`, `backtest {stem}`.")
