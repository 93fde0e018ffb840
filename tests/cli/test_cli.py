"""The command line: where it works, what it prints, how it ends, and the rules of each command."""

from __future__ import annotations

import gzip
import hashlib
import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import click
import pandas as pd
import pytest

from mlops import Workspace
from mlops.cli import cli
from tests.conftest import customers_frame
from tests.shell import Shell, mlops

ROOT = Path(__file__).resolve().parents[2]
STUMP = "model: {type: gradient_boosting, n_estimators: 1, max_depth: 1}\ntraining: {test_size: 0.5}\n"
LOGISTIC = "model: {type: logistic_regression}\ntraining: {test_size: 0.5}\n"
INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z")


@pytest.fixture
def shell(tmp_path: Path) -> Shell:
    """A command line whose workspace is not there yet."""
    return Shell(tmp_path / "workspace")


@pytest.fixture
def with_run(trained) -> Shell:
    """A command line in a workspace with customers@1 and one finished run."""
    return Shell(trained.path)


@pytest.fixture
def with_releases(released) -> Shell:
    """A command line in a workspace where churn_model 1.0.0, then 1.1.0 went live; today is 1 April 2024."""
    released.set_clock("2024-04-01T09:00:00Z")
    return Shell(released.path)


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """A config file that trains in a blink."""
    path = tmp_path / "stump.yaml"
    path.write_text(STUMP)
    return path


@pytest.fixture
def row(customers: pd.DataFrame) -> dict[str, Any]:
    """One customer as a caller would send it."""
    return json.loads(customers.iloc[0].drop(["customer_id", "churn", "signed_up"]).to_json())


def commands(group: click.Group, path: tuple[str, ...] = ()) -> list[tuple[str, ...]]:
    found = []
    for name, command in group.commands.items():
        found.append((*path, name))
        if isinstance(command, click.Group):
            found += commands(command, (*path, name))
    return found


def files(folder: Path) -> dict[str, str]:
    """Return the hash of every file below a folder."""
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in folder.rglob("*")
        if path.is_file()
    }


# Help


@pytest.mark.parametrize("command", [(), *commands(cli)], ids=" ".join)
def test_every_command_explains_itself(command):
    """--help gives a whole sentence, and an example where something must be said; no list in it is cut off."""
    answer = mlops(*command, "--help")

    assert (answer.code, answer.err) == (0, "")
    assert re.match(rf"Usage: .*{' '.join(command)} ", answer.out)
    assert re.search(r"^  [A-Z][^.:]+[.:]", answer.out, re.MULTILINE)
    assert "..." not in answer.out.partition("Commands:")[2]
    if "Commands:" not in answer.out and (
        f"{' '.join(command)} [OPTIONS] " in answer.out or "[required]" in answer.out
    ):
        assert f"    mlops {' '.join(command)} " in answer.out


@pytest.mark.parametrize(
    "command",
    [
        (), ("data",), ("runs", "show"), ("nonsense",), ("verify", "--nonsense"), ("runs", "show", "caf\udce9"),
        ("log", "--since", 10**20), ("runs", "list", "--limit", 10**20),
    ],
    ids=ascii,
)  # fmt: skip
def test_a_wrong_line_is_exit_2_and_one_document(command):
    """A usage error is told from a refusal by its exit code, and programs can read it."""
    answer = mlops(*command, "--json")

    assert answer.code == 2
    assert (answer.error["code"], answer.error["details"]) == ("usage", [])
    assert answer.err.count("\n") == 1


@pytest.mark.parametrize(
    "option",
    [("--seed", "abc"), ("--set", "max_depth"), ("--tag", "deep"), ("--env", "moon"), ("--json=1",)],
    ids=" ".join,
)
def test_an_option_that_cannot_be_read_is_a_wrong_line(shell, config, option):
    """Nothing was refused: the line does not say anything."""
    assert shell("train", "--config", config, *option).code == 2
    assert not shell.workspace.exists()


# The workspace


@pytest.mark.parametrize(
    "command",
    [
        "data list",
        "data show customers@1",
        "data profile customers@1",
        "data builtin iris",
        "labels add outcomes.csv --dataset customers",
        "runs list",
        "models list",
        "models register r1 --name m",
        "gate m@1.0.0 --env production",
        "gate-rule --env production",
        "deploy m@1.0.0 --env staging --reason x",
        "rollback --env production --reason x",
        "live-at 2024-03-15 --env production",
        "timeline --env production",
        "lineage customers@1",
        "predict @production --row {}",
        "clock show",
        "clock set 2024-01-01",
        "log",
        "verify",
    ],
)
def test_only_three_commands_make_a_workspace(shell, command):
    """Every other one exits 1 where there is none, and creates nothing."""
    answer = shell(*command.split())

    assert (answer.code, answer.error["code"]) == (1, "not_found")
    assert "mlops init" in answer.error["next_step"]
    assert not shell.workspace.exists()


@pytest.mark.parametrize("make_folder", [True, False], ids=["empty", "missing"])
def test_init_data_add_and_train_make_a_workspace(tmp_path, config, customers_csv, make_folder):
    """In a missing folder as well as in an empty one."""
    config.write_text(f"data: {{path: '{customers_csv}', target: churn}}\n{STUMP}")
    lines = [("init",), ("data", "add", customers_csv, "--name", "customers"), ("train", "--config", config)]

    for position, line in enumerate(lines):
        shell = Shell(tmp_path / str(position))
        if make_folder:
            shell.workspace.mkdir()
        shell.get(*line)
        assert shell.get("verify")["ok"]


def test_a_folder_with_something_else_is_left_alone(tmp_path):
    """A workspace is never made among other people's files."""
    (tmp_path / "thesis.txt").write_text("chapter 1")

    answer = Shell(tmp_path)("init")

    assert (answer.code, answer.error["code"]) == (1, "conflict")
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.txt"]


def test_a_workspace_that_cannot_be_made_is_refused(tmp_path):
    """In words, as everything else."""
    (tmp_path / "file").write_text("")

    assert Shell(tmp_path / "file" / "workspace")("init").error["code"] == "storage"


def test_the_option_wins_over_the_environment_and_that_over_the_default(tmp_path, monkeypatch):
    """--workspace, then MLOPS_WORKSPACE, then ./workspace."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("MLOPS_WORKSPACE", raising=False)
    assert mlops("init").code == 0
    monkeypatch.setenv("MLOPS_WORKSPACE", "second")
    assert mlops("init").code == 0
    assert mlops("init", "--workspace", "third").code == 0

    assert sorted(path.parent.name for path in tmp_path.glob("*/WORKSPACE.json")) == ["second", "third", "workspace"]


def test_shared_options_stand_anywhere(shell):
    """Before the command, between group and command, and at the end."""
    shell.get("init")
    where = ("--workspace", shell.workspace)

    lines = [
        ("--json", *where, "clock", "show"),
        ("clock", "--json", *where, "show"),
        ("clock", "show", *where, "--json"),
        (*where, "clock", "show", "--json"),
    ]

    assert all(mlops(*line).document["simulated"] is False for line in lines)


def test_init_twice_is_no_accident(shell):
    """A workspace that is there is opened, not made again."""
    assert shell.get("init")["id"] == shell.get("init")["id"]


def test_the_sample_comes_with_its_calendar(shell):
    """`init --sample` gives the company's customers and the month after the last cohort."""
    started = shell.get("init", "--sample")

    assert (started["dataset"], started["simulated"]) == ("customers@1", True)
    dataset = shell.get("data", "show", "customers")
    assert (dataset["target"], dataset["id"], dataset["task"]) == ("churn", "customer_id", "binary")
    assert started["now"] == dataset["created_at"]


# What is printed


READING = [
    "data list",
    "data show customers@1",
    "data profile customers@1",
    "data builtin",
    "data diff customers@1 customers@1",
    "runs list",
    "models list",
    "models show @production",
    "models verify churn_model@1.0.0",
    "gate churn_model@1.0.0 --env staging",
    "gate-rule --env production",
    "live-at 2024-03-15T14:00:00Z --env production",
    "live-at 2020-01-01T00:00:00Z --env production",
    "timeline --env production",
    "timeline --env development",
    "lineage customers@1",
    "lineage @production",
    "rollback --env production --dry-run",
    "clock show",
    "log",
    "verify",
]


@pytest.mark.parametrize("command", READING)
def test_an_answer_is_one_document_with_instants_in_utc(with_releases, command):
    """No NaN, no second document, nothing on the side; instants have microseconds and a Z."""
    document = with_releases.get(*command.split())

    def check(value: Any, key: str = "") -> None:
        if isinstance(value, dict):
            for name, inner in value.items():
                check(inner, name)
        elif isinstance(value, list):
            for inner in value:
                check(inner)
        elif key in ("at", "since", "until", "now") or key.endswith("_at"):
            assert value is None or INSTANT.fullmatch(value), (key, value)
        elif key.endswith("sha256") and isinstance(value, str):
            assert re.fullmatch("[0-9a-f]{64}", value)

    check(document)


