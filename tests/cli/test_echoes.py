"""Echoes: what comes back of what somebody sent is short, can be printed anywhere, and can be stored."""

from __future__ import annotations

import json

import pandas as pd
import pytest

from mlops import MlopsError, Workspace
from mlops.base.records import MAX_ROW
from mlops.data import reading
from mlops.data.reading.options import ReadOptions
from mlops.experiments import configs
from mlops.training import workers
from tests.conftest import STUMP, customers_frame
from tests.shell import Shell, mlops

HALF, MEGABYTE = "\ud800", 1 << 20
SHORT = 2000
"""Characters of a sentence that people read, with what is quoted in it."""


@pytest.fixture
def row(released):
    """A row that the live model answers."""
    features = released.models.metadata("@production")["features"]
    frame = customers_frame(3).astype({"signed_up": str}).fillna({"monthly_fee": 30.0})
    values = json.loads(frame.iloc[0].to_json())
    return {"customer_id": "c1", **{name: values[name] for name in features}}


# Short


def test_what_nobody_asked_for_comes_back_short(released, row):
    """A name of nearly a megabyte, or a level of it: the warning quotes its ends, and so does the log."""
    for sent in ({"x" * (MAX_ROW - 200): 1}, {"region": "y" * (MAX_ROW - 200)}):
        answer = released.predict("@production", {**row, **sent})
        assert all(len(warning) < 300 and " ... " in warning for warning in answer.warnings) and answer.warnings
        kept = released.predictions.list(limit=1)[0]
        assert len(json.dumps(kept["answer"])) < SHORT


def test_many_unknown_columns_are_counted(released, row, tmp_path):
    """The first five are named, alone as in a file."""
    many = {f"extra_{number}": 1 for number in range(1000)}
    (warning,) = released.predict("@production", {**row, **many}).warnings
    assert warning.startswith("'extra_0', 'extra_1'") and "'extra_4' and 995 more are no columns of" in warning
    rows = pd.concat([customers_frame(60), pd.DataFrame(1, index=range(60), columns=list(many))], axis=1)
    rows.to_csv(tmp_path / "rows.csv", index=False)
    assert released.batch_predict("@production", tmp_path / "rows.csv", tmp_path / "out.csv").warnings == (warning,)


@pytest.mark.parametrize(
    ("sent", "says"),
    [({"customer_id": "c" * 1001}, "has 1,001 characters"), ({"more": "x" * MEGABYTE}, "The row has more than 1,048,")],
    ids=["id", "row"],
)
def test_what_would_be_logged_without_end_is_refused(released, row, sent, says):
    """From Python as from a command line."""
    with pytest.raises(MlopsError, match=says) as refused:
        released.predict("@production", {**row, **sent})
    assert len(str(refused.value)) < 300 and released.predictions.list() == []


def test_a_rejected_cell_is_quoted_short(released, tmp_path):
    """The row is named, and that is what leads back to it."""
    frame = customers_frame(60).astype(object)
    frame.loc[7, "age"] = "o" * 100_000
    frame.to_csv(tmp_path / "rows.csv", index=False)
    released.batch_predict("@production", tmp_path / "rows.csv", tmp_path / "out.csv")
    assert len((tmp_path / "out.csv.rejected.csv").read_text()) < SHORT


def test_what_is_said_about_a_file_or_a_config_is_short(ws, tmp_path):
    """Notes, problems and their fields, whatever stands in a cell or a key."""
    long = "v" * 500_000
    (tmp_path / "long.csv").write_text("id,kind\n" + "".join(f"{number},{long}\n" for number in range(3)))
    notes = reading.preview(tmp_path / "long.csv").notes
    notes += ws.datasets.add(tmp_path / "long.csv", "long", target="kind").warnings
    assert notes and all(len(note["message"] + note["next_step"]) < SHORT for note in notes)
    (tmp_path / "long.yaml").write_text(f"model: {{type: dummy, {'k' * 60_000}: 1}}\n")
    assert all(len(json.dumps(problem)) < SHORT for problem in configs.check(tmp_path / "long.yaml")["problems"])
    (tmp_path / "next.csv").write_text(f"id,kind\n1,{'w' * 500_000}\n2,short\n3,other\n")
    found = ws.datasets.validate(tmp_path / "next.csv", "long@1").problems
    assert all(len(problem["message"] + problem["suggestion"]) < SHORT for problem in found)


# Printable


SEQUENCE = "\x1b[31mred\x9b2J\u202e"


def test_no_text_reaches_a_terminal_as_an_order(released, tmp_path):
    """From a note, a reason or a file, as text or as JSON, where it still is what it was."""
    run = released.runs.list()[0].run_id
    released.runs.note(run, f"{SEQUENCE}\nsecond line")
    (tmp_path / "title.csv").write_text("tit\x1b[31mle\nname,x,y\na,1,2\nb,2,3\n")
    shell = Shell(released.path)
    lines = (["runs", "note", run, SEQUENCE], ["runs", "show", run], ["runs", "list"], ["log"])
    for line in (*lines, ["data", "preview", tmp_path / "title.csv"]):
        for answer in (mlops("--workspace", released.path, *line), shell(*line)):
            assert (answer.out + answer.err).replace("\n", "").isprintable(), line
    assert shell.get("runs", "show", run)["note"] == SEQUENCE


