"""Pitfalls of a rule file that is right as YAML and as formulas, and yet says something else than its author means."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from itertools import pairwise

from bot.problem import Problem
from bot.rulebook.file_types import MAX_SPAN
from bot.rulebook.template import Field, Template
from bot.signals.bars import COLUMNS
from bot.signals.formula import Formula, Op
from bot.signals.formula.tree import Node
from bot.yamlfile.document import Document, KeyPath

_RATIOS = frozenset({"change", "drawdown"})
_TO_100 = frozenset({"rsi", "percentile", "stoch", "adx", "plus_di", "minus_di"})
_SAME_SCALE = frozenset(
    {"abs", "highest", "lowest", "sma", "wma", "ema", "min", "max", "first", "highest_to_date", "lowest_to_date"}
)
"""Functions whose value is on the scale of what they are given."""

_CROSSINGS = frozenset({"crosses_above", "crosses_below"})
_FEW_SHARES = 10
"""Less than any market's volume; a number up to this is a multiple of the usual volume."""

_FALLS = re.compile(r"\b(?:fell|lost|dropped|declined|sank|plunged)(?: by)? $")
_HTML = re.compile(r"</?(?:b|strong|i|em|u|s|code|pre|a)\b[^>]*>")

_WINDOWS = {"max": "highest", "min": "lowest"}

_QUICK_BARS = 5
_SLOW_BARS = 60
"""Bars within which a market does not rise by 100 %, and by 200 %; a formula that asks for that means percent."""

_PLACEHOLDERS = (
    r"close|open|high|low|volume|ticker|exchange|interval|time|timenow|plot_\d+|syminfo\.\w+|strategy(?:\.\w+)+"
)
_TRADING_VIEW = re.compile(rf"\{{\{{\s*({_PLACEHOLDERS})\s*\}}\}}")
_OPERATOR = re.compile(r"[<>=]|\b(?:and|or|not)\b")


def pitfalls(
    document: Document, text: str, formulas: Mapping[KeyPath, Formula], headline: Template | None
) -> list[Problem]:
    """What is certainly not meant, each at its place; `text` is the file's."""
    found = [*_comments(document, formulas), *_tails(document, text), *_commas(document), *_placeholders(document)]
    if headline is not None and ("headline",) in document.texts:
        found += [document.problem(("headline",), told) for told in _misread(headline)]
    for path, formula in formulas.items():
        for node, message in (*_scales(formula.root), *_windows(formula.root)):
            found.append(document.problem(path, message, at=(node.line, node.column)))
    return found


def _comments(document: Document, formulas: Mapping[KeyPath, Formula]) -> Iterator[Problem]:
    """A # in a formula that YAML has folded into one line comments out all that comes after it."""
    for path in formulas:
        source = document.texts[path]
        at = _comment(source.value)
        if at is None or source.style == "|":
            continue
        swallowed = source.value[at + 1 :].split("\n")[0].strip()
        folded = source.style == ">" and source.raw.partition("#")[2].strip("\n").count("\n") > 0
        if folded or (source.style in ("'", '"') and _OPERATOR.search(swallowed)):
            line = source.value.count("\n", 0, at) + 1
            column = at - source.value.rfind("\n", 0, at)
            told = f"the # comments out the rest of the formula ('{swallowed[:40]}')"
            yield document.problem(path, f"{told}; write `|` instead of `>` or quotes", at=(line, column))


def _comment(formula: str) -> int | None:
    """Offset of the first # outside of quotes."""
    quote = ""
    for at, character in enumerate(formula):
        if quote:
            quote = "" if character == quote else quote
        elif character in "\"'":
            quote = character
        elif character == "#":
            return at
    return None


def _tails(document: Document, text: str) -> Iterator[Problem]:
    """An unquoted text ends where ` #` begins a comment; `#1` and the like are no comments that people write."""
    lines = text.split("\n")
    for path, source in document.texts.items():
        line, column = source.start
        if source.style or path in (("when",), ("level",)) or "\n" in source.raw or line > len(lines):
            continue
        tail = lines[line - 1][column - 1 + len(source.raw) :]
        if found := re.match(r" +#(?=\w)(.*)", tail):
            told = f"ends before '#{found[1].strip()[:40]}', which YAML takes for a comment; quote a text with # in it"
            yield document.problem(path, told)


def _commas(document: Document) -> Iterator[Problem]:
    """`levels: [251,30]` are the levels 251 and 30."""
    levels = document.data.get("levels") if isinstance(document.data, dict) else None
    if not isinstance(levels, list):
        return
    for at, (first, second) in enumerate(pairwise(levels)):
        here, there = document.texts.get(("levels", at)), document.texts.get(("levels", at + 1))
        if here is None or there is None or not (here.raw.isdecimal() and there.raw.isdecimal()):
            continue
        touching = there.start == (here.start[0], here.start[1] + len(here.raw) + 1)
        if touching and len(there.raw) <= 2 and first > 3 * second:
            told = f"two levels, {first} and {second}; write {first}.{there.raw} for one, or a blank after the comma"
            yield document.problem(("levels", at + 1), told)


def _placeholders(document: Document) -> Iterator[Problem]:
    """TradingView's `{{close}}` reads as {close} here."""
    source = document.texts.get(("headline",))
    if source is not None and (found := _TRADING_VIEW.search(source.value)):
        remedy = f"{{{found[1]}:.2f}} for its value" if found[1] in COLUMNS else "what it stands for, in words"
        told = f"'{found[0]}' reads as {{{found[1]}}} itself; write {remedy}"
        yield document.problem(("headline",), told)


