"""Answers to those who write Python that the formula language does not have."""

from __future__ import annotations

import ast

REFUSALS: dict[type[ast.AST], str] = {
    ast.Lambda: "a formula defines nothing; 'lambda' is not known",
    ast.IfExp: "there is no if … else; combine conditions with and / or, or write two rules",
    ast.NamedExpr: "a formula stores nothing; ':=' is not known",
    ast.JoinedStr: "texts have no place in a formula, f-strings neither",
    ast.List: "lists are not known; write one value",
    ast.Tuple: "a formula is one expression; commas stand between the parameters of a function only",
    ast.Set: "sets are not known; write one value",
    ast.Dict: "braces have no meaning inside a formula",
    ast.ListComp: "loops are not known; functions look over windows of bars: count(close > open, 20)",
    ast.SetComp: "loops are not known; functions look over windows of bars: count(close > open, 20)",
    ast.DictComp: "loops are not known; functions look over windows of bars: count(close > open, 20)",
    ast.GeneratorExp: "loops are not known; functions look over windows of bars: count(close > open, 20)",
    ast.Await: "'await' is not known",
    ast.Yield: "'yield' is not known",
    ast.YieldFrom: "'yield' is not known",
    ast.Starred: "'*' before a parameter is not known; write the parameters one by one",
    ast.Slice: "a lag is one number of bars, as in close[1]",
}

OPERATOR_REFUSALS: dict[type[ast.AST], str] = {
    ast.BitAnd: "'&' is not known; write 'and'",
    ast.BitOr: "'|' is not known; write 'or'",
    ast.BitXor: "'^' is not known; a power is written **",
    ast.Invert: "'~' is not known; write 'not'",
    ast.FloorDiv: "'//' is not known; allowed: + - * / ** %",
    ast.MatMult: "'@' is not known; allowed: + - * / ** %",
    ast.LShift: "'<<' is not known; to compare, write '<'",
    ast.RShift: "'>>' is not known; to compare, write '>'",
    ast.Is: "'is' is not known; to compare numbers, write '=='",
    ast.IsNot: "'is not' is not known; to compare numbers, write '!='",
    ast.In: "'in' is not known; write the comparisons one by one",
    ast.NotIn: "'not in' is not known; write the comparisons one by one",
}

SYNONYMS = {
    "avg": "sma",
    "average": "sma",
    "mean": "sma",
    "ma": "sma",
    "std": "stdev",
    "stddev": "stdev",
    "corr": "correlation",
    "hhv": "highest",
    "llv": "lowest",
    "rank": "percentile",
    "pct_change": "change",
    "roc": "change",
    "returns": "change",
    "crossover": "crosses_above",
    "crossunder": "crosses_below",
    "cross_above": "crosses_above",
    "cross_below": "crosses_below",
    "barssince": "since",
    "ln": "log",
    "price": "close",
    "vol": "volume",
}
