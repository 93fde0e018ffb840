"""Submitted trainings: queued, claimed once, cancelled, and the same as if trained at once."""

from __future__ import annotations

import subprocess
import sys
import threading
from pathlib import Path
from typing import get_args

import pytest

from mlops.base.artifacts import Artifacts
from mlops.base.errors import Cancelled, ConfigError, ConflictError, DataError, InvalidError
from mlops.experiments import lifecycle, runs
from mlops.training import workers
from tests.conftest import LOGISTIC, STUMP, customers_frame

ROOT = Path(__file__).resolve().parents[2]
BOOSTED = "model: {type: gradient_boosting, n_estimators: 40}\ntraining: {test_size: 0.5}\n"
FOREST = "model: {type: random_forest, n_estimators: 40}\n"
HISTOGRAM = "model: {type: hist_gradient_boosting, max_iter: 40}\n"


@pytest.fixture
def closed():
    """A pool that starts nothing, so that what is queued stays queued."""
    pool = workers.Pool(spare=False)
    pool.adopt = lambda *_: None
    return pool


@pytest.fixture
def submit(trained, closed):
    """Queue a training in the workspace `trained`."""
    return lambda config=STUMP, **options: trained.submit(config, pool=closed, **options)


def work(ws, run_id, actor="worker"):
    """Be the worker, in this process."""
    workers.work(str(ws.path), run_id, actor)
    return ws.runs.get(run_id)


# What can become of a run

STATUSES = get_args(lifecycle.Status)
WAYS = {"queued": ["queued"], "running": ["running"]} | {end: ["running", end] for end in STATUSES[2:]}
"""How a run gets to each status."""


@pytest.mark.parametrize("status", STATUSES)
@pytest.mark.parametrize("now", [None, *STATUSES])
def test_what_the_table_allows_happens_and_everything_else_is_refused(ws, now, status):
    """All pairs: an event of the kind that the table names, or an error and no event."""
    with ws._ledger.write() as tx:
        for one in WAYS.get(now, []):
            lifecycle.move(tx, "r1", one, {})
    before = ws.head()

    if (now, status) in lifecycle.MOVES:
        with ws._ledger.write() as tx:
            assert lifecycle.move(tx, "r1", status, {"seed": 1}) == {"status": status, "seed": 1}
        assert [event["kind"] for event in ws.log(before)] == [lifecycle.MOVES[now, status]]
    else:
        with ws._ledger.write() as tx, pytest.raises(ConflictError, match=f"Run r1 is {now or 'not known yet'}; it"):
            lifecycle.move(tx, "r1", status, {"seed": 1})
        assert ws.head() == before


# Queue


def test_a_submitted_training_is_one_event_and_waits(trained, submit):
    """It has everything that is known before it begins; nobody has touched the data yet."""
    run = submit(note="tonight", tags={"try": "deep"}, seed=7)
    assert run == trained.runs.get(run.run_id) and run.status == "queued"
    assert (run.note, run.tags, run.seed, run.data["name"]) == ("tonight", {"try": "deep"}, 7, "customers")
    assert run.queued_at == run.started_at and (run.ended_at, run.duration_s, run.model_sha256) == (None, None, None)
    assert trained.log()[-1]["kind"] == "run.queue" and trained.runs.progress(run.run_id) is None


def test_a_queued_run_learns_from_what_was_known_when_it_was_queued(
    trained, submit, customers, customers_csv, tmp_path
):
    """Neither roles that are given meanwhile nor outcomes that come in while it waits change what it is."""
    trained.set_clock("2030-01-01T00:00:00Z")
    customers["churn"] = customers["churn"].where(customers.index < 400).astype("Int64")
    customers.to_csv(tmp_path / "waiting.csv", index=False)
    trained.datasets.add(tmp_path / "waiting.csv", "customers")
    at_once, waiting = trained.train(STUMP), submit()

    trained.datasets.add(tmp_path / "waiting.csv", "customers", group="region")
    late = customers_frame()[["customer_id", "churn"]].iloc[400:].assign(known_at="2029-12-01")
    late.to_csv(tmp_path / "late.csv", index=False)
    trained.outcomes.add(tmp_path / "late.csv", "customers")

    run = work(trained, waiting.run_id)
    assert (run.roles, run.outcomes, run.data) == (waiting.roles, waiting.outcomes, at_once.data)
    assert (run.model_sha256, run.rows_sha256) == (at_once.model_sha256, at_once.rows_sha256)
    assert trained.train(STUMP).rows_sha256 != run.rows_sha256  # who asks now learns from what is known now


