"""The pipeline: seven steps on record, a cache that changes nothing, and an end for every beginning."""

from __future__ import annotations

import os
import shutil

import joblib
import pandas as pd
import pytest

from mlops import Workspace
from mlops.base import cache, provenance
from mlops.base.errors import Cancelled, ConfigError, DataError, MlopsError
from mlops.experiments.progress import STEPS
from mlops.training import pipeline
from tests.conftest import LOGISTIC, STUMP, customers_frame

PREPARING, LEARNING = STEPS[:4], STEPS[4:]


@pytest.fixture
def fresh(ws, customers_csv) -> Workspace:
    """A workspace with customers@1 and no run."""
    ws.datasets.add(customers_csv, name="customers", target="churn", id="customer_id")
    return ws


@pytest.fixture
def learn(ws, tmp_path):
    """Add a frame of customers as data of the empty workspace, and train on it."""

    def train(frame, config=STUMP, target="churn", **roles):
        frame.to_csv(tmp_path / "rows.csv", index=False)
        ws.datasets.add(tmp_path / "rows.csv", name="rows", target=target, id="customer_id", **roles)
        return ws.train(config)

    return train


def cached(run) -> list[str]:
    return [step["name"] for step in run.steps if step["cached"]]


# Steps


def test_a_training_is_seven_steps_with_their_rows(fresh):
    """Each step says how many rows it worked on; half of 600 is the test, a fifth of the rest the validation."""
    run = fresh.train(STUMP)
    rows = {step["name"]: step["rows"] for step in run.steps}
    assert tuple(rows) == STEPS and {step["status"] for step in run.steps} == {"done"}
    assert [rows[name] for name in PREPARING] == [600] * 4
    assert (rows["train"], rows["evaluate"], rows["package"]) == (240, 360, None)
    assert run.duration_s >= sum(step["duration_s"] for step in run.steps) > 0


def test_a_listener_hears_every_beginning_and_every_end(fresh):
    """In order, so that a screen can draw along."""
    heard = []
    fresh.train(STUMP, on_step=lambda step: heard.append((step.name, step.status)))
    assert heard == [(name, status) for name in STEPS for status in ("running", "done")]


def test_a_training_is_two_events(fresh):
    """It began, it ended; the end names all of its files."""
    before = fresh.head()
    run = fresh.train(STUMP)
    began, ended = fresh.log(before)
    assert (began["kind"], ended["kind"], ended["subject"]) == ("run.start", "run.end", run.run_id)
    assert {path.name for path in (fresh.path / "experiments" / run.run_id).iterdir()} == {
        *("run.json", "config.yaml", "metrics.json", "requirements.txt", "environment.yml", "train.log"),
        *("model.joblib", "predictions.parquet", "curves.json"),
    }
    assert list((fresh.path / "tmp").iterdir()) == []


def test_a_run_records_the_roles_and_the_outcomes_it_learned_with(ws, tmp_path):
    """What its data was for, and which outcomes it was given until when: enough to give it the same again."""
    ws.set_clock("2024-02-01T00:00:00Z")
    rows = customers_frame(300)
    rows.drop(columns="churn").to_csv(tmp_path / "rows.csv", index=False)
    customers_frame(200, seed=1).to_csv(tmp_path / "first.csv", index=False)
    rows[["customer_id", "churn"]].assign(known_at="2024-01-31").to_csv(tmp_path / "known.csv", index=False)
    ws.datasets.add(tmp_path / "first.csv", "rows", target="churn", id="customer_id", group="region")
    ws.datasets.add(tmp_path / "rows.csv", "rows")
    added = ws.outcomes.add(tmp_path / "known.csv", "rows")

    run = ws.train(STUMP)

    assert dict(run.roles) == {
        "target": "churn", "id": "customer_id", "time": None, "group": "region", "task": "binary", "positive": 1,
    }  # fmt: skip
    assert run.outcomes["known_until"] == run.started_at
    assert run.outcomes["sets"] == ({"labels_id": added.labels_id, "sha256": added.sha256},)
    assert len(run.outcomes["sha256"]) == 64 and ws.runs.document(run.run_id)["roles"] == dict(run.roles)
    assert ws.train(STUMP).outcomes == run.outcomes


