"""The entry point: runs the typed command; exit code 0 fine, 1 something is wrong, 2 misuse."""

from __future__ import annotations

import os
import signal
import sys
import threading
from contextlib import redirect_stderr, redirect_stdout
from io import TextIOWrapper
from typing import TextIO, cast

from bot import __version__
from bot.cli.loading import imported, tell_libraries
from bot.problem import ProblemError
from bot.redaction import RedactedStream, register_secret

PROGRAM = "bot.cli.program:build"
"""Imported once something is typed that needs it: `--version` answers without it."""

_COMPLETION_VARIABLES = ("COMP_WORDS", "_TYPER_COMPLETE_ARGS")
"""Where bash, and zsh and fish, put the words that are to be completed."""


def main(argv: list[str] | None = None) -> None:
    """Run one command; mistakes of the person are said in lines, never as a traceback."""
    words = sys.argv[1:] if argv is None else argv
    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGTERM, _end_at_once)
    if words == ["--version"]:
        print(f"bellwether {__version__}")
        sys.exit(0)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="replace")  # a terminal without UTF-8 reads a question mark, not a traceback
    tell_libraries()
    register_secret(os.environ.get("TELEGRAM_TOKEN", "").strip())
    with redirect_stdout(_redacted(sys.stdout)), redirect_stderr(_redacted(sys.stderr)):
        _run(words)


def _redacted(stream: TextIO) -> TextIO:
    """What is printed of a token that was typed into the wrong place, by whichever library."""
    return cast("TextIO", RedactedStream(stream))


def _run(words: list[str]) -> None:
    try:
        imported(PROGRAM)(_words_to_complete() or words)(words, prog_name="bellwether")
    except ProblemError as error:
        for problem in error.problems:
            print(problem, file=sys.stderr)
        sys.exit(2)
    except KeyboardInterrupt:
        sys.exit(130)
    except BrokenPipeError:  # the reader, such as `head`, has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)


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
