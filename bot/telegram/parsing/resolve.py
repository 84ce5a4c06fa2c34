"""Resolution of a name that a person typed to a rule, a market or an asset."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from bot.market.model import MarketKind
from bot.queries.market_data import MarketData
from bot.rulebook.book import Rulebook
from bot.suggest import nearest
from bot.telegram.command import Reply
from bot.telegram.keyboard import button_if_fits, button_row
from bot.telegram.parsing.command_text import normalized
from bot.views.alerts.buttons import rule_word
from bot.views.chats.resolve import nothing_called, one_at_a_time, which

_CERTAIN_LIKENESS = 0.8
"""From which on a misspelt name is taken for the one that was meant."""

_SHORT = 4
"""Letters up to which a word must begin like the name that it is likened to: DAX is no slip of the pen for ADA."""

_TELLING = 3
"""Letters of a word that tells one name from others; `it` and `as` stand in many a title."""

_MAX_BUTTONS = 24
_IN_DOLLARS = re.compile(r"(?P<coin>[a-z]{2,6})[-/_]?(?:usdt?|usdc|perp)")
_WORDS = re.compile(r"\w+")
_SIGNED = re.compile(r"\s*[-−‐‑‒–—!~](?=\w)")


@dataclass(frozen=True, slots=True)
class Ambiguous:
    """The words fit several names, all of them where nothing was said."""

    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class NotFound:
    """No name fits; `near` is what was perhaps meant."""

    said: str
    near: str | None


def resolve(
    said: str, names: Mapping[str, str], *, guess: bool = True, also: Mapping[str, str] | None = None
) -> str | Ambiguous | NotFound:
    """The name that was meant, of `names` with their titles; `also` are further words by which a name is known.

    Case, quotes and separators do not matter. A name is known by its title, by its word in a button, by words (or their
    beginnings) that only it has in name or title, in the title one of three letters, and, with `guess`, in spite of a
    slip of the pen. Words beside a name are never passed over: what was meant is then only proposed. Where there is one
    name, nothing need be said.
    """
    word = normalized(said).lstrip("^$#@:")
    if not word:
        return Ambiguous(tuple(names)) if len(names) != 1 else next(iter(names))
    exact = [name for name, title in names.items() if exactly(said, name, title)]
    telling = any(len(each) >= _TELLING for each in _WORDS.findall(word))
    if signed(said) and not exact:  # -iwm is perhaps all but iwm
        return NotFound(said, None)
    akin = exact or [name for name, title in names.items() if _has_all(word, f"{name} {title}")]
    akin = akin or [name for name, more in (also or {}).items() if name in names and word == normalized(more)]
    if len(akin) == 1 and (exact or telling or _has_all(word, akin[0])):
        return akin[0]
    return Ambiguous(tuple(akin)) if akin else _proposed(said, word, names, guess=guess)


def exactly(said: str, name: str, title: str = "") -> bool:
    """Whether a name, or its title, was written out, in any dress, or stands in a button."""
    word = normalized(said).lstrip("^$#@:")
    if signed(said) and not signed(title):
        return False
    return said.strip() == rule_word(name) or word in {normalized(name), normalized(title) or name}


def signed(said: str) -> bool:
    """Whether a sign stands before the word: -iwm, !iwm is no name of iwm."""
    return _SIGNED.match(said) is not None


def rule_titles(book: Rulebook) -> dict[str, str]:
    """Every rule with its title."""
    return {rule_id: written.title for rule_id, written in book.rules.items()}


def rule_markets(book: Rulebook) -> dict[str, str]:
    """Every rule with its market, by which it is known where no other rule is of that market."""
    return {rule_id: written.rule.market for rule_id, written in book.rules.items()}


def resolve_rule(book: Rulebook, said: str) -> str | Ambiguous | NotFound:
    """The id of the rule that was meant; its market will do where no name has that word."""
    return resolve(said, rule_titles(book), also=rule_markets(book))


def resolve_market(market_data: MarketData, said: str) -> str | Ambiguous | NotFound:
    """The market that was meant; its symbol at a vendor will do, too. Those that are shown, where nothing was said."""
    if not said.strip():
        return Ambiguous(tuple(market.name for market in market_data.shown()))
    named = named_market(market_data, said)
    titles = {name: market.title for name, market in market_data.markets.items()}
    return named or resolve(said, titles)


def named_market(market_data: MarketData, said: str) -> str | None:
    """The market that is called just that: by name, title, symbol at a vendor, or as a pair with dollars (BTCUSDT)."""
    markets, word = market_data.markets, said.strip().casefold().lstrip("$#")
    if not word:
        return None
    for name, market in markets.items():
        if exactly(word, name, market.title):
            return name
    pair = _IN_DOLLARS.fullmatch(word)
    for name, market in markets.items():
        if pair is not None and pair["coin"] == name.casefold() and market.kind is MarketKind.CRYPTO:
            return name
    symbols = {name: {source.symbol.casefold() for source in market.sources} for name, market in markets.items()}
    return next((name for name, known in symbols.items() if word in known or said.strip().casefold() in known), None)


def markets_in(market_data: MarketData, said: str) -> tuple[str, ...]:
    """The markets that single words of a text name."""
    words = re.split(r"[\s,;:/&+]+", said.casefold())
    found = [name for name in market_data.markets for word in words if word == name.casefold()]
    return tuple(dict.fromkeys(found))


def ask_rule(book: Rulebook, command: str, found: Ambiguous | NotFound, more: str = "") -> Reply:
    """The question which rule was meant; `more` is what else was asked, behind the rule's name."""
    return ask_which(
        "rule", command, found, rule_titles(book), argument=lambda rule: f"{rule_word(rule)} {more}".strip()
    )