@pytest.mark.parametrize("command", READING)
def test_without_json_people_get_text(with_releases, command):
    """The same answers, laid out."""
    answer = mlops("--workspace", with_releases.workspace, *command.split())

    assert answer.code == 0
    assert answer.out.strip() and not answer.out.lstrip().startswith(("{", "["))


def test_a_timeline_is_headed_by_words(with_releases):
    """Not by the keys of its document."""
    heading = mlops("--workspace", with_releases.workspace, "timeline", "--env", "production").out.splitlines()[0]

    assert heading.split() == ["DEPLOYMENT", "ACTION", "MODEL", "STATUS", "SINCE", "UNTIL", "BY", "REASON"]


def test_lineage_is_drawn_as_two_trees(with_releases):
    """What it came from, and what it led to, each thing once, in words."""
    answer = mlops("--workspace", with_releases.workspace, "lineage", "churn_model@1.0.0").out.splitlines()

    [down] = [at for at, line in enumerate(answer) if line.startswith("Led to 2 deployments (")]
    up = answer.index("Came from")
    assert answer[0].startswith("model churn_model@1.0.0: ")
    assert [line.split()[0] for line in answer[up + 1 : down - 1]] == ["run", "data", "code", "software", "config"]
    assert [line.strip().partition(" ")[0] for line in answer[down + 1 :]] == ["deployment"] * 2
    assert "in staging" in answer[down + 1] and "in production" in answer[down + 2]


@pytest.mark.parametrize("noun", ["data", "runs", "models"])
def test_a_list_is_a_bare_array_of_the_show_records_newest_first(with_releases, noun):
    """What `list` gives needs no second look."""
    listed = with_releases.get(noun, "list")

    times = [record.get("created_at") or record.get("started_at") or record["trained_at"] for record in listed]
    assert times == sorted(times, reverse=True)
    ids = {"data": "{name}@{version}", "runs": "{run_id}", "models": "{name}@{version}"}
    assert listed == [with_releases.get(noun, "show", ids[noun].format(**record)) for record in listed]


def test_progress_is_never_part_of_the_answer(with_run, config):
    """The steps of a training go to standard error."""
    answer = with_run("train", "--config", config)

    assert answer.document["status"] == "finished"
    assert [line.split()[0] for line in answer.err.splitlines()] == [
        "load", "validate", "split", "prepare", "train", "evaluate", "package",
    ]  # fmt: skip


def test_ctrl_c_is_an_answer_whatever_it_meets(with_run, monkeypatch):
    """Exit 1, one document, one line for people; what says more about its own end says that instead."""

    def interrupted(self, on_file=None):
        raise KeyboardInterrupt

    monkeypatch.setattr(Workspace, "verify", interrupted)
    answer = with_run("verify")
    assert (answer.code, answer.error["code"]) == (1, "cancelled")
    assert answer.err.strip() == "Error: It was cancelled. What was recorded by then is kept: see mlops log."


def test_a_refusal_says_value_rule_and_next_step_on_one_line(with_run):
    """For people on standard error, for programs in the document."""
    answer = with_run("data", "show", "customers@9")

    assert answer.code == 1
    assert set(answer.error) == {"code", "message", "next_step", "details"}
    assert answer.err == f"Error: {answer.error['message']} {answer.error['next_step']}\n"
    assert "'9'" in answer.err and "customers@1" in answer.err


def test_the_beginning_of_an_id_is_enough(with_run, config):
    """As long as only one id begins so."""
    other = with_run.get("train", "--config", config)["run_id"]
    first = with_run.get("runs", "list")[1]["run_id"]
    enough = next(length for length in range(1, len(first)) if first[:length] != other[:length])

    assert with_run.get("runs", "show", first[:enough])["run_id"] == first
    assert with_run("runs", "show", first[: enough - 1]).error["code"] == "not_found"


# Data


def test_content_that_is_there_is_not_added_again(shell, customers_csv, tmp_path):
    """Identity is content: the same table from csv, csv.gz and parquet is one version."""
    first = shell.get("data", "add", customers_csv, "--name", "customers", "-m", "first")
    (tmp_path / "c.csv.gz").write_bytes(gzip.compress(customers_csv.read_bytes()))
    shell.get("data", "checkout", "customers@1", "-o", tmp_path / "c.parquet")

    again = [
        shell.get("data", "add", path, "--name", "customers")
        for path in (customers_csv, tmp_path / "c.csv.gz", tmp_path / "c.parquet")
    ]

    assert first["created"] and not any(version["created"] for version in again)
    assert {(version["version"], version["sha256"], version["message"]) for version in again} == {
        (1, first["sha256"], "first")
    }


def test_one_edited_cell_is_named(with_run, customers, tmp_path):
    """The diff names the row by its id, the column, and the value before and after."""
    before = int(customers.loc[41, "age"])
    customers.loc[41, "age"] = before + 1
    customers.to_csv(tmp_path / "edited.csv", index=False)
    version = with_run.get("data", "add", tmp_path / "edited.csv", "--name", "customers")

    diff = with_run.get("data", "diff", "customers@1", "customers@v2")

    assert (version["parent"], version["target"], version["id"]) == (1, "churn", "customer_id")
    assert (diff["rows_added"], diff["rows_removed"], diff["rows_changed"]) == (0, 0, 1)
    assert diff["cells_changed"] == {"age": 1}
    assert diff["changes"] == [{"id": "c00042", "column": "age", "before": before, "after": before + 1}]


def test_checking_out_an_old_version_restores_it(with_run, customers_csv, tmp_path):
    """The file that comes back has the content that went in."""
    customers_csv.with_name("short.csv").write_text("".join(customers_csv.open().readlines()[:100]))
    with_run.get("data", "add", customers_csv.with_name("short.csv"), "--name", "customers")

    restored = with_run.get("data", "checkout", "customers@1", "-o", tmp_path / "back.csv")

    added = with_run.get("data", "add", tmp_path / "back.csv", "--name", "customers")
    assert (added["created"], added["version"], added["sha256"]) == (False, 1, restored["sha256"])


@pytest.mark.parametrize("version", ["customers@1", "customers@v1", "customers@latest", "customers"])
def test_a_version_of_data_has_many_spellings_and_one_name(with_run, version):
    """In JSON it is a whole number."""
    assert with_run.get("data", "show", version)["version"] == 1


def test_nothing_is_inferred_without_a_target(shell, customers_csv):
    """No target, no task, no positive class."""
    added = shell.get("data", "add", customers_csv, "--name", "customers")

    assert [added[role] for role in ("target", "id", "task", "positive", "parent")] == [None] * 5


@pytest.mark.parametrize(("values", "positive", "label"), [("true false", "true", True), ("1.0 0.0", "1", 1.0)])
def test_the_positive_class_is_typed_as_people_type_it(shell, tmp_path, values, positive, label):
    """And recorded as the data has it."""
    first, second = values.split()
    (tmp_path / "rows.csv").write_text(f"x,y\n1,{first}\n2,{second}\n")

    added = shell.get("data", "add", tmp_path / "rows.csv", "--name", "d", "--target", "y", "--positive", positive)

    assert (added["task"], added["positive"], type(added["positive"])) == ("binary", label, type(label))


def test_a_version_need_not_have_the_positive_class(shell, tmp_path):
    """A month in which nobody left can be added; roles are inherited."""
    for name, labels in (("both", (0, 1)), ("one", (0, 0))):
        (tmp_path / f"{name}.csv").write_text(f"id,y\n{name}1,{labels[0]}\n{name}2,{labels[1]}\n")
    shell.get("data", "add", tmp_path / "both.csv", "--name", "d", "--target", "y", "--id", "id")

    added = shell.get("data", "add", tmp_path / "one.csv", "--name", "d")

    assert (added["version"], added["positive"], added["parent"]) == (2, 1, 1)
    assert [warning["code"] for warning in added["warnings"]] == ["single_class"]


def test_byte_order_marks_tell_the_encoding(shell, tmp_path):
    """UTF-8 with one, and UTF-16: the same content."""
    for encoding in ("utf-8", "utf-8-sig", "utf-16"):
        (tmp_path / "rows.csv").write_bytes("name,n\nZoë,1\nBo,2\n".encode(encoding))
        version = shell.get("data", "add", tmp_path / "rows.csv", "--name", "d")
        assert (version["version"], version["created"]) == (1, encoding == "utf-8")


