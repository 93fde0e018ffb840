"""Reproduce: a run trained again from its record, a verdict, and the first thing that differs."""

from __future__ import annotations

import io
import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import threading
import time
import venv
from contextlib import closing
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pytest

from mlops import Workspace
from mlops.base import locks, provenance
from mlops.base.errors import Cancelled, ConflictError, InvalidError, MlopsError
from mlops.data import tables
from mlops.experiments import lifecycle
from mlops.experiments.progress import STEPS, WAITS
from mlops.experiments.runs import Run
from mlops.training import reproduce, workers
from mlops.training.divergence import CAUSES
from tests import old_workspace
from tests.conftest import STUMP, customers_frame
from tests.environments import with_other_threadpoolctl
from tests.old_workspace import Nobody

ROOT = Path(__file__).resolve().parents[2]
BOOSTED = (
    "model: {type: gradient_boosting, n_estimators: 5, max_depth: 2, subsample: 0.5}\ntraining: {test_size: 0.5}\n"
)


@pytest.fixture(scope="module")
def _boosted(customers_csv, tmp_path_factory) -> Workspace:
    ws = Workspace.open(tmp_path_factory.mktemp("reproduce") / "boosted", actor="ada")
    ws.datasets.add(customers_csv, name="customers", target="churn", id="customer_id")
    ws.train(BOOSTED)
    return ws


@pytest.fixture
def ws(_boosted, tmp_path) -> Workspace:
    """A workspace with a run in which everything matters: rows, config, seed."""
    return _boosted.fork(tmp_path / "workspace")


@pytest.fixture
def run(ws):
    return ws.runs.list()[0]


def lies(ws: Workspace, path: str) -> Path:
    """Return a file of the workspace that belongs to it alone: what a fork links must not change elsewhere."""
    file = ws.path / path
    content = file.read_bytes()
    file.unlink()
    file.write_bytes(content)
    return file


def again(ws: Workspace, run: Run) -> reproduce.Reproduction:
    """Reproduce in this process, which is as good where nothing but the workspace differs, and quicker."""
    with ws._artifacts.stage() as stage:
        told = reproduce.judge(ws._ledger, ws._artifacts, run.run_id, stage.folder, lambda step: None)
    return reproduce.Reproduction.of({**told, "run_id": run.run_id})


def differing(found: reproduce.Reproduction) -> list[str]:
    return [check["what"] for check in found.checks if check["equal"] is False]


def check_of(found: reproduce.Reproduction, what: str) -> tuple[object, object]:
    [check] = [check for check in found.as_dict()["checks"] if check["what"] == what]
    return check["expected"], check["observed"]


# What is answered, and where it is kept


def test_a_run_that_nothing_happened_to_is_identical(ws, run):
    """Every cause is asked in its order, each is as it was, and a listener hears the steps of the training."""
    heard = []
    found = ws.reproduce(run.run_id[:5], on_step=lambda step: heard.append((step.name, step.status)))
    assert (found.run_id, found.verdict, found.first_divergence) == (run.run_id, "identical", None)
    assert [(check["what"], check["equal"]) for check in found.checks] == [(cause, True) for cause in CAUSES]
    assert found.why == "Trained again, it gave the same bytes." and found.reasons == {}
    assert heard == [(name, status) for name in STEPS for status in ("running", "done")]


def test_reproducing_is_one_event_and_makes_no_run(ws, run):
    """The run, its version and its place in the lineage answer with it from now on; its files are what they were."""
    model = ws.models.register(run, "churn_model")
    before, files = ws.head(), sorted(ws.path.rglob("*"))
    found = ws.reproduce(run.run_id)
    [event] = ws.log(before)
    assert (event["kind"], event["subject"], event["seq"]) == ("run.reproduce", run.run_id, found.event)
    assert sorted(ws.path.rglob("*")) == files and ws.verify()["problems"] == []
    told = {key: value for key, value in found.as_dict().items() if key != "run_id"}
    assert ws.runs.get(run.run_id).as_dict()["reproduced"] == told and told["at"] == event["at"]
    for version in (ws.models.get(model.ref), ws.models.list()[0]):
        assert version.as_dict()["reproduced"] == told
    [node] = [node for node in ws.lineage(model.ref).nodes if node.kind == "run"]
    assert node.about.endswith("finished, reproduced: identical")
    for event, known in ((before, None), (found.event, told)):
        then = ws.at(event=event)
        answers = [then.runs.get(run.run_id), then.models.get(model.ref), then.models.list()[0]]
        assert [one.as_dict()["reproduced"] for one in answers] == [known] * 3
    assert "reproduced" not in ws.runs.document(run.run_id) and "reproduced" not in ws.models.metadata(model.ref)


