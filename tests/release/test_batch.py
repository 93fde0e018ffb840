"""Batch: no row is lost, the output is whole or untouched, and a file gets the answers that its rows get one by one."""

from __future__ import annotations

import errno
import gc
import hashlib
import io
import sys

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet
import pytest

from mlops.base.errors import DataError, InvalidError
from mlops.data.reading import delimited, options
from mlops.models import scoring
from mlops.release.batch_files import BatchFiles, Rows
from tests.conftest import STUMP, customers_frame


@pytest.fixture
def rows() -> pd.DataFrame:
    """60 new customers without outcome; cells that can be spoiled."""
    return customers_frame(60, seed=11).drop(columns="churn").astype(object)


@pytest.fixture
def score(released, tmp_path):
    """Write a frame to a file, score it, and return report, answers and rejected rows."""

    def run(frame: pd.DataFrame, data="rows.csv", output="scored.csv", ref="@production"):
        if data.endswith(".parquet"):
            frame.infer_objects().to_parquet(tmp_path / data)
        else:
            frame.to_csv(tmp_path / data, index=False)
        report = released.batch_predict(ref, tmp_path / data, tmp_path / output)
        rejected = tmp_path / f"{output}.rejected.csv"
        return (
            report,
            tmp_path / output,
            pd.read_csv(rejected, dtype=str, keep_default_na=False) if rejected.exists() else None,
        )

    return run


def spoil(rows: pd.DataFrame) -> list[int]:
    """Make some rows unusable; return which."""
    rows.loc[3, "age"], rows.loc[20, "online"], rows.loc[21, "age"] = "old", "maybe", None
    rows.loc[59, ["age", "contract"]] = [40.5, None]
    return [3, 20, 21, 59]


# Rows


def test_every_row_is_answered_or_rejected_in_the_order_of_the_file(score, rows):
    """Rows out and rows rejected are the rows in; a row with two faults is rejected once."""
    bad = spoil(rows)
    report, output, rejected = score(rows)
    assert (report.input_rows, report.rows, report.rejected) == (60, 56, 4)
    assert pd.read_csv(output)["customer_id"].tolist() == rows["customer_id"].drop(bad).tolist()
    assert rejected.values.tolist() == [
        ["3", "age", "an integer", "old"],
        ["20", "online", "a boolean", "maybe"],
        ["21", "age", "an integer", ""],
        ["59", "age", "an integer", "40.5"],
    ]


TEXTS = ("contract", "region")
MISSING = [
    (data, field, code)
    for data in ("rows.csv", "rows.parquet")
    for field in ("age", "monthly_fee", "online", *TEXTS)
    for code in (None, "?", " ")
    if code is None or data == "rows.csv" or field in TEXTS  # a typed column holds no text
]


@pytest.mark.parametrize(("data", "field", "code"), MISSING)
def test_a_row_is_rejected_in_a_file_where_it_is_refused_alone(score, rows, released, data, field, code):
    """A missing value, by whatever code, is taken where training had some, and only there; both doors agree."""
    rows.loc[5, field] = code
    report, _, rejected = score(rows, data)
    row = rows.drop(columns="signed_up").iloc[5].to_dict() | {field: code if field in TEXTS else None}
    if field in ("monthly_fee", "region"):
        assert report.rejected == 0 and released.predict("@production", row)
        return
    with pytest.raises(DataError, match=f"{field} should be"):
        released.predict("@production", row)
    assert (report.rejected, rejected["row"].tolist(), rejected["field"].tolist()) == (1, ["5"], [field])


def test_blocks_do_not_show(score, rows, monkeypatch):
    """A file that is read in pieces gives the answer of one that is read at once."""
    bad = spoil(rows)
    rows.loc[33, "monthly_fee"] = 1e300  # a number, but none that a tree can hold
    _, whole, rejected = score(rows)
    text = whole.read_text()
    monkeypatch.setattr(scoring, "AT_ONCE", 7)
    assert score(rows)[2].equals(rejected) and whole.read_text() == text
    monkeypatch.setattr(delimited, "BLOCK_BYTES", 500)
    report, output, again = score(rows)
    assert output.read_text() == text and again.equals(rejected) and report.rejected == len(bad) + 1


def test_a_file_gets_the_answers_of_its_rows(score, rows, released):
    """To the last digit, and in the label's own type."""
    _, output, _ = score(rows.head(5))
    answers = [released.predict("@production", row).as_dict() for row in reading_of(rows.head(5))]
    scored = pd.read_csv(output)
    assert scored["churn_probability"].tolist() == [answer["churn_probability"] for answer in answers]
    assert scored["prediction"].tolist() == [answer["prediction"] for answer in answers]


def reading_of(frame: pd.DataFrame) -> list[dict]:
    """The rows of a frame as JSON values."""
    return [
        {key: None if pd.isna(value) else value for key, value in row.items() if key != "signed_up"}
        for row in frame.to_dict("records")
    ]