@pytest.mark.parametrize("option", [("--delimiter", ";;"), ("--decimal", "x"), ("--encoding", "utf-99")], ids=" ".join)
def test_an_impossible_way_to_read_is_refused(shell, customers_csv, option):
    """In words, before anything is recorded, and before there is a workspace."""
    answer = shell("data", "add", customers_csv, "--name", "customers", *option)

    assert (answer.code, answer.error["code"]) == (1, "data")
    assert not shell.workspace.exists()


def test_outcomes_come_later(shell, customers, config, tmp_path):
    """Rows without a target can be trained on once their outcomes are known; sooner, what is known is, and that is said."""
    customers.head(100).to_csv(tmp_path / "old.csv", index=False)
    customers.drop(columns="churn").to_csv(tmp_path / "new.csv", index=False)
    customers[["customer_id", "churn"]].to_csv(tmp_path / "outcomes.csv", index=False)
    add = ("data", "add", "--name", "customers", "--target", "churn", "--id", "customer_id")
    shell.get("init")
    shell.get("clock", "set", "2024-01-05")
    shell.get(*add, tmp_path / "old.csv")
    shell.get(*add[:4], tmp_path / "new.csv")
    labels = ("--dataset", "customers", "--known-at", "2024-02-01")
    shell.get("labels", "add", tmp_path / "outcomes.csv", *labels)

    sooner = shell("train", "--config", config)
    literally = shell("train", "--config", config, "--data", "customers@latest")
    shell.get("clock", "set", "2024-02-02")
    later = shell("train", "--config", config)

    assert (sooner.code, sooner.document["data"]["version"]) == (0, 1)
    assert "customers@2 is newer and was left out. Good for predicting, not for training yet: none of" in sooner.err
    assert (literally.code, literally.error["code"]) == (1, "data")
    assert (later.code, later.document["data"]["version"]) == (0, 2) and "left out" not in later.err
    assert [run["status"] for run in shell.get("runs", "list")] == ["finished", "failed", "finished"]


def test_versions_are_joined_as_a_next_one_that_names_them(shell, customers, tmp_path):
    """One document: where its rows are from, and which outcomes were known."""
    customers.head(300).to_csv(tmp_path / "old.csv", index=False)
    customers.tail(300).drop(columns="churn").to_csv(tmp_path / "new.csv", index=False)
    customers[["customer_id", "churn"]].tail(200).to_csv(tmp_path / "outcomes.csv", index=False)
    shell.get("data", "add", tmp_path / "old.csv", "--name", "customers", "--target", "churn", "--id", "customer_id")
    shell.get("data", "add", tmp_path / "new.csv", "--name", "customers")
    [labels] = [shell.get("labels", "add", tmp_path / "outcomes.csv", "--dataset", "customers")]

    joined = shell.get("data", "join", "customers@1", "customers@2", "--name", "customers", "-m", "both")
    assert (joined["version"], joined["rows"], joined["parents"]) == (3, 500, ["customers@1", "customers@2"])
    assert [one["labels_id"] for one in joined["outcomes"]["sets"]] == [labels["labels_id"]]
    assert (joined["message"], shell.get("data", "show", "customers@1")["parents"]) == ("both", None)
    said = mlops("--workspace", shell.workspace, "data", "join", "customers@1", "customers@2", "--name", "customers")
    assert "this content was there already" in said.out
    assert shell("data", "join", "--name", "customers").code == 2


def test_an_older_version_is_made_the_newest_again(with_run, customers, tmp_path):
    """One document, the next number; with anything but a message beside it, it is a mistake in the line."""
    customers.head(300).to_csv(tmp_path / "half.csv", index=False)
    with_run.get("data", "add", tmp_path / "half.csv", "--name", "customers", "--id", "customer_id")
    first = with_run.get("data", "show", "customers@1")

    again = with_run.get("data", "add", "--newest", "customers@1", "-m", "half of it was lost")

    assert (again["version"], again["created"], again["message"]) == (3, True, "half of it was lost")
    assert (again["sha256"], again["target"], again["id"]) == (first["sha256"], "churn", "customer_id")
    for more in (("--id", "age"), ("--columns", "columns.yaml"), (tmp_path / "half.csv",)):
        assert with_run("data", "add", "--newest", "customers@1", *more).code == 2
    assert with_run("data", "add", "--name", "customers").error["message"] == "Missing argument 'FILE'."
    assert with_run("data", "add", tmp_path / "half.csv").error["message"] == "Missing option '--name'."


def test_columns_are_described_by_a_file(with_run, customers, tmp_path):
    """The words are in the one document; what is wrong with them is told with its line, and nothing is kept."""
    customers.head(300).to_csv(tmp_path / "half.csv", index=False)
    said = tmp_path / "columns.yaml"
    add = ("data", "add", tmp_path / "half.csv", "--name", "customers", "--columns", said)
    said.write_text("age: {label: Age, unit: years}\nfees: {label: Fee}\n")
    refused = with_run(*add)
    assert (refused.code, refused.error["code"]) == (1, "data")
    assert [(one["line"], one["field"]) for one in refused.error["details"]] == [(2, "fees")]
    assert len(with_run.get("data", "list")) == 1

    said.write_text("age: {label: Age, unit: years}\n")
    kept = with_run.get(*add)
    assert kept["described"] == {"age": {"label": "Age", "unit": "years", "meaning": None}}
    assert with_run.get("data", "show", "customers@1")["described"] == {}
    assert "integer - Age (years)" in mlops("--workspace", with_run.workspace, "data", "show", "customers").out


# Configs and training


def test_a_config_is_checked_with_line_field_and_suggestion(tmp_path):
    """A slip of the pen is found before anything is trained."""
    (tmp_path / "slip.yaml").write_text("model:\n  type: gradient_boosting\n  max_depht: 3\n")

    answer = mlops("config", "check", tmp_path / "slip.yaml", "--json")

    [problem] = answer.document["problems"]
    assert (answer.code, answer.document["valid"]) == (1, False)
    assert (problem["line"], problem["field"], problem["suggestion"]) == (3, "model.max_depht", "max_depth")


def test_a_config_that_is_not_there_has_no_verdict(tmp_path):
    """A wrong path is an error, not an invalid config."""
    assert mlops("config", "check", tmp_path / "none.yaml", "--json").error["code"] == "config"


def test_the_config_of_an_environment_is_file_overlay_and_defaults(tmp_path):
    """The overlay holds only what differs."""
    (tmp_path / "churn.yaml").write_text(STUMP)
    (tmp_path / "churn.development.yaml").write_text("model: {max_depth: 2}")

    rendered = mlops("config", "render", tmp_path / "churn.yaml", "--env", "development", "--json").document

    assert (rendered["params"]["model.max_depth"], rendered["params"]["model.n_estimators"]) == (2, 1)
    origins = [rendered["origins"][key] for key in ("model.max_depth", "model.type", "gate.margin")]
    assert origins == ["churn.development.yaml", "churn.yaml", "default"]


def test_two_configs_differ_in_their_effective_values(tmp_path):
    """A default that is written out is no difference; another version of the data is one."""
    (tmp_path / "a.yaml").write_text("model: {type: dummy}\ndata: {name: customers, version: 1}")
    (tmp_path / "b.yaml").write_text(
        "model: {type: dummy}\ndata: {name: customers, version: 2}\ntraining: {test_size: 0.2, random_state: 7}"
    )

    assert mlops("config", "diff", tmp_path / "a.yaml", tmp_path / "b.yaml", "--json").document == [
        {"key": "data.version", "before": 1, "after": 2},
        {"key": "training.random_state", "before": 42, "after": 7},
    ]


def test_the_config_of_the_module_is_valid_word_for_word(tmp_path):
    """What the course prints can be trained with."""
    (tmp_path / "module.yaml").write_text(
        'model:\n  type: "gradient_boosting"\n  n_estimators: 100\n  max_depth: 5\n  \n'
        "training:\n  test_size: 0.2\n  random_state: 42\n  \nthresholds:\n  churn: 0.35\n"
    )

    assert mlops("config", "check", tmp_path / "module.yaml", "--json").document == {"valid": True, "problems": []}


def test_set_and_seed_win_over_the_file(with_run, config):
    """The run records effective parameters, flat and dotted."""
    line = ("--set", "model.max_depth=2", "--set", "thresholds.churn=0.3", "--seed", "7", "--note", "deeper")
    run = with_run.get("train", "--config", config, *line, "--tag", "try=deep")

    assert (run["params"]["model.max_depth"], run["threshold"], run["seed"]) == (2, 0.3, 7)
    assert run["params"]["training.random_state"] == 7
    assert (run["name"], run["note"], run["tags"]) == ("stump", "deeper", {"try": "deep"})


