"""Reproduce: a run trained again from its record, a verdict, and the first thing that differs."""

from __future__ import annotations

import pytest

from mlops.base.errors import ConflictError
from mlops.training.causes import CAUSES


def test_a_run_that_nothing_happened_to_is_identical(trained):
    """Every cause is asked in its order, and each is as it was."""
    [run] = trained.runs.list()
    found = trained.reproduce(run.run_id[:5])
    assert (found.run_id, found.verdict, found.first_divergence) == (run.run_id, "identical", None)
    assert [(check["what"], check["equal"]) for check in found.checks] == [(cause, True) for cause in CAUSES]
    assert found.why == "Trained again, it gave the same bytes."


def test_reproducing_is_one_event_and_makes_no_run(trained):
    """The run and its version answer with it from now on; its files are what they were."""
    [run] = trained.runs.list()
    model = trained.models.register(run, "churn_model")
    before, files = trained.head(), sorted(trained.path.rglob("*"))
    found = trained.reproduce(run.run_id)
    [event] = trained.log(before)
    assert (event["kind"], event["subject"], event["seq"]) == ("run.reproduce", run.run_id, found.event)
    assert sorted(trained.path.rglob("*")) == files and trained.verify()["problems"] == []
    told = {key: value for key, value in found.as_dict().items() if key != "run_id"}
    assert trained.runs.get(run.run_id).as_dict()["reproduced"] == told
    assert trained.runs.get(run.run_id).reproduced["at"] == event["at"]
    for version in (trained.models.get(model.ref), trained.models.list()[0]):
        assert version.as_dict()["reproduced"] == told
    assert trained.at(event=before).runs.get(run.run_id).reproduced is None


def test_a_run_that_came_to_nothing_cannot_be_reproduced(trained):
    """There is nothing to compare with; nothing is recorded."""
    waiting = trained.runs.list()[0]
    with trained._ledger.write() as tx:
        tx.append("run.note", waiting.run_id, {"status": "cancelled"})
    head = trained.head()
    with pytest.raises(ConflictError, match="is cancelled"):
        trained.reproduce(waiting.run_id)
    assert trained.head() == head
