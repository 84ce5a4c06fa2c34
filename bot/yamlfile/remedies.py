"""Mistakes in YAML, as libyaml names them, in words that say what to write instead."""

from __future__ import annotations

_INNER = 'between {0} and {1} quote a text that has a comma or a bracket in it, like "lowest(low, 4)[1]"'
UNQUOTED_COMMA = 'a comma ends the text here; quote a text that has one in it, like "lowest(low, 4)[1]"'

_TAG = "a tag; quote a text that begins with !"
_DIRECTIVE = "a line can't begin with %; leave it out, or quote the text"
_ESCAPE = "\\ has a meaning in double quotes; write \\\\, or put the text in single quotes"
_BLOCK = "nothing may follow | or > in its line; quote a text that begins with one"

_BY_PROBLEM = {
    "mapping values are not allowed in this context": "': ' can't stand here; mind the indentation, and quote a text "
    "with ': ' in it",
    "did not find expected key": "this does not belong to the lines above; mind the indentation, and quote a text that "
    "begins with {, [ or a quote",
    "did not find expected <document start>": "nothing may follow here; mind the indentation",
    "found character that cannot start any token": "a value can't begin with this character; quote it",
    "block sequence entries are not allowed in this context": "a list begins on a line of its own",
    "found unexpected end of stream": "the file ends inside a quoted text",
    "could not find expected ':'": "a key and ': ' must stand here",
    "did not find expected ',' or '}'": f"a comma or }} must stand here; {_INNER.format('{', '}')}",
    "did not find expected ',' or ']'": f"a comma or ] must stand here; {_INNER.format('[', ']')}",
    "did not find expected node content": "a value must stand here; quote a text that begins with a comma, ] or }",
    "did not find expected '-' indicator": "the list above goes on only with '- '; mind the indentation",
    "mapping keys are not allowed in this context": "a value can't begin with '? '; quote it",
    "found unexpected ':'": "':' can't stand here; quote a text with ':' in it",
    "found unexpected document indicator": "a line of --- or ... inside a quoted text; end the quote before it",
    "found unknown escape character": _ESCAPE,
    "did not find expected hexdecimal number": _ESCAPE,
    "found invalid Unicode character escape code": _ESCAPE,
    "found incompatible YAML document": _DIRECTIVE,
    "found duplicate %YAML directive": _DIRECTIVE,
    "found duplicate %TAG directive": _DIRECTIVE,
    "found undefined tag handle": _TAG,
    "found a tab character where an indentation space is expected": "a tab; indent with spaces",
    "found a tab character that violates indentation": "a tab; indent with spaces",
}
_BY_CONTEXT = {
    "while scanning an anchor": "an anchor; quote a text that begins with &",
    "while scanning an alias": "an alias; quote a text that begins with *",
    "while scanning a tag": _TAG,
    "while parsing a tag": _TAG,
    "while scanning a directive": _DIRECTIVE,
    "while scanning a %YAML directive": _DIRECTIVE,
    "while scanning a %TAG directive": _DIRECTIVE,
    "while parsing a %TAG directive": _DIRECTIVE,
    "while scanning a tag directive": _DIRECTIVE,
    "while scanning a block scalar": _BLOCK,
}


def remedy(context: str, problem: str) -> str:
    """What is wrong and what to write instead; libyaml's own words for what has none here."""
    return _BY_PROBLEM.get(problem) or _BY_CONTEXT.get(context) or f"not YAML: {problem}"
