"""What does `python -m bot` do: the same as `bellwether`."""

from bot.cli.main import main

if __name__ == "__main__":
    main()