@pytest.mark.parametrize("config", [STUMP, LOGISTIC])
def test_a_run_can_be_repeated_from_what_it_records(fresh, config):
    """The same bytes, whatever the cache holds; nothing is recorded and nothing kept."""
    run = fresh.train(config)
    before = fresh.log(), sorted(fresh.path.rglob("*"))
    shutil.rmtree(fresh.path / "cache")

    again = pipeline.repeat(fresh._ledger, fresh._artifacts, run)

    assert {key: again[key] for key in ("model_sha256", "predictions_sha256")} == {
        "model_sha256": run.model_sha256, "predictions_sha256": run.predictions_sha256,
    }  # fmt: skip
    left = [path for path in before[1] if "cache" not in path.parts]
    assert (fresh.log(), sorted(fresh.path.rglob("*"))) == (before[0], left)


# Cache


def test_the_same_rows_with_other_roles_are_prepared_anew(fresh, customers_csv):
    """A column that groups the rows, or tells their time, is no feature; what another run prepared does not make it one."""
    first = fresh.train(STUMP)
    fresh.datasets.add(customers_csv, "customers", group="region")
    second = fresh.train(STUMP)
    features = [
        {feature["name"] for feature in fresh.runs.document(run.run_id)["signature"]["features"]}
        for run in (first, second)
    ]
    assert features[0] - features[1] == {"region"} and cached(second) == []


def test_another_model_on_the_same_data_starts_at_the_training(fresh):
    """Of the first run nothing was there; the second finds the first four steps done."""
    first, second = fresh.train(STUMP), fresh.train(STUMP, overrides={"model.max_depth": 2})
    assert cached(first) == [] and cached(second) == list(PREPARING)
    made_by = [row["preparation.made_by"] for row in fresh.runs.table(["preparation.made_by"], limit=2)]
    assert made_by == [first.run_id] * 2, "Whoever looks can go to the run that did them."
    assert [step["rows"] for step in second.steps] == [step["rows"] for step in first.steps]


@pytest.mark.parametrize(
    "change", [{"training.test_size": 0.4}, {"training.random_state": 1}, {"features.exclude": ["region"]}]
)
def test_what_changes_the_prepared_data_is_prepared_anew(fresh, change):
    """Another split, another seed, other features."""
    fresh.train(STUMP)
    assert cached(fresh.train(STUMP, overrides=change)) == []


@pytest.mark.parametrize("config", [STUMP, LOGISTIC], ids=["dense", "sparse"])
def test_the_cache_does_not_change_the_model(fresh, config):
    """Equal bytes with the cache, without it, and after it is gone."""
    first, second = fresh.train(config), fresh.train(config)
    for file in (fresh.path / "cache").iterdir():
        file.unlink()
    third = fresh.train(config)
    assert [bool(cached(run)) for run in (first, second, third)] == [False, True, False]
    for what in ("model_sha256", "predictions_sha256", "metrics", "rows_sha256"):
        assert getattr(first, what) == getattr(second, what) == getattr(third, what)


def test_the_cache_keeps_to_its_limit_and_what_was_used_last_stays(fresh):
    """Using it counts, not only making it; parts that a killed writer of an older program left go as well."""
    folder, place = fresh.path / "cache", lambda key: cache.path(fresh._artifacts, key * 64, "joblib")
    keep = lambda key: cache.keep(fresh._artifacts, place(key), [b"x" * 43], limit=100)  # noqa: E731
    for second, key in enumerate("ab"):
        keep(key)
        os.utime(folder / f"{key * 32}.joblib", (second, second))
    (folder / f"{'a' * 32}.part-0123456789").write_bytes(b"half")
    assert cache.read(place("a")) == b"x" * 43 and cache.read(place("d")) is None
    assert keep("c")
    assert sorted(file.name[0] for file in folder.iterdir()) == ["a", "c"]
    assert all(".joblib" in file.name for file in folder.iterdir()) and fresh.verify()["leftovers"] == []


