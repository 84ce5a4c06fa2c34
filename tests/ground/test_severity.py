"""Severities, their order and their words."""

from __future__ import annotations

import pytest

from bot.severity import Severity


def test_order_and_words():
    assert sorted(Severity) == [Severity.LOW, Severity.NORMAL, Severity.HIGH]
    assert [Severity.from_word(each.word) for each in Severity] == list(Severity)
    with pytest.raises(ValueError, match="allowed: low, normal, high"):
        Severity.from_word("loud")