def test_long_cells_are_cut_where_people_read_and_whole_for_programs(released):
    """A table stays a table."""
    run = released.runs.list()[0].run_id
    released.runs.note(run, "n" * 2000)
    assert max(map(len, mlops("--workspace", released.path, "runs", "list").out.splitlines())) < 500
    assert len(Shell(released.path).get("runs", "show", run)["note"]) == 2000


# Storable


@pytest.mark.parametrize(
    "door",
    [
        lambda ws, csv, row: Workspace.open(ws.path, actor=HALF),
        lambda ws, csv, row: ws.datasets.add(csv.with_name(f"{HALF}.csv"), "x"),
        lambda ws, csv, row: ws.datasets.add(csv, HALF),
        lambda ws, csv, row: ws.datasets.add(csv, "x", target=HALF),
        lambda ws, csv, row: ws.datasets.add(csv, "x", target="churn", positive=HALF),
        lambda ws, csv, row: ws.datasets.add(csv, "x", message=HALF),
        lambda ws, csv, row: ws.datasets.add(csv, "x", options=ReadOptions(missing=("", HALF))),
        lambda ws, csv, row: ws.datasets.add(csv, "x", options=ReadOptions(types={HALF: "text"})),
        lambda ws, csv, row: ws.datasets.add(csv, "x", options=ReadOptions(types={"age": HALF})),
        lambda ws, csv, row: ws.datasets.add(csv, "x", options=ReadOptions(units={"age": HALF})),
        lambda ws, csv, row: ws.datasets.validate(HALF),
        lambda ws, csv, row: ws.outcomes.add(csv, HALF),
        lambda ws, csv, row: ws.outcomes.add(csv, "customers", HALF),
        lambda ws, csv, row: ws.train(f"name: {HALF}\nmodel: {{type: dummy}}\n"),
        lambda ws, csv, row: ws.train(STUMP, note=HALF),
        lambda ws, csv, row: ws.train(STUMP, tags={HALF: "a"}),
        lambda ws, csv, row: ws.train(STUMP, overrides={"name": HALF}),
        lambda ws, csv, row: ws.train(STUMP, overrides={f"thresholds.{HALF}": 0.5}),
        lambda ws, csv, row: ws.train(STUMP, overrides={"data.target": HALF}),
        lambda ws, csv, row: ws.train(STUMP, overrides={"features.exclude": [HALF]}),
        lambda ws, csv, row: ws.submit(STUMP, note=HALF, pool=workers.Pool(spare=False)),
        lambda ws, csv, row: ws.sweep(STUMP, {f"thresholds.{HALF}": [0.5]}),
        lambda ws, csv, row: ws.runs.log("a", {HALF: 1}, {}),
        lambda ws, csv, row: ws.runs.log("a", {}, {"validation": {HALF: 1.0}}),
        lambda ws, csv, row: ws.models.register(ws.runs.list()[0], "m", card={"owner": HALF}),
        lambda ws, csv, row: ws.models.reject("churn_model@1.0.0", HALF),
        lambda ws, csv, row: ws.deploy("churn_model@1.1.0", "production", "r", override=HALF),
        lambda ws, csv, row: ws.rollback("production", reason=HALF),
        lambda ws, csv, row: ws.predict("@production", {**row, HALF: 1}),
        lambda ws, csv, row: ws.predict("@production", {**row, "customer_id": HALF}),
        lambda ws, csv, row: ws.predict("@production", {**row, "region": HALF}),
        lambda ws, csv, row: ws.predict("@production", {**row, "age": HALF}),
        lambda ws, csv, row: ws.batch_predict("@production", csv, csv.with_name(HALF)),
        lambda ws, csv, row: ws.batch_predict("@production", csv, csv.with_name("o"), options=ReadOptions(missing=(HALF,))),
    ],
)  # fmt: skip
def test_half_a_character_is_refused_at_every_door(released, row, tmp_path, door):
    """In our words, and nothing is half-written."""
    customers_frame(60).to_csv(tmp_path / "rows.csv", index=False)
    assert released.predict("@production", row)
    before, files = released.head(), sorted(tmp_path.rglob("*"))
    with pytest.raises(MlopsError) as refused:
        door(released, tmp_path / "rows.csv", row)
    assert refused.value.next_step and str(refused.value).encode()
    assert released.head() == before and sorted(tmp_path.rglob("*")) == files


def test_a_machine_whose_name_for_somebody_is_broken_can_still_be_used(released, monkeypatch):
    """Nobody chose it here; it is spelled out, and cut."""
    monkeypatch.setenv("MLOPS_ACTOR", "caf\udce9" + "x" * 5000)
    ws = Workspace.open(released.path)
    ws.runs.note(ws.runs.list()[0].run_id, "mine")
    assert ws.log()[-1]["actor"].startswith("caf\\udce9x") and len(ws.log()[-1]["actor"]) < 300 and ws.verify()["ok"]