@pytest.mark.parametrize("damage", [b"", b"not a joblib file", None], ids=["empty", "garbage", "folder"])
def test_a_damaged_cache_is_not_loaded_and_costs_nothing(fresh, damage):
    """The steps are done again, the model is the same, and the next run finds a good cache."""
    first = fresh.train(STUMP)
    [file] = (fresh.path / "cache").iterdir()
    file.unlink()
    file.write_bytes(damage) if damage is not None else file.mkdir()
    second, third = fresh.train(STUMP), fresh.train(STUMP)
    assert cached(second) == [] and bool(cached(third)) is (damage is not None)
    assert first.model_sha256 == second.model_sha256 == third.model_sha256 and fresh.verify()["ok"]


def test_only_a_cache_that_this_history_names_is_loaded(fresh, tmp_path):
    """A file that another workspace made under the same key is code of strangers, however well it fits."""
    other = fresh.fork(tmp_path / "other")
    other.train(STUMP)
    (fresh.path / "cache").mkdir()
    [file] = (other.path / "cache").iterdir()
    (fresh.path / "cache" / file.name).write_bytes(file.read_bytes())
    assert cached(fresh.train(STUMP)) == []


def test_what_was_prepared_is_no_field_to_search_by(fresh):
    """Two facts of every run that nobody looks for would only slow the search down; also of a run that used them."""
    fresh.train(STUMP), fresh.train(STUMP)
    assert [field for field in fresh.runs.fields() if "prepar" in field] == []


# Seeds


def test_without_a_seed_a_run_is_flagged_and_nothing_is_kept_for_the_next(fresh):
    """Every unseeded training prepares its own split, and says that it cannot be repeated."""
    runs = [fresh.train(STUMP, seed=None) for _ in range(2)]
    assert [run.seed for run in runs] == [None, None] and not (fresh.path / "cache").exists()
    assert all([warning["code"] for warning in run.warnings][:1] == ["unseeded"] for run in runs)
    assert [cached(run) for run in runs] == [[], []] and runs[0].rows_sha256 != runs[1].rows_sha256


def test_an_unseeded_run_does_not_use_the_cache_of_a_seeded_one(fresh):
    """The seeded run before it is none of its business."""
    fresh.train(STUMP)
    assert cached(fresh.train(STUMP, seed=None)) == []


# Endings


def test_a_failed_step_is_recorded_with_its_reason(learn, ws, customers):
    """The person sees the error, the run keeps it, and the steps after it never began."""
    customers["churn"] = 0
    with pytest.raises(DataError, match="nothing can be learned from one class"):
        learn(customers, task="binary", positive=1)
    [run] = ws.runs.list()
    assert (run.status, run.model_sha256) == ("failed", None) and "nothing can be learned from one class" in run.error
    assert [step["status"] for step in run.steps] == ["done", "failed"] + ["waiting"] * 5
    assert "failed: " in ws.runs.text(run.run_id, "train.log") and ws.verify()["ok"]


def test_an_error_that_nobody_expected_becomes_a_failed_run(fresh):
    """Also a listener that breaks ends the run in words, and the next training works."""

    def break_down(step):
        if step.name == "train":
            raise RuntimeError("no screen")

    with pytest.raises(MlopsError, match=r"failed: RuntimeError: no screen\. See mlops runs show r"):
        fresh.train(STUMP, on_step=break_down)
    assert (fresh.runs.list()[0].status, fresh.runs.list()[0].error) == ("failed", "no screen")
    assert fresh.train(STUMP).status == "finished"


