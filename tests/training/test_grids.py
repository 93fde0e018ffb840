"""What a sweep tries: combinations and draws, and what is refused before anything is trained."""

from __future__ import annotations

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlops.base.errors import InvalidError
from mlops.training.grids import MAX_TRIALS, Range, parse, trials

numbers = st.floats(1e-6, 1e6, allow_nan=False)


def test_a_grid_is_every_combination_in_the_order_of_its_lists():
    """The last key varies fastest, as in a nested loop."""
    grid = {"model.max_depth": [2, 4], "model.subsample": "0.5,1.0"}

    assert [tuple(trial.values()) for trial in trials(grid)] == [(2, 0.5), (2, 1.0), (4, 0.5), (4, 1.0)]


def test_a_range_of_whole_numbers_is_a_list_as_well():
    """Nobody has to write 2,3,4,5,6."""
    assert [trial["model.max_depth"] for trial in trials({"model.max_depth": "2..6"})] == [2, 3, 4, 5, 6]


def test_values_that_stand_twice_are_tried_once():
    """A trial is not repeated; 1 and 1.0 are different values."""
    assert [trial["a"] for trial in trials({"a": "1,2,1,1.0"})] == [1, 2, 1.0]


@given(low=numbers, width=numbers, log=st.booleans(), seed=st.integers(0, 99))
def test_draws_lie_in_their_range_and_repeat_with_the_seed(low, width, log, seed):
    """The same seed gives the same trials; rounding never leaves the range."""
    grid = {"a": Range(low, low + width, log), "b": Range(1, 6)}
    drawn = trials(grid, random=5, seed=seed)

    assert drawn == trials(grid, random=5, seed=seed) != trials(grid, random=5, seed=seed + 1)
    assert all(low <= trial["a"] <= low + width and trial["b"] in range(1, 7) for trial in drawn)


def test_draws_on_a_log_scale_reach_every_magnitude():
    """A third of the draws from 0.001 to 1 lies in each decade; on a linear scale nine in ten lie above 0.1."""
    drawn = [trial["a"] for trial in trials({"a": "0.001..1 log"}, random=300, seed=1)]

    assert all(75 < sum(low <= value < 10 * low for value in drawn) < 125 for low in (0.001, 0.01, 0.1))
    assert sum(trial["a"] < 0.1 for trial in trials({"a": "0.001..1.0"}, random=300, seed=1)) < 50


def test_both_ends_of_a_range_of_whole_numbers_are_drawn_as_often_as_the_others():
    """A die has six sides that are alike."""
    random = Random(1)
    sides = [Range(1, 6).draw(random) for _ in range(6000)]

    assert {side for side in sides if sides.count(side) > 900} == {1, 2, 3, 4, 5, 6}


def test_no_more_is_drawn_than_there_is():
    """Ten draws of three values are three trials."""
    assert sorted(trial["a"] for trial in trials({"a": [1, 2, 3]}, random=10, seed=1)) == [1, 2, 3]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("model.max_depth", "cannot be tried"),
        ("=1,2", "cannot be tried"),
        ("a=", "cannot be tried"),
        ("a=1]", "cannot be tried"),
        ("a=1\nb: 2", "cannot be tried"),
        ("a=5..2", "no range"),
        ("a=1..99999999999999999999", "no range"),
        ("a=0..1 log", "no logarithm"),
    ],
)
def test_text_that_names_no_values_is_refused(text, message):
    """What is wrong is named, with the way to write it."""
    with pytest.raises(InvalidError, match=message):
        parse(text)


@pytest.mark.parametrize(
    ("grid", "random", "message"),
    [
        ({}, None, "something to try"),
        ({"a": []}, None, "no value"),
        ({"a": "0.1..0.2"}, None, "no grid can exhaust"),
        ({"a": "1..30", "b": "1..30"}, None, "900 combinations"),
        ({"a": [1]}, 0, "0 trials"),
        ({"a": [1]}, MAX_TRIALS + 1, "501 trials"),
        ({"data.version": [1, 2]}, None, "no part of a training"),
    ],
)
def test_what_no_sweep_can_try_is_refused(grid, random, message):
    """Before anything is recorded."""
    with pytest.raises(InvalidError, match=message):
        trials(grid, random)