def test_an_answer_says_who_answered_and_when(score, rows, released):
    """The columns of the contract, in their order."""
    report, output, _ = score(rows)
    scored = pd.read_csv(output)
    assert list(scored) == ["customer_id", "churn_probability", "prediction", "predicted_at", "model_version"]
    assert set(scored["model_version"]) == {"1.1.0"} and set(scored["predicted_at"]) == {released.now()}
    assert report.positive == scored["prediction"].sum() and report.predicted_at == released.now()


@pytest.mark.parametrize("data", ["rows.csv", "rows.parquet", "rows.csv.gz"])
@pytest.mark.parametrize("output", ["scored.csv", "scored.parquet"])
def test_every_format_gives_equal_answers(score, rows, data, output):
    """What the file is called is no matter of the model."""
    _, first, _ = score(rows, "first.csv", "first.csv.out")
    _, scored, _ = score(rows, data, output)
    read = pd.read_parquet if output.endswith(".parquet") else lambda path: pd.read_csv(path)
    pd.testing.assert_frame_equal(read(scored), pd.read_csv(first), check_dtype=False)


def test_without_an_id_a_row_is_known_by_its_place_in_the_file(score, rows, monkeypatch):
    """Counted from 0, rejected rows included, however the file is cut into blocks."""
    monkeypatch.setattr(delimited, "BLOCK_BYTES", 500)
    bad = spoil(rows)
    _, output, _ = score(rows.drop(columns="customer_id"))
    assert pd.read_csv(output)["row"].tolist() == [row for row in range(60) if row not in bad]


@pytest.mark.parametrize("output", ["scored.csv", "scored.parquet"])
def test_a_file_without_a_usable_row_has_an_empty_answer(score, rows, output):
    """Columns without rows, and every row in the other file: a handful is no other schema."""
    rows["age"] = "old"
    report, scored, rejected = score(rows.head(15), output=output)
    answers = pd.read_parquet(scored) if output.endswith("parquet") else pd.read_csv(scored)
    assert (report.rows, report.rejected, len(answers), len(rejected)) == (0, 15, 0, 15)
    assert list(answers)[:2] == ["customer_id", "churn_probability"]


def test_levels_never_seen_and_unknown_columns_are_scored_and_counted(score, rows):
    """In the report, each with its number."""
    rows.loc[[1, 2, 3], "region"] = ["moon", "moon", "mars"]
    report, _, rejected = score(rows.assign(hat=1))
    assert (
        report.rows == 60
        and rejected is None
        and report.warnings
        == (
            "region: 3 rows hold levels never seen in training ('moon', 'mars').",
            "'hat' is no column of the training data and was ignored.",
        )
    )


# The files


def test_the_output_is_replaced_whole_and_old_rejects_go(score, rows, tmp_path):
    """Nothing of an earlier answer stays, neither rows nor rejected rows nor a part beside it."""
    good = rows.copy()
    spoil(rows)
    score(rows)
    report, output, rejected = score(good.head(5))
    assert len(pd.read_csv(output)) == 5 and rejected is None and report.rejected_output is None
    assert sorted(path.name for path in tmp_path.iterdir()) == ["released", "rows.csv", "scored.csv"]
    assert hashlib.sha256(output.read_bytes()).hexdigest() == report.output_sha256


def lacking(rows):
    return rows.drop(columns=["age", "region"])


def retyped(rows):
    return rows.assign(age="young", monthly_fee="cheap")


def recoded(rows):
    return rows.assign(contract=rows["contract"].map({"monthly": "M", "yearly": "Y", "two years": "2Y"}))


@pytest.mark.parametrize(
    ("spoiled", "said"),
    [
        (lacking, "age should be a column, but is missing .and 1 more."),
        (recoded, "contract should be known levels, but is '2Y' or 'Y' or 'M'"),
        (retyped, "age should be integer, but is young .and 1 more."),
    ],
)
def test_another_schema_is_refused_as_a_whole_and_the_old_answer_stays(score, rows, released, spoiled, said, tmp_path):
    """No half of an answer, no event, and yesterday's file as it was."""
    _, output, _ = score(rows)
    before, events = output.read_bytes(), released.head()
    with pytest.raises(DataError, match=said):
        score(spoiled(rows))
    assert output.read_bytes() == before and released.head() == events
    assert sorted(path.name for path in tmp_path.iterdir()) == ["released", "rows.csv", "scored.csv"]