def test_no_seed_is_42_and_null_is_flagged(with_run, config):
    """A run that nobody can repeat says so."""
    assert with_run.get("train", "--config", config)["seed"] == 42

    unseeded = with_run.get("train", "--config", config, "--seed", "null")

    assert unseeded["seed"] is None
    assert "unseeded" in {warning["code"] for warning in unseeded["warnings"]}


def test_the_data_of_a_training_is_found_in_order(with_run, customers, tmp_path):
    """--data, then data.name, then data.path, then the only dataset there is; else it is refused."""
    customers.head(300).to_csv(tmp_path / "other.csv", index=False)
    train = ("train", "--config", tmp_path / "config.yaml")

    def data_of(section: str, *options: str) -> str:
        (tmp_path / "config.yaml").write_text(section + STUMP)
        data = with_run.get(*train, *options)["data"]
        return f"{data['name']}@{data['version']}"

    assert data_of("") == "customers@1"
    assert data_of("data: {path: other.csv, target: churn}\n") == "other@1"
    assert data_of("data: {name: customers}\n") == "customers@1"
    assert data_of("data: {name: customers@v1}\n", "--data", "other@latest") == "other@1"
    (tmp_path / "config.yaml").write_text(STUMP)
    assert with_run(*train).error["code"] == "invalid"


def test_runs_are_searched_and_sorted(with_run, config):
    """By any parameter, metric or tag; a field that a run does not have makes the comparison false."""
    for depth in (2, 3):
        with_run.get("train", "--config", config, "--set", f"model.max_depth={depth}", "--tag", "try=depth")

    found = with_run.get("runs", "list", "--where", "tags.try = 'depth' and params.model.max_depth > 1")
    best = with_run.get("runs", "list", "--sort", "-metrics.validation.auc", "--limit", "1")

    assert [run["params"]["model.max_depth"] for run in found] == [3, 2]
    every = [run["metrics"]["validation"]["auc"] for run in with_run.get("runs", "list")]
    assert [run["metrics"]["validation"]["auc"] for run in best] == [max(every)]
    assert with_run("runs", "list", "--where", "auc > 0.8").code == 1


def test_notes_and_tags_change_and_nothing_else(with_run):
    """What was measured stays as it was."""
    before = with_run.get("runs", "list")[0]

    with_run.get("runs", "note", before["run_id"], "the first one")
    after = with_run.get("runs", "tag", before["run_id"], "team=retention")

    assert after == before | {"note": "the first one", "tags": {"team": "retention"}}


def test_a_run_that_waits_says_so_and_can_be_cancelled(with_run):
    """Its place in the queue stands in the list; once it is cancelled, there is nothing left to cancel."""
    ws = Workspace.open(with_run.workspace)
    ws.resume = lambda *_: None
    first, second = (ws.submit(STUMP).run_id for _ in range(2))
    for command in (("list",), ("show", second)):
        assert "queued, 2 of 2" in mlops("runs", *command, "--workspace", with_run.workspace).out
    cancelled = with_run.get("runs", "cancel", first)
    assert (cancelled["status"], with_run.get("runs", "show", first)) == ("cancelled", cancelled)
    assert "queued, 1 of 1" in mlops("runs", "list", "--workspace", with_run.workspace).out
    assert with_run("runs", "cancel", first).error["code"] == "conflict"


def test_a_run_that_trains_says_how_far_it_is(with_run):
    """Its step; and for a type that learns tree by tree, the share that is done and the time that is left."""
    ws, lines = Workspace.open(with_run.workspace), []

    def look(step: Any) -> None:
        if (step.name, step.status) in (("load", "running"), ("evaluate", "running")):
            lines.append(mlops("runs", "list", "--limit", "1", "--workspace", with_run.workspace).out)

    ws.train(STUMP, seed=2, on_step=look)
    assert "running, load" in lines[0] and "running, evaluate 100%" in lines[1]


def test_a_training_that_is_asked_too_late_is_not_called_cancelled(with_run):
    """It was writing its results already, and they are whole."""
    ws, answers = Workspace.open(with_run.workspace), []

    def cancel(step: Any) -> None:
        if (step.name, step.status) == ("package", "running"):
            with pytest.MonkeyPatch.context() as patch:
                patch.setattr("mlops.cli.experiments.CANCEL_WITHIN", 0.0)
                answers.append(with_run("runs", "cancel", ws.runs.list()[0].run_id))

    assert ws.train(STUMP, on_step=cancel).status == "finished"
    assert answers[0].code == 1 and "is still running" in answers[0].error["message"]


def test_two_runs_are_compared_in_what_went_in_and_what_came_out(with_run, config):
    """Same rows or not, what differs, and every metric side by side."""
    first = with_run.get("runs", "list")[0]["run_id"]
    second = with_run.get("train", "--config", config, "--set", "model.max_depth=2")["run_id"]

    comparison = with_run.get("runs", "compare", first, second)

    assert (comparison["runs"], comparison["same_rows"]) == ([first, second], True)
    assert {"what": "config", "key": "model.max_depth", "values": [1, 2]} in comparison["differs"]
    assert "validation.auc" in {entry["metric"] for entry in comparison["metrics"]}


def test_two_runs_are_told_apart_from_the_cause_to_the_answers(with_run, config):
    """As a document of parts, and as text that begins with one sentence and ends with what is equal."""
    first = with_run.get("runs", "list")[0]["run_id"]
    second = with_run.get("train", "--config", config, "--set", "model.max_depth=2", "--set", "thresholds.churn=0.3")[
        "run_id"
    ]

    told = with_run.get("runs", "diff", first, second)
    text = mlops("--workspace", with_run.workspace, "runs", "diff", first, second).out

    assert told["runs"] == [first, second] and told["not_applicable"] == {}
    assert [told[part] for part in ("data", "code", "software", "seed", "rows")] == [None] * 5
    assert text.startswith(
        f"One thing differs: 2 keys of the config; {told['predictions']['flipped']} of 60 validation rows get another "
        f"decision.\nBefore is {first}, after is {second}.\n"
    )
    assert all(one["id"] in text for one in told["predictions"]["answers"][:10])
    assert text.endswith("Equal: data, code, software and seed.\n")
    assert f"auc {told['luck']['difference']:+.4f}" in text


def test_two_runs_on_few_positive_rows_get_a_reason_and_no_verdict(with_run, config, customers, tmp_path):
    """The document holds it as too_few, the table says it where the verdict would stand."""
    customers.assign(churn=(customers.index % 60 == 0) * 1).to_csv(tmp_path / "rare.csv", index=False)
    with_run.get("data", "add", tmp_path / "rare.csv", "--name", "rare", "--target", "churn")
    pair = [
        with_run.get("train", "--config", config, "--data", "rare@1", "--set", f"model.max_depth={depth}")["run_id"]
        for depth in (1, 2)
    ]

    luck = with_run.get("runs", "diff", *pair)["luck"]
    text = mlops("--workspace", with_run.workspace, "runs", "diff", *pair).out

    assert luck["verdict"] == "inconclusive" and "rows of the rarer class" in luck["too_few"]
    assert luck["too_few"] in text and "luck" not in text


def test_two_runs_are_told_apart_where_a_target_was_renamed(with_run, config, customers, tmp_path):
    """The rows and outcomes are the same, so luck is told; the answers are to two targets, so they are not."""
    first = with_run.get("runs", "list")[0]["run_id"]
    customers.rename(columns={"churn": "left"}).to_csv(tmp_path / "renamed.csv", index=False)
    with_run.get("data", "add", tmp_path / "renamed.csv", "--name", "customers", "--target", "left")
    second = with_run.get("train", "--config", config)["run_id"]

    text = mlops("--workspace", with_run.workspace, "runs", "diff", first, second).out

    assert "Not known: predictions. The two runs predict different" in text and f"{second}: auc " in text


def test_answers_that_are_numbers_are_told_with_four_digits(shell, customers_csv, config):
    """What a regression answers has as many digits as a float can hold, which is no answer for a person."""
    shell.get("data", "add", customers_csv, "--name", "customers", "--target", "monthly_fee", "--id", "customer_id")
    first, second = (
        shell.get("train", "--config", config, "--set", f"model.max_depth={depth}")["run_id"] for depth in (1, 3)
    )
    [most, *_] = shell.get("runs", "diff", first, second)["predictions"]["answers"]
    text = mlops("--workspace", shell.workspace, "runs", "diff", first, second).out
    [line] = [line.split() for line in text.splitlines() if line.split()[:1] == [most["id"]]]
    assert line[1:] == [f"{most[name]:.4f}" for name in ("truth", "before", "after")]