# Eight causes, planted one at a time: each is the first divergence, and the only one


def test_one_cell(ws, run):
    """The training is done on what lies there now, and shows what the cell changed."""
    file = lies(ws, ws.datasets.get("customers").path)
    table = ws.datasets.table("customers")
    fees = table.column("monthly_fee").to_pylist()
    fees[10] = 1e6
    changed = table.set_column(table.column_names.index("monthly_fee"), "monthly_fee", pa.array(fees))
    with open(file, "wb") as sink:
        tables.write_parquet(changed, sink)

    found = again(ws, run)

    assert (found.first_divergence, found.verdict, differing(found)) == ("data", "different", ["data"])
    ids = {"customers@1": run.data["sha256"]}, {"customers@1": tables.content_sha256(changed)}
    assert check_of(found, "data") == ids
    assert found.reasons["data"] == "The rows of customers@1 are not those that the run learned from."


def test_the_same_cells_in_another_file_are_the_same_data(ws, run):
    """Data is its content: a snapshot that was written again, compressed otherwise, is no other one."""
    file = lies(ws, ws.datasets.get("customers").path)
    pa.parquet.write_table(ws.datasets.table("customers"), file, compression="none")
    assert again(ws, run).verdict == "identical"


def test_one_key_of_the_config(ws, run):
    """The key is named, with what it was and what it is; the file is another one for that reason alone."""
    file = lies(ws, run.file("config.yaml"))
    file.write_text(file.read_text("utf-8").replace("max_depth: 2", "max_depth: 3"), "utf-8")
    found = again(ws, run)
    assert (found.first_divergence, found.verdict, differing(found)) == ("config", "different", ["config", "artifact"])
    assert check_of(found, "config") == ({"model.max_depth": 2}, {"model.max_depth": 3})
    assert found.why.endswith("model.max_depth is 3, and was 2.") and 0 < found.predictions["flipped"] < 100


def test_a_default_that_came_with_later_code_is_no_other_config(ws, run):
    """The config said nothing of it, and the code that ran had none: what it changes is the code's doing."""
    params = {key: value for key, value in run.as_dict()["params"].items() if key != "model.learning_rate"}
    with ws._ledger.write() as tx:
        tx.append("run.note", run.run_id, {"params": params})
    config = lies(ws, run.file("config.yaml"))
    text = "".join(line for line in config.read_text("utf-8").splitlines(True) if "learning_rate" not in line)
    config.write_text(text, "utf-8")
    assert differing(again(ws, ws.runs.get(run.run_id))) == ["artifact"]


def test_another_seed(ws, run):
    """The seed stands in the config, and is a cause of its own; other rows were judged, so nothing is compared."""
    file = lies(ws, run.file("config.yaml"))
    file.write_text(file.read_text("utf-8").replace("random_state: 42", "random_state: 43"), "utf-8")
    found = again(ws, run)
    assert (found.first_divergence, found.verdict, differing(found)) == ("seed", "different", ["seed", "artifact"])
    assert (check_of(found, "seed"), found.predictions) == ((42, 43), None)
    file.write_text(file.read_text("utf-8").replace("random_state: 43", "random_state: null"), "utf-8")
    assert again(ws, run).reasons["seed"] == "The seed is not set, and was 42."


def test_no_seed(ws):
    """Nothing would be proven, so nothing is trained: it is impossible, and that is an answer."""
    run = ws.train(BOOSTED, seed=None)
    found = again(ws, run)
    assert (found.first_divergence, found.verdict, differing(found)) == ("seed", "impossible", ["seed"])
    assert found.why == ("It cannot be repeated. No seed was kept: split and training are different every time.")


def copied(folder: Path) -> Path:
    """Copy the package into a folder, to change a line of it."""
    shutil.copytree(ROOT / "mlops", folder / "mlops", ignore=shutil.ignore_patterns("__pycache__"))
    return folder / "mlops"


