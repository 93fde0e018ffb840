"""Units: the factor is named where it brings the values back, and nowhere else."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlops.data import units

RANDOM = np.random.default_rng(9)


@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=40), st.lists(st.floats(0, 1), max_size=9))
def test_quantiles_are_numpys(values, places):
    """From values in order, without sorting them again."""
    ordered = np.sort(np.array(values))
    assert units.quantiles(ordered, np.array(places)) == pytest.approx(np.quantile(ordered, places), rel=1e-9, abs=1e-6)


@pytest.mark.parametrize("factor", units.FACTORS)
def test_each_factor_is_found_both_ways(factor):
    """Whole columns, also of another sample."""
    known, current = (np.sort(RANDOM.normal(70, 9, 3000)) for _ in range(2))
    for by in (factor, 1 / factor):
        found = units.find((known, current * by), lambda: iter(()))
        assert found is not None and found.factor == pytest.approx(by)


@pytest.mark.parametrize("change", [1.08, 1.3, 1.5, 0.5, 2, 2.5])
def test_what_grows_or_shrinks_is_no_other_unit(change):
    """A price, a crisis, a campaign: the world."""
    known, current = (np.sort(RANDOM.gamma(4, 10, 2000)) for _ in range(2))
    assert units.find((known, current * change), lambda: iter(())) is None


def test_a_level_explains_a_cluster_only_if_it_holds_it():
    """Half of what is beyond everything known is elsewhere: then the level is not the reason."""
    known = np.sort(RANDOM.gamma(4, 10, 3000))
    moved = np.sort(RANDOM.gamma(4, 10, 600)) * 60
    current = np.sort(np.concatenate([RANDOM.gamma(4, 10, 2400), moved]))
    whole, half = ("device", "tv", (known[::3], moved)), ("region", "north", (known[::3], moved[::2]))
    assert units.find((known, current), lambda: iter([whole, half])) == units.OtherUnit(60, 600, ("device", "tv"))
    found = units.find((known, current), lambda: iter([half]))
    assert found is not None and (found.factor, found.where) == (60, None)


@pytest.mark.parametrize("size", [1.7e308, 1e300, 1e-300, 1.0])
def test_numbers_that_no_arithmetic_holds_tell_nothing(size):
    """And no error, or warning: a column may hold the largest numbers there are."""
    known, current = np.linspace(-1, 1, 700) * size, np.linspace(0, 1, 700) * 1.7e308
    assert units.find((known, current), lambda: iter([("a", "b", (known, current))])) is None
