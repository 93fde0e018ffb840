"""Monitoring: what is known of a month, and when; never later than now, nor than the past that is asked about."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import roc_auc_score

from mlops.base.errors import InvalidError, NotFoundError, PastError


def test_a_month_tells_how_many_were_asked_and_nothing_of_their_outcomes_before_they_are_known(released, arrive, told):
    """Outcomes count from the instant in which they are known, though their file is there."""
    frame = arrive(3)
    told(frame, "2024-04-30T23:59:59Z")
    [month] = released.monitoring.report().months
    assert (month.month, month.n, month.outcomes, month.best) == ("2024-03", 600, None, None)
    released.set_clock("2024-04-30T23:59:59Z")
    [month] = released.monitoring.report().months
    assert (month.outcomes.known, month.outcomes.as_dict()["of"]) == (600, 600)


def test_the_auc_of_a_month_is_that_of_the_answers_that_were_given(released, arrive, told):
    """By scikit-learn, on the kept scores; its interval holds it."""
    frame = arrive(3)
    released.set_clock("2024-04-30T00:00:00Z")
    told(frame.head(400), "2024-04-29T00:00:00Z")
    [block] = released.predictions.answered("production", "churn_model")
    scores = pd.Series(block.table["score"].to_pylist(), block.table["id"].to_pylist())
    known = frame.head(400)
    [month] = released.monitoring.report("production", "churn_model").months
    assert month.outcomes.auc == roc_auc_score(known["churn"], scores[known["customer_id"]])
    assert month.outcomes.low < month.outcomes.auc < month.outcomes.high
    assert (month.outcomes.known, month.outcomes.answers, month.outcomes.few) == (400, 600, True)


def test_months_come_newest_first_each_with_its_own_customers(released, arrive, told):
    """And who answered is named."""
    frames = {month: arrive(month) for month in (3, 4, 5)}
    told(frames[3], "2024-05-03T00:00:00Z")
    report = released.monitoring.report()
    assert [month.month for month in report.months] == ["2024-05", "2024-04", "2024-03"]
    assert [month.outcomes is None for month in report.months] == [True, True, True]
    released.set_clock("2024-05-03T00:00:00Z")
    assert [month.outcomes is None for month in released.monitoring.report().months] == [True, True, False]
    assert [dict(one) for one in report.months[0].versions] == [{"version": "1.1.0", "n": 600}]


def test_a_past_reports_what_a_copy_of_then_reports(released, arrive, told, tmp_path):
    """Whatever came later: answers, outcomes, and outcomes that were added later but known before."""
    copies = []
    for month in (3, 4, 5):
        frame = arrive(month)
        copies.append(released.fork(tmp_path / f"copy-{month}"))
        released.journal.write("test/copied", {"month": month})
        released.set_clock(f"2024-{month:02d}-20T00:00:00Z")
        told(frame, f"2024-{month:02d}-02T07:00:00Z")
    reports = [copy.monitoring.report() for copy in copies]
    assert [len(report.months) for report in reports] == [1, 2, 3]
    for copy, report in zip(copies, reports, strict=True):
        assert released.at(event=copy.head()).monitoring.report() == report
        assert report.months[0].outcomes is None
    assert released.at("2024-04-10").monitoring.report() == reports[1]


def test_nothing_live_is_said(ws, released):
    """The error names what to do; a name that nobody registered is named."""
    with pytest.raises(NotFoundError, match="Nothing is live in production"):
        ws.monitoring.report()
    with pytest.raises(NotFoundError, match="No model is named 'other'"):
        released.monitoring.report("production", "other")


# Which answers count


def test_of_each_customer_one_answer_counts_the_one_to_kept_data(released, arrive, told):
    """Who tries values on a form, or asks a file twice, does not move the month."""
    row = json.loads(customer(3).to_json())
    released.set_clock("2024-03-02T05:00:00Z")
    for fee in (1.0, 500.0):
        released.predict("@production", {**row, "monthly_fee": fee})
    frame = arrive(3)
    before = released.monitoring.report().months[0]
    released.predict("@production", {**row, "monthly_fee": 900.0})
    released.batch_predict("@production", data="customers@latest")
    after = released.monitoring.report().months[0]
    assert (after.n, after) == (600, before)
    released.set_clock("2024-03-03T00:00:00Z")
    told(frame, "2024-03-03T00:00:00Z")
    file = next(block.table for block in released.predictions.answered("production", "churn_model") if block.batch_id)
    scores = dict(zip(file["id"].to_pylist(), file["score"].to_pylist(), strict=True))
    auc = roc_auc_score(frame["churn"], frame["customer_id"].map(scores))
    assert released.monitoring.report().months[0].outcomes.auc == auc


def test_requests_alone_make_a_month_each_customer_once_by_the_first_answer(released, told):
    """Also where they are sealed meanwhile; without an id each counts."""
    rows = [json.loads(customer(3, at).to_json()) for at in range(5)]
    released.set_clock("2024-03-02T05:00:00Z")
    first = [released.predict("@production", row) for row in rows]
    released.predict("@production", {**rows[0], "monthly_fee": 1.0})
    for _ in range(2):
        released.predict("@production", {**rows[1], "customer_id": None})
    [month] = released.monitoring.report().months
    assert month.n == 7
    [block] = released.predictions.answered("production", "churn_model")
    assert block.table["score"].to_pylist()[:5] == [one.scores["churn_probability"] for one in first]


def test_a_month_of_one_answer_is_a_month(released):
    """Too few rows to tell anything, and said so; nothing breaks."""
    released.set_clock("2024-03-02T05:00:00Z")
    released.predict("@production", json.loads(customer(3).to_json()))
    [month] = released.monitoring.report().months
    assert (month.n, month.inputs["few"], released.alerts.update()) == (1, True, [])
    assert released.monitoring.month("production", None, "2024-03").drift.few


def test_an_outcome_that_was_known_before_the_month_measures_nothing(released, arrive, told):
    """Who is asked about again, long after everybody knows, is no proof of a prediction."""
    frame = arrive(3)
    released.set_clock("2024-04-01T00:00:00Z")
    told(frame, "2024-04-01T00:00:00Z")
    released.set_clock("2024-05-02T00:00:00Z")
    released.batch_predict("@production", data="customers@latest")
    may, march = released.monitoring.report().months
    assert (may.outcomes, may.n, march.outcomes.known) == (None, 600, 600)


def test_outcomes_of_one_file_count_one_after_the_other(released, arrive, told):
    """What was made of those that were known yesterday is not what is known today."""
    frame = arrive(3)
    dates = ["2024-03-10T00:00:00Z" if at < 250 else "2024-03-20T00:00:00Z" for at in range(600)]
    told(frame, dates)
    found = []
    for day in ("2024-03-09", "2024-03-10", "2024-03-19", "2024-03-20"):
        released.set_clock(day)
        [month] = released.monitoring.report().months
        found.append(month.outcomes.known if month.outcomes else 0)
    assert found == [0, 250, 250, 600]


def test_what_staging_answered_is_no_answer_of_production(released, arrive):
    """Each environment has months of its own."""
    arrive(3)
    released.batch_predict("@staging", data="customers@1")
    assert [month.n for month in released.monitoring.report("production").months] == [600]
    [block] = released.predictions.answered("staging", "churn_model")
    assert (block.data_version, len(released.predictions.answered(None, "churn_model"))) == ("customers@1", 2)


def test_late_answers_are_of_the_month_that_is_said(released, arrive, tmp_path):
    """Where the date moved past a month's end; a month that has not begun is refused, and changes nothing."""
    arrive(3)
    released.set_clock("2024-06-15T00:00:00Z")
    report = released.batch_predict("@production", data="customers@latest", month="2024-04")
    assert report.month == "2024-04"
    assert [month.month for month in released.monitoring.report().months] == ["2024-04", "2024-03"]
    head = released.head()
    with pytest.raises(InvalidError, match="'2024-07' has not begun; it is 2024-06"):
        released.batch_predict("@production", data="customers@latest", month="2024-07")
    assert released.head() == head