def by(folder: Path, ws: Workspace, *line: str) -> dict:
    """Run a line of the program that lies in a folder."""
    told = subprocess.run(
        [sys.executable, "-m", "mlops", "--workspace", str(ws.path), "--json", *line],
        cwd=folder, capture_output=True, check=False,
    )  # fmt: skip
    return json.loads(told.stdout)


def test_one_line_of_code(ws, run, tmp_path):
    """Today's code runs; the source that the run kept tells which line is another one."""
    file = copied(tmp_path) / "training" / "fit.py"
    text = file.read_text("utf-8")
    line = "model = estimator.build(parameters, learned.task, config.seed)"
    file.write_text(text.replace(line, line.replace("config.seed", "(config.seed or 0) + 1")), "utf-8")

    found = by(tmp_path, ws, "runs", "reproduce", run.run_id)

    assert (found["first_divergence"], found["verdict"]) == ("code", "different")
    assert [check["what"] for check in found["checks"] if not check["equal"]] == ["code"]
    number = text[: text.index(line)].count("\n") + 1
    assert found["reasons"]["code"] == f"mlops/training/fit.py, line {number}, is another one."


@pytest.mark.slow
def test_other_line_ends_are_the_same_code(ws, run, tmp_path):
    """A checkout on Windows has others, and computes the same."""
    for file in copied(tmp_path).rglob("*.py"):
        file.write_bytes(file.read_bytes().replace(b"\n", b"\r\n"))
    found = by(tmp_path, ws, "runs", "reproduce", run.run_id)
    assert (found["first_divergence"], found["verdict"]) == (None, "identical")


def test_one_package(ws, run, tmp_path):
    """Another interpreter trains, with another version of one package; that the bytes are the same is told as well."""
    python = with_other_threadpoolctl(tmp_path / "env", "3.7.99")
    found = ws.reproduce(run.run_id, python=python)
    assert (found.first_divergence, found.verdict, differing(found)) == ("package", "identical", ["package"])
    now = {"threadpoolctl": run.software["packages"]["threadpoolctl"]}
    assert check_of(found, "package") == (now, {"threadpoolctl": "3.7.99"})
    assert found.reasons["package"].startswith(f"threadpoolctl is 3.7.99, and was {now['threadpoolctl']}. It holds")


def test_another_number_of_threads(ws, run, monkeypatch):
    """What was said about threads is another thing; a fit computes in one thread, so the bytes are the same."""
    monkeypatch.setenv("OMP_NUM_THREADS", "7")
    found = ws.reproduce(run.run_id)
    assert (found.first_divergence, found.verdict, differing(found)) == ("threads", "identical", ["threads"])
    assert check_of(found, "threads")[1] == {"threads.OMP_NUM_THREADS": "7"}


@pytest.mark.parametrize("name", ["model.joblib", "predictions.parquet", "metrics.json", "train.log"])
def test_a_damaged_file(ws, run, name):
    """Training again gives what was recorded; what lies there is not it, though every cause is as it was."""
    file = lies(ws, run.file(name))
    file.write_bytes(file.read_bytes()[:-1] + b"?")
    found = again(ws, run)
    assert (found.first_divergence, found.verdict, differing(found)) == ("artifact", "identical", ["artifact"])
    assert found.reasons["artifact"] == f"Not as the run wrote it: {name}."


def test_of_two_causes_the_first_is_named(ws, run):
    """Another cell and another key: the config is asked after the data."""
    test_one_key_of_the_config(ws, run)
    lies(ws, ws.datasets.get("customers").path).write_bytes(b"no parquet")
    found = again(ws, run)
    assert (found.first_divergence, found.verdict) == ("data", "impossible")
    assert differing(found) == ["data", "config", "artifact"]


# What is gone


def test_data_that_is_gone_makes_it_impossible(ws, run):
    """Said which, in words."""
    (ws.path / ws.datasets.get("customers").path).unlink()
    found = again(ws, run)
    assert (found.first_divergence, found.verdict) == ("data", "impossible")
    assert "The data cannot be read: data/customers/" in found.why and "is gone" in found.why


@pytest.mark.parametrize("content", [None, b"model: {type: nothing}", b"\xff"])
def test_a_config_that_cannot_be_read_makes_it_impossible(ws, run, content):
    """Gone, of another kind, or no text."""
    file = lies(ws, run.file("config.yaml"))
    file.unlink()
    if content is not None:
        file.write_bytes(content)
    found = again(ws, run)
    assert (found.first_divergence, found.verdict) == ("config", "impossible")
    assert "The config cannot be read: " in found.why


