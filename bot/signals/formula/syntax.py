"""Parser of a formula: one expression in Python's syntax, or what its author probably meant."""

from __future__ import annotations

import ast
import re
import warnings
from dataclasses import dataclass

from bot.signals.formula.tree import FormulaError, FormulaProblem

MAX_FORMULA_CHARACTERS = 10_000
"""Characters of a formula."""

MAX_NESTING = 50
"""Levels of nesting of a formula."""

MAX_PROBLEMS = 30
"""Problems reported at once; the rest would help nobody."""

_QUIET_PARTS = re.compile(r"\"[^\"\n]*\"|'[^'\n]*'|#[^\n]*")

_CHARACTERS = {
    "≥": "write >=",
    "≤": "write <=",
    "≠": "write !=",
    "×": "write *",
    "·": "write *",
    "÷": "write /",
    "−": "write -",
    "–": "write -",
    "—": "write -",
    "²": "write ** 2",
    "“": 'write "',
    "”": 'write "',
    "„": 'write "',
    "‘": "write '",
    "’": "write '",
    "∧": "write and",
    "∨": "write or",
    "¬": "write not",
    "∞": "write all for a window of all bars",
    "\u00a0": "write a plain space",
    "$": "prices stand without a currency",
    "€": "prices stand without a currency",
    "?": "there is no choice; combine conditions with and / or",
    "@": "it has no meaning here",
    "`": "it has no meaning here",
    ";": "a formula is one expression",
    "\\": "it has no meaning here; a formula may simply go on on the next line",
    "{": "braces have no meaning inside a formula",
    "}": "braces have no meaning inside a formula",
}

_NO_CROSS = r"(?<!cross )(?<!crosses )(?<!crossed )(?<!crossing )"

_HINTS = (
    (re.compile(r"&&"), "'&&' is not known; write 'and'"),
    (re.compile(r"\|\|"), "'||' is not known; write 'or'"),
    (re.compile(r"!(?!=)"), "'!' is not known; write 'not'"),
    (re.compile(r"<>"), "'<>' is not known; write '!='"),
    (re.compile(r"=>"), "'=>' is not known; write '>='"),
    (re.compile(r"=<"), "'=<' is not known; write '<='"),
    (re.compile(r"==="), "'===' is not known; write '=='"),
    (re.compile(r"\+\+|\+=|-=|\*=|/="), "a formula changes nothing; it only compares and computes"),
    (re.compile(r"\b(?:AND|OR|NOT)\b"), "'and', 'or' and 'not' are written in small letters"),
    (re.compile(r"\d\s*%(?!\s*[\w.(])"), "a percentage is written as a ratio: 5 % is 0.05"),
    (
        re.compile(r"\b\d+(?![eE][+-]?\d)[A-Za-z]\w*"),
        "a number and a name can't touch; windows are plain numbers of bars: 20",
    ),
    (re.compile(r"\d,\d{3}\b(?=,|\s|$)"), "numbers are written without commas between thousands"),
    (re.compile(r"\bcross(?:es|ed|ing)?[ _]+(?:above|over)\b(?!\s*\()"), "write crosses_above(close, sma(close, 50))"),
    (re.compile(r"\bcross(?:es|ed|ing)?[ _]+(?:below|under)\b(?!\s*\()"), "write crosses_below(close, sma(close, 50))"),
    (
        re.compile(r"\bcross(?:es|ed|ing)?\b(?![ _]+(?:above|over|below|under)\b|\s*\()"),
        "write crosses_above(…) or crosses_below(…)",
    ),
    (re.compile(_NO_CROSS + r"\b(?:is )?(?:above|over|greater than|more than)\b"), "to compare, write '>'"),
    (re.compile(_NO_CROSS + r"\b(?:is )?(?:below|under|less than)\b"), "to compare, write '<'"),
    (
        re.compile(r"\breturn\b"),
        "'return' is not known; a condition stands alone, and the return of 20 bars is change(close, 20)",
    ),
    (re.compile(r"\bif\b|\bthen\b"), "there is no if; the formula itself says when the rule fires"),
    (re.compile(r"\b(?:of )?\d+ (?:bar|day|week)s? ago\b"), "an earlier bar stands in square brackets: close[1]"),
    (
        re.compile(r"\b\d+ (?:bar|day|week|month|year)s?\b(?! ago)"),
        "windows are plain numbers of bars; a year is 252 sessions",
    ),
    (re.compile(r"\b\d+_[A-Za-z]\w*"), "no name begins with a digit; a 52-week high is highest(high, 252)[1]"),
    (re.compile(r"(?:^|[\s(])\^[A-Za-z]"), "a market is called as in the config, without '^': VIX.close"),
)

