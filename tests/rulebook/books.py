"""What the tests of this room share: markets, small rules, and the repository's own rules."""

from __future__ import annotations

from pathlib import Path

from bot.rulebook.book import Rulebook, load_book

ROOT = Path(__file__).parents[2]
RULES = ROOT / "rules"
MARKETS = frozenset(["RUT", "IWM", "IWN", "SPY", "VIX", "BTC", "ETH", "ALTS", "CRYPTO_ALT"])
ROUND_THE_CLOCK = frozenset({"BTC", "ETH", "ALTS", "CRYPTO_ALT"})


def rule_text(when: str = "close > open", **keys: str) -> str:
    """A rule that is right, unless the given keys make it wrong."""
    lines = {"title": "T", "market": "IWM", "when": when, "headline": "H", **keys}
    return "".join(f"{key}: {value}\n" for key, value in lines.items())


def book_of(folder: Path, previous: Rulebook | None = None, **rules: str) -> Rulebook:
    """A book of the given files, by id with _ for -; what else the folder has goes."""
    folder.mkdir(exist_ok=True)
    for path in folder.iterdir():
        path.unlink()
    for name, text in rules.items():
        (folder / f"{name.replace('_', '-')}.yaml").write_text(text, encoding="utf-8")
    return load_book(folder, MARKETS, previous)