def test_a_run_from_elsewhere_is_impossible(ws):
    """It has no data here, and nothing of it can be trained again."""
    run = ws.runs.log("elsewhere", {"lr": 0.1}, {"test": {"auc": 0.9}})
    found = again(ws, run)
    assert (found.first_divergence, found.verdict, differing(found)) == ("data", "impossible", ["data", "seed"])
    assert found.why == "It cannot be repeated. No data was recorded: the run was logged from elsewhere."
    unknown = ["config", "code", "package", "platform", "threads"]
    assert [check["what"] for check in found.checks if check["equal"] is None] == unknown


def test_a_training_that_fails_today_is_impossible(ws, run):
    """The data that lies there now has one class; that is said, after what differs."""
    file = lies(ws, ws.datasets.get("customers").path)
    table = ws.datasets.table("customers")
    with open(file, "wb") as sink:
        same = pa.array([0] * table.num_rows)
        tables.write_parquet(table.set_column(table.column_names.index("churn"), "churn", same), sink)
    found = again(ws, run)
    assert (found.first_divergence, found.verdict) == ("data", "impossible")
    assert "The training fails today: DataError: " in found.why


def test_a_run_that_came_to_nothing_cannot_be_reproduced(ws, run):
    """There is nothing to compare with; nothing is recorded."""
    waiting = ws.submit(STUMP, pool=Nobody())
    head = ws.head()
    for queued in (waiting, waiting.run_id):
        with pytest.raises(ConflictError, match="is queued"):
            ws.reproduce(queued)
    assert ws.head() == head


# Whatever way a run was made


def test_trials_queued_runs_overrides_and_overlays_are_identical(ws, tmp_path):
    """What a run records is enough, whichever way it came about; and nothing is said to differ."""
    config = tmp_path / "churn.yaml"
    config.write_text(BOOSTED, "utf-8")
    (tmp_path / "churn.staging.yaml").write_text("model: {learning_rate: 0.3}\nthresholds: {churn: 0.4}\n", "utf-8")
    ws.train(config, overrides={"model.max_depth": 1}, environment="staging", seed=7)
    queued = ws.submit(config, overrides={"features.exclude": ["region"]}, pool=Nobody())
    workers.work(str(ws.path), queued.run_id, "worker", leave=False)
    ws.sweep(config, {"model.n_estimators": [2, 3]})
    for run in ws.runs.list():
        found = again(ws, run)
        assert (found.verdict, found.first_divergence) == ("identical", None), run


@pytest.mark.slow
def test_a_run_of_a_worker_that_is_held_to_one_thread_is_identical(ws):
    """Its process had one thread, this one has as many as it likes: what was said about threads is the same."""
    pool = workers.Pool(1, spare=False)
    run = ws.submit(BOOSTED, pool=pool)
    while ws.runs.get(run.run_id).status in ("queued", "running"):
        time.sleep(0.05)
    pool.close(wait=True)
    found = ws.reproduce(run.run_id)
    assert (found.verdict, found.first_divergence) == ("identical", None)


def test_outcomes_that_came_and_roles_that_changed_later_change_nothing(tmp_path):
    """A run has the outcomes that were known when it was asked for, and the roles of that time; damage to one is data."""
    ws = Workspace.open(tmp_path / "ws", actor="ada")
    ws.set_clock("2024-02-01T00:00:00Z")
    rows = customers_frame(300)
    rows.assign(churn=rows["churn"].astype("Int64").mask(rows.index % 3 == 0)).to_csv(
        tmp_path / "rows.csv", index=False
    )
    ws.datasets.add(tmp_path / "rows.csv", "rows", target="churn", id="customer_id")
    names = ["customer_id", "churn"]
    for number, part in enumerate((rows[:150], rows[150:].assign(churn=1))):
        part[names].assign(known_at="2024-01-31").to_csv(tmp_path / f"{number}.csv", index=False)
    early = ws.outcomes.add(tmp_path / "0.csv", "rows")
    run = ws.train(STUMP)
    ws.outcomes.add(tmp_path / "1.csv", "rows")
    ws.datasets.add(tmp_path / "rows.csv", "rows", group="region")
    found = again(ws, run)
    assert (found.verdict, found.first_divergence) == ("identical", None)
    assert [*check_of(found, "data")[0]] == ["rows@1", "outcomes"]

    (ws.path / early.path).unlink()
    found = again(ws, run)
    assert (found.verdict, found.first_divergence) == ("impossible", "data")
    assert found.reasons["data"] == "The outcomes are not those that the run learned from."


