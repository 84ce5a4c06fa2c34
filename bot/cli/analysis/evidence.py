"""`bellwether evidence`: what an asset did after a rule's signals, beside what it does anyway."""

from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path

from bot.cli.io.bars import bars_of, missing_market
from bot.cli.io.charts import draw, save
from bot.cli.io.chat_text import show_wrapped
from bot.cli.io.options import book_with_files, current_settings, market_named, select_rules
from bot.cli.io.output import png_path, print_json
from bot.evidence.event_study.document import condition_document, study_document
from bot.queries.event_study import EventStudyReport, StudyInput, fan_of, study_markets, study_report
from bot.rulebook.book import Rulebook
from bot.rulebook.dependencies import with_needs
from bot.rulebook.rule_definition import RuleDefinition
from bot.scan.series import Series
from bot.settings.model import Settings
from bot.signals.replay.ruleset import replay_all
from bot.signals.timeframe import Timeframe
from bot.views.markets.evidence import render_evidence
from bot.views.markets.evidence_details import render_details, render_placebo


def evidence(*, rule: str, asset: str, data: Path | None, placebo: bool, as_json: bool, plot: Path | None) -> None:
    """`bellwether evidence`, as it is typed in `bot.cli.signatures.analysis`."""
    settings = current_settings()
    book = book_with_files(settings, [rule])
    (definition,) = select_rules(book, [rule])
    name = market_named(asset, settings)
    if plot:
        png_path("--plot", plot)
    found = _report(settings, book, definition, name, data, placebo=placebo)
    if as_json:
        more = {"placebo": [study_document(study) for study in found.facts.placebo]} if placebo else {}
        conditions = [condition_document(split) for split in found.facts.conditions]
        print_json(study_document(found.study) | {"conditions": conditions} | more)
    else:
        texts = [render_evidence(found.facts), *([render_placebo(found.facts)] if placebo else ())]
        show_wrapped("\n\n".join([*texts, render_details(found.facts)]))
    if plot:
        save(plot, draw(fan_of(found)), quiet=as_json)


def _report(
    settings: Settings, book: Rulebook, definition: RuleDefinition, asset: str, data: Path | None, *, placebo: bool
) -> EventStudyReport:
    """The report out of a folder or the database; rules whose markets are not there are not among the tests."""
    specs = settings.specs
    names = study_markets(definition, asset, settings.crypto, specs)
    read = [*(each for rule in book.rules.values() for each in sorted(rule.markets)), *names]
    series = bars_of(data, settings, read, {rule.rule.timeframe for rule in book.rules.values()})
    for needed, timeframe in (_own(definition), (asset, Timeframe.D1)):
        if not len(series.get((needed, timeframe), ())):
            raise missing_market(needed, data, specs, timeframe=timeframe)
    there = [each.rule.id for each in book.rules.values() if len(series.get(_own(each), ()))]
    replays = replay_all([each.rule for each in with_needs(book.rules, there)], series)
    bars = {name: known for (name, timeframe), known in series.items() if timeframe is Timeframe.D1}
    crypto = tuple(name for name in settings.crypto if name in bars)
    given = StudyInput(book, {each: replays[each] for each in there}, bars, crypto, specs, int(time.time()))
    found = study_report(given, definition.rule.id, asset, placebo=placebo)
    source = f"{data.name or data}" if data else "the bot's database"
    return replace(found, facts=replace(found.facts, source=source))


def _own(definition: RuleDefinition) -> Series:
    return definition.rule.market, definition.rule.timeframe
