"""Runs: what went in, what came out, and who is still working on it."""

from __future__ import annotations

import hashlib
import math

import pytest

from mlops.base.errors import IntegrityError, InvalidError, NotFoundError
from mlops.experiments.progress import STEPS
from tests.conftest import LOGISTIC, STUMP


@pytest.fixture
def several(trained):
    """Three runs: the stump of the base, a logistic model of a team, and one that was logged from elsewhere."""
    stump = trained.runs.list()[0]
    logistic = trained.train(LOGISTIC, tags={"team": "blue"})
    foreign = trained.runs.log("foreign", {"model.type": "svm"}, {"validation": {"auc": 0.1}})
    return trained, {"stump": stump.run_id, "logistic": logistic.run_id, "foreign": foreign.run_id}


# Finding


def test_a_run_is_found_by_the_beginning_of_its_id(trained):
    """As long as it is the only one; otherwise the latest ids are named."""
    run = trained.runs.list()[0]
    assert trained.runs.get(run.run_id[:4]) == run
    with pytest.raises(NotFoundError, match=run.run_id):
        trained.runs.get("nothing")


def test_runs_come_newest_first_and_no_more_than_asked(several):
    """The list is the history of experiments, read backwards."""
    ws, ids = several
    assert [run.run_id for run in ws.runs.list()] == [ids["foreign"], ids["logistic"], ids["stump"]]
    assert [run.run_id for run in ws.runs.list(limit=1)] == [ids["foreign"]]
    assert ws.runs.list(limit=0) == []


def test_a_negative_limit_is_refused(trained):
    """It means nothing."""
    with pytest.raises(InvalidError, match="-1 is negative"):
        trained.runs.list(limit=-1)


@pytest.mark.parametrize(
    ("where", "found"),
    [
        ("params.model.type = 'svm'", ["foreign"]),
        ("tags.team = 'blue'", ["logistic"]),
        ("data.name = 'customers' and not params.model.n_estimators = 1", ["logistic"]),
        ("metrics.test.auc > 0", ["logistic", "stump"]),
        ("seed = 42", ["logistic", "stump"]),
        ("status = 'failed'", []),
    ],
)
def test_runs_are_found_by_what_went_in_and_what_came_out(several, where, found):
    """One condition over parameters, metrics, tags, data and status."""
    ws, ids = several
    assert [run.run_id for run in ws.runs.list(where)] == [ids[name] for name in found]


def test_runs_are_sorted_by_a_field_and_those_without_it_come_last(several):
    """Upwards, or downwards with a minus."""
    ws, ids = several
    assert ws.runs.list(sort="-metrics.validation.auc")[-1].run_id == ids["foreign"]
    assert ws.runs.list(sort="metrics.validation.auc")[0].run_id == ids["foreign"]
    assert ws.runs.list(sort="-metrics.test.auc")[-1].run_id == ids["foreign"]


# Comparing


def test_runs_on_the_same_rows_can_be_ranked(several):
    """What differs in what went in is named, and every metric stands side by side."""
    ws, ids = several
    comparison = ws.comparisons.compare([ids["stump"], ids["logistic"]])
    assert comparison.same_rows
    [kind] = [entry for entry in comparison.differs if entry["key"] == "model.type"]
    assert (kind["what"], kind["values"]) == ("config", ("gradient_boosting", "logistic_regression"))
    assert "validation.auc" in [entry["metric"] for entry in comparison.metrics]


@pytest.mark.parametrize("change", [{"training.random_state": 1}, {"training.validation_size": 0.3}])
def test_runs_on_other_rows_cannot_be_ranked(trained, change):
    """Another split measures on other customers."""
    other = trained.train(STUMP, overrides=change)
    assert not trained.comparisons.compare([trained.runs.list()[-1].run_id, other.run_id]).same_rows


def test_rows_that_nobody_named_cannot_be_ranked(ws):
    """Two foreign runs do not say what they were measured on."""
    pair = [ws.runs.log(name, {}, {"validation": {"auc": 0.5}}).run_id for name in ("one", "other")]
    assert not ws.comparisons.compare(pair).same_rows


def test_another_seed_is_named_once(trained):
    """As the seed, and not also as a key of the config."""
    other = trained.train(STUMP, seed=1)
    differs = trained.comparisons.compare([trained.runs.list()[-1].run_id, other.run_id]).differs
    named = [(entry["what"], entry["key"], entry["values"]) for entry in differs if entry["what"] != "code"]
    assert named == [("seed", "seed", (42, 1))]