def ask_market(market_data: MarketData, command: str, found: Ambiguous | NotFound, more: str = "") -> Reply:
    """The question which market was meant; `more` is what else was asked, behind the market's name."""
    names = {market.name: market.name for market in market_data.shown()}
    if isinstance(found, NotFound):
        within = markets_in(market_data, found.said)
        found = found if found.near in {None, *names, *within} else NotFound(found.said, None)
        if len(within) > 1:
            rows = button_row(*((name, command, f"{name}{more}") for name in within[:3]))
            return Reply(one_at_a_time(found.said), rows)
        names = {within[0]: within[0]} if within else names
    return ask_which("market", command, found, names, width=3, argument=lambda name: f"{name}{more}")


def ask_which(
    kind: str,
    command: str,
    found: Ambiguous | NotFound,
    titles: Mapping[str, str],
    width: int = 1,
    argument: Callable[[str], str] = str,
) -> Reply:
    """The question that a choice leaves open, with a button for each answer, `width` in a row.

    `kind` is "market", "rule". `argument` is how a name stands behind a button.
    """
    if isinstance(found, Ambiguous):
        text, names = which(kind, found.names), found.names
    else:
        text = nothing_called(kind, found.said, found.near)
        names = tuple(dict.fromkeys((found.near, *titles))) if found.near is not None else tuple(titles)
        names = names[:1] if found.near is not None and kind == "rule" else names
    made = [button_if_fits(titles.get(name, name), command, argument(name)) for name in names[:_MAX_BUTTONS]]
    kept = [each for each in made if each is not None]
    return Reply(text, tuple(tuple(kept[at : at + width]) for at in range(0, len(kept), width)))


def _has_all(word: str, text: str) -> bool:
    """Whether each part of the word begins a word of the text."""
    parts, known = _WORDS.findall(word), _WORDS.findall(normalized(text))
    return bool(parts) and all(any(_begins(each, part) for each in known) for part in parts)


def _begins(word: str, part: str) -> bool:
    """One letter begins too many words to mean one."""
    return word.startswith(part) if len(part) > 1 else word == part


def _proposed(said: str, word: str, names: Mapping[str, str], *, guess: bool) -> str | NotFound:
    """The only name that is very like the word; else the one to propose: among the words, or somewhat like them."""
    known = {normalized(name): name for name in names}
    named = {name for key, name in known.items() if key and f"-{key}-" in f"-{word}-"}
    if len(named) == 1:
        return NotFound(said, named.pop())
    close = [each for each in nearest(word, known) if len(word) > _SHORT or each[:1] == word[:1]]
    if guess and close and difflib.SequenceMatcher(None, word[:64], close[0]).ratio() >= _CERTAIN_LIKENESS:
        return known[close[0]]
    return NotFound(said, known[close[0]] if close else None)