# The best achievable


def test_the_best_achievable_is_drawn_only_beside_known_outcomes(released, arrive, told):
    """Before, it would say something of outcomes that nobody knows; noting it twice notes nothing."""
    frame = arrive(3)
    released.monitoring.record_best("2024-03", 0.84, "the generator")
    assert released.monitoring.report().months[0].best is None
    released.set_clock("2024-04-30T00:00:00Z")
    told(frame, "2024-04-29T00:00:00Z")
    assert released.monitoring.report().months[0].best == 0.84
    head = released.head()
    released.monitoring.record_best("2024-03", 0.84, "the generator")
    assert released.head() == head
    with pytest.raises(InvalidError, match="1.2 is no AUC"):
        released.monitoring.record_best("2024-03", 1.2, "luck")
    with pytest.raises(PastError):
        released.at(event=3).monitoring.record_best("2024-03", 0.8, "the generator")


def customer(month: int, at: int = 0) -> pd.Series:
    from tests.production.conftest import cohort

    row = cohort(month).drop(columns=["churn", "signed_up"]).iloc[at]
    return row.replace({np.nan: None})


# One month


def test_a_month_tells_everything_about_its_answers(released, arrive, told):
    """Each input against what the live model learned from; groups and calibration only once outcomes are known."""
    frame = arrive(3, lambda frame: frame.assign(monthly_fee=frame["monthly_fee"] * 1.4))
    found = released.monitoring.month("production", None, "2024-03")
    assert (found.month, found.against) == (released.monitoring.report().months[0], "customers@1")
    assert found.drift.features["monthly_fee"]["psi"] == found.month.inputs["drifted"]["monthly_fee"]
    assert (found.groups, dict(found.calibration)) == ((), {})
    released.set_clock("2024-04-01T00:00:00Z")
    told(frame, "2024-03-31T00:00:00Z")
    found = released.monitoring.month("production", None, "2024-03")
    assert {group.column for group in found.groups} >= {"contract", "region"}
    assert sum(one["rows"] for one in found.as_dict()["calibration"]["1"]) == 600
    assert json.dumps(found.as_dict(), allow_nan=False)
    with pytest.raises(NotFoundError, match=r"was not asked in '2024-01'. Asked in: 2024-03"):
        released.monitoring.month("production", None, "2024-01")