def test_runs_of_an_old_format_give_their_answers(tmp_path):
    """Of their code only the hash is known, and what they did not record is no difference."""
    old = old_workspace.opened(tmp_path / "old")
    for run in old.runs.list(where="status = 'finished' and name != 'elsewhere'"):
        found = again(old, run)
        assert found.verdict in reproduce.GOOD and old.runs.source(run.run_id) is None
        assert found.reasons["code"] == "The code is another one; of the one that ran only the hash is known."
        assert {check["what"] for check in found.checks if check["equal"] is None} == {"threads"}
        if run.params["model.type"] == "gradient_boosting" and differing(found) == ["code"]:
            assert found.verdict == "identical", run.note
    assert old.reproduce(run.run_id).first_divergence in ("code", "package") and old.verify()["ok"]


# The source


def test_the_source_is_kept_once_for_all_runs_that_share_it(ws, run):
    """It is text by path, in the past and in a copy as well; a run that was logged has none."""
    ws.train(STUMP)
    kept = ws.runs.source(run.run_id)
    assert kept is not None and kept["mlops/training/fit.py"] == (ROOT / "mlops/training/fit.py").read_text("utf-8")
    assert len([*(ws.path / "experiments" / "sources").iterdir()]) == 1
    assert ws.at(event=ws.head()).runs.source(run.run_id) == kept
    logged = ws.runs.log("elsewhere", {}, {"test": {"auc": 0.9}})
    assert ws.runs.source(logged.run_id) is None and ws.verify()["problems"] == []


def test_of_two_runs_that_end_at_once_one_keeps_the_source(ws, run):
    """Both found that nobody has kept it yet, and wrote it; whoever comes second is no failed run."""
    code = {**run.code, "source_sha256": "0" * 64}
    for run_id in ("r000000000a", "r000000000b"):
        with ws._artifacts.stage() as stage:
            lifecycle.start(ws._ledger, run_id, {"name": "both", "code": code})
            source = stage.write("source.zip", provenance.packed_source())
            ended = lifecycle.end(ws._ledger, ws._artifacts, run_id, "finished", {}, {}, source=source)
            assert ended["status"] == "finished" and ws.runs.source(run_id)
    assert ws.verify()["problems"] == []


def test_a_damaged_source_is_named(ws, run):
    """It is a file of the run that was first to keep it."""
    source = lies(ws, lifecycle.source_path(run.code))
    source.write_bytes(b"no zip")
    assert again(ws, run).first_divergence == "artifact"
    assert [problem["where"] for problem in ws.verify()["problems"]] == [lifecycle.source_path(run.code)]


@pytest.mark.slow
def test_a_damaged_source_cannot_say_which_line_changed(ws, run, tmp_path):
    """That the code is another one is told by its hash all the same."""
    lies(ws, lifecycle.source_path(run.code)).write_bytes(b"no zip")
    (copied(tmp_path) / "base" / "added.py").write_text("", "utf-8")
    found = by(tmp_path, ws, "runs", "reproduce", run.run_id)
    assert found["reasons"]["code"] == "The code is another one, and the kept source of the one that ran is damaged."


# How far answers lie apart


def answers(*scores: float, **more: object) -> pd.DataFrame:
    """Return a table of answers about the same rows."""
    about = {"row": range(len(scores)), "part": "test", "row_hash": [f"h{one}" for one in range(len(scores))]}
    return pd.DataFrame({**about, "label": 0, "probability": scores, **more})


@pytest.mark.parametrize(
    ("scores", "verdict"),
    [
        ((0.1, 0.5), "equivalent"),
        ((0.1 + 9e-7, 0.5), "within_tolerance"),
        ((0.1, 0.5 - 1e-9), "different"),
        ((0.1 + 2e-6, 0.5), "different"),
    ],
    ids=["every answer equal", "by less than the tolerance", "a decision changes", "by more"],
)
def test_verdicts_about_other_bytes(ws, run, scores, verdict):
    """Equal to the last digit, near enough without another decision, or different."""
    frame = pd.read_parquet(io.BytesIO(ws.runs.file(run, "predictions.parquet"))).head(2)
    before, after = frame.assign(probability=[0.1, 0.5]), frame.assign(probability=scores)
    assert reproduce.verdict_of(reproduce.compare(before, after, 0.5)) == verdict


