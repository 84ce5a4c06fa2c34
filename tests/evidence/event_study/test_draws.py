"""Random numbers of our own: the generator's published first numbers, and that all are as likely."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.evidence.event_study.base_rate import bootstrap_interval
from bot.evidence.event_study.draws import bits, indices, normal, uniform
from bot.evidence.likeness import _STEPS, _WALKS, _unrelated


def test_the_first_numbers_of_the_generator():
    published = [0xE220A8397B1DCDAF, 0x6E789E6AA1B965F4, 0x06C45D188009454F]
    assert bits(0, 3).tolist() == published


@given(st.integers(0, 2**63))
def test_uniform_numbers_are_spread_evenly(seed: int):
    numbers = uniform(seed, 100, 100)
    assert numbers.shape == (100, 100)
    assert numbers.min() >= 0
    assert numbers.max() < 1
    assert np.bincount((numbers.ravel() * 10).astype(int), minlength=10) == pytest.approx([1_000] * 10, abs=180)
    assert abs(np.corrcoef(numbers[:, :-1].ravel(), numbers[:, 1:].ravel())[0, 1]) < 0.06


@given(st.integers(0, 2**63), st.integers(1, 200))
def test_indices_reach_each_number_and_no_other(seed: int, below: int):
    assert set(indices(seed, below, 50 * below).tolist()) <= set(range(below))
    assert len(set(indices(seed, below, 50 * below).tolist())) > 0.99 * below - 1


@given(st.integers(0, 2**63))
def test_normal_numbers_have_the_moments_of_the_normal(seed: int):
    numbers = normal(seed, 20_000)
    assert numbers.mean() == pytest.approx(0, abs=0.04)
    assert numbers.std() == pytest.approx(1, abs=0.03)
    assert (np.abs(numbers) > 1.959964).mean() == pytest.approx(0.05, abs=0.01)


def test_the_interval_is_as_wide_as_chance_makes_it():
    excess = normal(5, 400)
    days = 86_400 * 1_000 * np.arange(400)
    low, high = bootstrap_interval(excess, days, 1) or (math.nan, math.nan)
    assert high - low == pytest.approx(2 * 1.96 * 1.2533 / math.sqrt(400), rel=0.25)


def test_unrelated_walks_are_as_if_each_were_correlated_by_itself():
    x, y = 0.001 + 0.01 * normal(1, 900), -0.0004 + 0.02 * normal(2, 900)
    rises = [float(each.mean() / each.std() * math.sqrt(len(each) / _STEPS)) for each in (x, y)]
    walks = np.cumsum(normal(20, 2, _WALKS, _STEPS), axis=2)
    one, two = (walks[at] + rises[at] * np.arange(_STEPS) for at in (0, 1))
    by_hand = [np.corrcoef(first, second)[0, 1] for first, second in zip(one, two, strict=True)]
    assert _unrelated(x, y) == pytest.approx(np.array(by_hand))