def test_a_row_that_stands_twice_in_the_file_counts_once_and_is_a_fault_of_the_data(released, arrive):
    """Whoever looks only at what counts would never see it."""
    arrive(3, lambda frame: pd.concat([frame, frame.head(60)]))
    [month] = released.monitoring.report().months
    assert (month.n, month.inputs["verdict"]) == (600, "data_error")
    found = released.monitoring.month("production", None, "2024-03")
    assert [one["code"] for one in found.drift.schema_errors] == ["duplicates"]


def test_counts_are_what_the_months_say(released, arrive, told):
    """Requests and files alike; nothing where no outcome is known."""
    frames = [arrive(3), arrive(4)]
    assert released.monitoring.known("production", "churn_model") == 0
    released.set_clock("2024-05-01T00:00:00Z")
    for frame in frames:
        told(frame.head(400), "2024-04-30T00:00:00Z")
    months = released.monitoring.report().months
    assert released.monitoring.known("production", "churn_model") == sum(one.outcomes.known for one in months) == 800


def test_a_year_that_was_looked_at_costs_only_what_is_new(released, arrive, told, monkeypatch):
    """Nothing that a month is made of is read or computed again."""
    told(arrive(3), "2024-03-03T00:00:00Z")
    released.set_clock("2024-03-04T00:00:00Z")
    before = released.monitoring.report()
    monkeypatch.setattr("mlops.production.performance.of", None)
    monkeypatch.setattr("mlops.production.drift.of_tables", None)
    monkeypatch.setattr("mlops.data.tables.kept", None)
    released.journal.write("test/looked", {"again": True})
    assert released.monitoring.report() == before