def test_one_run_cannot_be_compared(trained):
    """A comparison takes two."""
    with pytest.raises(InvalidError, match="1 run cannot be compared"):
        trained.comparisons.compare([trained.runs.list()[0].run_id])


# Annotating


def test_a_note_is_replaced_and_a_tag_changes_its_value(trained):
    """Nothing else changes, other tags stay, and the history keeps what was said before."""
    run = trained.runs.list()[0]
    for text in ("good", "better"):
        trained.runs.note(run.run_id, text)
        trained.runs.tag(run.run_id, "verdict", text)
    changed = trained.runs.tag(run.run_id, "team", "blue")
    assert changed.as_dict() == run.as_dict() | {"note": "better", "tags": {"verdict": "better", "team": "blue"}}
    assert [event["kind"] for event in trained.log()[-5:]] == ["run.note", "run.tag"] * 2 + ["run.tag"]


def test_a_note_that_is_no_note_is_refused_before_the_training(trained):
    """Nobody waits for a training that cannot be recorded."""
    before = trained.head()
    with pytest.raises(InvalidError, match="at most 2000"):
        trained.train(STUMP, note="x" * 2001)
    assert trained.head() == before


@pytest.mark.parametrize("key", ["", "1st", "two words", "a=b", "é", "x" * 64])
def test_a_tag_that_cannot_be_searched_is_refused(trained, key):
    """Neither later nor with the training, which does not begin; nothing is recorded."""
    before = trained.head()
    with pytest.raises(InvalidError, match="cannot be the key of a tag"):
        trained.runs.tag(trained.runs.list()[0].run_id, key, "value")
    with pytest.raises(InvalidError, match="cannot be the key of a tag"):
        trained.train(STUMP, tags={key: "value"})
    assert trained.head() == before


# Files


def test_the_files_of_a_run_tell_how_it_came_about(trained):
    """The log has every step, the config trains the same model again, the document is the record and more."""
    run = trained.runs.list()[0]
    log = trained.runs.text(run.run_id, "train.log").splitlines()
    assert log[0].startswith(f"run {run.run_id}") and [line.split()[0] for line in log[1:]] == list(STEPS)
    assert trained.train(trained.runs.text(run.run_id, "config.yaml")).model_sha256 == run.model_sha256
    assert "scikit-learn==" in trained.runs.text(run.run_id, "requirements.txt")
    assert {"roc", "precision_recall", "confusion", "training"} == set(trained.runs.curves(run.run_id))
    later = {"reproduced"}  # what became of it afterwards stands in answers only
    known = {key: value for key, value in run.as_dict().items() if key not in later}
    assert {key: trained.runs.document(run.run_id).get(key) for key in known} == known


def test_every_row_has_a_part_and_a_score(trained, customers):
    """The predictions name each row once, with its outcome and the part of the split it fell into."""
    scored = trained.runs.predictions(trained.runs.list()[0].run_id)
    assert sorted(scored["row"]) == list(range(600))
    assert scored["part"].value_counts().to_dict() == {"test": 300, "train": 240, "validation": 60}
    assert scored["label"].tolist() == customers["churn"].to_numpy()[scored["row"]].tolist()
    assert scored["probability"].between(0, 1).all() and scored["row_hash"].is_unique


def test_the_hashes_of_a_run_are_those_of_its_files(trained):
    """Anyone can check them with a tool of their own."""
    run = trained.runs.list()[0]
    for name, sha256 in (("model.joblib", run.model_sha256), ("predictions.parquet", run.predictions_sha256)):
        assert hashlib.sha256((trained.path / run.file(name)).read_bytes()).hexdigest() == sha256


def test_changed_bytes_are_not_shown_as_a_file_of_the_run(trained):
    """The text would be somebody else's."""
    run = trained.runs.list()[0]
    file = trained.path / run.file("train.log")
    file.unlink()
    file.write_bytes(b"all is well\n")
    with pytest.raises(IntegrityError, match=r"train\.log is not the file that was recorded"):
        trained.runs.text(run.run_id, "train.log")


# Elsewhere


def test_a_training_from_elsewhere_is_one_event_with_its_files(ws, tmp_path):
    """Its parameters, metrics and files are kept; it has no model that could be registered."""
    (plot := tmp_path / "plot.svg").write_text("<svg/>")
    run = ws.runs.log("elsewhere", {"depth": 3}, {"test": {"auc": 0.7}}, [plot], note="by hand", tags={"by": "ada"})
    assert ws.runs.get(run.run_id) == run and (run.status, run.model_sha256) == ("finished", None)
    assert ws.runs.file(run, "plot.svg") == b"<svg/>"
    assert [event["kind"] for event in ws.log()] == ["run.log"]