_BRACKET_OR_ASSIGNMENT = re.compile(r"(?:\w ?)?\(|[\[\])]|(?<![=<>!:+*/-])=(?![=<>])")


@dataclass(frozen=True, slots=True)
class Written:
    """A text that is one expression: its syntax tree, and where each part of it stands."""

    tree: ast.expr
    lines: tuple[bytes, ...]

    def place(self, node: ast.expr | ast.keyword) -> tuple[int, int]:
        """Line and column of a part, counted from 1 in the text as it was given."""
        characters = len(self.lines[node.lineno - 1][: node.col_offset].decode(errors="replace"))
        return node.lineno, max(characters, 1) if node.lineno == 1 else characters + 1

    def text(self, node: ast.expr) -> str:
        """A part as written, on one line."""
        first, last = node.lineno - 1, (node.end_lineno or node.lineno) - 1
        end = node.end_col_offset
        if first == last:
            found = self.lines[first][node.col_offset : end]
        else:
            found = b" ".join(
                [self.lines[first][node.col_offset :], *self.lines[first + 1 : last], self.lines[last][:end]]
            )
        return " ".join(found.decode(errors="replace").split())


def parse(text: str) -> Written:
    """Parse a text. Raises FormulaError with all that keeps it from being one expression."""
    if len(text) > MAX_FORMULA_CHARACTERS:
        raise FormulaError(
            (FormulaProblem(1, 1, f"the formula has {len(text):,} characters; {MAX_FORMULA_CHARACTERS:,} are allowed"),)
        )
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    bare = _QUIET_PARTS.sub(lambda match: " " * len(match[0]), text)
    if not bare.strip() and not text.strip():
        raise FormulaError((FormulaProblem(1, 1, "the formula is empty; write for example close > sma(close, 200)"),))
    problems = [*_bad_characters(text, bare), *_bad_brackets(bare)]
    if problems:
        raise FormulaError(tuple(sorted(set(problems))[:MAX_PROBLEMS]))
    return _parsed(text, bare)


def _parsed(text: str, bare: str) -> Written:
    # The brackets around it let a formula go on over several lines.
    wrapped = f"({text}\n)"
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(wrapped, mode="eval").body
    except SyntaxError as error:
        raise FormulaError(_explained(text, bare, error)) from None
    except (RecursionError, MemoryError):
        raise FormulaError((_too_deep(1, 1),)) from None
    except ValueError as error:
        raise FormulaError((FormulaProblem(1, 1, f"the formula can't be read: {error}"),)) from None
    _refuse_depth(tree)
    if isinstance(tree, ast.Tuple) and (found := re.search(r"\d,\d", bare)):
        told = "numbers are written without commas: 1250.5"
        raise FormulaError((FormulaProblem(*_at(bare, found.start() + 1), told),))
    return Written(tree, tuple(line.encode() for line in wrapped.split("\n")))


def _refuse_depth(tree: ast.expr) -> None:
    """Look at the depth without recursion, before anything that recurses sees the tree."""
    level: list[ast.AST] = [tree]
    depth = 0
    while level:
        depth += 1
        if depth > MAX_NESTING:
            raise FormulaError((_too_deep(1, 1),))
        level = [
            child
            for node in level
            for child in ast.iter_child_nodes(node)
            if not isinstance(child, ast.expr_context | ast.operator | ast.unaryop | ast.cmpop | ast.boolop)
        ]


