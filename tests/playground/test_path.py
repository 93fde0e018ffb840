"""The path from data to a live model and back, by commands alone, on one simulated year."""

from __future__ import annotations

import csv
import hashlib
import io
import json
from itertools import pairwise
from pathlib import Path
from typing import Any

import joblib
import pandas as pd
import pytest

from tests.shell import Shell

STUMP = "model: {type: gradient_boosting, n_estimators: 1, max_depth: 1}\ntraining: {test_size: 0.5}\n"
BOOSTING = "model: {type: gradient_boosting, n_estimators: 30, max_depth: 2}\ntraining: {test_size: 0.5}\n"
LOGISTIC = "model: {type: logistic_regression}\ntraining: {test_size: 0.5}\nthresholds: {churn: 0.35}\n"
CONFIGS = {"1.0.0": STUMP, "1.1.0": BOOSTING, "1.2.0": LOGISTIC}
RELEASED = {"1.0.0": "2024-02-01T09:00:00Z", "1.1.0": "2024-03-01T09:00:00Z", "1.2.0": "2024-04-01T09:00:00Z"}


@pytest.fixture(scope="module")
def story(customers_csv: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """Walk the whole path once; keep what every command said."""
    folder = tmp_path_factory.mktemp("path")
    shell = Shell(folder / "workspace")
    said: dict[str, Any] = {"shell": shell, "folder": folder, "csv": customers_csv, "models": {}}
    shell.get("init")
    shell.get("clock", "set", "2024-01-10T09:00:00Z")
    columns = ("--target", "churn", "--id", "customer_id")
    said["data"] = shell.get("data", "add", customers_csv, "--name", "customers", *columns)
    for version, config in CONFIGS.items():
        (folder / "config.yaml").write_text(config)
        run = shell.get("train", "--config", folder / "config.yaml")
        said["models"][version] = shell.get("models", "register", run["run_id"], "--name", "churn_model")
        shell.get("clock", "set", RELEASED[version])
        for environment in ("staging", "production"):
            shell.get("deploy", f"churn_model@{version}", "--env", environment, "--reason", "release")
    said["log before"] = shell.get("log")
    shell.get("clock", "set", "2024-05-01T09:00:00Z")
    said["scored"] = shell.get(
        "batch-predict", "--model", "@production", "--data", customers_csv, "--output", folder / "scored.csv"
    )
    back = ("rollback", "--env", "production", "--reason", "complaints")
    said["rollbacks"] = [shell.get(*back), shell.get(*back)]
    said["third rollback"] = shell(*back)
    said["log"] = shell.get("log")
    return said


def test_versions_of_a_model_are_suggested_in_order(story):
    """The first is 1.0.0; a new config is a new minor version."""
    assert [model["version"] for model in story["models"].values()] == ["1.0.0", "1.1.0", "1.2.0"]


@pytest.mark.parametrize(
    ("time", "version"),
    [
        ("2024-02-01T08:59:59.999999Z", None),
        ("2024-02-01T09:00:00Z", "1.0.0"),
        ("2024-03-15 14:00", "1.1.0"),
        ("2024-04-30T23:59:59+02:00", "1.2.0"),
    ],
)
def test_what_was_live_is_known_for_every_instant(story, time, version):
    """A model is live from its release on, until the next one, the end not included."""
    answer = story["shell"].get("live-at", time, "--env", "production", "--tz", "America/New_York")

    assert (answer["model"] and answer["model"]["version"]) == version


def test_the_answer_names_the_whole_chain(story):
    """From what was live one comes to the run, its data and its config."""
    shell = story["shell"]

    answer = shell.get("live-at", "2024-03-15T14:00:00-04:00", "--env", "production")

    run = shell.get("runs", "show", answer["run_id"])
    model = story["models"]["1.1.0"]
    assert answer["model"] == {key: model[key] for key in ("name", "version", "sha256")}
    assert answer["data"] == run["data"] == {key: story["data"][key] for key in ("name", "version", "sha256")}
    assert answer["config_sha256"] == run["config_sha256"]
    assert (answer["at"], answer["since"]) == ("2024-03-15T18:00:00.000000Z", "2024-03-01T09:00:00.000000Z")


def test_two_rollbacks_go_two_back_and_a_third_has_nowhere_to_go(story):
    """A rollback never returns to the model that was just left."""
    assert [deployment["model"]["version"] for deployment in story["rollbacks"]] == ["1.1.0", "1.0.0"]
    assert story["third rollback"].code == 1
    assert story["third rollback"].error["code"] == "refused"


def test_the_timeline_is_one_chain_of_half_open_intervals(story):
    """Oldest first; each deployment ends where the next begins, and says what it replaced."""
    timeline = story["shell"].get("timeline", "--env", "production")

    assert [(d["action"], d["model"]["version"]) for d in timeline] == [
        *(("deploy", version) for version in CONFIGS),
        ("rollback", "1.1.0"),
        ("rollback", "1.0.0"),
    ]
    for before, after in pairwise(timeline):
        assert before["until"] == after["since"]
        assert after["replaced"] == before["model"]
    assert timeline[-1]["until"] is None


def test_the_old_log_is_an_exact_prefix_of_the_new_one(story):
    """History is appended, never rewritten - not even by a rollback."""
    before, after = story["log before"], story["log"]

    assert after[: len(before)] == before
    assert [event["seq"] for event in after] == [*range(1, len(after) + 1)]
    assert all(earlier["at"] <= later["at"] for earlier, later in pairwise(after))
    assert story["shell"].get("log", "--since", len(before)) == after[len(before) :]


def test_every_row_of_the_file_is_answered(story):
    """Rows in = rows out, in order, with the columns that the module promises."""
    answered = list(csv.DictReader(io.StringIO((story["folder"] / "scored.csv").read_text())))
    asked = list(csv.DictReader(io.StringIO(story["csv"].read_text())))

    assert (story["scored"]["input_rows"], story["scored"]["rows"], story["scored"]["rejected"]) == (600, 600, 0)
    assert [row["customer_id"] for row in answered] == [row["customer_id"] for row in asked]
    assert list(answered[0]) == ["customer_id", "churn_probability", "prediction", "predicted_at", "model_version"]


def test_one_row_the_file_and_the_plain_joblib_file_agree_in_every_digit(story):
    """There is one transform path, whatever the door."""
    shell, rows = story["shell"], pd.read_csv(story["csv"])
    scored = pd.read_csv(story["folder"] / "scored.csv", dtype=str)
    model = shell.get("models", "show", "churn_model@1.2.0")
    pipeline = joblib.load(shell.workspace / "models/churn_model/churn_model_v1.2.0.joblib")

    for position in (0, 1, 299, 599):
        row = json.loads(rows.iloc[position].to_json())
        one = shell.get("predict", "churn_model@1.2.0", "--row", json.dumps(row))
        plain = pipeline.predict_proba(rows.loc[[position], model["features"]])[0, 1]
        assert one["churn_probability"] == plain == float(scored["churn_probability"][position])
        assert str(one["prediction"]) == scored["prediction"][position]


def test_the_model_file_is_the_one_that_was_trained(story):
    """`sha256sum` of the file in models/ is what `models show` and the run say."""
    shell, model = story["shell"], story["models"]["1.2.0"]
    file = shell.workspace / "models/churn_model/churn_model_v1.2.0.joblib"

    sha256 = hashlib.sha256(file.read_bytes()).hexdigest()

    assert sha256 == shell.get("models", "show", "churn_model@v1.2.0")["sha256"]
    assert sha256 == shell.get("runs", "show", model["run_id"])["model_sha256"]
    assert shell.get("models", "verify", "churn_model@1.2.0")["ok"]


def test_the_json_beside_the_model_has_the_keys_of_the_module(story):
    """Version, origin, metrics, features and threshold travel with the model; the v is in the file name only."""
    metadata = json.loads((story["shell"].workspace / "models/churn_model/churn_model_v1.2.0.json").read_text())

    keys = {"version", "trained_at", "data_version", "git_commit", "metrics", "features", "threshold"}
    assert keys <= metadata.keys()
    assert (metadata["version"], metadata["data_version"], metadata["threshold"]) == ("1.2.0", "customers@1", 0.35)


def test_the_whole_workspace_verifies(story):
    """Every event and every file is as recorded."""
    report = story["shell"].get("verify")

    assert (report["ok"], report["problems"], report["events"]) == (True, [], len(story["log"]))
    assert report["head_sha256"] == story["log"][-1]["sha256"]
