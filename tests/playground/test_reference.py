"""The reference: what is live, else the older run, and what each is called then."""

from __future__ import annotations

import pytest

from mlops.models import metrics
from playground import glossary, reference
from playground.run_names import FIRST, SECOND, spoken
from tests.conftest import LOGISTIC, STUMP


@pytest.fixture
def own(released) -> str:
    """Two released runs, and one of the learner."""
    return released.train(STUMP, overrides={"model.max_depth": 3}).run_id


def test_what_is_live_is_the_reference_in_whatever_order(released, own):
    """The other one is yours, though it may be older than what is live."""
    newest, live, older = (run.run_id for run in released.runs.list())
    assert newest == own
    for other in (own, older):
        for ids in ((live, other), (other, live)):
            found = reference.of(released, ids)
            assert (found.run_ids, found.words, found.swapped) == ((live, other), ("live", "yours"), False)


def test_without_a_live_one_among_them_the_older_is_the_reference(released, own):
    """Of a simulated date that stands still, the order of the events tells."""
    older = released.runs.list()[-1].run_id
    found = reference.of(released, [own, older])
    assert (found.run_ids, found.words) == ((older, own), ("older", "newer"))
    twin = released.train(STUMP, overrides={"model.max_depth": 2})
    assert twin.started_at == released.runs.get(own).started_at
    assert reference.of(released, [twin.run_id, own]).run_ids == (own, twin.run_id)


def test_swapped_each_keeps_its_word(released, own):
    """Live stays live where it is held against yours; who is none of them is not heard."""
    _, live, older = (run.run_id for run in released.runs.list())
    found = reference.of(released, [live, own], against=own)
    assert (found.run_ids, found.words, found.swapped) == ((own, live), ("yours", "live"), True)
    found = reference.of(released, [older, own], against=own)
    assert (found.run_ids, found.words) == ((own, older), ("newer", "older"))
    assert not reference.of(released, [live, own], against=older).swapped


def test_several_are_all_held_against_one(released, own):
    """Beside what is live all others are yours; without it all are newer than the oldest."""
    newest, live, older = (run.run_id for run in released.runs.list())
    assert reference.of(released, [newest, older, live]).words == ("live", "yours", "yours")
    last = released.train(LOGISTIC, overrides={"model.C": 0.1}).run_id
    found = reference.of(released, [last, newest, older])
    assert (found.run_id, found.words) == (older, ("older", "newer", "newer"))
    assert reference.of(released, [last, newest, older], against=newest).words == ("newer", "newer", "older")


def test_a_run_is_compared_with_what_is_live_of_the_same_data(released, own, tmp_path):
    """What learned from other data has nothing beside it; and in the past, what was live then."""
    _, live, older = (run.run_id for run in released.runs.list())
    assert reference.beside(released, own) == live and reference.newest(released) == (live, own)
    assert reference.beside(released, live) == own
    then = released.at("2024-02-01")
    assert reference.of(then, [older]).words == ("",) and reference.live_runs(then) == {"churn_model": older}
    released.datasets.frame("customers@1").head(400).to_csv(tmp_path / "others.csv", index=False)
    released.datasets.add(tmp_path / "others.csv", name="others", target="churn")
    alone = released.train(STUMP, data="others@1").run_id
    assert reference.beside(released, alone) is None and reference.newest(released) == (live, own)


def test_without_a_release_the_newest_two_of_the_same_data_are_compared(trained):
    """A run alone is shown alone; what was logged elsewhere has nothing beside it."""
    first = trained.runs.list()[0].run_id
    assert reference.newest(trained) == (first,) and reference.beside(trained, first) is None
    second = trained.train(STUMP, overrides={"model.max_depth": 2}).run_id
    assert reference.newest(trained) == (first, second)
    logged = trained.runs.log("by hand", {}, {"validation": {"auc": 0.9}}).run_id
    assert reference.beside(trained, logged) is None and reference.newest(trained) == (first, second)


def test_of_a_sweep_the_best_trial_is_what_is_compared(trained):
    """The trial that ended last says nothing about it."""
    sweep = trained.sweep(STUMP, {"model.n_estimators": [1, 30, 2]})
    best = sweep.finished[0].run_id
    assert trained.runs.list()[0].run_id != best == reference.newest(trained)[1]


def test_a_run_has_one_name_that_people_can_say():
    """It follows from the id alone; there are ten thousand, and all words differ."""
    assert spoken("r4f9a1c07be") == spoken("r4f9a1c07be") != spoken("r4f9a1c07bf")
    assert len({*FIRST}) == len({*SECOND}) == 100 and not {*FIRST} & {*SECOND}


def test_every_metric_that_is_recorded_has_a_meaning(trained):
    """Of a yes or no, of classes, of a number."""
    recorded = trained.runs.list()[0].metrics["validation"]
    assert {*recorded, "rmse", "mae", "r2"} == {*glossary.METRICS}
    for name in metrics.LOWER_IS_BETTER:
        assert glossary.METRICS[name].endswith("Lower is better.")