def test_other_rows_or_labels_are_different(ws, run):
    """There is nothing to compare one by one."""
    before = answers(0.1, 0.2)
    for after in (answers(0.1, 0.2, row=[0, 2]), answers(0.1, 0.2, label=1), answers(0.1), answers(0.1, 0.2, more=1)):
        assert reproduce.compare(before, after, 0.5) is None
    assert reproduce.verdict_of(None) == "different"


def test_numbers_are_compared_by_their_size_and_classes_by_the_likeliest():
    """A regression has no decisions; of several classes the likeliest is one."""
    numbers = answers(1e9, 1.0).rename(columns={"probability": "prediction"})
    near = numbers.assign(prediction=[1e9 + 100, 1.0])
    assert reproduce.compare(numbers, near, None) == {"rows": 2, "changed": 1, "flipped": None, "largest": 1e-7}
    classes = answers(0.5, 0.4).rename(columns={"probability": "probability_a"}).assign(probability_b=[0.3, 0.39])
    other = classes.assign(probability_b=[0.3, 0.41])
    assert reproduce.compare(classes, other, None)["flipped"] == 1


def test_another_file_with_the_same_answers_is_equivalent(ws, run):
    """As if another release of a package had written the model: its bytes differ, what it says does not."""
    with ws._ledger.write() as tx:
        tx.append("run.note", run.run_id, {"model_sha256": "0" * 64})
    assert again(ws, ws.runs.get(run.run_id)).verdict == "equivalent"


# The fresh process


@pytest.mark.slow
def test_what_a_listener_raises_ends_it_and_nothing_is_recorded(ws, run):
    """A screen that is drawn anew, or a button: the process is gone at once."""
    head = ws.head()

    def leave(step):
        raise RuntimeError(step.name)

    with pytest.raises(RuntimeError, match="load"):
        ws.reproduce(run.run_id, on_step=leave)
    assert ws.head() == head and [*(ws.path / "tmp").iterdir()] == []


def test_ctrl_c_cancels_it_and_nothing_is_recorded(ws, run):
    """Wherever it is heard."""
    head = ws.head()

    def press(step):
        raise KeyboardInterrupt

    with pytest.raises(Cancelled, match="nothing was recorded"):
        ws.reproduce(run.run_id, on_step=press)
    assert ws.head() == head and [*(ws.path / "tmp").iterdir()] == []


@pytest.mark.slow
def test_it_waits_while_another_program_holds_the_ledger(ws, run):
    """It took a training; that is not lost because somebody is busy for a while, and a listener hears of it."""
    ws._ledger.busy, heard, holder = 0.1, [], threading.Event()

    def hold() -> None:
        with closing(sqlite3.connect(ws.path / "ledger.db", isolation_level=None)) as connection:
            connection.execute("BEGIN EXCLUSIVE")
            holder.set()
            time.sleep(1.5)

    def listen(step):
        heard.append(step.name)
        if (step.name, step.status) == ("package", "done"):
            threading.Thread(target=hold).start()
            holder.wait()

    assert ws.reproduce(run.run_id, on_step=listen).verdict == "identical" and heard[-1] == WAITS


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGKILL")
def test_it_ends_with_whoever_asked_for_it(ws, tmp_path):
    """Killed amid a long fit; what it left in tmp is cleared by whoever writes next."""
    long = "model: {type: gradient_boosting, n_estimators: 9999, max_depth: 8}\ntraining: {test_size: 0.5}\n"
    run = ws.train(long.replace("9999", "1"))
    config = lies(ws, run.file("config.yaml"))
    config.write_text(config.read_text("utf-8").replace("n_estimators: 1\n", "n_estimators: 9999\n"), "utf-8")
    line = [sys.executable, "-m", "mlops", "--workspace", str(ws.path), "runs", "reproduce", run.run_id]
    asking = subprocess.Popen(line, stderr=subprocess.PIPE, cwd=ROOT)
    assert asking.stderr is not None
    while b"prepare" not in asking.stderr.readline():
        pass
    time.sleep(1)  # it fits now, and says nothing for a minute
    asking.kill()
    asking.wait()
    [stage] = (ws.path / "tmp").iterdir()
    until = time.monotonic() + 20  # long before the fit would end by itself
    while list(stage.glob("again-*/lock")) and time.monotonic() < until and locks.is_held(*stage.glob("again-*/lock")):
        time.sleep(0.05)
    assert not locks.is_held(*stage.glob("again-*/lock"))
    assert [problem["where"] for problem in ws.verify()["problems"]] == [run.file("config.yaml")]
    ws.runs.note(run.run_id, "next")
    assert [*(ws.path / "tmp").iterdir()] == []


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="a Ctrl-C for one process alone")
def test_ctrl_c_on_a_terminal_leaves_nothing_behind(ws, run):
    """Amid a fit that says nothing: exit code 1, one line, no event, no process, no file."""
    config, head = lies(ws, run.file("config.yaml")), ws.head()
    config.write_text(config.read_text("utf-8").replace("n_estimators: 5\n", "n_estimators: 9999\n"), "utf-8")
    line = [sys.executable, "-m", "mlops", "--workspace", str(ws.path), "runs", "reproduce", run.run_id]
    with subprocess.Popen(line, stderr=subprocess.PIPE, cwd=ROOT, text=True) as asking:
        assert asking.stderr is not None
        while "prepare" not in asking.stderr.readline():
            pass
        time.sleep(1)
        began = time.monotonic()
        asking.send_signal(signal.SIGINT)
        said = asking.stderr.read()
    assert (asking.returncode, ws.head()) == (1, head) and time.monotonic() - began < 5
    assert said == "Error: Reproducing was cancelled; nothing was recorded. Try again any time.\n"
    assert [*(ws.path / "tmp").iterdir()] == []