GOOD = {"test": {"auc": 0.7}}


@pytest.mark.parametrize(
    ("metrics", "file", "said"),
    [
        ({"auc": 0.7}, "plot.svg", "has no splits"),
        (GOOD, "missing.svg", "There is no file"),
        (GOOD, "run.json", "cannot name a file of a run"),
        (GOOD, "two words.svg", "cannot name a file of a run"),
        ({"test": {"auc": math.nan}}, "plot.svg", "cannot be kept: .*nan"),
        ({"test": {"auc": object()}}, "plot.svg", "cannot be kept: .*object"),
    ],
)
def test_what_cannot_be_kept_of_a_foreign_run_is_refused(ws, tmp_path, metrics, file, said):
    """Before anything is recorded."""
    for name in ("plot.svg", "run.json", "two words.svg"):
        (tmp_path / name).write_text("<svg/>")
    with pytest.raises((InvalidError, NotFoundError), match=said):
        ws.runs.log("elsewhere", {}, metrics, [tmp_path / file])
    assert ws.log() == []


def test_a_tag_that_was_taken_away_is_not_found_any_more(trained):
    """The history still tells that it was there."""
    run = trained.runs.list()[0]
    trained.runs.tag(run.run_id, "team", "growth")
    assert trained.runs.untag(run.run_id, "team").tags == {}
    assert trained.runs.list("tags.team = 'growth'") == [] and trained.verify()["ok"]
    assert [event["kind"] for event in trained.log()[-2:]] == ["run.tag", "run.untag"]


def test_looks_at_the_test_metrics_are_counted(trained):
    """Every look is an event, so the history tells who looked and when."""
    run = trained.runs.list()[0]
    assert run.test_opened == 0
    trained.runs.open_test(run.run_id)
    assert trained.runs.open_test(run.run_id).test_opened == 2
    assert [event["kind"] for event in trained.log()[-2:]] == ["run.open_test"] * 2


# Some fields of many runs


def test_a_table_of_fields_says_what_the_runs_say(trained):
    """Every field that a search knows, and the three that only a table knows, in the order of a search."""
    trained.runs.tag(trained.train(STUMP, overrides={"training.random_state": 7}).run_id, "try.one", 'a "b"')
    fields = [*trained.runs.fields(), "note", "tags", "intervals.validation.auc", "params.nowhere"]
    rows = trained.runs.table(fields, sort="seed")
    assert [row["seed"] for row in rows] == [7, 42]
    for row, run in zip(rows, trained.runs.list(sort="seed"), strict=True):
        assert row["run_id"] == run.run_id and row["metrics.test.auc"] == run.metrics["test"]["auc"]
        assert row["params.model.type"] == run.params["model.type"] and row["tags"] == dict(run.tags)
        assert row["intervals.validation.auc"] == list(run.intervals["validation"]["auc"])
        assert row.get("tags.try.one") == run.tags.get("try.one") and row["params.nowhere"] is None


def test_a_field_that_no_search_could_name_is_refused(trained):
    """A quote would end the path into the record."""
    with pytest.raises(InvalidError, match="is no field"):
        trained.runs.table(['params.a" || 1'])


# Working


def test_a_run_is_running_while_its_process_works_on_it(trained):
    """Whoever looks meanwhile sees it running."""
    seen: set[str] = set()
    trained.train(STUMP, on_step=lambda _: seen.add(trained.runs.list()[0].status))
    assert seen == {"running"} and trained.runs.list()[0].status == "finished"


@pytest.mark.parametrize("lock_stays", [False, True])
def test_a_run_that_nobody_works_on_was_interrupted(trained, tmp_path, lock_stays):
    """A copy made amid a training has the run and no process: the first reader records that, and only the first."""
    copies = []
    run = trained.train(STUMP, on_step=lambda step: copies.append(trained.fork(tmp_path / f"{len(copies)}")))
    ws = copies[0]
    if lock_stays:  # a killed process leaves the file; the system has freed the lock
        (ws.path / "tmp").mkdir(exist_ok=True)
        (ws.path / "tmp" / f"{run.run_id}.lock").touch()
    before = ws.head()
    found = ws.runs.get(run.run_id)
    assert (found.status, found.error, found.model_sha256) == ("interrupted", "The process ended.", None)
    assert ws.runs.list()[0] == found and [event["kind"] for event in ws.log(before)] == ["run.interrupt"]
    assert ws.verify()["ok"] and trained.runs.get(run.run_id).status == "finished"
