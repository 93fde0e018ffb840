"""A file that was answered: counts in words and money, its scores against the threshold, its rows; kept for later."""

from __future__ import annotations

import json
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlops import Workspace
from playground import hundred, scored
from playground.hundred import Costs
from playground.ui.predict import file as screen
from tests.conftest import customers_frame
from tests.screens import ROOT, button, open_page, unfold, words_on

CHURN = {"target": "churn", "task": "binary", "labels": [0, 1], "positive": 1, "id": "customer_id"}


def answers(scores: list[float], cut: float) -> pa.Table:
    ids = [f"c{number}" for number in range(len(scores))]
    return pa.table({"id": ids, "score": scores, "prediction": [int(score >= cut) for score in scores]})


def report(rows: int, rejected: int = 0) -> SimpleNamespace:
    return SimpleNamespace(
        input_rows=rows + rejected, rows=rows, rejected=rejected, predicted_at="2024-01-01T00:00:00.000000Z",
        model_version="1.0.0",
    )  # fmt: skip


@pytest.fixture
def full(released: Workspace, tmp_path, monkeypatch) -> Workspace:
    """A workspace on screen whose live model answered 40 rows of a file; one more could not be used."""
    monkeypatch.setenv("MLOPS_WORKSPACE", str(released.path))
    frame = customers_frame(rows=41, seed=3).drop(columns="churn").astype({"age": object})
    frame.loc[7, "age"] = "old"
    frame.to_csv(tmp_path / "march.csv", index=False)
    released.batch_predict("@production", tmp_path / "march.csv", tmp_path / "answers.csv")
    return released


def open_file(**query: str):
    at = open_page("predict", **query)
    at.session_state["predict.tabs"] = "A file"
    return at.run()


@given(st.lists(st.floats(0, 1), min_size=1, max_size=60), st.floats(0.01, 0.99))
def test_the_bars_on_one_side_of_the_threshold_are_those_to_act_on(scores, cut):
    """The threshold is an edge of the bars, so that no bar lies on both sides of it."""
    found = scored.of(answers(scores, cut), report(len(scores)), CHURN, cut, Costs(), hundred.OF_CHURN)
    table = found.frame()

    assert sum(found.counts) == len(scores)
    assert table[table["decision"] == "likely to leave"]["rows"].sum() == found.called.many == found.decisions[0][1]
    assert np.all(np.diff(found.edges) > 0) and (found.edges[0], found.edges[-1]) == (0, 1)


def test_what_it_is_worth_is_counted_as_under_the_hundred_people():
    """Scores are taken at their word, for nobody knows yet who leaves."""
    costs = Costs(calls=1, price=5, one_in=2, worth=100)
    found = scored.of(answers([0.9, 0.5, 0.1], 0.4), report(3), CHURN, 0.4, costs, hundred.OF_CHURN)

    assert found.head == "2 of 3 customers to call"
    assert found.called.net == pytest.approx(1.4 / 2 * 100 - 2 * 5) and found.able.net == pytest.approx(
        0.9 / 2 * 100 - 5
    )
    assert found.sentences == (
        "They are likely to leave: a score from 40% on. By their scores 1 of them would leave: 60 EUR more than doing "
        "nothing, at 5 EUR a call, if a call keeps 1 in 2 and who stays is worth 100 EUR.",
        "The 1 highest begin at 90%. By their scores 1 of them would leave: 40 EUR more than doing nothing.",
    )


def test_a_target_of_other_people_is_said_in_plain_words():
    """No customers, no calls, no euros."""
    fraud = {**CHURN, "target": "fraud"}
    found = scored.of(answers([0.9, 0.2], 0.5), report(2), fraud, None, Costs(), hundred.words_for("fraud", 1))
    assert found.head == "1 of 2 rows to act on" and found.sentences[0].startswith(
        "They are fraud = 1: a score from 50%"
    )
    assert "EUR" not in " ".join(found.sentences)


def test_where_no_row_could_be_answered_that_is_said():
    """Neither a figure nor a sum of nothing."""
    found = scored.of(answers([], 0.5), report(0, rejected=3), CHURN, 0.5, Costs(), hundred.OF_CHURN)
    assert found.head == "No row could be answered." and found.sentences == ()