def test_runs_are_judged_again_on_the_same_rows(with_run, config):
    """As a document, and as a table that says whether the difference can be luck."""
    first = with_run.get("runs", "list")[0]["run_id"]
    second = with_run.get("train", "--config", config, "--set", "model.max_depth=2")["run_id"]

    found = with_run.get("runs", "reevaluate", first, second)
    text = mlops("--workspace", with_run.workspace, "runs", "reevaluate", first, second).out

    assert found["rows"] == found["differences"][second]["rows"] > 30
    assert f"{found['rows']:,} of {found['labelled']:,} labelled rows" in text
    assert f"{second}: auc {found['differences'][second]['difference']:+.4f}" in text


def test_a_run_is_trained_again_for_proof(with_run, config):
    """One document and exit code 0; a run without a seed proves nothing, and says so with exit code 1."""
    run = with_run.get("runs", "list")[0]["run_id"]
    found = with_run.get("runs", "reproduce", run)
    assert (found["run_id"], found["verdict"], found["first_divergence"]) == (run, "identical", None)
    assert all(set(check) == {"what", "expected", "observed", "equal"} for check in found["checks"])
    assert "reproduced  identical" in mlops("--workspace", with_run.workspace, "runs", "show", run).out
    assert with_run.get("runs", "show", run)["reproduced"]["event"] == with_run.get("log")[-1]["seq"]

    unseeded = with_run.get("train", "--config", config, "--seed", "null")["run_id"]
    answer = with_run("runs", "reproduce", unseeded)
    assert (answer.code, answer.document["verdict"], answer.document["first_divergence"]) == (1, "impossible", "seed")
    text = mlops("--workspace", with_run.workspace, "runs", "reproduce", unseeded)
    assert text.code == 1 and text.out.startswith("impossible, first divergence: seed\nIt cannot be repeated. No seed")


# Models


def test_a_version_says_what_changed(with_run, config, customers, tmp_path):
    """Patch: the same config again. Minor: new config or data. Major: other features."""

    def register(*options: Any) -> str:
        run = with_run.get("train", "--config", config, *options)
        return with_run.get("models", "register", run["run_id"], "--name", "churn_model")["version"]

    versions = [register(), register(), register("--set", "model.max_depth=2")]
    customers.drop(columns="region").to_csv(tmp_path / "narrow.csv", index=False)
    with_run.get("data", "add", tmp_path / "narrow.csv", "--name", "customers")

    assert [*versions, register()] == ["1.0.0", "1.0.1", "1.1.0", "2.0.0"]


def test_a_version_is_never_reused(with_run):
    """Not with a v either."""
    register = ("models", "register", with_run.get("runs", "list")[0]["run_id"], "--name", "m", "--version")
    assert with_run.get(*register, "v1.2.0")["version"] == "1.2.0"

    assert with_run(*register, "1.2.0").error["code"] == "conflict"
    assert with_run(*register, "1.2").error["code"] == "invalid"


@pytest.mark.parametrize(
    "ref", ["churn_model@1.1.0", "churn_model@v1.1.0", "churn_model@latest", "churn_model@production", "@staging"]
)
def test_a_model_has_many_spellings_and_one_version(with_releases, ref):
    """In JSON it never has a v."""
    model = with_releases.get("models", "show", ref)

    assert (model["name"], model["version"], model["live_in"]) == ("churn_model", "1.1.0", ["staging", "production"])


@pytest.mark.parametrize(
    "ref", ["@development", "other@production", "churn_model@9.9.9", "churn_modell@1.0.0", "@latest"]
)
def test_a_model_that_is_not_there_is_not_found(with_releases, ref):
    """The message lists what there is."""
    assert with_releases("models", "show", ref).error["code"] == "not_found"


# Release


@pytest.fixture
def candidate(with_run) -> Shell:
    """A command line in a workspace where churn_model@1.0.0 is registered and nothing is live."""
    with_run.get("models", "register", with_run.get("runs", "list")[0]["run_id"], "--name", "churn_model")
    return with_run


def test_production_needs_staging_first(candidate):
    """It is refused, nothing goes live, and the gate's answer stays on record."""
    before = candidate.get("log")

    answer = candidate("deploy", "churn_model@1.0.0", "--env", "production", "--reason", "hurry")

    assert (answer.code, answer.error["code"]) == (1, "refused")
    assert candidate.get("timeline", "--env", "production") == []
    assert [event["kind"] for event in candidate.get("log", "--since", len(before))] == ["gate.evaluate"]


def test_staging_and_then_production(candidate):
    """The same version, rehearsed; the deployment carries the gate's answer."""
    candidate.get("deploy", "churn_model@1.0.0", "--env", "staging", "--reason", "rehearsal")

    deployment = candidate.get("deploy", "churn_model@v1.0.0", "--env", "production", "--reason", "first release")

    assert (deployment["action"], deployment["environment"], deployment["status"]) == ("deploy", "production", "live")
    assert (deployment["override"], deployment["replaced"], deployment["until"]) == (None, None, None)
    assert deployment["gate"]["outcome"] == "pass"
    assert {"name", "outcome", "observed", "threshold", "why"} == set(deployment["gate"]["checks"][0])


def test_an_override_lifts_staging_and_is_on_record(candidate):
    """Somebody answers for it."""
    line = ("deploy", "churn_model@1.0.0", "--env", "production", "--reason", "hurry", "--override", "the boss said so")

    assert candidate.get(*line)["override"] == "the boss said so"
    assert candidate.get("timeline", "--env", "production")[0]["gate"]["outcome"] == "fail"


def test_an_override_never_lifts_integrity(candidate):
    """A model file that was touched goes nowhere."""
    file = candidate.workspace / "models/churn_model/churn_model_v1.0.0.joblib"
    file.unlink()
    file.write_bytes(b"another model")

    for environment in ("development", "staging", "production"):
        line = ("deploy", "churn_model@1.0.0", "--env", environment, "--reason", "hurry", "--override", "please")
        assert candidate(*line).code == 1
        assert candidate.get("timeline", "--env", environment) == []
    assert candidate("verify").code == 1


def test_a_rejected_model_goes_nowhere(candidate):
    """It stays on record, and out of every environment."""
    assert candidate.get("models", "reject", "churn_model@1.0.0", "--reason", "biased")["status"] == "rejected"

    assert candidate("deploy", "churn_model@1.0.0", "--env", "development", "--reason", "try").code == 1


def test_a_worse_model_does_not_replace_a_better_one(with_releases, config):
    """The gate compares both on rows that neither has learned from."""
    run = with_releases.get("train", "--config", config, "--set", "model.type=dummy")
    model = with_releases.get("models", "register", run["run_id"], "--name", "churn_model")["version"]
    with_releases.get("deploy", f"churn_model@{model}", "--env", "staging", "--reason", "rehearsal")

    verdict = with_releases("gate", f"churn_model@{model}", "--env", "production")
    refusal = with_releases("deploy", f"churn_model@{model}", "--env", "production", "--reason", "why not")

    assert (verdict.code, verdict.document["outcome"]) == (1, "fail")
    assert refusal.error["code"] == "refused"
    assert with_releases.get("models", "show", "@production")["version"] == "1.1.0"


def test_a_damaged_live_model_is_replaced_only_by_an_override(with_releases, config):
    """Nobody can say whether the new one is worse, so somebody must answer for it."""
    damaged = with_releases.workspace / "models/churn_model/churn_model_v1.1.0.joblib"
    damaged.unlink()
    damaged.write_bytes(b"garbage")
    run = with_releases.get("train", "--config", config, "--set", "model.type=logistic_regression")
    model = with_releases.get("models", "register", run["run_id"], "--name", "churn_model")["version"]
    with_releases.get("deploy", f"churn_model@{model}", "--env", "staging", "--reason", "repair")
    line = ("deploy", f"churn_model@{model}", "--env", "production", "--reason", "repair")

    assert with_releases(*line).error["code"] == "refused"
    with_releases.get(*line, "--override", "the live file is damaged")

    assert with_releases.get("models", "show", "@production")["version"] == model


def test_the_rule_of_the_gate_is_shown_and_set(with_releases):
    """Without options it is the one in force; a part that is not given stays."""
    shown = with_releases.get("gate-rule", "--env", "production")
    assert (shown["environment"], shown["require"], shown["margin"], shown["set_by"]) == (
        "production", "not_worse", 0.02, None
    )  # fmt: skip

    with_releases.get("gate-rule", "--env", "production", "--require", "better", "--reason", "we can wait")
    with_releases.get("gate-rule", "--margin", "0.01", "--env", "production")

    rule = with_releases.get("gate-rule", "--env", "production")
    assert (rule["require"], rule["margin"], rule["reason"]) == ("better", 0.01, "")


