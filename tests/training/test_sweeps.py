"""Sweeps: many trials of one config, ranked, cancelled, and carried out by whoever is there."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from mlops import MlopsError
from mlops.base import strict_yaml
from mlops.base.errors import Cancelled, ConfigError, NotFoundError, StorageError
from mlops.training import workers
from tests.conftest import STUMP
from tests.shell import Shell

ROOT = Path(__file__).resolve().parents[2]
DEPTHS = {"model.max_depth": [1, 2, 3]}


def statuses(sweep):
    return [run.status for run in sweep.trials]


def test_a_sweep_trains_every_combination_and_ranks_it(trained):
    """The best comes first, by the AUC on the validation rows; each trial is an ordinary run with a tag."""
    sweep = trained.sweep(STUMP, {"model.max_depth": [1, 3], "model.n_estimators": "1,20"})

    scores = [run.metrics["validation"]["auc"] for run in sweep.trials]
    assert scores == sorted(scores, reverse=True) and len(scores) == 4
    assert sweep.keys == ("model.max_depth", "model.n_estimators") and sweep.same_rows
    assert {run.run_id for run in sweep.trials} == {
        run.run_id for run in trained.runs.list(f"tags.sweep = '{sweep.sweep_id}'")
    }


def test_a_trial_is_the_run_that_train_gives(trained):
    """Byte for byte: a sweep is a short way of writing, no other way of training."""
    sweep = trained.sweep(STUMP, DEPTHS)
    [deep] = [run for run in sweep.trials if run.params["model.max_depth"] == 3]

    assert deep.model_sha256 == trained.train(STUMP, overrides={"model.max_depth": 3}).model_sha256


def test_the_data_is_prepared_once(trained):
    """Trials differ from step train on, so all but the first find the four steps before it in the cache."""
    sweep = trained.sweep(STUMP, DEPTHS)

    assert sorted(run.steps[3]["cached"] for run in sweep.trials) == [False, True, True]


def test_processes_side_by_side_give_the_same_models(trained):
    """How many jobs there are changes the time and nothing else."""
    one, two = trained.sweep(STUMP, DEPTHS), trained.sweep(STUMP, DEPTHS, jobs=2)

    assert [run.model_sha256 for run in two.trials] == [run.model_sha256 for run in one.trials]


def test_draws_follow_the_seed_of_the_config(trained):
    """The same line gives the same trials, on any machine."""
    values = [
        sorted(run.params["model.learning_rate"] for run in sweep.trials)
        for seed in (1, 1, 2)
        for sweep in [trained.sweep(STUMP, {"model.learning_rate": "0.01..0.5 log"}, random=2, seed=seed)]
    ]

    assert values[0] == values[1] != values[2]


def test_one_bad_value_refuses_the_whole_sweep(trained):
    """Every config is checked before anything is recorded."""
    before = trained.head()

    with pytest.raises(ConfigError, match="max_depth is 'deep'"):
        trained.sweep(STUMP, {"model.max_depth": [2, "deep"]})
    with pytest.raises(ConfigError, match="cannot learn a binary target"):
        trained.sweep(STUMP, {"model.type": ["dummy", "ridge"]}, overrides={"model": {}})
    assert trained.head() == before


def test_a_failed_trial_does_not_end_the_sweep(trained):
    """It is listed last, with its reason; the others are ranked."""
    sweep = trained.sweep("model: {type: k_neighbors}\n", {"model.n_neighbors": [5, 9999]})

    assert statuses(sweep) == ["finished", "failed"] and "9999" in sweep.trials[1].error


def test_ctrl_c_keeps_what_finished(trained):
    """The rest is cancelled, and nothing waits for a worker."""

    def interrupt(run):
        raise KeyboardInterrupt

    with pytest.raises(Cancelled, match="1 of 3 trials finished"):
        trained.sweep(STUMP, DEPTHS, on_trial=interrupt)

    assert [run.status for run in trained.runs.list(limit=3)] == ["cancelled", "cancelled", "finished"]
    assert trained.runs.queue() == []


@pytest.mark.parametrize("told", [False, True])
def test_ctrl_c_while_loops_begin_leaves_nothing_waiting(trained, monkeypatch, told):
    """It may come before the first worker, or when one has heard already what it is to take."""
    spawn, hired = workers._spawn, []

    def interrupted(*order, **how):
        if not told or hired:
            raise KeyboardInterrupt
        hired.append(spawn(*order, **how))
        return hired[0]

    monkeypatch.setattr(workers, "_spawn", interrupted)
    with pytest.raises(Cancelled, match="of 3 trials finished"):
        trained.sweep(STUMP, DEPTHS, jobs=2)

    assert trained.runs.queue() == []
    assert {run.status for run in trained.runs.list(limit=3)} <= {"cancelled", "finished"}
    assert all(worker.wait(timeout=60) == 0 for worker in hired)


def test_an_error_of_the_listener_leaves_nothing_waiting(trained):
    """It is raised as it is, and what finished is kept."""
    with pytest.raises(ZeroDivisionError):
        trained.sweep(STUMP, DEPTHS, on_trial=lambda run: 1 / 0)

    assert [run.status for run in trained.runs.list(limit=3)] == ["cancelled", "cancelled", "finished"]


def test_a_trial_that_cannot_even_begin_ends_the_sweep(trained, monkeypatch):
    """Such as on a full disk: nothing is waited for that nobody would do."""

    def refuse(*_):
        raise StorageError("The disk is full.")

    monkeypatch.setattr(workers.lifecycle, "claim", refuse)
    with pytest.raises(StorageError, match="disk is full"):
        trained.sweep(STUMP, DEPTHS)

    assert trained.runs.queue() == []


def test_a_pool_carries_out_what_nobody_waits_for(trained):
    """The sweep is queued at once; whoever looks sees how far it has come."""
    pool = workers.Pool(most=1)
    sweep = trained.sweep(STUMP, DEPTHS, wait=False, pool=pool)
    assert len(sweep.open) == 3

    assert statuses(trained.sweeps.carry_out(sweep)) == ["finished"] * 3
    pool.close()


def test_the_text_of_a_sweep_is_read_once_for_all_trials(trained, monkeypatch):
    """Reading YAML strictly takes 5 ms; 500 trials would wait for seconds before the first began."""
    read, parse = [], strict_yaml.parse
    monkeypatch.setattr(strict_yaml, "parse", lambda *text: read.append(text) or parse(*text))
    trained.sweep(STUMP, {"training.random_state": "1..40"}, wait=False, pool=_Idle())

    assert sum(STUMP in text for text in read) <= 2


def test_the_rest_of_a_sweep_is_cancelled_in_one_transaction(trained):
    """Each transaction waits for the disk: 500 of them kept a person waiting for 20 seconds."""
    sweep = trained.sweep("model: {type: dummy}\n", {"training.random_state": "1..40"}, wait=False, pool=_Idle())
    before = trained.head()
    cancelled = trained.sweeps.cancel(sweep.sweep_id)

    assert set(statuses(cancelled)) == {"cancelled"} and trained.head() == before + 40
    assert len({run.ended_at for run in cancelled.trials}) == 1


def test_the_rest_of_a_sweep_can_be_cancelled(trained):
    """Those that finished are kept."""
    sweep = trained.sweep(STUMP, DEPTHS, wait=False, pool=_Idle())
    workers.work(str(trained.path), sweep.trials[0].run_id, "ada")

    assert statuses(trained.sweeps.cancel(sweep.sweep_id)) == ["finished", "cancelled", "cancelled"]


def test_a_single_training_goes_before_the_trials_that_wait(trained):
    """Somebody waits for it; a sweep is left alone."""
    sweep = trained.sweep(STUMP, DEPTHS, wait=False, pool=_Idle())
    run = trained.submit(STUMP, pool=_Idle())

    assert trained.runs.queue() == [run.run_id, *(trial.run_id for trial in sweep.trials)]


class _Idle(workers.Pool):
    """A pool that starts nothing."""

    def adopt(self, *_):
        """Do nothing."""


def test_trials_judged_by_different_rows_are_not_ranked(trained):
    """Another seed is another split, and says so."""
    assert not trained.sweep(STUMP, {"training.random_state": [1, 2]}).same_rows


def test_a_regression_is_ranked_by_its_error(ws, tmp_path, customers):
    """Less is better."""
    customers.to_csv(tmp_path / "fees.csv", index=False)
    ws.datasets.add(tmp_path / "fees.csv", name="fees", target="age", id="customer_id", task="regression")
    sweep = ws.sweep("model: {type: gradient_boosting}\n", {"model.n_estimators": [1, 30]})

    errors = [run.metrics["validation"]["rmse"] for run in sweep.trials]
    assert sweep.metric == "rmse" and errors == sorted(errors)


def test_sweeps_are_listed_newest_first(trained):
    """A later note or tag does not move one."""
    first, second = (trained.sweep(STUMP, DEPTHS).sweep_id for _ in range(2))
    trained.runs.note(trained.sweeps.get(first).trials[0].run_id, "the best of the first")

    assert trained.sweeps.list() == [second, first]


def test_an_unknown_sweep_is_refused(trained):
    """Also where its name would be a program."""
    with pytest.raises(NotFoundError, match="no sweep"):
        trained.sweeps.get("s' OR 1=1")


@pytest.fixture
def config(tmp_path):
    """A config file that trains in a blink."""
    path = tmp_path / "stump.yaml"
    path.write_text(STUMP, encoding="utf-8")
    return path


def test_the_command_prints_the_runs_best_first(trained, config):
    """One document on standard output, the progress beside it."""
    answer = Shell(trained.path)("sweep", "--config", config, "--grid", "model.max_depth=1,3", "--jobs", 1)

    scores = [run["metrics"]["validation"]["auc"] for run in answer.document]
    assert answer.code == 0 and scores == sorted(scores, reverse=True)
    assert answer.err.count("finished") == 2 and "looks better than it is" in answer.err


def test_of_trials_on_different_rows_none_is_called_the_best(trained, config):
    """A sweep over seeds splits the rows anew each time."""
    answer = Shell(trained.path)("sweep", "--config", config, "--grid", "training.random_state=1,2")

    assert "different rows" in answer.err and "best of several" not in answer.err and "its interval" not in answer.err


@pytest.mark.parametrize(
    "line", [(), ("--grid", "a"), ("--grid", "a=1", "--grid", "a=2"), ("--grid", "a=1", "--jobs", 0)]
)
def test_a_wrong_line_is_told_apart_from_a_refused_sweep(trained, config, line):
    """Exit code 2, and no trial."""
    answer = Shell(trained.path)("sweep", "--config", config, *line)

    assert answer.code == 2 and len(trained.runs.list()) == 1


def test_a_sweep_of_which_nothing_finished_fails(trained, tmp_path):
    """Exit code 1, with the reason of the first."""
    (tmp_path / "far.yaml").write_text("model: {type: k_neighbors}\n", encoding="utf-8")
    answer = Shell(trained.path)("sweep", "--config", tmp_path / "far.yaml", "--grid", "model.n_neighbors=8000,9000")

    assert answer.code == 1 and "None of 2 trials finished" in answer.error["message"]


def test_errors_of_a_sweep_are_ours(trained):
    """Whoever calls it has one family of errors to expect."""
    with pytest.raises(MlopsError, match="something to try"):
        trained.sweep(STUMP, {})


# Real processes


LONG = "model: {type: gradient_boosting, n_estimators: 400, max_depth: 6}\n"


@pytest.fixture
def under_way(trained, tmp_path):
    """Start a sweep of six long trainings on the command line, and wait until so many runs of it have ended."""

    def start(jobs: int, ended: int) -> subprocess.Popen[str]:
        (tmp_path / "long.yaml").write_text(LONG, encoding="utf-8")
        line = ["sweep", "--config", tmp_path / "long.yaml", "--grid", "model.max_depth=1,6,7,8,9,10", "--jobs", jobs]
        arguments = [sys.executable, "-m", "mlops", "--workspace", trained.path, *line]
        process = subprocess.Popen([*map(str, arguments)], cwd=ROOT, stderr=subprocess.PIPE, text=True)
        for _ in range(ended):
            process.stderr.readline()
        until = time.monotonic() + 120
        while not trained.runs.list("status = 'running'") and time.monotonic() < until:
            time.sleep(0.05)
        return process

    return start


@pytest.mark.slow
@pytest.mark.parametrize("jobs", [1, 2])
def test_ctrl_c_ends_a_sweep_of_processes(trained, under_way, jobs):
    """What finished is kept and named, what is under way and what waits is cancelled, nothing is left behind."""
    process = under_way(jobs, ended=1)
    process.send_signal(signal.SIGINT)
    said = process.communicate(timeout=120)[1]

    statuses = [run.status for run in trained.runs.list(limit=6)]
    assert process.returncode == 1 and f"was cancelled; {statuses.count('finished')} of 6 trials finished" in said
    assert set(statuses) == {"finished", "cancelled"}
    assert trained.verify()["problems"] == []


@pytest.mark.slow
def test_a_sweep_that_is_killed_goes_on_with_the_next_pool(trained, under_way):
    """The trial under way is interrupted; the others still wait, and whoever serves the workspace takes them."""
    process = under_way(1, ended=1)
    process.kill()
    process.wait()
    [sweep_id] = {run.tags["sweep"] for run in trained.runs.list(limit=6)}

    sweep = trained.sweeps.get(sweep_id)
    assert [run.status for run in sweep.trials] == ["finished", "interrupted", *["queued"] * 4]
    for run in sweep.open[1:]:
        trained.runs.cancel(run.run_id)
    assert [run.status for run in trained.sweeps.carry_out(sweep).trials[:2]] == ["finished"] * 2