def test_classes_and_numbers_have_counts_and_sums_of_their_own():
    """No threshold, and no money."""
    plan = {"target": "plan", "task": "multiclass", "labels": ["a", "b"], "positive": None, "id": None}
    table = pa.table({"id": [None, None, None], "score_0": [0.9, 0.2, 0.3], "score_1": [0.1, 0.8, 0.7],
                      "prediction": ["a", "b", "b"]})  # fmt: skip
    found = scored.of(table, report(3), plan, None, Costs(), hundred.words_for("plan", None))
    assert found.head == "2 plan = b, 1 plan = a" and list(found.frame()["rows"]) == [2, 1]
    assert list(scored.rows(table, plan, highest=True)["score"]) == [0.9, 0.8, 0.7]

    fee = {"target": "fee", "task": "regression", "labels": [], "positive": None, "id": None}
    table = pa.table({"id": [None] * 3, "score": [3.0, 1.0, 2.0], "prediction": [3.0, 1.0, 2.0]})
    found = scored.of(table, report(3), fee, None, Costs(), hundred.words_for("fee", None))
    assert found.head == "fee: 6 in sum" and found.sentences == ("Half of the 3 rows are below 2.",)
    assert sum(found.counts) == 3 and list(scored.rows(table, fee, highest=True)["fee"]) == [3.0, 2.0, 1.0]


def test_what_is_downloaded_is_what_the_command_writes(full, tmp_path):
    """The same columns and digits; only that here they come from what the workspace keeps."""
    [batch] = full.batches.list()
    written = pd.read_csv(tmp_path / "answers.csv")
    kept = screen._document(full, batch.batch_id, "churn_model")
    assert kept.to_csv(index=False) == written.to_csv(index=False)
    highest = screen._table(full, batch.batch_id, "churn_model", True, 3)
    assert list(highest["score"]) == sorted(written["churn_probability"], reverse=True)[:3]


def test_a_file_is_told_in_counts_rows_and_a_figure_also_after_a_reload(full):
    """Whoever comes finds the newest file that was answered; one row that was asked about is no file."""
    [batch] = full.batches.list()
    full.predict("@production", full.models.metadata("@production")["examples"][0]["row"])
    at = open_file()
    said = words_on(at).replace("\\", "")

    assert not at.exception and f"#### {batch.positive} of 40 customers to call" in said
    assert "41 rows, 40 answered, 1 could not be used" in said
    assert len(at.get("plotly_chart")) == 1 and len(at.dataframe[0].value) == screen.FIRST_ROWS
    assert f"The {batch.positive} to call" in [one.label for one in at.get("download_button")]
    assert sum(unfold(at, "table.scored").dataframe[0].value["rows"]) == 40
    at.switch_page(str(ROOT / "pages" / "data.py")).run()
    assert f"#### {batch.positive} of 40" in words_on(open_file())


def test_a_new_file_is_the_one_that_is_told(full, tmp_path):
    """The one that was asked for, and its rejected rows while this session lasts."""
    frame = customers_frame(rows=12, seed=4).drop(columns="churn").astype({"age": object})
    frame.loc[2, "age"] = "young"
    at = open_file()
    at.segmented_control(key="predict.source").set_value("Your file").run()
    at.file_uploader(key="predict.upload").upload("april.csv", frame.to_csv(index=False).encode()).run()
    button(at, "Predict the file").click().run()
    labels = [one.label for one in at.get("download_button")]

    assert not at.exception and at.selectbox(key=screen.ANSWERS).value == full.batches.list()[0].batch_id
    assert "12 rows, 11 answered, 1 could not be used" in words_on(at) and "Rejected rows" in labels
    assert "april" in str(full.batches.list()[0].input)


def test_costs_are_those_of_the_hundred_people(full):
    """Said once, they count on both screens."""
    at = unfold(open_file(), "predict.costs")
    at.number_input[1].set_value(7.0).run()
    assert "at 7 EUR a call" in words_on(at).replace("\\", "")
    assert json.loads((full.path / "desk.json").read_text())["kept.compare.costs"]["dict"]["price"] == 7.0


def test_in_the_past_the_files_of_then_are_told(full):
    """And none that came later."""
    before = full.head() - 1
    assert "to call" not in words_on(open_file(at=str(before))) and "to call" in words_on(
        open_file(at=str(full.head()))
    )