@pytest.mark.parametrize(
    ("line", "code"),
    [("--margin 0.6", 1), ("--margin nan", 1), ("--margin x", 2), ("--require best", 2), ("--reason why", 2)],
)
def test_a_rule_that_means_nothing_is_refused(with_releases, line, code):
    """And the one in force stays."""
    head = with_releases.get("log")[-1]
    assert with_releases("gate-rule", "--env", "production", *line.split()).code == code
    assert with_releases.get("log")[-1] == head


def test_a_config_does_not_lower_the_bar_for_itself(with_releases, config):
    """A margin of 1 let anything pass; it is ignored, and the answer says so."""
    run = with_releases.get("train", "--config", config, "--set", "model.type=dummy", "--set", "gate.margin=1.0")
    model = with_releases.get("models", "register", run["run_id"], "--name", "churn_model")["version"]
    with_releases.get("deploy", f"churn_model@{model}", "--env", "staging", "--reason", "rehearsal")

    verdict = with_releases("gate", f"churn_model@{model}", "--env", "production")

    assert (verdict.code, verdict.document["outcome"]) == (1, "fail")
    assert "laxer and ignored" in verdict.document["checks"][-1]["why"]
    assert not [key for key in run["params"] if key.startswith("gate")]


def test_a_release_may_be_compared_on_newer_rows(with_releases, config, tmp_path):
    """Too few test rows are new to both, so the way out is named; on a new cohort the same model passes."""
    run = with_releases.get("train", "--config", config, "--set", "model.type=logistic_regression", "--seed", "7")
    model = with_releases.get("models", "register", run["run_id"], "--name", "churn_model")["version"]
    with_releases.get("deploy", f"churn_model@{model}", "--env", "staging", "--reason", "rehearsal")
    customers_frame(1500, seed=9).iloc[600:].to_csv(tmp_path / "newer.csv", index=False)
    with_releases.get("data", "add", tmp_path / "newer.csv", "--name", "customers")

    few = with_releases("gate", f"churn_model@{model}", "--env", "production").document
    line = ("deploy", f"churn_model@{model}", "--env", "production", "--reason", "as good")
    refused = with_releases(*line).error
    deployment = with_releases.get(*line, "--data", "customers@2")

    assert few["outcome"] == "inconclusive" and "--data" in few["checks"][-2]["why"] and few["data"] is None
    assert "--data" in refused["next_step"]
    assert (deployment["gate"]["data"], deployment["gate"]["rows"]) == ("customers@2", 900)


def test_the_answer_of_the_gate_is_a_verdict_and_six_lines(with_releases, config):
    """For a stranger at a terminal: what stands in the way says so, what is only worth knowing is a note."""
    config.write_text(LOGISTIC)
    run = with_releases.get("train", "--config", config)
    model = f"churn_model@{with_releases.get('models', 'register', run['run_id'], '--name', 'churn_model')['version']}"
    line = ("--workspace", with_releases.workspace, "gate", model, "--env", "production")
    before = mlops(*line)
    with_releases.get("deploy", model, "--env", "staging", "--reason", "rehearsal")
    after = mlops(*line)

    assert before.code == 1 and before.out.startswith("fail: churn_model v") and after.code == 0
    assert after.out.startswith("pass: ") and "it may go live in production." in after.out
    words = [[one.split(maxsplit=2)[:2] for one in answer.out.splitlines()[1:]] for answer in (before, after)]
    names = ["files", "columns", "config", "rows", "better", "card"]
    assert words[0] == [["yes", name] for name in names[:5]] + [["NO", "card"]]
    assert words[1] == [["yes", name] for name in names[:5]] + [["note", "card"]]
    assert not re.search(r"\d\.\d{5}|True|False|None|\|", before.out + after.out)


def test_too_few_unseen_rows_are_no_evidence(shell, customers, tmp_path):
    """Under 200 the gate says inconclusive, and that is not a pass."""
    customers.head(300).to_csv(tmp_path / "few.csv", index=False)
    (tmp_path / "config.yaml").write_text(LOGISTIC)
    shell.get("data", "add", tmp_path / "few.csv", "--name", "few", "--target", "churn", "--id", "customer_id")
    run = shell.get("train", "--config", tmp_path / "config.yaml")
    shell.get("models", "register", run["run_id"], "--name", "small")
    shell.get("deploy", "small@1.0.0", "--env", "staging", "--reason", "rehearsal")

    verdict = shell("gate", "small@1.0.0", "--env", "production")

    assert (verdict.code, verdict.document["outcome"], verdict.document["rows"]) == (1, "inconclusive", 150)


def release(shell: Shell, config: Path, *options: str) -> str:
    """Train, register, and go live in development; return the version."""
    run = shell.get("train", "--config", config, *options)
    version = shell.get("models", "register", run["run_id"], "--name", "churn_model")["version"]
    shell.get("deploy", f"churn_model@{version}", "--env", "development", "--reason", "try")
    return version


def test_a_model_with_a_new_input_can_go_live(with_run, config, customers, tmp_path):
    """The data has the column; the gate says that callers must send it now."""
    customers.assign(visits=range(600)).to_csv(tmp_path / "wider.csv", index=False)
    assert release(with_run, config) == "1.0.0"
    with_run.get("data", "add", tmp_path / "wider.csv", "--name", "customers")

    assert release(with_run, config) == "2.0.0"

    checks = with_run.get("timeline", "--env", "development")[-1]["gate"]["checks"]
    [why] = [check["why"] for check in checks if check["name"] == "schema"]
    assert "visits" in why


def test_a_model_that_looks_at_less_can_be_rolled_back_and_is_compared(with_run, config):
    """The older one needs a column that the live one ignores, and the data still has it."""
    assert release(with_run, config) == "1.0.0"
    assert release(with_run, config, "--set", "features.exclude=[region]") == "2.0.0"

    preview = with_run.get("rollback", "--env", "development", "--dry-run")
    back = with_run.get("rollback", "--env", "development", "--reason", "complaints")

    assert (preview["compatible"], preview["metric_change"]["metric"]) == (True, "auc")
    assert back["model"]["version"] == "1.0.0"


def test_nothing_lifts_a_schema_that_is_gone(with_run, config, customers, tmp_path):
    """An input that neither callers send nor the newest data has: no deploy, no rollback, no override."""
    customers.drop(columns="region").to_csv(tmp_path / "narrow.csv", index=False)
    assert release(with_run, config) == "1.0.0"
    with_run.get("data", "add", tmp_path / "narrow.csv", "--name", "customers")
    assert release(with_run, config) == "2.0.0"
    back = ("rollback", "--env", "development")

    assert with_run.get(*back, "--dry-run")["compatible"] is False
    assert with_run(*back, "--reason", "complaints").error["code"] == "refused"
    deploy = ("deploy", "churn_model@1.0.0", "--env", "development", "--reason", "back", "--override", "please")
    assert with_run(*deploy).error["code"] == "refused"


def test_any_model_can_take_an_environment(with_releases, config, customers, tmp_path):
    """One version of each name is live there: another name goes live beside it and replaces nothing."""
    customers.to_csv(tmp_path / "ages.csv", index=False)
    with_releases.get("data", "add", tmp_path / "ages.csv", "--name", "ages", "--target", "age", "--id", "customer_id")
    run = with_releases.get("train", "--config", config, "--data", "ages", "--set", "model.type=ridge")
    with_releases.get("models", "register", run["run_id"], "--name", "age_model")

    deployed = with_releases.get("deploy", "age_model@1.0.0", "--env", "staging", "--reason", "try")

    assert (deployed["model"]["name"], deployed["replaced"]) == ("age_model", None)
    shown = {name: with_releases.get("models", "show", f"{name}@staging") for name in ("age_model", "churn_model")}
    assert {name: (model["version"], model["live_in"]) for name, model in shown.items()} == {
        "age_model": ("1.0.0", ["staging"]),
        "churn_model": ("1.1.0", ["staging", "production"]),
    }


AT = "2024-04-01T00:00:00Z"


@pytest.mark.parametrize(
    "line",
    [
        ("live-at", AT, "--env", "production"),
        ("rollback", "--env", "production", "--dry-run"),
        ("rollback", "--env", "production", "--reason", "complaints"),
        ("models", "show", "@production"),
        ("predict", "@production", "--row", "{}"),
    ],
    ids=lambda line: " ".join(line[:1]),
)
def test_where_several_names_are_live_one_must_be_named(two_live, line):
    """Exit 1 names them, and nothing is guessed."""
    answer = Shell(two_live.path)(*line)

    assert (answer.code, answer.error["code"]) == (1, "invalid")
    assert "churn_model 1.1.0, guest_model 1.1.0" in answer.error["message"]
    assert "--model churn_model" in answer.error["next_step"]