def test_a_process_that_dies_is_an_error_and_no_verdict(ws, run, tmp_path, monkeypatch):
    """It says something of this machine, not of the run; its last words are handed on."""
    head = ws.head()
    (tmp_path / "pandas.py").write_text("raise MemoryError('no room')\n", "utf-8")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    with pytest.raises(MlopsError, match="The process that was to train ended: MemoryError: no room"):
        ws.reproduce(run.run_id)
    assert ws.head() == head and [*(ws.path / "tmp").iterdir()] == []


def test_an_interpreter_that_cannot_train_says_why(ws, run, tmp_path):
    """None at all, a file that is no program, or one without the packages; nothing is recorded."""
    head = ws.head()
    with pytest.raises(InvalidError, match="There is no Python at"):
        ws.reproduce(run.run_id, python=tmp_path / "python")
    (tmp_path / "notes.txt").write_text("no program", "utf-8")
    with pytest.raises(InvalidError, match="notes.txt' cannot be started: "):
        ws.reproduce(run.run_id, python=tmp_path / "notes.txt")
    venv.EnvBuilder(symlinks=os.name != "nt").create(tmp_path / "env")
    bare = tmp_path / "env" / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    with pytest.raises(InvalidError, match="could not train: ModuleNotFoundError: No module named"):
        ws.reproduce(run.run_id, python=bare)
    assert ws.head() == head


@pytest.mark.tools
def test_an_environment_that_pip_made_of_the_run_s_own_file(ws, run, tmp_path):
    """With its requirements.txt everything is as it was; with another release of one package, that one is named."""
    python = tmp_path / "env" / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    venv.create(tmp_path / "env", with_pip=True)
    (tmp_path / "requirements.txt").write_text(ws.runs.text(run.run_id, "requirements.txt"), "utf-8")
    pip = [str(python), "-m", "pip", "install", "-q", "--retries", "1"]
    done = subprocess.run([*pip, "-r", str(tmp_path / "requirements.txt")], capture_output=True, text=True)
    if done.returncode:
        pytest.skip(f"no registry answers with the packages: {done.stderr.strip().splitlines()[-1]}")
    found = ws.reproduce(run.run_id, python=python)
    assert (found.verdict, found.first_divergence) == ("identical", None)

    subprocess.run([*pip, "scikit-learn==1.8.0"], check=True)
    found = ws.reproduce(run.run_id, python=python)
    assert (found.first_divergence, differing(found)) == ("package", ["package"])
    assert check_of(found, "package") == ({"scikit-learn": "1.9.1"}, {"scikit-learn": "1.8.0"})
    assert found.verdict in ("equivalent", "within_tolerance", "different")
