"""Slices: a group that gets worse is named, and luck in twenty groups is no group."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from mlops.base.records import canonical_json
from mlops.experiments import slices
from mlops.experiments.evidence import Answers
from mlops.experiments.judged import Judged
from mlops.models.signature import Signature

SIGNAL = 1.5
REGIONS = ("north", "south", "east", "west")
ASKED = Signature(
    tuple({"name": name} for name in ("region", "online", "age", "name")), "churn", "binary", (0, 1), 1, None, ()
)


def answers(
    rows: int = 2000,
    worse: str | None = None,
    seed: int = 0,
    loss: float = 3.0,
    groups: tuple[str, ...] = REGIONS,
    signal: float = SIGNAL,
) -> Answers:
    """Return two models that are as good as each other, but in one group, where the second one nearly guesses."""
    random = np.random.default_rng(seed)
    region, truth = random.choice(groups, rows), (random.random(rows) < 0.3).astype(int)
    scores = []
    for after in (False, True):
        noise = random.normal(size=rows) * np.where(after & (region == worse), 1 + loss, 1.0)
        scores.append(1 / (1 + np.exp(-(signal * truth + noise))))
    table = pa.table(
        {
            "region": pa.array(region.astype(object), pa.large_string()),
            "online": pa.array(random.random(rows) < 0.5),
            "age": random.integers(18, 80, rows),
            "name": pa.array([f"n{number}" for number in range(rows)], pa.large_string()),
        }
    )
    before, after = (Judged(truth, one, np.arange(rows), ASKED, 0.5) for one in scores)
    return Answers(before, after, "auc", table)


def test_the_group_that_gets_worse_is_named_first_with_its_interval():
    """Its whole interval is below 0; the others are told as well."""
    first, *others = slices.of(answers(4000, worse="west"))
    assert (first.column, first.value, first.worse) == ("region", "west", True)
    assert first.difference < first.upper < 0 and first.challenger == pytest.approx(first.baseline + first.difference)
    assert not any(one.worse for one in others if one.column == "region")
    assert [(one.column, one.value) for one in others if one.column == "online"] != []


def test_only_columns_of_a_few_values_group_rows():
    """A number, and a text that names rows, do not."""
    assert {one.column for one in slices.of(answers())} == {"region", "online"}


def test_a_small_group_is_told_and_not_compared():
    """No number of it is shown, and it is no reason to widen the intervals of the others."""
    everyone = answers(1900)
    small = np.arange(1900) < 150
    values = np.where(small, "tiny", "large").astype(object)
    table = everyone.table.set_column(0, "region", pa.array(values, pa.large_string()))
    *others, last = slices.of(Answers(everyone.before, everyone.after, "auc", table))
    assert (last.value, last.rows, last.difference, last.worse) == ("tiny", 150, None, False)
    assert "under 200" in last.too_few
    assert {one.rows for one in others if one.column == "region"} == {1750}


def test_missing_is_a_group_of_its_own():
    """Who does not say the region is a group of people too."""
    asked = answers(2000)
    region = asked.table.column("region").to_pylist()
    values = [None if value == "north" else value for value in region]
    table = asked.table.set_column(0, "region", pa.array(values, pa.large_string()))
    found = slices.of(Answers(asked.before, asked.after, "auc", table))
    assert next(one for one in found if one.value is None).rows == region.count("north")


def test_where_no_group_is_large_enough_nothing_is_called_worse():
    """All are told with the reason."""
    found = slices.of(answers(300, worse="west"))
    assert found and all(one.too_few and not one.worse for one in found if one.column == "region")


def test_a_number_that_is_the_same_in_a_whole_group_has_no_r2_there():
    """It is told and not compared: no infinite number goes on record."""
    random = np.random.default_rng(2)
    region = random.choice(["same", "varied"], 2000)
    truth = np.where(region == "same", 7.0, random.normal(size=2000))
    asked = Signature(({"name": "region"},), "fee", "regression", (), None, None, ())
    guesses = [Judged(truth, truth + random.normal(size=2000), np.arange(2000), asked, 0.5) for _ in range(2)]
    table = pa.table({"region": pa.array(region.astype(object), pa.large_string())})
    varied, same = slices.of(Answers(*guesses, "r2", table))
    assert (varied.value, varied.metric, same.value, same.difference) == ("varied", "r2", "same", None)
    assert "not defined" in same.too_few and canonical_json([varied.as_dict(), same.as_dict()])


def alarms(times: int, groups: int, rows: int, signal: float = SIGNAL) -> float:
    """Return how often any group of two equally good models is called worse."""
    names = tuple(f"g{number}" for number in range(groups))
    found = [slices.of(answers(rows, seed=seed, groups=names, signal=signal)) for seed in range(times)]
    return float(np.mean([any(one.worse for one in every) for every in found]))


def test_luck_names_a_group_five_times_in_a_hundred_however_many_there_are():
    """Eleven groups looked at by themselves would give a false alarm in more than a third of the cases."""
    assert alarms(40, groups=9, rows=2400) <= 0.15


@pytest.mark.slow
@pytest.mark.parametrize(("groups", "rows", "signal"), [(2, 1000, SIGNAL), (12, 4800, SIGNAL), (6, 2400, 0.0)])
def test_the_groups_hold_their_level(groups, rows, signal):
    """5 of 100, give or take what 400 repetitions leave open; also of models that know nothing at all."""
    assert alarms(400, groups, rows, signal) <= 0.05 + 2 * (0.05 * 0.95 / 400) ** 0.5
