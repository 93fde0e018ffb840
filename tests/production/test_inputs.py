"""Inputs: a version or a file is held against a version, or against what a model learned from and answered."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from mlops import Workspace
from mlops.base.errors import InvalidError
from mlops.models import scoring
from mlops.models.matrix import Cells
from mlops.production import inputs
from tests.conftest import customers_frame
from tests.shell import Shell, mlops


def month(folder: Path, fee: float = 0, **changes) -> Path:
    """Write other customers, whose fees are higher by so much."""
    frame = customers_frame(rows=700, seed=99)
    frame = frame.assign(monthly_fee=frame["monthly_fee"] + fee, **changes).drop(columns="churn")
    frame["customer_id"] = "d" + frame["customer_id"].str[1:]
    frame.to_csv(folder / "month.csv", index=False)
    return folder / "month.csv"


def test_a_file_is_compared_as_the_version_that_it_becomes(released: Workspace, tmp_path):
    """It is read as the reference was."""
    path = month(tmp_path, fee=9)
    of_file = released.drift("customers@1", path)
    assert (of_file.verdict, of_file.drifted) == ("drift", ("monthly_fee",))
    version = released.datasets.add(path, "customers")
    assert released.drift("customers@1", version.ref) == of_file


def test_a_model_is_asked_what_it_looks_at_and_what_it_answers(released: Workspace, tmp_path):
    """The reference is what it learned from; its answers then are those to rows that it had not learned."""
    path = month(tmp_path, fee=30)
    found = released.drift(None, path, model="@production")
    loaded = released.models.load("@production")
    assert [*found.features] == [*loaded.signature.names]
    run = released.runs.predictions(loaded.version.run_id)
    assert found.score and found.score["n_reference"] == int((run["part"] != "train").sum())
    assert found.score["n_current"] == 700 and found.score["psi"] > 0.25
    rows = released.datasets.held(path, released.datasets.get("customers@1"))[1]
    expected = scoring.probabilities(
        loaded.pipeline,
        Cells.of_rows(rows.select(loaded.signature.names).to_pylist(), loaded.signature),
        loaded.signature,
    )
    assert np.array_equal(inputs.answers(loaded, rows, rows), expected)


def test_what_a_model_cannot_answer_has_no_score(released: Workspace, tmp_path):
    """A column that is gone, or coded otherwise, is said; there is nothing to compare."""
    path = month(tmp_path, region=["1", "2"] * 350)
    recoded = released.drift(None, path, model="@production")
    assert (recoded.verdict, recoded.score) == ("data_error", None)
    path.write_text("".join(line.replace("region", "zone") for line in path.open(encoding="utf-8")), encoding="utf-8")
    gone = released.drift(None, path, model="@production")
    assert (gone.verdict, gone.score) == ("data_error", None)


def test_what_is_news_is_told_against_the_month_before(released: Workspace, tmp_path):
    """A fee that stays higher is no news in the second month."""
    released.datasets.add(month(tmp_path, fee=9), "customers")
    path = month(tmp_path, fee=9.01)
    assert released.drift("customers@1", path).new is None
    assert released.drift("customers@1", path, before="customers@2").new == ()


def test_something_must_be_named_to_compare_with(released: Workspace, tmp_path):
    """There is no reference that goes without saying."""
    with pytest.raises(InvalidError, match="Nothing is named to compare with"):
        released.drift(None, month(tmp_path))


def test_the_command_prints_its_document_and_exits_0_also_where_it_alarms(released: Workspace, tmp_path):
    """An alarm is an answer; only a line that cannot be carried out is refused."""
    shell, path = Shell(released.path), month(tmp_path, fee=9)
    document = shell.get("drift", "--reference", "customers@1", "--current", path)
    assert document["verdict"] == "drift" and document == released.drift("customers@1", path).as_dict()
    told = mlops("--workspace", released.path, "drift", "--model", "@production", "--current", path)
    assert told.code == 0 and told.out.startswith("drift: Inputs changed: monthly_fee")
    assert "(the answers)" in told.out and "<0.0001" in told.out
    assert shell("drift", "--current", path).code == 2