def test_each_name_has_its_own_history(two_live):
    """With --model an answer is about that name alone; without, a timeline holds all."""
    shell = Shell(two_live.path)
    names = ("--model", "guest_model")

    assert shell.get("live-at", AT, "--env", "production", *names)["model"]["name"] == "guest_model"
    assert shell.get("live-at", "2024-03-10", "--env", "production")["model"]["name"] == "churn_model"
    assert shell.get("live-at", "2024-03-10", "--env", "production", *names)["model"] is None
    assert [one["model"]["name"] for one in shell.get("timeline", "--env", "production", *names)] == ["guest_model"] * 2
    assert len(shell.get("timeline", "--env", "production")) == 4
    back = shell.get("rollback", "--env", "production", *names, "--reason", "complaints")
    assert (back["model"]["name"], back["model"]["version"], back["replaced"]["version"]) == (
        *("guest_model", "1.0.0"),
        "1.1.0",
    )
    assert shell.get("models", "show", "churn_model@production")["version"] == "1.1.0"
    assert shell("timeline", "--env", "production", "--model", "typo").error["code"] == "not_found"


def test_a_release_without_a_reason_is_refused(candidate):
    """An option that is missing is a wrong line; one that says nothing is a refusal."""
    line = ("deploy", "churn_model@1.0.0", "--env", "staging")

    assert candidate(*line).code == 2
    assert candidate(*line, "--reason", " ").code == 1


def test_a_dry_run_tells_and_writes_nothing(with_releases):
    """Not one byte of the workspace changes."""
    before = files(with_releases.workspace)

    preview = with_releases.get("rollback", "--env", "production", "--dry-run")

    assert (preview["target"]["version"], preview["compatible"]) == ("1.0.0", True)
    assert {"flipped", "compared", "metric_change"} <= preview.keys()
    assert files(with_releases.workspace) == before


def test_a_dry_run_counts_the_answers_that_would_flip(with_releases, row):
    """Logged requests are answered again by the other model."""
    for fee in (10, 40, 90):
        with_releases.get("predict", "@production", "--row", json.dumps(row | {"monthly_fee": fee}))

    assert with_releases.get("rollback", "--env", "production", "--dry-run")["compared"] == 3


@pytest.mark.parametrize("version", ["1.0.0", "v1.0.0", "churn_model@1.0.0"])
def test_a_rollback_can_name_its_target(with_releases, version):
    """Any version that was live here."""
    back = with_releases.get("rollback", "--env", "production", "--to", version, "--reason", "complaints")

    assert (back["action"], back["model"]["version"], back["replaced"]["version"]) == ("rollback", "1.0.0", "1.1.0")
    assert with_releases("rollback", "--env", "production", "--to", "7.0.0", "--reason", "x").code == 1


# Time


def test_an_offset_wins_over_a_zone(with_releases):
    """--tz is for a time without offset."""
    line = ("live-at", "2024-03-15T14:00:00-04:00", "--env", "production")

    assert with_releases.get(*line)["at"] == "2024-03-15T18:00:00.000000Z"
    assert with_releases.get(*line, "--tz", "Asia/Tokyo")["at"] == "2024-03-15T18:00:00.000000Z"


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (("2024-03-15 14:00",), True),
        (("2024-03-15",), True),
        (("2024-03-15T14:00:00-04:00",), False),
        (("2024-03-15T14:00Z",), False),
        (("2024-03-15 14:00", "--tz", "UTC"), False),
    ],
    ids=["time", "date", "offset", "Z", "zone"],
)
def test_taking_utc_for_granted_is_said_aside(with_releases, line, said):
    """On standard error, and only if it was."""
    answer = with_releases("live-at", *line, "--env", "production")

    assert answer.code == 0
    assert ("UTC" in answer.err) is said


@pytest.mark.parametrize(
    ("time", "instants"),
    [
        ("2024-03-10 02:30", ("2024-03-10T06:30:00.000000Z", "2024-03-10T07:30:00.000000Z")),
        ("2024-11-03 01:30", ("2024-11-03T05:30:00.000000Z", "2024-11-03T06:30:00.000000Z")),
    ],
    ids=["gap", "fold"],
)
def test_a_time_that_does_not_exist_or_happens_twice_is_refused(with_releases, time, instants):
    """The message names both instants it can mean."""
    answer = with_releases("live-at", time, "--env", "production", "--tz", "America/New_York")

    assert answer.code == 1
    assert all(instant in answer.error["message"] for instant in instants)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (("live-at", "2025-03-15", "--env", "production"), "15 March 2025 has not come yet; today is 1 April 2024"),
        (("live-at", "2024-04-01T09:00:01Z", "--env", "production"), "it is 09:00:00 (UTC)"),
        (("live-at", "2024-04-02 01:00", "--env", "staging", "--tz", "Asia/Tokyo"), "2 April 2024 has not come yet"),
        (("rollback", "--env", "production", "--dry-run", "--since", "2025-01-01"), "1 January 2025 has not come yet"),
    ],
    ids=["another day", "a second later", "tomorrow in Tokyo", "requests since"],
)
def test_the_future_is_not_answered(with_releases, line, said):
    """What has not come by the workspace's calendar was not live, and nothing was asked then."""
    answer = with_releases(*line)

    assert answer.code == 1
    assert said in answer.error["message"] and "set the calendar" in answer.error["next_step"]


def test_where_nothing_was_live_the_answer_is_null(with_releases):
    """Exit 0: it is an answer, and every key is there."""
    answer = with_releases.get("live-at", "2023-12-31T00:00:00Z", "--env", "production")

    assert answer.pop("environment") == "production"
    assert answer.pop("at") == "2023-12-31T00:00:00.000000Z"
    assert set(answer) == {
        "model", "since", "until", "deployed_by", "reason", "data", "config_sha256", "run_id",
    }  # fmt: skip
    assert set(answer.values()) == {None}


def test_time_does_not_go_back(with_releases):
    """A date before the last event is refused; wall time and later dates are fine."""
    assert with_releases("clock", "set", "2020-01-01").error["code"] == "conflict"
    assert with_releases.get("clock", "set", "2024-06-01 09:00", "--tz", "Europe/Berlin") == {
        "now": "2024-06-01T07:00:00.000000Z",
        "simulated": True,
    }
    assert with_releases.get("clock", "set", "wall")["simulated"] is False


# Predictions


def test_a_prediction_says_who_asked_what_answered_and_when(with_releases, row):
    """The id is echoed, the probability has the target's name, the label its own type."""
    answer = with_releases.get("predict", "@production", "--row", json.dumps(row | {"customer_id": "C-1"}))

    assert list(answer) == [
        "customer_id", "churn_probability", "prediction", "threshold", "model_version", "model_sha256",
        "prediction_id", "predicted_at", "warnings",
    ]  # fmt: skip
    assert (answer["customer_id"], answer["model_version"], answer["warnings"]) == ("C-1", "1.1.0", [])
    assert answer["prediction"] == int(answer["churn_probability"] >= answer["threshold"])


def test_what_a_model_does_not_need_may_come_along(with_releases, row):
    """Target, id and other training columns are ignored in silence; unknown columns and levels are named."""
    known = row | {"churn": 1, "customer_id": "C-1", "signed_up": "2020-01-01"}
    silent = with_releases.get("predict", "@production", "--row", json.dumps(known))
    named = with_releases.get("predict", "@production", "--row", json.dumps(known | {"hat": 1, "region": "moon"}))

    assert silent["warnings"] == []
    assert len(named["warnings"]) == 2
    assert any("hat" in warning for warning in named["warnings"])
    assert any("moon" in warning for warning in named["warnings"])


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"age": None}, "age"),
        ({"age": "old"}, "age"),
        ({"age": 30.5}, "age"),
        ({"age": True}, "age"),
        ({"online": 1}, "online"),
        ({"contract": 7}, "contract"),
        ({"monthly_fee": int("9" * 400)}, "monthly_fee"),
    ],
    ids=lambda value: value if isinstance(value, str) else repr(value)[:40],
)
def test_a_row_that_cannot_be_used_is_refused_by_field(with_releases, row, change, field):
    """Missing where training had no gap, or of another type: the field, what was expected, what came."""
    answer = with_releases("predict", "@production", "--row", json.dumps(row | change))

    assert (answer.code, answer.error["code"]) == (1, "data")
    [detail] = answer.error["details"]
    assert (detail["field"], detail["got"]) == (field, change[field])