def test_a_listener_that_is_called_away_interrupts_the_run(fresh):
    """A screen that is drawn anew leaves by an exception that is no error; it goes its way, and the run says so."""

    class DrawnAnew(BaseException):
        pass

    def leave(step):
        if (step.name, step.status) == ("train", "running"):
            raise DrawnAnew

    with pytest.raises(DrawnAnew):
        fresh.train(STUMP, on_step=leave)
    run = fresh.runs.list()[0]
    assert run.status == "interrupted" and "left in the middle" in run.error
    assert [step["status"] for step in run.steps] == ["done"] * 4 + ["failed", "waiting", "waiting"]


@pytest.mark.parametrize("at", STEPS)
def test_ctrl_c_is_a_cancelled_run(fresh, at):
    """At any step: recorded, without a model, and nothing is locked or left over."""

    def press(step):
        if (step.name, step.status) == (at, "running"):
            raise KeyboardInterrupt

    with pytest.raises(Cancelled):
        fresh.train(STUMP, on_step=press)
    [run] = fresh.runs.list()
    assert (run.status, run.error, run.model_sha256) == ("cancelled", "Cancelled.", None)
    assert run.ended_at is not None and list((fresh.path / "tmp").iterdir()) == [] and fresh.verify()["ok"]


# Outcomes


def test_outcomes_are_learned_from_on_the_day_they_are_known(ws, tmp_path):
    """The same data and the same config: until the outcomes are known there is nothing to learn."""
    ws.set_clock("2024-01-01T00:00:00Z")
    frame = customers_frame(300)
    frame.to_csv(tmp_path / "rows.csv", index=False)
    ws.datasets.add(tmp_path / "rows.csv", name="rows", target="churn", id="customer_id")
    frame["customer_id"] = "new" + frame["customer_id"]
    frame.drop(columns="churn").to_csv(tmp_path / "rows.csv", index=False)
    ws.datasets.add(tmp_path / "rows.csv", name="rows")
    frame[["customer_id", "churn"]].assign(known_at="2024-02-01").to_csv(tmp_path / "outcomes.csv", index=False)
    ws.outcomes.add(tmp_path / "outcomes.csv", "rows")
    ws.set_clock("2024-01-31T23:59:59Z")
    with pytest.raises(DataError, match="on this date no outcome of it is known"):
        ws.train(STUMP, data="rows@2")
    assert ws.train(STUMP).data["version"] == 1
    ws.set_clock("2024-02-01T00:00:00Z")
    learned = ws.train(STUMP)
    assert (learned.data["version"], learned.steps[1]["rows"]) == (2, 300)


def test_new_outcomes_are_other_data_for_the_cache(ws, tmp_path):
    """Rows whose outcome is unknown are left out and counted; when it becomes known, the steps are done again."""
    frame = customers_frame(300)
    late = frame.loc[:49, ["customer_id", "churn"]]
    frame["churn"] = frame["churn"].astype("Int64").mask(frame.index < 50)
    frame.to_csv(tmp_path / "rows.csv", index=False)
    late.to_csv(tmp_path / "outcomes.csv", index=False)
    ws.datasets.add(tmp_path / "rows.csv", name="rows", target="churn", id="customer_id")
    before = ws.train(STUMP)
    ws.outcomes.add(tmp_path / "outcomes.csv", "rows")
    after = ws.train(STUMP)
    assert [before.steps[1]["rows"], after.steps[1]["rows"]] == [250, 300] and cached(after) == []
    assert "50 rows have no churn and were left out." in [warning["message"] for warning in before.warnings]
    assert "unlabelled_rows" not in [warning["code"] for warning in after.warnings]


# Blockers


