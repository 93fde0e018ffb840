"""Intervals are those of the textbooks, and keep their word: simulated worlds whose truth is known, many rows and few, noise and good models."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats
from sklearn import metrics as sk

from mlops.models import differences, intervals, metrics
from mlops.models.signature import Signature
from tests.models.conftest import CHURN, FEE, PLAN, signature

RARE = Signature.of({"task": "binary", "labels": (0, 1), "positive": 1, "features": (), "ignored": ()})


def world(random, rows, positives, aucs, alike=0.0):
    """Return the AUCs of models whose true ones are known: normal scores, as much alike as said."""
    truth = (np.arange(rows) < positives).astype(int)
    shared, own = random.normal(size=rows), random.normal(size=(len(aucs), rows))
    noise = math.sqrt(alike) * shared + math.sqrt(1 - alike) * own
    apart = [math.sqrt(2) * stats.norm.ppf(auc) for auc in aucs]
    return [metrics.auc(truth, one + far * truth, RARE) for one, far in zip(noise, apart, strict=True)]


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
        dummy = metrics.of((np.arange(300) < 15).astype(int), np.full(300, 0.05), RARE, 0.5)["auc"]
        won += intervals.of_difference(dummy, noise, 0.05)[0] > 0
    assert won <= 40


def test_with_many_rows_the_ends_are_those_of_delong():
    """1.96 standard errors to both sides, or 1.645 to one; the error is that of the paper, pair by pair."""
    random = np.random.default_rng(14)
    truth = np.arange(4000) < 2000
    scores = [random.normal(truth * 1.0) for _ in range(2)]
    found = differences.difference(*[metrics.of(truth * 1, one, RARE, 0.5)["auc"] for one in scores], "auc", 4000)
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
    for name, metric in metrics.of(truth, scores, learned, 0.5).items():
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
        differences.difference(*world(random, 300, positives, (0.5, 0.995)), "auc", 300) for positives in (9, 10)
    )
    assert few.verdict == "inconclusive" and "only 9 rows of the rarer class" in few.too_few
    assert "fewer than 10" in few.too_few and (enough.verdict, enough.too_few) == ("better", None)


def test_the_same_decisions_on_a_few_rows_are_no_proof_of_equality():
    """Two models that find the same of twenty positive rows may yet differ on others; a run itself cannot."""
    truth = (np.arange(200) < 20).astype(int)
    one = metrics.of(truth, np.where(np.arange(200) < 15, 0.9, np.linspace(0.1, 0.4, 200)), RARE, 0.5)
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


def ends(*asked) -> dict[str, list[float]]:
    """The intervals that are recorded of such answers."""
    return intervals.of(metrics.of(*asked))


def delong_one_by_one(truth, scores) -> tuple[float, float]:
    """AUC and DeLong's standard error as in the paper: every positive against every negative."""
    wins = np.array([[(p > n) + (p == n) / 2 for n in scores[~truth]] for p in scores[truth]])
    of_positive, of_negative = wins.mean(axis=1), wins.mean(axis=0)
    error = of_positive.var(ddof=1) / len(of_positive) + of_negative.var(ddof=1) / len(of_negative)
    return float(wins.mean()), math.sqrt(error)


def wilson_in_full(share: float, total: float, z: float = 1.959963984540054) -> tuple[float, float]:
    """The closed form of 1927, term by term."""
    middle = (share + z**2 / (2 * total)) / (1 + z**2 / total)
    half = z / (1 + z**2 / total) * math.sqrt(share * (1 - share) / total + z**2 / (4 * total**2))
    return middle - half, middle + half


def auc_interval(truth, scores) -> list[float]:
    """The interval of the AUC of these rows."""
    return intervals.interval(metrics.of(truth, scores, signature("binary", (False, True), True), 0.5)["auc"])


def pulls_one_by_one(truth, scores) -> np.ndarray:
    """How far each row moves the AUC, as DeLong counts it: every positive against every negative."""
    wins = np.array([[(p > n) + (p == n) / 2 for n in scores[~truth]] for p in scores[truth]])
    deviations = [wins.mean(axis=1 - axis) - wins.mean() for axis in (0, 1)]
    return np.concatenate([one / math.sqrt(len(one) * (len(one) - 1)) for one in deviations])


SCORED = st.lists(st.tuples(st.booleans(), st.integers(0, 10)), min_size=4, max_size=30).filter(
    lambda rows: 1 < sum(truth for truth, _ in rows) < len(rows) - 1
)


@given(SCORED)
def test_the_fast_delong_is_the_slow_one(rows):
    """Ranks, or every pair one by one: the same interval, also with ties."""
    truth, scores = np.array([row[0] for row in rows]), np.array([row[1] / 10 for row in rows])
    (auc, error), few = delong_one_by_one(truth, scores), min(truth.sum(), (~truth).sum())
    pulls = pulls_one_by_one(truth, scores)
    assert auc == pytest.approx(sk.roc_auc_score(truth, scores))
    assert np.sum(pulls**2) == pytest.approx(error**2)
    if error > 1e-9:
        freedom = 2 / (np.sum(pulls**4) / np.sum(pulls**2) ** 2 - 1 / len(truth))
        times = stats.t.ppf(0.975, max(1, min(freedom, few - 1)))
        total = min(auc * (1 - auc) * (few + 2) / (few * error**2 + auc * (1 - auc) / few), len(truth))
        assert auc_interval(truth, scores) == pytest.approx(wilson_in_full(auc, total, times), abs=1e-6)
    elif auc in (0, 1):
        assert auc_interval(truth, scores) == pytest.approx(wilson_in_full(auc, few), abs=1e-6)
    else:
        assert auc_interval(truth, scores) == [0.5, 0.5]  # equal scores, whatever the rows


