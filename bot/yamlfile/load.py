"""Reading a YAML file strictly: what it holds, and every mistake in it.

Scalars follow the core schema of YAML 1.2, a key stands once, anchors, aliases and tags are refused (so nothing can
grow or recurse), and a file is one document.
"""

from __future__ import annotations

from pathlib import Path

from bot.problem import Problem, ProblemError
from bot.regular_file import NotRegularFileError, read_regular
from bot.yamlfile.decode import MAX_FILE_BYTES, decode
from bot.yamlfile.document import Document
from bot.yamlfile.parser import Parser


def read_yaml(raw: bytes, file: str) -> Document:
    """The one document in `raw`; `file` is what complaints call it.

    Raises ProblemError with every mistake found, never anything else.
    """
    document, problems = scan_yaml(raw, file)
    if document is None or problems:
        raise ProblemError(problems)
    return document


def scan_yaml(raw: bytes, file: str) -> tuple[Document | None, list[Problem]]:
    """The document and its mistakes; None where there is nothing to go on with.

    A key written twice leaves a document (the first one counts), so that its other mistakes can be told too.
    """
    text, problem = decode(raw, file)
    return (None, [problem]) if problem else Parser(file, text).parse()


def read_bytes(path: Path, file: str) -> bytes:
    """Content of an ordinary file, at most one byte more than `MAX_FILE_BYTES`. Raises ProblemError."""
    try:
        return read_regular(path, MAX_FILE_BYTES)
    except NotRegularFileError as error:
        message = f"{error.strerror}; allowed: a text file"
    except FileNotFoundError:
        message = f"a link to {path.readlink()}, which is not there" if path.is_symlink() else "no such file"
    except OSError as error:
        message = f"can't be read: {error.strerror or error}"
    raise ProblemError.of(file, message)
