"""`python -m bot`, and the command `bellwether`: the program, which Ctrl-C ends quietly from its first import on."""

import sys
from importlib import import_module


def main() -> None:
    """Run the command that was typed."""
    try:
        program = import_module("bot.cli.main").main
    except KeyboardInterrupt:
        sys.exit(130)
    program()


if __name__ == "__main__":
    main()
