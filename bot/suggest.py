"""Did-you-mean: the known words that are nearest to one that nobody knows."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches

LONGEST_WORD = 100
"""Characters of the unknown word that are compared; what is longer is no slip of the pen."""


def nearest(word: str, known: Iterable[str], *, most: int = 1, cutoff: float = 0.6) -> list[str]:
    """Up to `most` of the known words that resemble `word`, the nearest first, as they are spelled.

    Capital letters do not count. Of equally near ones, a word of the same letters in another order comes first.
    """
    spelled = {each.lower(): each for each in known}
    small = word.lower()[:LONGEST_WORD]
    close = get_close_matches(small, spelled, n=max(most, 3), cutoff=cutoff)
    close.sort(key=lambda each: sorted(each) != sorted(small))
    return [spelled[each] for each in close[:most]]


def did_you_mean(word: str, known: Iterable[str], *, otherwise: str = "") -> str:
    """The hint "did you mean X?" for a word that nobody knows, or `otherwise` where nothing resembles it."""
    close = nearest(word, known)
    return f"did you mean {close[0]}?" if close else otherwise
