"""One rule file, read: the rule that decides, and the texts that people read."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import PurePath
from typing import Any, NamedTuple

from pydantic import ValidationError

from bot.evidence.claim_check import ClaimCheck, Stance
from bot.problem import Problem
from bot.rulebook.claim_file import ClaimModel
from bot.rulebook.formula_problems import compile_at
from bot.rulebook.pitfalls import pitfalls
from bot.rulebook.rule_file import RuleFile
from bot.rulebook.template import MAX_HEADLINE_CHARS, Template, compile_template
from bot.severity import Severity
from bot.signals.formula import Formula, FormulaError, Kind, MarketNames, Scope
from bot.signals.formula.cost import MOST_SECONDS, seconds_of
from bot.signals.replay.rule import Follow, Rule
from bot.signals.timeframe import Instant, Timeframe
from bot.suggest import nearest
from bot.yamlfile.document import Document, KeyPath
from bot.yamlfile.load import scan_yaml
from bot.yamlfile.pydantic_errors import not_among, problems_of
from bot.yamlfile.scalars import NOTHING

LEVEL = "level"
"""The name by which a headline and what follows speak of the rule's level."""

_SLIP = 0.75
"""Likeness (0 to 1) from which on an unknown name is taken for a known one misspelt."""

_FORMULAS: Mapping[KeyPath, Kind] = {
    ("when",): Kind.YES_NO,
    ("level",): Kind.NUMBER,
    ("follow", "held"): Kind.YES_NO,
    ("follow", "failed"): Kind.YES_NO,
}


class Claim(NamedTuple):
    """What others say of a signal since `made` (a UTC midnight), and the check that answers it."""

    text: str
    source: str
    made: Instant
    stance: Stance = Stance.FOR
    check: ClaimCheck | None = None


@dataclass(frozen=True)
class RuleDefinition:
    """A rule with everything that its author wrote; `text` is the file itself.

    `demanded_high` is the length in bars of the high that the rule demands of its own market, None where it does not.
    """

    rule: Rule
    title: str
    headline: Template
    why: str
    severity: Severity
    tags: tuple[str, ...]
    context: tuple[str, ...]
    claims: tuple[Claim, ...]
    caveats: tuple[str, ...]
    enabled: bool
    file: str
    text: str
    demanded_high: int | None = None

    @property
    def formulas(self) -> tuple[Formula, ...]:
        """Every formula in the file, those of the headline included."""
        return (*self.rule.formulas, *self.headline.formulas)

    @property
    def needs(self) -> frozenset[str]:
        """Ids of the rules that this one speaks of."""
        return frozenset[str]().union(*(formula.rules for formula in self.formulas))

    @property
    def markets(self) -> frozenset[str]:
        """Markets whose bars this rule reads, its own included; not those of the rules that it speaks of."""
        return frozenset({self.rule.market}).union(*(formula.markets for formula in self.formulas))


def claim_markets(written: RuleDefinition) -> frozenset[str]:
    """Markets whose daily bars the answers to a rule's claims are made of."""
    return frozenset(name for claim in written.claims if claim.check for name in claim.check.reads(written.rule.market))


@dataclass(frozen=True)
class LoadResult:
    """What came of reading one file: the rule, or why there is none, and the document to point into."""

    rule: RuleDefinition | None
    problems: tuple[Problem, ...]
    document: Document | None = None


def read_rule(
    raw: bytes,
    file: str,
    markets: frozenset[str],
    rules: frozenset[str],
    definitions: Mapping[str, Formula] | None = None,
) -> LoadResult:
    """The rule in a file's bytes, with every mistake in it.

    `markets` are the configured names, `rules` the ids of all files beside it, `definitions` formulas that it may
    name. Never raises.
    """
    document, problems = scan_yaml(raw, file)
    if document is None:
        return LoadResult(None, tuple(problems))
    model, wrong = _model(document)
    scope = Scope(markets, rules, definitions=definitions or {}, signed=_is_signed(document, markets))
    formulas, headline, misread = _formulas(document, scope)
    problems += _empty(document)
    text = raw.decode("utf-8-sig")
    unmeant = pitfalls(document, text.replace("\r\n", "\n"), formulas, headline)
    for found in (wrong, misread, _foreign_markets(document, markets), unmeant):
        seen = {problem.path for problem in problems}
        problems += [each for each in found if each.path not in seen]
    wrong_parents = tuple(f"{each.path}." for each in wrong)
    problems = [each for each in problems if each.message != _EMPTY or not each.path.startswith(wrong_parents)]
    if model is not None and not problems:
        problems += _too_slow(document, formulas, model.timeframe)
    if problems or model is None or headline is None:
        return LoadResult(None, tuple(sorted(problems)), document)
    return LoadResult(_written(model, formulas, headline, file, text), (), document)


def _too_slow(document: Document, formulas: Mapping[KeyPath, Formula], timeframe: Timeframe) -> list[Problem]:
    seconds = seconds_of(formulas.values(), timeframe)
    if seconds <= MOST_SECONDS:
        return []
    told = f"would take up to {seconds:.1f} s over ten years of {timeframe} bars; allowed: {MOST_SECONDS:g} s"
    remedy = "fewer different levels, a larger `left` and `right`, a smaller `expires` or window"
    return [document.problem(("when",), f"{told}. It gets faster by {remedy}")]


def _is_signed(document: Document, markets: frozenset[str]) -> bool:
    """Whether the rule's own market may be at 0 and below, as far as its name tells."""
    own = document.data.get("market") if isinstance(document.data, dict) else None
    return isinstance(own, str) and isinstance(markets, MarketNames) and own in markets.signed