def test_a_parquet_file_that_is_given_up_leaves_no_noise(released, rows, tmp_path, monkeypatch):
    """Whoever reads a log of the night reads one error, and it is ours."""
    heard: list[str] = []
    monkeypatch.setattr(sys, "unraisablehook", lambda one: heard.append(str(one.exc_value)))
    monkeypatch.setattr(delimited, "BLOCK_BYTES", 500)
    (tmp_path / "rows.csv").write_text(f"{rows.to_csv(index=False)}one,two\n")
    with pytest.raises(DataError):
        released.batch_predict("@production", tmp_path / "rows.csv", tmp_path / "scored.parquet")
    gc.collect()
    assert heard == []


def test_a_refusal_lists_everything_that_differs(score, rows):
    """One look at the list repairs the file: what is missing and its probable new name, types, and levels."""
    spoiled = recoded(rows).assign(age="young").rename(columns={"monthly_fee": "MonthlyFee"})
    with pytest.raises(DataError) as refused:
        score(spoiled)
    told = {detail["field"]: (detail["expected"], detail["got"]) for detail in refused.value.details}
    assert told["monthly_fee"] == ("a column", "missing; is 'MonthlyFee' its new name?")
    assert told["age"] == ("integer", "young") and told["contract"][0] == "known levels" and len(told) == 3


def test_a_file_is_read_as_the_training_data_was(ws, customers, tmp_path):
    """Semicolons, decimal commas, another encoding and a code for missing: the same answers as from the plain file."""
    plain, other = tmp_path / "plain.csv", tmp_path / "export.csv"
    customers.to_csv(plain, index=False)
    strange = customers.assign(region=customers["region"].replace("north", "nörd")).fillna({"monthly_fee": -999})
    strange.to_csv(other, index=False, sep=";", decimal=",", encoding="latin-1")
    latin = options.ReadOptions(encoding="latin-1")
    said = options.ReadOptions(encoding="latin-1", missing=(*options.MISSING, "-999", "-999,0"))
    ws.datasets.add(other, "customers", target="churn", id="customer_id", options=said)
    model = ws.models.register(ws.train(STUMP), "churn_model")
    report = ws.batch_predict(model, other, tmp_path / "a.csv", options=latin)
    ws.batch_predict(model, plain, tmp_path / "b.csv")
    answers = [pd.read_csv(tmp_path / name)["churn_probability"] for name in ("a.csv", "b.csv")]
    assert report.rejected == 0 and (answers[0] == answers[1]).all()


def test_a_file_that_breaks_in_the_middle_changes_nothing(score, rows, released, tmp_path, monkeypatch):
    """Also where the first blocks were answered already."""
    monkeypatch.setattr(delimited, "BLOCK_BYTES", 500)
    _, output, _ = score(rows)
    before = output.read_bytes()
    with open(tmp_path / "rows.csv", "a") as file:
        file.write("one,two\n")
    with pytest.raises(DataError, match="line 62"):
        released.batch_predict("@production", tmp_path / "rows.csv", output)
    assert output.read_bytes() == before and len(released.batches.list()) == 1


@pytest.mark.parametrize("name", ["=cmd|' /C calc'!A0", "+1+1", "-2+3", "@SUM(A1)"])
def test_no_cell_is_a_formula(score, rows, name):
    """A spreadsheet that opens the answers or the rejected rows runs nothing; plain numbers stay numbers."""
    rows.loc[0, "customer_id"], rows.loc[1, "customer_id"], rows.loc[2, "age"] = name, "-5", name
    _, output, rejected = score(rows)
    ids = pd.read_csv(output, dtype=str)["customer_id"]
    assert ids.head(2).tolist() == [f"'{name}", "-5"] and rejected["got"].tolist() == [f"'{name}"]


@pytest.mark.parametrize(
    ("data", "output", "said"),
    [
        ("rows.csv", "no/scored.csv", "does not exist"),
        ("rows.csv", ".", "is a folder"),
        ("rows.csv", "rows.csv", "is also the input"),
        ("rows.csv.rejected.csv", "rows.csv", "is also the input"),
    ],
)
def test_an_output_that_cannot_be_is_refused_first(released, rows, tmp_path, data, output, said):
    """The input is safe, also where the rejected rows would go, and nothing is read."""
    rows.to_csv(tmp_path / data, index=False)
    before = (tmp_path / data).read_bytes()
    with pytest.raises(InvalidError, match=said):
        released.batch_predict("@production", tmp_path / data, tmp_path / output)
    assert (tmp_path / data).read_bytes() == before and released.batches.list() == []


# The record


def test_a_scored_file_is_one_event_with_counts_and_hash(score, rows, released):
    """Newest first; the names of files, not the paths of this machine."""
    for count in (10, 20):
        score(rows.head(count))
    newest, oldest = released.batches.list()
    assert (newest.rows, oldest.rows, newest.input, newest.output) == (20, 10, "rows.csv", "scored.csv")
    assert released.log()[-1]["kind"] == "batch.predict" and released.verify()["ok"]
    assert released.log()[-1]["payload"]["changes"]["environment"] == "production"