@pytest.mark.parametrize(
    ("config", "target", "said"),
    [
        ("model: {type: ridge}\n", "churn", "ridge cannot learn a binary target. Use one of logistic_regression"),
        ("model: {type: logistic_regression}\n", "age", "logistic_regression cannot learn a regression target"),
        ("model: {type: dummy}\nfeatures: {exclude: [agee]}\n", "churn", r"names the column 'agee' \(features\)"),
        ("model: {type: dummy}\nfeatures: {include: [age, fee]}\n", "churn", r"names the column 'fee' \(features\)"),
        ("model: {type: dummy}\ntraining: {group: regoin}\n", "churn", r"names the column 'regoin' \(training.group\)"),
        ("model: {type: dummy}\nfeatures: {include: [signed_up, churn]}\n", "churn", "leaves no column as a feature"),
        # Short enough to be sent, too long to be read again with every default in it.
        (
            f"model: {{type: dummy}}\nfeatures: {{exclude: [{'age, ' * 4980} age]}}\n",
            "churn",
            "longer than any config needs",
        ),
    ],
)
def test_a_config_that_cannot_be_for_the_data_is_refused_before_a_run_begins(
    learn, ws, customers, config, target, said
):
    """What the columns tell is asked first, so nothing is recorded."""
    with pytest.raises(ConfigError, match=said) as refused:
        learn(customers, config, target)
    assert refused.value.next_step and ws.runs.list() == [] and not (ws.path / "experiments").exists()


def test_data_without_a_target_is_refused_and_nothing_is_recorded(ws, customers_csv):
    """Nothing is guessed."""
    ws.datasets.add(customers_csv, name="customers")
    with pytest.raises(DataError, match="has no target, so there is nothing to learn"):
        ws.train(STUMP)
    assert ws.head() == 1


@pytest.mark.parametrize(
    ("rows", "config", "said"),
    [
        ("churn in [0, 1] and index < 29", STUMP, "has 29 rows with a known 'churn'; training needs at least 30"),
        ("churn == 1", STUMP, "nothing can be learned from one class"),
        ("churn == 0 or customer_id in @two", STUMP, "churn has classes of few rows: 1 .2.; a class needs 3"),
        ("index < 60", STUMP.replace("0.5", "0.99"), "60 rows cannot be split"),
        (
            "index < 60",
            "model: {type: k_neighbors, n_neighbors: 50}\n",
            "n_neighbors is 50, but there are only 38 train",
        ),
    ],
)
def test_data_that_cannot_be_learned_from_ends_in_a_failed_run_and_no_model(learn, ws, customers, rows, config, said):
    """What shows only when the data is looked at is on record, with its reason."""
    two = customers.loc[customers["churn"] == 1, "customer_id"].head(2).tolist()
    with pytest.raises((DataError, ConfigError), match=said):
        learn(customers.query(rows, local_dict={"two": two}), config, task="binary", positive=1)
    assert [(run.status, run.model_sha256) for run in ws.runs.list()] == [("failed", None)]


@pytest.mark.parametrize("moment", ["%Y-%m-%d", "%Y-%m-%dT%H:%M:%S"])
def test_a_date_may_name_the_rows(ws, tmp_path, customers, moment):
    """It is an id like any other: in the examples of the model, in an answer and in what changed, as its ISO text."""
    days = pd.Timestamp("2000-01-01 10:00") + pd.to_timedelta(range(len(customers)), "D")
    rows = customers.assign(day=days.strftime(moment)).drop(columns="customer_id")
    rows.to_csv(tmp_path / "days.csv", index=False)
    rows.assign(age=rows["age"] + 1).to_csv(tmp_path / "later.csv", index=False)
    data = ws.datasets.add(tmp_path / "days.csv", "days", target="churn", id="day")
    assert data.column_types["day"] != "text"

    model = ws.models.register(ws.train(STUMP, data="days@1"), "days")

    example = ws.models.metadata(model)["examples"][0]["row"]
    assert ws.predict(model, example).as_dict()["day"] == example["day"] in set(rows["day"])
    ws.datasets.add(tmp_path / "later.csv", "days")
    assert ws.datasets.diff("days@1", "days@2").changes[0]["id"] == rows["day"][0]


