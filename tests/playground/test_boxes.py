"""The chain strip as plain records: what exists, what just changed, what is stale and why."""

from __future__ import annotations

from dataclasses import replace

from mlops.experiments import configs
from mlops.training import workers
from playground import chain
from playground.boxes import boxes
from tests.conftest import LOGISTIC


def stage(found: chain.Chain, name: str):
    return next(box for box in boxes(found) if box.stage == name)


def test_a_fresh_release_leaves_nothing_stale(released):
    """The box that the last event changed is new, all others are done or empty."""
    states = {box.stage: box.state for box in boxes(chain.read(released))}

    assert states == {
        "data": "done",
        "config": "done",
        "train": "done",
        "check": "done",
        "live": "fresh",
        "monitor": "empty",
    }


def test_an_edited_config_makes_the_run_stale_and_names_the_key(released):
    """Train is behind the config on screen, and says by which key."""
    found = chain.read(released)
    draft = replace(found, draft={**found.run.as_dict()["params"], "model.C": 4})

    assert (stage(draft, "config").lines, stage(draft, "config").state) == (("edited",), "fresh")
    assert (stage(draft, "train").state, stage(draft, "train").why) == ("stale", "config changed: model.C 1.0 → 4")
    assert stage(draft, "train").changes == ({"key": "model.C", "before": 1.0, "after": 4},)


def test_a_training_under_way_lights_up_its_box(released):
    """Train names the run and leads to it; of several it tells how many."""
    found = chain.read(released)

    one, three = (stage(replace(found, training=ids), "train") for ids in (("r1234567890",), ("r1", "r2", "r3")))

    assert (one.state, one.lines, one.query) == ("running", ("r123456",), {"id": "r1234567890"})
    assert (three.state, three.lines) == ("running", ("3 runs",))


def test_a_run_that_made_no_model_is_not_shown_as_new(released):
    """The box goes on showing the run before it, which did not change."""
    nobody = workers.Pool(spare=False)
    nobody.close()
    released.runs.cancel(released.submit(LOGISTIC, pool=nobody).run_id)

    assert {box.state for box in boxes(chain.read(released))} == {"done", "empty"}


def test_a_newer_run_makes_the_model_stale_and_names_what_changed(released):
    """Check is behind a run of another config."""
    released.train(LOGISTIC, overrides={"model.C": 0.5, "training.random_state": 7})

    check = stage(chain.read(released), "check")

    assert (check.state, check.why) == ("stale", "config changed: model.C 1.0 → 0.5, and 1 more")
    assert [one["key"] for one in check.changes] == ["model.C", "training.random_state"]


def test_the_same_config_again_is_said_to_be_that(released):
    """A second run of equal config and data is newer, and nothing changed."""
    released.train(released.runs.text(chain.read(released).run.run_id, "config.yaml"))

    check = stage(chain.read(released), "check")

    assert (check.why, check.changes) == ("the same config ran again", ())


def test_newer_data_makes_the_run_stale(released, customers, tmp_path):
    """Train is behind the data, and says from which version to which."""
    customers.head(500).to_csv(tmp_path / "newer.csv", index=False)
    released.datasets.add(tmp_path / "newer.csv", "customers")

    train = stage(chain.read(released), "train")

    assert (train.state, train.why) == ("stale", "data changed: customers@1 → customers@2")


def test_a_newer_model_makes_what_is_live_stale(released):
    """Live is behind the newest candidate, by name and by what changed."""
    released.models.register(released.train(LOGISTIC, overrides={"model.C": 0.25}), "churn_model", "3.0.0")

    live = stage(chain.read(released), "live")

    assert (live.state, live.why) == ("stale", "v3.0.0 is newer")
    assert [one["key"] for one in live.changes] == ["model.C"]
    assert live.environments == ("staging", "production")


def test_a_box_says_the_run_it_links_to(released):
    """The links carry real ids."""
    found = chain.read(released)

    assert stage(found, "train").query == {"id": found.run.run_id}
    assert stage(found, "check").query == {"ref": found.model.ref}
    assert configs.diff_params(found.model_run.params, found.live_run.params) == []