def test_progress_counts_the_rows(released, rows, tmp_path, monkeypatch):
    """Upwards, to the last row."""
    monkeypatch.setattr(delimited, "BLOCK_BYTES", 500)
    rows.to_csv(tmp_path / "rows.csv", index=False)
    heard: list[int] = []
    released.batch_predict("@production", tmp_path / "rows.csv", tmp_path / "scored.csv", heard.append)
    assert heard == sorted(heard) and len(heard) > 3 and heard[-1] == 60 and np.diff(heard).min() > 0


# What is kept


def test_what_the_live_model_answers_is_kept_with_what_it_was_asked(released, rows, score):
    """The id, the score to the last digit, the prediction, and each feature as the model took it; rejected rows not."""
    bad = spoil(rows)
    report, output, _ = score(rows)
    [block] = released.predictions.answered("production", "churn_model")
    written, kept = pd.read_csv(output), block.table
    assert kept["id"].to_pylist() == rows["customer_id"].drop(bad).tolist()
    assert kept["score"].to_pylist() == written["churn_probability"].tolist()
    assert kept["prediction"].to_pylist() == written["prediction"].tolist()
    assert kept["asked.age"].to_pylist() == [int(age) for age in rows["age"].drop(bad)]
    named = released.log()[-1]["payload"]["artifacts"]
    assert [(one["path"], one["sha256"]) for one in named] == [
        (f"predictions/{report.batch_id}.parquet", report.answers_sha256)
    ]
    assert (block.batch_id, block.data_version, block.rows, report.environment) == (
        report.batch_id, None, 56, "production",
    )  # fmt: skip
    assert released.verify()["problems"] == []


def test_a_version_that_is_asked_by_its_number_keeps_nothing(released, rows, score):
    """That is a try; without a file its answers would go nowhere, and that is said."""
    report, _, _ = score(rows, ref="churn_model@1.1.0")
    assert (report.answers_sha256, released.predictions.answered(None, "churn_model")) == (None, [])
    head = released.head()
    with pytest.raises(InvalidError, match="would go nowhere"):
        released.batch_predict("churn_model@1.1.0", data="customers@1")
    assert released.head() == head


def test_a_version_of_the_data_is_answered_as_its_file_is(released, rows, score, tmp_path):
    """Without a file to write; its report and its lineage name the version."""
    report, _, _ = score(rows)
    version = released.datasets.add(tmp_path / "rows.csv", "customers")
    again = released.batch_predict("@production", data=version.ref)
    assert (again.data_version, again.input, again.output, again.rows) == (version.ref, version.ref, None, 60)
    assert again.answers_sha256 == report.answers_sha256
    assert version.ref in [node.ref for node in released.lineage(again.batch_id, down=False).nodes]
    assert again.batch_id in [node.ref for node in released.lineage(version.ref, up=False).nodes]


def test_a_file_wins_where_a_version_has_its_name(released, rows, tmp_path, monkeypatch):
    """A path is what it says."""
    monkeypatch.chdir(tmp_path)
    rows.head(3).to_csv("customers@1", index=False)
    assert released.batch_predict("@production", data="customers@1").input_rows == 3


def test_answers_of_all_tasks_are_kept_alike(tmp_path, ws):
    """Several classes have a score each; a regression has what it predicts."""
    from mlops import builtin

    for name, task in (("iris", "multiclass"), ("diabetes", "regression")):
        version = builtin.add(ws, name)
        model = ws.models.register(ws.train("model: {type: dummy}", data=version.ref), name)
        ws.deploy(model, "staging", "try")
        report = ws.batch_predict(f"{name}@staging", data=version.ref)
        [block] = ws.predictions.answered("staging", name)
        scores = [column for column in block.table.column_names if column.startswith("score")]
        assert (report.rows, len(scores)) == (version.rows, 3 if task == "multiclass" else 1)


class Kept(io.BytesIO):
    """A file that can be read when it is closed."""

    def close(self):
        self.whole = self.getvalue()


class Full(Kept):
    """A file on a disk that takes nothing."""

    def write(self, data):
        raise OSError(errno.ENOSPC, "No space left on device")


@pytest.mark.parametrize("full", [0, 1], ids=["the user's", "the workspace's"])
def test_a_file_that_takes_no_end_keeps_the_other_one_from_none(full):
    """Each is ended, whichever disk is full: a parquet file without an end can be read by nobody."""
    files, table = [Kept(), Kept()], pa.table({"a": [1, 2]})
    files[full] = Full()
    rows = [Rows(file, parquet=True) for file in files]
    for one in rows:
        one.write(table)  # so little that nothing has reached the disk
    with pytest.raises(OSError, match="No space left"):
        BatchFiles(None, "", rows[0], None, rows[1]).finish()
    assert pyarrow.parquet.read_table(pa.BufferReader(files[1 - full].whole)).equals(table)