def test_dates_are_no_features_and_that_is_said(fresh):
    """A date is left out with a warning that names it."""
    run = fresh.train(STUMP)
    assert [(w["code"], w["column"]) for w in run.warnings] == [("date_left_out", "signed_up")]


# What a model has learned from


def test_the_preprocessing_has_learned_from_the_train_rows_alone(fresh):
    """Centre and spread of a number are those of its train rows, gaps filled with their median; no other row helps."""
    run = fresh.train(LOGISTIC)
    seen = fresh.runs.predictions(run.run_id)
    rows = seen.loc[seen["part"] == "train", "row"].to_numpy()
    fees = fresh.datasets.table("customers@1").take(rows).column("monthly_fee").to_pandas()
    fees = fees.fillna(fees.median())
    model = joblib.load(fresh.path / run.file("model.joblib"))
    numbers = model.named_steps["columns"].named_transformers_["numbers"]
    position = fresh.runs.document(run.run_id)["signature"]["features"]
    position = [feature["name"] for feature in position if feature["type"] != "text"].index("monthly_fee")
    scaler = numbers.named_steps["standardscaler"]
    assert scaler.n_samples_seen_ == len(rows) == 240
    assert scaler.mean_[position] == pytest.approx(fees.mean(), rel=1e-12)
    assert scaler.scale_[position] == pytest.approx(fees.std(ddof=0), rel=1e-12)


def test_the_metrics_are_those_of_the_threshold(fresh):
    """Who counts as positive from 0.2 on is found more often; the metrics count the same rows as the answers do."""
    run = fresh.train(LOGISTIC, overrides={"thresholds.churn": 0.2})
    seen = fresh.runs.predictions(run.run_id)
    for part in ("train", "validation", "test"):
        rows = seen[seen["part"] == part]
        told, true = rows["probability"] >= 0.2, rows["label"] == 1
        assert run.metrics[part]["recall"] == pytest.approx((told & true).sum() / true.sum())
        assert run.metrics[part]["precision"] == pytest.approx((told & true).sum() / told.sum())


@pytest.mark.parametrize("type", ["random_forest", "gradient_boosting", "hist_gradient_boosting"])
def test_the_seed_of_a_run_is_that_of_its_model(fresh, type):
    """Not only of the split: another seed on the same rows draws other trees."""
    run = fresh.train(f"model: {{type: {type}}}\n", seed=7)
    model = joblib.load(fresh.path / run.file("model.joblib"))
    assert model[-1].random_state == run.seed == 7


def test_what_another_version_of_the_code_prepared_is_prepared_anew(fresh, monkeypatch):
    """A line that was changed in this package may prepare rows otherwise; its cache is no help."""
    fresh.train(STUMP)
    monkeypatch.setattr(provenance, "source_sha256", lambda: "0" * 64)
    assert cached(fresh.train(STUMP)) == [] and cached(fresh.train(STUMP)) == list(PREPARING)


def test_a_third_outcome_of_a_yes_or_no_is_refused(ws, tmp_path):
    """It would be learned as a no."""
    month = customers_frame(300).drop(columns="churn")
    customers_frame(300, seed=8).to_csv(tmp_path / "rows.csv", index=False)
    ws.datasets.add(tmp_path / "rows.csv", "rows", target="churn", id="customer_id")
    month["customer_id"] = "n" + month["customer_id"]
    month.to_csv(tmp_path / "rows.csv", index=False)
    ws.datasets.add(tmp_path / "rows.csv", "rows")
    month[["customer_id"]].assign(churn=[0, 1, 2] * 100).to_csv(tmp_path / "outcomes.csv", index=False)
    ws.outcomes.add(tmp_path / "outcomes.csv", "rows")
    with pytest.raises(DataError, match="churn of rows@2 is a yes or no, but its outcomes are 0, 1, 2"):
        ws.train(STUMP, data="rows@2")