def _model(document: Document) -> tuple[RuleFile | None, list[Problem]]:
    try:
        return RuleFile.model_validate(document.data), []
    except ValidationError as error:
        return None, problems_of(error, document, RuleFile)


def _formulas(document: Document, bare: Scope) -> tuple[dict[KeyPath, Formula], Template | None, list[Problem]]:
    """Every formula in the file; done before the other keys are known to be right, so that all is told at once."""
    leveled = replace(bare, names={LEVEL: Kind.NUMBER} if (LEVEL,) in document.texts else {})
    formulas: dict[KeyPath, Formula] = {}
    problems: list[Problem] = []
    for path, kind in _FORMULAS.items():
        formula, wrong = compile_at(document, path, leveled if path[0] == "follow" else bare, kind)
        formulas |= {path: formula} if formula else {}
        problems += wrong
    headline, wrong = _headline(document, leveled)
    return formulas, headline, problems + wrong


def _headline(document: Document, scope: Scope) -> tuple[Template | None, list[Problem]]:
    path = ("headline",)
    if isinstance(document.data, dict) and "headline" not in document.data:
        return compile_template(_default_headline(document.data), scope), []
    if path not in document.texts or len(document.texts[path].value) > MAX_HEADLINE_CHARS:
        return None, []
    text = document.texts[path].value.rstrip()
    if "\n" in text:
        return None, [document.problem(path, "several lines; allowed: one, or a block that > folds into one")]
    try:
        return compile_template(text, scope), []
    except FormulaError as error:
        return None, [document.problem(path, each.message, at=(each.line, each.column)) for each in error.problems]


def _default_headline(data: Mapping[str, Any]) -> str:
    """The title and the close, for a rule that says no more."""
    title, market = (str(data.get(key, "")).replace("{", "{{").replace("}", "}}") for key in ("title", "market"))
    return f"{title}: {market} at {{close:,.2f}}"


def _foreign_markets(document: Document, markets: frozenset[str]) -> list[Problem]:
    """Names of markets that the config does not have.

    A claim may speak of a market that is not in the config, and then has no figure; a slip of the pen it may not.
    """
    found = []
    for path, text in document.texts.items():
        claimed = path[-2:] in (("check", "asset"), ("check", "with"))
        if text.value in markets or not (claimed or path == ("market",)):
            continue
        if not claimed or _is_slip(text.value, markets):
            found.append(document.problem(path, not_among("unknown market", text.value, sorted(markets))))
    return found


def _is_slip(name: str, markets: frozenset[str]) -> bool:
    """Whether a name is so near that of a market that it can only be meant."""
    near = nearest(name, markets)
    return bool(near) and (sorted(near[0]) == sorted(name) or bool(nearest(name, markets, cutoff=_SLIP)))


_EMPTY = "nothing stands here; write a value, or remove the key"


def _empty(document: Document) -> list[Problem]:
    """Keys that stand there without a value, which their author has certainly forgotten."""
    return [
        document.problem(path, _EMPTY)
        for path, text in document.texts.items()
        if not text.style and text.value in NOTHING
    ]


def _written(
    model: RuleFile, formulas: Mapping[KeyPath, Formula], headline: Template, file: str, text: str
) -> RuleDefinition:
    return RuleDefinition(
        rule=_rule(model, formulas, PurePath(file).stem),
        title=model.title,
        headline=headline,
        why=(model.why or "").strip(),
        severity=model.severity,
        tags=model.tags,
        context=tuple(topic.value for topic in model.context),
        claims=tuple(_claim(claim) for claim in model.claims),
        caveats=model.caveats,
        enabled=model.enabled,
        file=file,
        text=text,
        demanded_high=model.base,
    )


def _rule(model: RuleFile, formulas: Mapping[KeyPath, Formula], rule_id: str) -> Rule:
    follow = model.follow
    return Rule(
        id=rule_id,
        market=model.market,
        timeframe=model.timeframe,
        when=formulas["when",],
        level=formulas.get((LEVEL,)),
        quiet=model.quiet,
        trigger=model.trigger,
        follow=None
        if follow is None
        else Follow(
            follow.for_,
            follow.confirmed,
            formulas.get(("follow", "held")),
            formulas.get(("follow", "failed")),
            follow.resumed,
            follow.milestones,
        ),
        pinned=model.levels,
    )


def _claim(part: ClaimModel) -> Claim:
    check = part.check.check if part.check else None
    return Claim(" ".join(part.text.split()), part.source, part.made, part.stance, check)


def rule_digest(rule: Rule, needed: Mapping[str, str]) -> str:
    """Hash of all that decides when a rule speaks, and of nothing that only reads nicely.

    `needed` are the digests of the rules that it speaks of, by id: what they decide, it decides.
    """
    follow = rule.follow
    facts: list[Any] = [rule.market, rule.timeframe.value, _meaning(rule.when), _meaning(rule.level), rule.quiet]
    facts += [rule.trigger.value, rule.pinned, sorted(needed.items())]
    if follow:
        facts += [follow.bars, follow.confirmed, _meaning(follow.held), _meaning(follow.failed)]
        facts += [follow.resumed, follow.milestones] if follow.resumed or follow.milestones else []
    return hashlib.sha256(repr(facts).encode()).hexdigest()[:16]


def _meaning(formula: Formula | None) -> str | None:
    return formula.root.key if formula else None
