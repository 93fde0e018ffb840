"""Commands of production: the documents that other programs read, and what a person is told."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest

from tests.conftest import customers_frame
from tests.shell import Shell, mlops

MONTH = {"month", "n", "inputs", "outcomes", "estimate", "best", "reference", "versions"}
ALERT = {"id", "level", "what", "since", "status", "kind", "code", "month", "columns", "reason"}


@pytest.fixture
def year(released, tmp_path: Path) -> Shell:
    """A command line where March's customers were answered; in April it is known that their outcomes had other causes."""
    shell, frame = Shell(released.path), customers_frame(600, seed=3)
    frame["customer_id"] = [f"m-{number}" for number in range(600)]
    frame.drop(columns="churn").to_csv(tmp_path / "march.csv", index=False)
    luck = frame.assign(churn=frame["churn"].sample(frac=1, random_state=1).to_numpy())
    luck[["customer_id", "churn"]].assign(known_at="2024-04-30T23:59:59Z").to_csv(tmp_path / "known.csv", index=False)
    shell.get("clock", "set", "2024-03-05")
    shell.get("data", "add", tmp_path / "march.csv", "--name", "customers")
    report = shell.get("batch-predict", "--model", "@production", "--data", "customers@2")
    assert (report["data_version"], report["output"], report["month"], report["rows"]) == (
        "customers@2", None, "2024-03", 600,
    )  # fmt: skip
    shell.get("labels", "add", tmp_path / "known.csv", "--dataset", "customers")
    return shell


def test_the_document_of_monitor_has_every_key_of_every_month(year):
    """Unknown is null; outcomes appear in the instant in which they are known, and not before for ``--at`` either."""
    found = year.get("monitor", "--env", "production")
    assert (found["environment"], found["model"], found["alerts"]) == ("production", "churn_model", [])
    [month] = found["months"]
    assert set(month) == MONTH
    assert (month["month"], month["n"], month["outcomes"], month["best"]) == ("2024-03", 600, None, None)
    year.get("clock", "set", "2024-05-01")
    [after] = year.get("monitor", "--env", "production")["months"]
    assert {"known", "of", "auc", "low", "high", "brier"} <= after["outcomes"].keys()
    assert (after["outcomes"]["known"], after["outcomes"]["of"]) == (600, 600)
    assert {"auc", "low", "high"} <= after["estimate"].keys()
    assert year.get("monitor", "--env", "production", "--at", "2024-04-30T12:00:00Z")["months"] == [month]


def test_an_alert_goes_through_the_shell_from_raised_to_acknowledged(year):
    """Alarming is no failure: the exit code stays 0; the log has a line for each step."""
    year.get("clock", "set", "2024-05-01")
    [raised] = year.get("alerts", "update", "--env", "production")
    assert raised.keys() >= ALERT and (raised["level"], raised["status"]) == ("critical", "open")
    seen = year.get("alerts", "acknowledge", raised["id"], "--reason", "other causes")
    assert year.get("alerts", "list", "--env", "production") == [seen]
    assert year.get("monitor", "--env", "production")["alerts"] == [seen]
    lines = [json.loads(line) for line in (year.workspace / "alerts.log").read_text().splitlines()]
    assert [line["event"] for line in lines] == ["raise", "acknowledge"]


def test_a_person_reads_one_line_for_each_month(year):
    """With what is not known yet said as such."""
    told = mlops("--workspace", year.workspace, "monitor", "--env", "production").out
    header, month = told.splitlines()
    assert header.split() == ["MONTH", "ANSWERS", "INPUTS", "KNOWN", "REACHED", "ESTIMATED", "BEST", "RELEASE", "BY"]
    assert month.startswith("2024-03  600") and "none yet" in month and month.endswith("v1.1.0")


def test_without_a_file_the_answers_of_a_number_would_go_nowhere(year):
    """Refused before anything is done, with both ways out."""
    answer = year("batch-predict", "--model", "churn_model@1.1.0", "--data", "customers@2")
    assert (answer.code, "Name a file" in answer.error["next_step"]) == (1, True)
    assert pd.Series(year.get("log")).map(lambda event: event["kind"]).value_counts()["batch.predict"] == 1
