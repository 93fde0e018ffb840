"""Distances: what SciPy and the published definitions say, from values that are sorted once."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from mlops.production import distances

NUMBERS = st.lists(st.integers(-5, 30).map(float), min_size=2, max_size=60)
ROWS = st.lists(st.integers(0, 200), min_size=2, max_size=8)


def ordered(*sides):
    return tuple(np.sort(np.asarray(side, float)) for side in sides)


@given(NUMBERS, NUMBERS)
def test_kolmogorov_and_smirnovs_statistic_and_p_are_scipys(known, current):
    """Also where values are tied."""
    expected = stats.ks_2samp(known, current, method="asymp")
    assert distances.ks(ordered(known, current)) == pytest.approx((expected.statistic, expected.pvalue), abs=1e-12)


def test_from_500_rows_the_exact_p_is_hardly_another():
    """So the quick one is used."""
    random = np.random.default_rng(3)
    for moved in (0, 0.05, 0.1, 0.15):
        sides = random.normal(0, 1, 500), random.normal(moved, 1, 900)
        assert distances.ks(ordered(*sides))[1] == pytest.approx(stats.ks_2samp(*sides, method="exact").pvalue, rel=0.1)


@given(ROWS.filter(any), ROWS.filter(any))
def test_chi_square_is_pearsons(reference, current):
    """A level that neither side has does not count; of one level nothing can be told."""
    pairs = [pair for pair in zip(reference, current, strict=False) if any(pair)]
    one, other = [list(side) for side in zip(*pairs, strict=True)] if pairs else ([], [])
    if len(pairs) > 1 and any(one) and any(other):
        expected = stats.chi2_contingency([one, other], correction=False)
        assert distances.chi_square(one, other) == pytest.approx((expected.statistic, expected.pvalue))
    assert distances.chi_square([7, 0], [9, 0]) == (0.0, 1.0)


def test_the_adjustment_is_that_of_benjamini_and_hochberg():
    """Their own example (1995, section 4.1): of fifteen p-values the first four are discoveries at 5 %, not nine."""
    published = [0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459]
    published += [0.3240, 0.4262, 0.5719, 0.6528, 0.7590, 1.0]
    assert sum(p < 0.05 for p in published) == 9
    assert sum(p < 0.05 for p in distances.adjusted(published)) == 4
    assert distances.adjusted([]) == []


@given(ROWS.filter(any))
def test_the_index_of_equal_shares_is_zero_and_else_positive_both_ways(rows):
    """It is the sum of both Kullback-Leibler divergences, and these are symmetrical."""
    other = [*reversed(rows)]
    assert distances.psi(rows, rows) == pytest.approx(0, abs=1e-12)
    assert distances.psi(rows, other) == pytest.approx(distances.psi(other, rows))
    if min(rows) > 0:
        p, q = (np.array(side) / sum(side) for side in (rows, other))
        assert distances.psi(rows, other) == pytest.approx(stats.entropy(p, q) + stats.entropy(q, p))


def test_a_part_without_a_row_does_not_make_the_index_infinite():
    """It counts as half a row: a level that is new in a tenth of the rows is a large change, not an endless one."""
    assert distances.psi([900, 100, 0], [810, 90, 100]) == pytest.approx(0.1 * np.log(0.1 / 0.0005), rel=0.05)


@given(NUMBERS, NUMBERS)
def test_every_value_is_in_one_part(known, current):
    """Also those beyond everything known, and where one value fills several parts."""
    found = distances.of_numbers(ordered(known, current))
    assert (sum(found.bins["reference"]), sum(found.bins["current"])) == (len(known), len(current))
    assert (found.n_reference, found.n_current) == (len(known), len(current))


def test_numbers_are_cut_into_tenths_of_the_known_ones():
    """So the index does not depend on how they are scaled."""
    random = np.random.default_rng(4)
    known, current = random.lognormal(0, 1, 2000), random.lognormal(0.2, 1, 2000)
    found = distances.of_numbers(ordered(known, current))
    assert found.bins["reference"] == (200,) * 10
    scaled = distances.of_numbers(ordered(60 * known, 60 * current))
    assert (found.psi, found.statistic) == pytest.approx((scaled.psi, scaled.statistic))
    assert found.psi == pytest.approx(distances.psi(found.bins["reference"], found.bins["current"]))


def test_a_value_that_nearly_all_have_is_a_part_by_itself():
    """Days since a campaign: -1 for everybody, until there was a second campaign."""
    random = np.random.default_rng(5)
    known = np.append(np.full(970, -1.0), random.integers(1, 300, 30))
    current = np.append(np.full(600, -1.0), random.integers(1, 300, 400))
    found = distances.of_numbers(ordered(known, current))
    assert (found.bins["reference"][0], found.bins["current"][0]) == (970, 600)
    assert found.psi > 1
    capped = distances.of_numbers(ordered(300 - known, 300 - current))
    assert (capped.bins["reference"][-1], capped.bins["current"][-1]) == (970, 600)


def test_numbers_with_a_few_values_are_compared_as_levels():
    """For Kolmogorov and Smirnov's test, made for values without ties, is too cautious there."""
    found = distances.of_numbers(ordered([1, 2, 3] * 100, [1, 2, 3] * 50))
    assert (found.test, found.bins["levels"]) == ("chi2", (1.0, 2.0, 3.0))


def test_rare_levels_are_counted_together():
    """Chi-square expects five rows of each (Cochran 1954); what is left is said to be other values."""
    rare = {f"shop {number}": 1 for number in range(40)}
    found = distances.of_levels(Counter(web=500, app=460, **rare), Counter(web=500, app=460, **rare))
    assert found.bins["levels"] == ("web", "app", distances.REST)
    few = distances.of_levels(Counter(web=500, app=498, kiosk=2), Counter(web=500, app=500))
    assert few.bins == {"levels": ("web", distances.REST), "reference": (500, 500), "current": (500, 500)}


@pytest.mark.parametrize("values", ["normal", "tied", "levels"])
def test_where_nothing_changed_one_in_twenty_has_a_p_below_a_twentieth(values):
    """Over 400 pairs of samples; with ties fewer, never more."""
    random = np.random.default_rng(6)
    below = 0
    for _ in range(400):
        if values == "levels":
            sides = (Counter(random.choice(4, 700, p=[0.6, 0.3, 0.08, 0.02]).tolist()) for _ in range(2))
            below += distances.of_levels(*sides).p_value < 0.05
        else:
            sides = (random.normal(0, 1, 700).round(1 if values == "tied" else 9) for _ in range(2))
            below += distances.of_numbers(ordered(*sides)).p_value < 0.05
    # 20 are expected; 36 or more have a probability below 0.001
    assert (0 if values == "tied" else 7) <= below < 36
