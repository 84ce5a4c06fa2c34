"""The entry point: runs the typed command; exit code 0 fine, 1 something is wrong, 2 misuse.

And, as a shell has it of others, 130 after Ctrl-C, 141 where the reader of a pipe went away.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
from contextlib import redirect_stderr, redirect_stdout
from io import TextIOWrapper
from typing import TextIO, cast

from bot import __version__
from bot.cli.loading import import_typer, imported, tell_libraries
from bot.cli.streams import ErrorStream, OutputLostError, OutputStream
from bot.problem import ProblemError
from bot.redaction import register_secret
from bot.unneeded import kept_out

PROGRAM = "bot.cli.program:build"
"""Imported once something is typed that needs it: `--version` answers without it."""

_INTERRUPTED = 128 + signal.SIGINT
_READER_LEFT = 128 + signal.SIGPIPE

_COMPLETION_VARIABLES = ("COMP_WORDS", "_TYPER_COMPLETE_ARGS")
"""Where bash, and zsh and fish, put the words that are to be completed."""


def main(argv: list[str] | None = None) -> None:
    """Run one command; mistakes of the person are said in lines, never as a traceback."""
    try:
        _prepare()
        output, errors = OutputStream(sys.stdout), ErrorStream(sys.stderr)
        try:
            with redirect_stdout(cast("TextIO", output)), redirect_stderr(cast("TextIO", errors)):
                _run(sys.argv[1:] if argv is None else argv)
        finally:
            errors.discard_unwritten()
    except KeyboardInterrupt:
        sys.exit(_INTERRUPTED)


def _prepare() -> None:
    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGTERM, _end_at_once)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="replace")  # a terminal without UTF-8 reads a question mark, not a traceback
    tell_libraries()
    register_secret(os.environ.get("TELEGRAM_TOKEN", "").strip())


def _run(words: list[str]) -> None:
    try:
        try:
            _answer(words)
        finally:
            sys.stdout.flush()  # here, where one can tell that it did not arrive
    except ProblemError as error:
        _complain(*error.problems)
        sys.exit(2)
    except OutputLostError as error:
        if error.reader_left:  # such as `head`, which has seen enough
            sys.exit(_READER_LEFT)
        _complain(error)
        sys.exit(1)


def _complain(*lines: object) -> None:
    for line in lines:
        print(line, file=sys.stderr)


def _answer(words: list[str]) -> None:
    if words == ["--version"]:
        print(f"bellwether {__version__}")
        sys.exit(0)
    completed = _words_to_complete()
    with kept_out(absent=["rich"] if completed else []):  # typer would take markup, which is nowhere, out of help by it
        import_typer()
        imported(PROGRAM)(completed or words)(words, prog_name="bellwether")


def _end_at_once(*_: object) -> None:
    """End as SIGTERM ends a process, also where this is the first one of a container, which no signal ends."""
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    os.kill(os.getpid(), signal.SIGTERM)
    os._exit(128 + signal.SIGTERM)


def _words_to_complete() -> list[str]:
    """The words after the program's name where a shell asks for completions, else none."""
    if "_BELLWETHER_COMPLETE" not in os.environ:
        return []
    return next((os.environ[name].split()[1:] for name in _COMPLETION_VARIABLES if name in os.environ), [])


if __name__ == "__main__":
    main()
