"""In another folder: a run that came again is trained where nothing of its workspace lies."""

from __future__ import annotations

import pytest

from mlops.base.errors import ConflictError
from playground import elsewhere
from playground.jobs import Job
from playground.ui.kit.cards import plain
from tests.screens import open_page, words_on


def quietly() -> Job:
    return Job(lambda job: None)


@pytest.mark.slow
def test_data_and_config_are_enough_to_have_the_same_bytes_elsewhere(trained, monkeypatch):
    """The content of the data, the model and the answers have the hashes of the run; the folder is gone."""
    [run] = trained.runs.list()
    found = elsewhere.train(trained, run.run_id, quietly())
    assert found.same_model and found.same_answers and found.data_sha256 == run.data["sha256"]
    assert elsewhere.of(trained, run.run_id) == found and len(trained.runs.list()) == 1
    monkeypatch.setenv("MLOPS_WORKSPACE", str(trained.path))
    assert "The same in another folder" not in words_on(open_page("run", id=run.run_id)), "it has not come again here"
    trained.reproduce(run.run_id)
    at = open_page("run", id=run.run_id)
    assert not at.exception and "The same in another folder" in words_on(at) and plain(found.said) in words_on(at)


def test_a_number_that_was_logged_cannot_be_trained_elsewhere(ws):
    """There is nothing to take along."""
    run = ws.runs.log("best", {}, {"validation": {"auc": 0.9}})
    before = ws.head()
    with pytest.raises(ConflictError, match="left no model here"):
        elsewhere.train(ws, run.run_id, quietly())
    assert ws.head() == before and elsewhere.of(ws, run.run_id) is None