@pytest.mark.parametrize(
    ("config", "options", "error"),
    [
        ("model: {type: nonsense}\n", {}, ConfigError),
        ("model: {type: ridge}\n", {}, ConfigError),
        ("model: {type: dummy}\nfeatures: {exclude: [agee]}\n", {}, ConfigError),
        (STUMP, {"overrides": {"model.depth": 3}}, ConfigError),
        (STUMP, {"note": "x" * 2001}, InvalidError),
        (STUMP, {"tags": {"two words": "x"}}, InvalidError),
        (STUMP, {"environment": "moon"}, InvalidError),
    ],
)
def test_what_cannot_be_trained_cannot_be_queued(trained, submit, config, options, error):
    """It is refused as `train` refuses it, and nothing is recorded."""
    before = trained.head()
    with pytest.raises(error) as refused:
        submit(config, **options)
    with pytest.raises(error) as refused_at_once:
        trained.train(config, **options)
    assert str(refused.value) == str(refused_at_once.value) and trained.head() == before


def test_a_training_is_submitted_before_scikit_learn_could_be_imported(trained):
    """Else the first click of a program would wait for a second."""
    program = (
        "import sys; from mlops import Workspace; from mlops.training import workers; pool = workers.Pool(spare=False); pool.adopt = print;"
        f"Workspace.open({str(trained.path)!r}).submit({STUMP!r}, pool=pool); print('sklearn' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.split()[-1] == "False" and len(trained.runs.queue()) == 1


def test_runs_wait_in_the_order_they_were_submitted(trained, submit):
    """A note does not move a run, and whoever leaves makes room."""
    first, second, third = (submit().run_id for _ in range(3))
    trained.runs.note(first, "the first")
    assert trained.runs.queue() == [first, second, third]
    trained.runs.cancel(second)
    assert trained.runs.queue() == [first, third]


# Work


@pytest.mark.parametrize("config", [STUMP, BOOSTED, FOREST, HISTOGRAM, LOGISTIC], ids=lambda text: text[13:26])
def test_a_submitted_training_gives_the_same_bytes(trained, submit, config):
    """As the same config trained at once: model, predictions, and all that was measured."""
    options = {"overrides": {"training.validation_size": 0.3}, "seed": 3, "note": "same", "tags": {"a": "b"}}
    at_once, submitted = trained.train(config, **options), work(trained, submit(config, **options).run_id)
    for what in ("model_sha256", "predictions_sha256", "config_sha256", "rows_sha256", "metrics", "intervals", "name"):
        assert getattr(at_once, what) == getattr(submitted, what)
    for what in ("params", "data", "threshold", "code", "software", "seed", "tags", "note", "warnings"):
        assert getattr(at_once, what) == getattr(submitted, what)
    assert trained.runs.curves(at_once.run_id) == trained.runs.curves(submitted.run_id)


def test_a_config_file_with_its_overlay_is_queued_as_it_was(trained, submit, tmp_path):
    """What happens to the files afterwards does not matter."""
    (tmp_path / "churn.yaml").write_text(STUMP)
    (tmp_path / "churn.staging.yaml").write_text("model: {max_depth: 2}\n")
    run = submit(tmp_path / "churn.yaml", environment="staging")
    (tmp_path / "churn.yaml").unlink()
    done = work(trained, run.run_id)
    assert (done.status, done.name, done.params["model.max_depth"]) == ("finished", "churn", 2)


def test_a_run_is_claimed_once(trained, submit):
    """It was queued, it began, it ended; whoever comes later does nothing."""
    run_id = submit().run_id
    done = work(trained, run_id, "ada")
    head = trained.head()
    assert work(trained, run_id) == done and trained.head() == head
    events = [event for event in trained.log() if event["subject"] == run_id]
    assert [(event["kind"], event["actor"]) for event in events[1:]] == [("run.start", "ada"), ("run.end", "ada")]


def test_nothing_watches_a_run_that_has_ended(trained, submit):
    """Whoever calls a worker's function from a program of their own keeps that program."""
    before = set(threading.enumerate())
    work(trained, submit().run_id)
    for thread in set(threading.enumerate()) - before:
        thread.join(5)
    assert set(threading.enumerate()) <= before


def test_a_run_that_somebody_holds_is_not_claimed(trained, submit):
    """Not even while the ledger still calls it queued."""
    run_id = submit().run_id
    with lifecycle.held(trained._artifacts, run_id), pytest.raises(ConflictError, match="another process's work"):
        work(trained, run_id)
    assert trained.runs.get(run_id).status == "queued" and work(trained, run_id).status == "finished"


def test_the_outcomes_are_those_of_the_day_it_was_submitted(ws, closed, tmp_path):
    """A month that passes while a training waits does not change what it learns."""
    ws.set_clock("2024-01-01T00:00:00Z")
    frame = customers_frame(300)
    frame["churn"] = frame["churn"].astype("Int64").mask(frame.index < 50)
    frame.to_csv(tmp_path / "rows.csv", index=False)
    late = customers_frame(300).loc[:49, ["customer_id", "churn"]].assign(known_at="2024-02-01")
    late.to_csv(tmp_path / "late.csv", index=False)
    ws.datasets.add(tmp_path / "rows.csv", name="rows", target="churn", id="customer_id")
    ws.outcomes.add(tmp_path / "late.csv", "rows")
    at_once, submitted = ws.train(STUMP), ws.submit(STUMP, pool=closed)
    ws.set_clock("2024-03-01T00:00:00Z")
    done = work(ws, submitted.run_id)
    assert done.model_sha256 == at_once.model_sha256 and done.steps[1]["rows"] == 250
    assert (done.queued_at[:10], done.started_at[:10]) == ("2024-01-01", "2024-03-01")


def test_a_training_that_fails_says_so_in_its_run(ws, closed, tmp_path):
    """There is nobody to raise an error to."""
    customers_frame(29).to_csv(tmp_path / "few.csv", index=False)
    ws.datasets.add(tmp_path / "few.csv", name="few", target="churn", id="customer_id")
    run = ws.submit(STUMP, pool=closed)
    with pytest.raises(DataError):  # which the worker swallows
        work(ws, run.run_id)
    failed = ws.runs.get(run.run_id)
    assert failed.status == "failed" and "training needs at least 30" in failed.error


def test_a_run_that_cannot_even_begin_has_failed(trained, submit, monkeypatch):
    """Such as one whose config a later program does not understand."""
    run_id = submit().run_id
    monkeypatch.setattr("mlops.base.strict_yaml.MAX_BYTES", 10)
    failed = work(trained, run_id)
    assert failed.status == "failed" and "It has more than" in failed.error and trained.verify()["ok"]


# Progress


def test_a_run_shows_its_progress_while_it_runs_and_only_then(trained):
    """Trained at once or submitted, watched or not, it takes the same way."""
    seen = []
    run = trained.train(BOOSTED, on_step=lambda step: seen.append(trained.runs.progress(trained.runs.list()[0].run_id)))
    assert all(progress.run_id == run.run_id for progress in seen)
    assert [progress.step for progress in seen[::2]] == [step["name"] for step in run.steps if not step["cached"]]
    assert seen[-1].training["iteration"][-1] == 40 and seen[-1].fraction == 1.0
    assert trained.runs.progress(run.run_id) is None and list((trained.path / "tmp").iterdir()) == []


def test_a_damaged_progress_file_keeps_no_run_from_being_read(trained, submit):
    """The process of the run is gone; there is nothing to keep of it but that it was interrupted."""
    run_id = submit().run_id
    with lifecycle.held(trained._artifacts, run_id):
        lifecycle.claim(trained._ledger, run_id, "source", {})
    lifecycle.file(trained._artifacts, run_id, "progress").write_bytes(b"[]")
    assert [run.status for run in trained.runs.list()] == ["interrupted", "finished"]
    assert trained.verify()["ok"] and list((trained.path / "tmp").iterdir()) == []


def test_the_curve_is_kept_with_the_run(trained):
    """As ``training`` in curves.json: the metric, the iterations, and the loss on some train rows and all validation rows."""
    run = trained.train(BOOSTED)
    curve = trained.runs.curves(run.run_id)["training"]
    assert curve["metric"] == "log_loss" and curve["iteration"] == list(range(1, 41))
    assert curve["validation"][-1] == pytest.approx(run.metrics["validation"]["log_loss"])
    assert len(curve["train"]) == 40 and curve["train"][-1] < curve["train"][0]
    assert "training" not in trained.runs.curves(trained.train(LOGISTIC).run_id)


# Cancel


def test_a_queued_run_is_cancelled_at_once(trained, submit):
    """No worker begins it afterwards."""
    run = trained.runs.cancel(submit().run_id[:6])
    assert (run.status, run.error, run.steps) == ("cancelled", "Cancelled.", ()) and run.ended_at is not None
    assert work(trained, run.run_id) == run and trained.verify()["ok"]


def test_what_has_ended_cannot_be_cancelled(trained, submit):
    """However it ended; nothing changes."""
    cancelled = trained.runs.cancel(submit().run_id)
    finished = trained.runs.list()[-1]
    before = trained.head()
    for run in (cancelled, finished):
        with pytest.raises(ConflictError, match=f"{run.run_id} has ended already: it is {run.status}"):
            trained.runs.cancel(run.run_id)
    assert trained.head() == before and not list((trained.path / "tmp").glob("*.cancel"))


def test_a_running_one_stops_at_the_next_step_and_keeps_what_it_has(trained):
    """Steps, log, and the last point of the curve as its metrics."""

    def cancel(step):
        if (step.name, step.status) == ("train", "done"):
            assert trained.runs.cancel(trained.runs.list()[0].run_id).status == "running"

    with pytest.raises(Cancelled):
        trained.train(BOOSTED, on_step=cancel)
    run = trained.runs.list()[0]
    assert [step["status"] for step in run.steps] == ["done"] * 5 + ["failed", "waiting"]
    curve = trained.runs.curves(run.run_id)["training"]
    assert run.metrics == {"validation": {"log_loss": curve["validation"][-1]}}
    assert (run.status, run.model_sha256) == ("cancelled", None) and trained.verify()["ok"]
    assert "train     done" in trained.runs.text(run.run_id, "train.log")
    assert list((trained.path / "tmp").iterdir()) == []


def test_one_that_is_asked_while_it_writes_ends_as_finished(trained):
    """What is being recorded is recorded, whole."""

    def cancel(step):
        if (step.name, step.status) == ("package", "running"):
            trained.runs.cancel(trained.runs.list()[0].run_id)

    run = trained.train(BOOSTED, on_step=cancel)
    assert run.status == "finished" and trained.verify()["ok"] and list((trained.path / "tmp").iterdir()) == []


# An end is an end


def test_nothing_becomes_of_a_run_that_has_ended():
    """And of one that is under way anything but a beginning: each status but the first two is a last one."""
    assert {now for now, _ in lifecycle.MOVES} == {None, *lifecycle.UNDER_WAY}
    assert {status for now, status in lifecycle.MOVES if now == "running"} == {*STATUSES[2:]}


def test_a_run_that_has_ended_does_not_end_again(trained):
    """Whoever comes second, however sure, changes nothing."""
    finished, head = trained.runs.list()[0], trained.head()
    again = lifecycle.end(trained._ledger, trained._artifacts, finished.run_id, "failed", {"error": "late"}, {})
    assert runs.Run.of(again) == finished and trained.head() == head


def test_a_run_that_ended_while_somebody_looked_is_not_called_interrupted(trained):
    """Nobody held its lock when it was looked for; before the look was recorded, it had finished."""
    lifecycle.start(trained._ledger, "r-late", {**trained.runs.list()[0].as_dict(), "ended_at": None})

    class Meanwhile(Artifacts):
        """Artifacts with which, between the look and the record, the run ends."""

        def stage(self, prefix="stage-"):
            lifecycle.end(trained._ledger, trained._artifacts, "r-late", "finished", {}, {})
            return super().stage(prefix)

    lifecycle.record_interrupted(trained._ledger, Meanwhile(trained.path))
    assert trained.runs.get("r-late").status == "finished"
    assert [event["kind"] for event in trained.log() if event["subject"] == "r-late"] == ["run.start", "run.end"]