def test_delong_agrees_with_a_bootstrap(binary):
    """2,000 times other rows out of the same: the middle 95 % of their AUCs."""
    labels, scores = binary
    truth, random, found = labels == "yes", np.random.default_rng(0), []
    for _ in range(2000):
        rows = random.integers(0, len(truth), len(truth))
        positive, negative = np.sort(scores[rows][truth[rows]]), scores[rows][~truth[rows]]
        wins = len(positive) - (positive.searchsorted(negative) + positive.searchsorted(negative, "right")) / 2
        found.append(wins.mean() / len(positive))
    assert auc_interval(truth, scores) == pytest.approx(np.quantile(found, [0.025, 0.975]), abs=0.01)


def test_delong_covers_the_truth_as_often_as_it_says():
    """Of 1,000 samples from a world whose AUC is known, the interval holds it in about 95 of 100."""
    random, held = np.random.default_rng(1), 0
    truth, known = np.arange(200) < 80, 0.7602499  # Phi(1 / sqrt 2): normal scores one apart
    for _ in range(1000):
        low, high = auc_interval(truth, random.normal(truth * 1.0, 1))
        held += low <= known <= high
    assert 930 <= held <= 970


@pytest.mark.parametrize("known", [0.8, 0.95, 0.99])
def test_the_interval_of_an_auc_keeps_its_word_near_one_and_with_few_positives(known):
    """Ten positive rows and forty others: where the plain one of DeLong holds the truth in 65 to 90 of 100."""
    random, held = np.random.default_rng(2), 0
    truth, apart = np.arange(50) < 10, math.sqrt(2) * stats.norm.ppf(known)
    for _ in range(1000):
        low, high = auc_interval(truth, random.normal(truth * apart, 1))
        held += low <= known <= high
    assert 930 <= held <= 990


def test_a_perfect_order_of_a_few_rows_is_no_certainty():
    """Two positive rows that stand above all others may have been lucky."""
    low, high = auc_interval(np.arange(40) < 2, np.linspace(0.9, 0.1, 40))
    assert (low, high) == pytest.approx((0.342, 1.0), abs=0.001)


@given(st.integers(1, 500).flatmap(lambda total: st.tuples(st.integers(0, total), st.just(total))))
def test_shares_have_wilsons_interval(counts):
    """The closed form of 1927, at both ends as well: never empty, never outside 0 and 1."""
    hits, total = counts
    labels = np.array(["yes"] * total)
    [low, high] = ends(labels, np.where(np.arange(total) < hits, 0.9, 0.1), CHURN, 0.5)["recall"]
    assert (low, high) == pytest.approx(wilson_in_full(hits / total, total), abs=1e-9) and 0 <= low < high <= 1
    assert intervals.wilson(hits / total, total) == pytest.approx([low, high])


def test_every_metric_has_an_interval_that_holds_it(binary, multiclass):
    """Two classes, several classes, and numbers."""
    random = np.random.default_rng(3)
    fees = random.normal(40, 9, 200)
    cases = [(*binary, CHURN), (*multiclass, PLAN), (fees, fees + random.normal(0, 4, 200), FEE)]
    for labels, scores, learned in cases:
        value = metrics.numbers(metrics.of(labels, scores, learned, 0.5))
        found = ends(labels, scores, learned, 0.5)
        assert set(found) == set(value)
        assert all(low < value[name] < high for name, (low, high) in found.items())


def test_the_interval_of_an_f1_agrees_with_a_bootstrap(binary):
    """What the pulls of the rows say is what drawing the rows again and again says."""
    labels, scores = binary
    metric = metrics.of(labels, scores, CHURN, 0.5)["f1"]
    drawn = np.concatenate([metric(weights) for weights in differences.resamples(len(labels), 0, 1_000_000)])
    expected = np.quantile(drawn, [0.025, 0.975])
    assert ends(labels, scores, CHURN, 0.5)["f1"] == pytest.approx(expected, abs=0.015)


@pytest.mark.parametrize(
    ("labels", "scores", "absent"),
    [
        (["yes", "no", "no"], [0.9, 0.1, 0.2], "auc"),
        (["yes", "yes"], [0.1, 0.1], "precision"),
        (["no", "no"], [0.9, 0.1], "recall"),
    ],
    ids=["one positive", "nobody called", "nobody left"],
)
def test_without_cases_there_is_no_interval(labels, scores, absent):
    """It is left out, not made up."""
    assert absent not in ends(np.array(labels), np.array(scores), CHURN, 0.5)


def test_a_mean_error_has_students_interval():
    """Three errors of 11, 12 and 13: mean 12, two degrees of freedom."""
    [low, high] = ends(np.zeros(3), np.array([11.0, -12.0, 13.0]), FEE, 0.5)["mae"]
    assert (low, high) == pytest.approx((12 - 4.302653 / math.sqrt(3), 12 + 4.302653 / math.sqrt(3)))
    assert intervals.mean_interval(np.array([11.0, 12.0, 13.0])) == pytest.approx([low, high])
    assert ends(np.zeros(1), np.ones(1), FEE, 0.5) == {}


def test_no_interval_of_a_loss_reaches_below_zero():
    """Of three rows nothing is known well, but no loss is negative."""
    of_numbers = ends(np.zeros(3), np.array([1.0, -2.0, 3.0]), FEE, 0.5)
    of_classes = ends(np.array(["yes"] * 3), np.array([0.1, 0.5, 0.9]), CHURN, 0.5)
    assert [of_numbers[name][0] for name in ("mae", "rmse")] == [0, 0]
    assert [of_classes[name][0] for name in ("log_loss", "brier")] == [0, 0]