def _too_deep(line: int, column: int) -> FormulaProblem:
    return FormulaProblem(
        line,
        column,
        f"the formula is nested more than {MAX_NESTING} levels deep; split it, or add brackets to long sums",
    )


def _at(text: str, offset: int) -> tuple[int, int]:
    before = text[:offset]
    return before.count("\n") + 1, offset - (before.rfind("\n") + 1) + 1


def _bad_characters(text: str, bare: str) -> list[FormulaProblem]:
    found: list[FormulaProblem] = []
    for offset, character in enumerate(bare):
        if len(found) >= MAX_PROBLEMS:
            break
        hint = _CHARACTERS.get(character)
        if hint:
            found.append(FormulaProblem(*_at(bare, offset), f"'{character}' can't be used here; {hint}"))
        elif not _is_usable(character):
            found.append(FormulaProblem(*_at(bare, offset), f"the character {character!r} can't be used in a formula"))
    return found or [
        FormulaProblem(*_at(text, offset), f"the character {character!r} can't be used in a formula")
        for offset, character in enumerate(text)
        if not character.isprintable() and character not in "\n\t"
    ]


def _is_usable(character: str) -> bool:
    return character in "\n\t" or character.isidentifier() or (character.isascii() and character.isprintable())


def _bad_brackets(bare: str) -> list[FormulaProblem]:
    closing = {"(": ")", "[": "]"}
    waiting: list[tuple[str, int]] = []
    for offset, character in enumerate(bare):
        if character in closing:
            waiting.append((character, offset))
            if len(waiting) > MAX_NESTING:
                return [_too_deep(*_at(bare, offset))]
        elif character in closing.values():
            if not waiting:
                return [FormulaProblem(*_at(bare, offset), f"'{character}' closes a bracket that was never opened")]
            opened, where = waiting.pop()
            if closing[opened] != character:
                line, column = _at(bare, where)
                text = f"'{character}' can't close the '{opened}' at line {line}, column {column}"
                return [FormulaProblem(*_at(bare, offset), text)]
    return [FormulaProblem(*_at(bare, offset), f"'{opened}' is never closed") for opened, offset in waiting]


def _explained(text: str, bare: str, error: SyntaxError) -> tuple[FormulaProblem, ...]:
    hints = [
        FormulaProblem(*_at(bare, match.start()), message)
        for pattern, message in _HINTS
        for match in pattern.finditer(bare)
    ]
    hints += [
        FormulaProblem(*_at(bare, offset), "'=' gives a parameter its value; to compare, write '=='")
        for offset in _assignments(bare)
    ]
    if hints:
        return tuple(sorted(set(hints))[:MAX_PROBLEMS])
    return (_as_python_says(text, error),)


def _assignments(bare: str) -> list[int]:
    """Where a single '=' stands outside the brackets of a call."""
    found = []
    in_call = [False]
    for match in _BRACKET_OR_ASSIGNMENT.finditer(bare):
        if match[0].endswith(("(", "[")):
            in_call.append(len(match[0]) > 1)
        elif match[0] in {")", "]"}:
            in_call.pop()
        elif not in_call[-1]:
            found.append(match.start())
    return found


def _as_python_says(text: str, error: SyntaxError) -> FormulaProblem:
    lines = text.split("\n")
    line, column = error.lineno or 1, max((error.offset or 1) - ((error.lineno or 1) == 1), 1)
    if line > len(lines) or not "".join([lines[line - 1][column - 1 :], *lines[line:]]).strip():
        last = max(number for number, content in enumerate(lines, 1) if content.strip())
        return FormulaProblem(
            last, len(lines[last - 1].rstrip()) + 1, "the formula ends too early; something is missing"
        )
    rest = " ".join(lines[line - 1][column - 1 :].split())
    if error.msg.startswith("positional argument"):
        said = "after name=value every parameter needs its name; to compare, write '=='"
    elif "forgot a comma" in error.msg:
        said = f"an operator or a comma is missing in '{rest[:40]}'"
    elif error.msg.startswith("invalid syntax") or "f-string" in error.msg:
        said = f"not understood from '{rest.split()[0][:40]}' on"
    else:
        said = error.msg
    return FormulaProblem(line, column, said)