def _scales(root: Node) -> Iterator[tuple[Node, str]]:
    """Comparisons with a number on another scale: percent where a ratio is, or a ratio where 0 to 100 is."""
    for node in root.walk():
        if node.op is not Op.COMPARE and node.symbol not in _CROSSINGS:
            continue
        for side, number in (node.children, node.children[::-1]):
            part = _measured(side)
            value = _number(number)
            if part is not None and value is not None and (told := _wrong_scale(part, value)):
                yield node, told


def _wrong_scale(part: Node, value: float) -> str:
    name, size = part.symbol, abs(value)
    if (bars := _ratio_bars(part)) and ((size >= 1 and bars <= _QUICK_BARS) or (size >= 2 and bars <= _SLOW_BARS)):
        what = name if part.op is Op.CALL else f"'{part.text}'"
        return f"{what} is a ratio, so {value:g} is {value:.0%}; {value:g} % is {value / 100:g}"
    if part.op is Op.SERIES and name == "volume" and 0 < size <= _FEW_SHARES:
        return f"volume counts what was traded; more than usual is {part.text} > {value:g} * sma({part.text}, 20)"
    if name == "obv":
        return "obv counts from wherever the history begins; compare it with its own past, as in obv() > obv()[20]"
    if name in _TO_100 and 0 < size < 1:
        return f"{name} goes from 0 to 100; write {value * 100:g} instead of {value:g}"
    return ""


def _measured(node: Node) -> Node | None:
    """The part whose scale a part has: a call, a series, or a price's change written out."""
    if node.op in (Op.LAG, Op.NEGATE) or (node.op is Op.CALL and node.symbol in _SAME_SCALE):
        return _measured(node.children[0]) if node.children else None
    if node.op is Op.CALL and node.symbol == "stdev":
        return _measured(node.children[0]) if _ratio_bars(node.children[0]) else None
    return node if node.op in (Op.CALL, Op.SERIES) or _ratio_bars(node) else None


def _ratio_bars(node: Node) -> float:
    """Over how many bars a part is the change of a price, as a ratio around 0; 0 where it is none."""
    if node.op is Op.CALL and node.symbol in _RATIOS:
        return next((float(each) for key, each in node.constants.items() if key == "n" and each is not None), MAX_SPAN)
    if node.op is not Op.ARITHMETIC:
        return 0
    left, right = node.children
    if node.symbol == "-" and _number(right) == 1 and left.op is Op.ARITHMETIC and left.symbol == "/":
        return _lag_between(*left.children)  # close / close[5] - 1
    if node.symbol == "/" and left.op is Op.ARITHMETIC and left.symbol == "-" and left.children[1].key == right.key:
        return _lag_between(*left.children)  # (close - close[5]) / close[5]
    return 0


def _lag_between(now: Node, then: Node) -> float:
    """How many bars before a part another one is the same; 0 where it is none."""
    return then.value if then.op is Op.LAG and then.children[0].key == now.key else 0


def _number(node: Node) -> float | None:
    if node.op is Op.NEGATE:
        inner = _number(node.children[0])
        return None if inner is None else -inner
    return node.value if node.op is Op.NUMBER else None


def _windows(root: Node) -> Iterator[tuple[Node, str]]:
    """`max(close, 20)`, which elsewhere is the highest of 20 bars and here the larger of the close and 20."""
    for node in root.walk():
        if node.op is not Op.CALL or node.symbol not in _WINDOWS or len(node.children) != 2:
            continue
        price, number = node.children
        if price.op is Op.SERIES and number.op is Op.NUMBER and number.value in range(2, 1000):
            told = f"{node.symbol} is of values at one bar, here of {price.text} and the number {number.text}"
            yield node, f"{told}; for a window write {_WINDOWS[node.symbol]}({price.text}, {number.text})"


def _misread(headline: Template) -> Iterator[str]:
    """What of a headline reads otherwise than it is meant: percentages of another scale, two signs, marks of HTML."""
    if found := _HTML.search(headline.text):
        yield f"marks such as {found[0]} are shown as they are written; leave them out"
    pieces = ("", *headline.pieces, "")
    for before, field, after in zip(pieces, pieces[1:], pieces[2:], strict=False):
        if isinstance(field, Field) and (told := _misread_field(field, str(before), str(after))):
            yield told


def _misread_field(field: Field, before: str, after: str) -> str:
    root, text = field.formula.root, field.formula.text
    part = _measured(root)
    percent, signed = field.format.endswith("%"), re.match(r" ?(?:%|percent\b)", after) is not None
    if root.clock is None:
        return f"{{{text}}} never changes; write a price, as {{close:.2f}}"
    if percent and part is not None and part.symbol in _TO_100:
        return f"{part.symbol} goes from 0 to 100, and a format with % makes 100 % of 1; write {{{text}:.0f}}"
    if percent and signed:
        return f"the format of {{{text}}} writes the % itself; leave one of them out"
    if signed and _ratio_bars(root):
        return f"{{{text}}} is a ratio, and 5 % reads as 0.05 there; write {{{text}:+.1%}} without a % behind it"
    if _FALLS.search(before) and _ratio_bars(root):
        return f"a fall of 5 % reads as −5 % there, behind a word that says so; write {{-{text}:.1%}}"
    return ""
