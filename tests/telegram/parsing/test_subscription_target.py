"""What a person wants alerts of, however they write it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.telegram.parsing.resolve import Ambiguous, NotFound
from bot.telegram.parsing.subscription_target import EVERYTHING, TargetNames, parse_target

TOPICS = TargetNames(
    {
        "iwm-resistance-break": "IWM breaks resistance",
        "iwm-52-week-high": "IWM at a 52-week high",
        "russell-2000-all-time-high": "Russell 2000 at a record",
        "high": "A rule with an unlucky name",
    },
    frozenset({"iwm", "resistance", "Record High"}),
)


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("", EVERYTHING),
        ("  ALL ", EVERYTHING),
        ("everything", EVERYTHING),
        ("iwm-resistance-break", ("rule", "iwm-resistance-break")),
        ("IWM_RESISTANCE_BREAK", ("rule", "iwm-resistance-break")),
        ("'iwm resistance break'", ("rule", "iwm-resistance-break")),
        ("rule: iwm-resistance-break", ("rule", "iwm-resistance-break")),
        ("iwm break", ("rule", "iwm-resistance-break")),
        ("IWM breaks resistance", ("rule", "iwm-resistance-break")),
        ("russell record", ("rule", "russell-2000-all-time-high")),
        ("Russell 2000 at a record", ("rule", "russell-2000-all-time-high")),
        ("iwm", ("tag", "iwm")),
        ("tag:IWM", ("tag", "iwm")),
        ("tag IWM", ("tag", "iwm")),
        ("#iwm", ("tag", "iwm")),
        ("record high", ("tag", "Record High")),
        ("low", ("severity", "low")),
        ("high", ("rule", "high")),
        ("severity: HIGH", ("severity", "high")),
        ("iwm-resistence-break", NotFound("iwm-resistence-break", "iwm-resistance-break")),
        ("iwm high break resistance", NotFound("iwm high break resistance", "iwm-resistance-break")),
        ("tag:iwm-resistance-break", NotFound("tag:iwm-resistance-break", "iwm-resistance-break")),
        ("zebra", NotFound("zebra", None)),
        ("iwm 52", ("rule", "iwm-52-week-high")),
        ("2000 high", ("rule", "russell-2000-all-time-high")),
        ("at a", Ambiguous(("iwm-52-week-high", "russell-2000-all-time-high"))),
    ],
)
def test_what_is_meant(said, expected):
    assert parse_target(said, TOPICS) == expected


@given(st.text(max_size=100))
def test_whatever_is_said_only_what_exists_is_subscribed_to(said):
    what = parse_target(said, TOPICS)
    if not isinstance(what, tuple):
        assert isinstance(what, Ambiguous) or what.said == said
        return
    kind, value = what
    known = {"all": {""}, "rule": set(TOPICS.rules), "tag": TOPICS.tags, "severity": {"low", "normal", "high"}}
    assert value in known[kind]


@given(st.sampled_from(sorted(TOPICS.rules)), st.sampled_from(["-", " ", "_", "  ", " - "]), st.booleans())
def test_every_rule_is_found_by_its_id_in_any_dress(rule, joint, upper):
    said = rule.replace("-", joint)
    assert parse_target(said.upper() if upper else said, TOPICS) == ("rule", rule)
