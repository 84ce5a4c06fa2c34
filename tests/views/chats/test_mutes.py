"""Texts about mutes."""

from __future__ import annotations

from bot.views.chats.mutes import Muted, muted


def test_mutes_that_last_longer_are_told_together():
    rules = tuple("abcdefgh")
    kept = [(rule, "until Friday") for rule in "abcdef"] + [("g", "for good")]
    told = muted(Muted((), rules), "until noon", kept=kept).replace("<b>", "").replace("</b>", "")
    assert "a, b, c, d, e, 1 more stay muted until Friday, as before. g stays muted for good, as before." in told


def test_a_rule_beside_a_tag_is_told_beside_it():
    told = muted(Muted(("iwm",), ("a", "b", "c"), beside=("c",)), "for good").replace("<b>", "").replace("</b>", "")
    assert "alerts of #iwm, 2 rules: a, b; and of c." in told
