"""Performance: groups that get worse while all rows together do not, told beyond luck for however many are looked at."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from mlops.experiments.judged import Judged
from mlops.models.signature import Signature
from mlops.production import performance

LEARNED = Signature(
    features=({"name": "region", "type": "text", "nullable": False, "levels": ["north", "south"]},),
    target="churn", task="binary", labels=(0, 1), positive=1, id=None, ignored=(),
)  # fmt: skip


def rows(seed: int, blind: str | None = None, count: int = 3000) -> tuple[Judged, pa.Table]:
    """Answers of a good model, which says nothing about one region."""
    random = np.random.default_rng(seed)
    region = random.choice(["north", "south", "east", "west"], count)
    likely = random.random(count)
    labels = (random.random(count) < likely).astype(int)
    scores = np.where(region == blind, random.random(count), likely)
    table = pa.table({"region": pa.array(region, pa.large_string())})
    return Judged(labels, scores, np.arange(count), LEARNED, 0.5), table


def test_a_group_that_got_worse_is_named_first():
    """The others are not: their intervals hold what they had at release."""
    then, learned_from = rows(1)
    now, asked = rows(2, blind="north")
    found = performance.groups(now, asked, then, learned_from)
    assert [one.value for one in found if one.worse] == [found[0].value] == ["north"]
    assert found[0].lower < found[0].change < found[0].upper < 0
    assert found[0].change == pytest.approx(found[0].now - found[0].then)


def test_luck_is_seldom_called_worse():
    """Of 200 months in which nothing changed, any group is called worse in about 5 of 100 at most."""
    alarms = 0
    for seed in range(200):
        (now, asked), (then, learned_from) = rows(2 * seed, count=1200), rows(2 * seed + 1, count=1200)
        alarms += any(one.worse for one in performance.groups(now, asked, then, learned_from))
    assert alarms <= 200 * 0.05 + 3 * np.sqrt(200 * 0.05 * 0.95)


def test_a_small_group_is_not_compared():
    """And says why."""
    then, learned_from = rows(1)
    now, asked = rows(2, count=600)
    found = performance.groups(now, asked, then, learned_from)
    assert {one.worse for one in found} == {False} and {one.change for one in found} == {None}
    assert found[0].too_few.startswith("Too few to tell: ")


def test_a_month_of_a_regression_is_judged_by_r2(released):
    """No AUC is made up."""
    random = np.random.default_rng(1)
    truth = random.normal(size=600)
    learned = Signature.of({**LEARNED.as_dict(), "task": "regression", "labels": (), "positive": None})
    judged = Judged(truth, truth + random.normal(size=600) / 2, np.arange(600), learned, 0.5)
    found = performance.of(judged, 800)
    assert (found.metric, found.auc, found.brier, found.known, found.answers) == ("r2", None, None, 600, 800)
    assert found.low < found.value < found.high
