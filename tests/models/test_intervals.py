"""Intervals keep their word: simulated worlds whose truth is known, many rows and few, noise and good models."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from scipy import stats

from mlops.models import bootstrap, intervals
from mlops.models.signature import Signature

CHURN = Signature.of({"task": "binary", "labels": (0, 1), "positive": 1, "features": (), "ignored": ()})


def world(random, rows, positives, aucs, alike=0.0):
    """Return the AUCs of models whose true ones are known: normal scores, as much alike as said."""
    truth = (np.arange(rows) < positives).astype(int)
    shared, own = random.normal(size=rows), random.normal(size=(len(aucs), rows))
    noise = math.sqrt(alike) * shared + math.sqrt(1 - alike) * own
    apart = [math.sqrt(2) * stats.norm.ppf(auc) for auc in aucs]
    return [
        bootstrap.weighted(truth, one + far * truth, CHURN, 0.5)["auc"] for one, far in zip(noise, apart, strict=True)
    ]


def misses(samples, positives, rows, aucs, alike):
    """Return how often the true difference is outside the 95 % interval, below the lower and above the upper end."""
    random, truth, found = np.random.default_rng(11), aucs[1] - aucs[0], []
    for _ in range(samples):
        pair = world(random, rows, positives, aucs, alike)
        (low, high), (lower, upper) = (intervals.of_difference(*pair, tail) for tail in (0.025, 0.05))
        found.append((not low <= truth <= high, truth < lower, truth > upper))
    return np.mean(found, axis=0)


def coverage(samples, positives, rows, auc):
    """Return in what share of the samples the interval of one AUC holds the true one."""
    random, held = np.random.default_rng(12), 0
    for _ in range(samples):
        low, high = intervals.interval(world(random, rows, positives, [auc])[0])
        held += low <= auc <= high
    return held / samples


@pytest.mark.parametrize(("positives", "rows", "auc"), [(10, 200, 0.5), (15, 300, 0.7), (15, 300, 0.95)])
def test_the_interval_of_an_auc_holds_the_truth_with_few_positives(positives, rows, auc):
    """Of 600 samples about 570; with the normal quantile and the plain variance it was 84 to 93 in 100."""
    assert 0.93 <= coverage(600, positives, rows, auc) <= 0.985


@pytest.mark.parametrize(
    ("positives", "rows", "auc", "alike"), [(15, 300, 0.5, 0.6), (15, 300, 0.85, 0.0), (50, 500, 0.7, 0.6)]
)
def test_two_equally_good_models_are_rarely_told_apart(positives, rows, auc, alike):
    """In about 5 of 100, not in 11: 600 pairs."""
    assert 0.01 <= misses(600, positives, rows, (auc, auc), alike)[0] <= 0.065


@pytest.mark.parametrize(("before", "after"), [(0.87, 0.85), (0.98, 0.96)])
def test_a_model_that_is_worse_by_the_margin_rarely_looks_less_so(before, after):
    """The lower end is above the true difference in at most 5 of 100; of percentiles it was in 10 to 18."""
    assert misses(600, 20, 400, (before, after), 0.8)[1] <= 0.07


def test_noise_rarely_beats_what_does_not_look():
    """The dummy answers the same for every row: its AUC is one half on whatever rows, and only noise can err."""
    random, won = np.random.default_rng(13), 0
    for _ in range(600):
        [noise] = world(random, 300, 15, [0.5])
        dummy = bootstrap.weighted((np.arange(300) < 15).astype(int), np.full(300, 0.05), CHURN, 0.5)["auc"]
        won += intervals.of_difference(dummy, noise, 0.05)[0] > 0
    assert won <= 40


def test_with_many_rows_the_ends_are_those_of_delong():
    """1.96 standard errors to both sides, or 1.645 to one; the error is that of the paper, pair by pair."""
    random = np.random.default_rng(14)
    truth = np.arange(4000) < 2000
    scores = [random.normal(truth * 1.0) for _ in range(2)]
    found = bootstrap.difference(
        *[bootstrap.weighted(truth * 1, one, CHURN, 0.5)["auc"] for one in scores], "auc", 4000
    )
    wins = [one[truth][:, None] > one[~truth][None, :] for one in scores]
    of_each = [wins[1].mean(axis=axis) - wins[0].mean(axis=axis) for axis in (1, 0)]
    error = math.sqrt(sum(one.var(ddof=1) / len(one) for one in of_each))
    assert found.standard_error == pytest.approx(error, rel=1e-6)
    assert (found.low, found.high) == pytest.approx([found.difference + z * error for z in (-1.96, 1.96)], abs=2e-4)
    assert (found.lower, found.upper) == pytest.approx(
        [found.difference + z * error for z in (-1.645, 1.645)], abs=2e-4
    )


def pulls(task):
    """Return metrics of 200 rows, for each what the weight of one more row moves, and the pulls."""
    random = np.random.default_rng(15)
    labels = {"binary": (0, 1), "multiclass": ("a", "b", "c"), "regression": ()}[task]
    learned = Signature.of(
        {"task": task, "labels": labels, "positive": 1 if task == "binary" else None, "features": (), "ignored": ()}
    )
    if task == "multiclass":
        truth, scores = random.choice(labels, 200), random.dirichlet([1, 1, 1], 200).round(2)
    else:
        truth = random.integers(0, 2, 200) if task == "binary" else random.normal(0, 3, 200)
        scores = np.clip(0.3 + 0.2 * truth + random.normal(0, 0.2, 200), 0.01, 0.99).round(2)
    for name, metric in bootstrap.weighted(truth, scores, learned, 0.5).items():
        moved = (metric(np.ones((200, 200)) + 1e-6 * np.eye(200)) - metric.value) / 1e-6
        yield name, moved, metric.pull


@pytest.mark.parametrize("task", ["binary", "multiclass", "regression"])
def test_the_pull_of_a_row_is_what_its_weight_moves(task):
    """For every metric, also where scores are equal; a little more, for what a sample underestimates itself."""
    for name, moved, pull in pulls(task):
        assert pull == pytest.approx(moved, rel=0.02, abs=3e-6), name


def test_fewer_than_ten_positive_rows_are_too_few_to_tell():
    """Nine and ten, of models that are far apart; the count and the rule are said, and that is no verdict."""
    random = np.random.default_rng(16)
    few, enough = (
        bootstrap.difference(*world(random, 300, positives, (0.5, 0.995)), "auc", 300) for positives in (9, 10)
    )
    assert few.verdict == "inconclusive" and "only 9 rows of the rarer class" in few.too_few
    assert "fewer than 10" in few.too_few and (enough.verdict, enough.too_few) == ("better", None)


def test_the_same_decisions_on_a_few_rows_are_no_proof_of_equality():
    """Two models that find the same of twenty positive rows may yet differ on others; a run itself cannot."""
    truth = (np.arange(200) < 20).astype(int)
    one = bootstrap.weighted(truth, np.where(np.arange(200) < 15, 0.9, np.linspace(0.1, 0.4, 200)), CHURN, 0.5)
    assert intervals.of_difference(one["recall"], one["recall"], 0.025)[1] > 0.05
    assert intervals.of_difference(one["auc"], one["auc"], 0.025) == [0, 0]


@pytest.mark.slow
@pytest.mark.parametrize(("positives", "rows"), [(10, 200), (15, 300), (20, 1000), (50, 1000), (50, 2000)])
def test_intervals_hold_their_level_wherever_a_number_is_given(positives, rows):
    """Noise and good models, alone, in equally good pairs, and in pairs exactly a margin of 0.02 apart."""
    for auc in (0.5, 0.6, 0.7, 0.85, 0.95, 0.98):
        assert coverage(1000, positives, rows, auc) >= 0.93, auc
    told, tails = [], []
    for (before, after), alike in itertools.product(
        [(0.5, 0.5), (0.7, 0.7), (0.85, 0.85), (0.95, 0.95), (0.87, 0.85), (0.97, 0.95), (0.98, 0.96)], (0.0, 0.8, 0.97)
    ):
        two_sided, *one_sided = misses(500, positives, rows, (before, after), alike)
        assert two_sided <= 0.075, (before, after, alike)
        told += [two_sided] if before == after else []
        tails += one_sided
    assert np.mean(told) <= 0.055 and np.mean(tails) <= 0.055 and max(tails) <= 0.085
