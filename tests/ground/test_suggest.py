"""Words that resemble a slip of the pen."""

from __future__ import annotations

from bot.suggest import did_you_mean, nearest


def test_the_nearest_word_as_it_is_spelled():
    assert nearest("hihgest", ["highest", "lowest"]) == ["highest"]
    assert nearest("btc", ["ETH", "BTC"]) == ["BTC"]
    assert nearest("xyzzy", ["highest"]) == []
    assert nearest("", ["highest"]) == []


def test_letters_in_another_order_come_first():
    assert nearest("fro", ["for", "from"])[0] == "for"


def test_the_hint_or_what_is_allowed():
    assert did_you_mean("kraken2", ["kraken"]) == "did you mean kraken?"
    assert did_you_mean("q", ["kraken"], otherwise="allowed: kraken") == "allowed: kraken"
