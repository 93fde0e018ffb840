"""What a column is called, its unit and its meaning stand wherever people meet the column."""

from __future__ import annotations

from pathlib import Path

import pytest

from mlops import Workspace, sample
from playground.ui.kit import lists
from tests.conftest import STUMP
from tests.screens import drawn_on, open_page, words_on


@pytest.fixture(scope="module")
def _live(tmp_path_factory) -> Workspace:
    ws = Workspace.open(tmp_path_factory.mktemp("words") / "live")
    sample.add(ws)
    model = ws.models.register(ws.train(STUMP), "churn_model")
    for environment in ("staging", "production"):
        ws.deploy(model, environment, "first")
    return ws


@pytest.fixture
def live(_live: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Workspace:
    """The sample with its descriptions, a run, and a live model."""
    monkeypatch.setenv("MLOPS_WORKSPACE", str(tmp_path / "live"))
    return _live.fork(tmp_path / "live")


def test_who_asks_the_model_sees_labels_units_and_meanings(live):
    """A person who calls customers knows hours, not `usage_hours`."""
    at = open_page("predict")
    fields = {one["label"]: (one["unit"], one["meaning"]) for one in drawn_on(at, "one_row")["fields"]}
    assert not at.exception
    assert fields["Usage"][0] == "hours" and fields["Monthly fee"][0] == "EUR" and "Contract" in fields
    assert "after discounts, with add-ons" in fields["Monthly fee"][1]


def test_a_profile_says_what_each_column_is_called_and_means(live):
    """The name that configs use stands beside it."""
    at = open_page("data")
    at.session_state["data.tabs"] = "Profile"
    at.run()
    table = next(one.value for one in at.dataframe if "Distribution" in one.value)
    fee = table.set_index("Column").loc["monthly_fee"]
    assert (fee["Called"], fee["Meaning"].startswith("what the customer pays")) == ("Monthly fee (EUR)", True)
    assert "**Customer**" in words_on(at)  # the first column, drawn large


def test_the_form_of_a_config_calls_columns_by_their_labels(live):
    """And writes their names."""
    at = open_page("train")
    at.segmented_control(key="workbench.way").set_value("Form").run()
    left_out = next(one for one in at.multiselect if one.label == "columns left out")
    assert "Monthly fee (EUR)" in left_out.options and left_out.value == ["month"]


def test_groups_are_chosen_by_label_and_the_axis_has_it(live):
    """The chart says by what it was cut."""
    at = open_page("run", id=live.runs.list()[0].run_id)
    at.session_state["run.tabs"] = "Curve"
    at.run()
    view = next(one for one in [*at.segmented_control, *at.selectbox, *at.radio] if "Groups" in one.options)
    view.set_value("Groups").run()
    groups = at.selectbox(key="diagnosis.column")
    assert "Tenure (months)" in groups.options and not at.exception


def test_a_version_borrows_the_words_that_it_was_not_given(ws, tmp_path):
    """Who described the second version need not describe the first one again; its own words come first."""
    for number, columns in enumerate((None, {"age": {"label": "Age"}}, {"age": {"label": "Years"}})):
        (tmp_path / "a.csv").write_text(f"id,age\n1,{number}\n2,40\n")
        ws.datasets.add(tmp_path / "a.csv", "people", columns=columns)
    asked = [lists._described(ws, f"people@{number}") for number in (1, 2, 3)]
    assert [one["age"]["label"] for one in asked] == ["Years", "Age", "Years"]
    assert lists._described(ws, "nobody@1") == {}


def test_a_table_that_nobody_described_is_shown_by_its_names(ws, tmp_path, monkeypatch):
    """No empty columns for words that are not there."""
    monkeypatch.setenv("MLOPS_WORKSPACE", str(ws.path))
    (tmp_path / "a.csv").write_text("id,age\n1,30\n2,40\n")
    ws.datasets.add(tmp_path / "a.csv", "people")
    at = open_page("data")
    at.session_state["data.tabs"] = "Profile"
    table = next(one.value for one in at.run().dataframe if "Distribution" in one.value)
    assert not {"Called", "Meaning"} & set(table)