def test_a_missing_feature_is_refused(with_releases, row):
    """Every one is named."""
    del row["age"], row["region"]

    answer = with_releases("predict", "@production", "--row", json.dumps(row))

    assert [detail["field"] for detail in answer.error["details"]] == ["age", "region"]


@pytest.mark.parametrize(
    "text",
    ["", "{", "[]", "1", '{"a": NaN}', '{"a": 1, "a": 2}', '{"a": 1e999}', '{"a": "\\ud800"}', '{"a":' * 9999],
    ids=lambda text: text[:12],
)
def test_what_is_no_strict_json_object_is_refused(with_releases, text):
    """No NaN, no key twice, no endless number, no half of a character."""
    answer = with_releases("predict", "@production", "--row", text)

    assert (answer.code, answer.error["code"]) == (1, "data")


@pytest.mark.parametrize("gap", [None, "", " ", "?", "NA"], ids=repr)
def test_a_gap_is_a_gap_at_every_door(with_releases, row, gap, tmp_path):
    """What counts as missing in a file also does in a row."""
    row |= {"region": gap}
    pd.DataFrame([row]).to_csv(tmp_path / "one.csv", index=False)

    one = with_releases.get("predict", "@production", "--row", json.dumps(row))
    line = ("--model", "@production", "--data", tmp_path / "one.csv", "--output", tmp_path / "scored.csv")
    with_releases.get("batch-predict", *line)

    assert one["warnings"] == []
    assert pd.read_csv(tmp_path / "scored.csv")["churn_probability"].tolist() == [one["churn_probability"]]


def test_a_batch_can_be_scheduled_instead(with_releases, tmp_path):
    """Nothing is done; the line has every option of this one, said again in words that are read alike."""
    head = with_releases.get("log")[0]["seq"]
    how = ("--type", "age=number", "--type", "region=text", "--also-missing=-9,x y", "--no-units-line", "--no-trim")
    line = ("--model", "@production", "--data", tmp_path / "new.csv", "--output", tmp_path / "out.csv", *how)
    plan = with_releases.get("batch-predict", *line, "--schedule", "02:00")
    again = plan["arguments"][3:]
    assert again == with_releases.get(*again, "--schedule", "02:00")["arguments"][3:]
    assert {"age=number", "region=text", "-9,x y", "--no-units-line", "--no-trim"} <= {*again}
    assert plan["cron"] in with_releases("batch-predict", *line, "--schedule", "02:00").out
    assert with_releases.get("log")[0]["seq"] == head and not (tmp_path / "out.csv").exists()


def test_no_row_of_a_file_is_lost(with_releases, customers, tmp_path):
    """Rows out + rejected = rows in; the second file says which, and why."""
    frame = customers.drop(columns="churn").astype({"age": object, "online": object})
    frame.loc[3, "age"], frame.loc[5, "online"], frame.loc[7, "contract"] = "old", "maybe", "=1+1"
    frame.loc[9, "contract"] = None
    frame.to_csv(tmp_path / "rows.csv", index=False)
    scored = tmp_path / "scored.csv"

    line = ("--model", "@production", "--data", tmp_path / "rows.csv", "--output", scored)
    report = with_releases.get("batch-predict", *line)

    rejected = pd.read_csv(f"{scored}.rejected.csv", keep_default_na=False)
    assert (report["input_rows"], report["rows"], report["rejected"]) == (600, 597, 3)
    assert list(rejected.columns) == ["row", "field", "expected", "got"]
    assert rejected[["row", "field", "got"]].values.tolist() == [
        [3, "age", "old"],
        [5, "online", "maybe"],
        [9, "contract", ""],
    ]
    assert pd.read_csv(scored)["customer_id"].tolist() == frame["customer_id"].drop([3, 5, 9]).tolist()
    assert any("=1+1" in warning for warning in report["warnings"])


def test_one_new_level_in_a_small_file_is_a_warning_and_another_coding_a_refusal(with_releases, customers, tmp_path):
    """A file of one new customer is scored as the row is; a recoded column is refused as a whole."""
    customers.head(1).assign(region="moon").to_csv(tmp_path / "one.csv", index=False)
    recoded = customers["contract"].map({"monthly": "M", "yearly": "Y", "two years": "2Y"})
    customers.assign(contract=recoded).to_csv(tmp_path / "recoded.csv", index=False)
    output = tmp_path / "scored.csv"
    line = ("batch-predict", "--model", "@production", "--output", output, "--data")

    report = with_releases.get(*line, tmp_path / "one.csv")
    scored = output.read_bytes()
    refusal = with_releases(*line, tmp_path / "recoded.csv")

    assert (report["rows"], len(report["warnings"])) == (1, 1)
    assert (refusal.code, refusal.error["details"][0]["field"]) == (1, "contract")
    assert output.read_bytes() == scored


def test_a_file_without_a_feature_is_refused_as_a_whole(with_releases, customers, tmp_path):
    """And no output appears."""
    customers.drop(columns="age").to_csv(tmp_path / "narrow.csv", index=False)
    line = ("--model", "@production", "--data", tmp_path / "narrow.csv", "--output", tmp_path / "scored.csv")

    answer = with_releases("batch-predict", *line)

    assert (answer.code, answer.error["details"][0]["field"]) == (1, "age")
    assert not (tmp_path / "scored.csv").exists()


def test_classes_and_numbers_are_answered_in_their_own_way(shell, customers, tmp_path):
    """Many classes: a probability each. A number: just the number. No id: the row's number, from 0."""
    customers.drop(columns=["customer_id", "signed_up"]).to_csv(tmp_path / "rows.csv", index=False)
    row = json.loads(customers.iloc[0].drop(["customer_id", "signed_up"]).to_json())
    (tmp_path / "forest.yaml").write_text("model: {type: random_forest, n_estimators: 3}")
    answers, headers = {}, {}
    for target in ("contract", "age"):
        shell.get("data", "add", tmp_path / "rows.csv", "--name", "rows", "--target", target)
        run = shell.get("train", "--config", tmp_path / "forest.yaml")
        shell.get("models", "register", run["run_id"], "--name", target)
        answers[target] = shell.get("predict", f"{target}@latest", "--row", json.dumps(row))
        line = ("--model", f"{target}@1.0.0", "--data", tmp_path / "rows.csv", "--output", tmp_path / "scored.csv")
        shell.get("batch-predict", *line)
        headers[target] = [*pd.read_csv(tmp_path / "scored.csv").columns]

    assert set(answers["contract"]["probabilities"]) == {"monthly", "yearly", "two years"}
    assert answers["contract"]["row"] == 0
    assert headers["contract"][1:4] == ["probability_monthly", "probability_two years", "probability_yearly"]
    assert isinstance(answers["age"]["prediction"], float) and answers["age"]["threshold"] is None
    assert headers["age"] == ["row", "prediction", "predicted_at", "model_version"]


# Real processes


def python(*arguments: Any, cwd: Path) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    environment.pop("MLOPS_WORKSPACE", None)
    line = [sys.executable, "-m", "mlops", *map(str, arguments)]
    return subprocess.run(line, cwd=cwd, env=environment, capture_output=True, text=True, check=False, timeout=120)


def test_a_process_keeps_answer_and_asides_apart(tmp_path, customers_csv, config):
    """From any folder: the document on standard output, progress and errors on standard error, exit 0, 1 or 2."""
    added = python("data", "add", customers_csv, "--name", "customers", "--target", "churn", "--json", cwd=tmp_path)
    trained = python("train", "--config", config, "--json", cwd=tmp_path)
    refused = python("data", "show", "nobody@1", cwd=tmp_path)
    wrong = python("data", "shoe", cwd=tmp_path)

    assert [process.returncode for process in (added, trained, refused, wrong)] == [0, 0, 1, 2]
    assert (tmp_path / "workspace" / "WORKSPACE.json").is_file()
    assert json.loads(added.stdout)["rows"] == 600 and added.stderr == ""
    assert json.loads(trained.stdout)["status"] == "finished" and "evaluate" in trained.stderr
    assert refused.stdout == "" and refused.stderr.startswith("Error: ")


def test_the_same_config_gives_the_same_bytes_elsewhere(tmp_path, customers_csv, config):
    """Another workspace and another process: equal model_sha256. Another seed: another model."""

    config.write_text(f"data: {{path: '{customers_csv}', target: churn}}\n{STUMP}")

    def model(workspace: str, *options: str) -> str:
        trained = python("train", "--config", config, "--json", "--workspace", workspace, *options, cwd=tmp_path)
        return json.loads(trained.stdout)["model_sha256"]

    assert model("one") == (again := model("two"))
    assert model("two", "--seed", "7") != again
