"""One row: the answer moves while a value moves, and every answer that is shown is one that a caller would get."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlops import Workspace
from playground import one_row
from playground.one_row import STOPS, Answer, Field, OneRow, Side
from playground.ui.kit import session
from playground.ui.predict import one
from playground.ui.predict import one_row as form
from tests.conftest import LOGISTIC
from tests.screens import ROOT, drawn_on, open_page, unfold, words_on

AGE = Field("age", "Age", "years", "", "number", True, True, 18, 22, (18, 20, 22))
PLAN = Field("plan", "Plan", "", "", "choice", False, False, None, None, ("basic", "plus"))


@pytest.fixture
def full(released: Workspace, monkeypatch) -> Workspace:
    """The workspace of two releases, on screen."""
    monkeypatch.setenv("MLOPS_WORKSPACE", str(released.path))
    return released


def put(at, ws: Workspace, row: dict, before: dict | None = None):
    """Let the browser have told of a row."""
    of = (ws.id, "churn_model", at.pills[0].value)
    at.session_state[session.ROW.key] = {"of": of, "row": row, "before": before, "sent": 1}
    return at.run()


# What a field may be


@given(st.lists(st.floats(-1e9, 1e9, allow_subnormal=False), min_size=4, max_size=4).map(sorted), st.booleans())
def test_a_slider_rests_at_few_round_values_that_the_data_have(numbers, whole):
    """Within what was seen; of whole numbers whole ones; each once, from the least to the largest."""
    low, q1, q3, high = map(round, numbers) if whole else numbers
    found = one_row.stops({"min": low, "q1": q1, "q3": q3, "max": high}, whole)

    assert 1 <= len(found) <= STOPS + 1
    assert all(low <= value <= high for value in found) and list(found) == sorted({*found})
    assert all(isinstance(value, int) for value in found) or not whole


def test_a_slider_leaves_out_what_is_far_from_all_others():
    """One millionaire must not squeeze everybody else into one place; the box beside it takes any number."""
    assert one_row.stops({"min": 0, "q1": 10, "q3": 20, "max": 1_000_000}, whole=True)[-1] == 50
    assert one_row.stops({"min": 0, "q1": 0, "q3": 0, "max": 30}, whole=True)[-1] == 30


def test_what_lies_outside_of_the_data_is_said():
    """A model answers everywhere, and knows nothing out there."""
    assert AGE.beyond(99).startswith("Its data have 18 to 22 years") and AGE.beyond(18) == AGE.beyond(None) == ""
    assert PLAN.beyond("moon") and not PLAN.beyond("plus")


def test_fields_have_the_labels_units_and_ranges_of_their_data(full):
    """Said once with the data, and seen in them; the form asks in the order of the model."""
    said = {"monthly_fee": {"label": "Monthly fee", "unit": "EUR", "meaning": "after discounts"}}
    signature = full.models.metadata("@production")["signature"]
    profile = full.datasets.profile("customers@1")
    found = {field.name: field for field in one_row.fields(signature, profile, said)}
    fees = full.datasets.frame("customers@1")["monthly_fee"]

    assert [*found] == [feature["name"] for feature in signature["features"]]
    assert (found["monthly_fee"].label, found["monthly_fee"].unit) == ("Monthly fee", "EUR")
    assert (found["monthly_fee"].low, found["monthly_fee"].high) == (fees.min(), fees.max())
    assert found["online"].stops == (True, False) and "monthly" in found["contract"].stops
    assert found["monthly_fee"].nullable and not found["age"].nullable


def test_a_model_of_very_many_fields_is_asked_about_the_first_ones():
    """A row of 500 fields must not become 20,000 rows whenever one of them moves."""
    many = [Field(f"f{at}", "", "", "", "number", True, False, 0, 39, tuple(range(40))) for at in range(500)]
    assert 900 < len(one_row.asked(many, {field.name: 0 for field in many})) <= one_row.ASKED


# The answers


def test_every_answer_on_the_way_is_the_one_that_a_caller_gets(full):
    """Wherever a slider rests and whatever is chosen: asked for real, the answer is the same to the last digit."""
    drawn = drawn_on(open_page("predict"), "one_row")
    [side] = drawn["sides"]
    assert full.predictions.list() == []  # what if is no request
    ways = [(name, at) for name, points in drawn["points"].items() for at in (0, len(points) // 2, -1)]
    assert len(ways) == 3 * len(drawn["fields"])
    for name, at in ways:
        row = {"customer_id": "c1", **drawn["row"], name: drawn["points"][name][at]}
        answer = full.predict("@production", row)
        shown = side["others"][name][at]
        assert shown["numbers"] == [answer.scores["churn_probability"]]
        assert drawn["decisions"][shown["decided"]] == (
            "likely to leave" if answer.prediction == 1 else "likely to stay"
        )


def test_yours_stands_beside_live_where_it_is_another_model(full):
    """A run without a version as well, with its own threshold; the very model that is live stands alone."""
    assert [side["word"] for side in drawn_on(open_page("predict"), "one_row")["sides"]] == [""]
    run = full.train(LOGISTIC + "thresholds: {churn: 0.2}\n")
    drawn = drawn_on(open_page("predict"), "one_row")
    live, yours = drawn["sides"]
    [answer] = full.predictions.suppose(run.run_id, drawn["row"])

    assert (live["word"], yours["word"], yours["threshold"]) == ("live", "yours", 0.2)
    assert yours["now"]["numbers"] == [answer["churn_probability"]] and live["threshold"] != yours["threshold"]


def test_yours_may_look_at_fewer_columns(full):
    """What it does not look at changes nothing of its answer."""
    full.train(LOGISTIC, overrides={"features.exclude": ["region"]})
    live, yours = drawn_on(open_page("predict"), "one_row")["sides"]
    assert len({one["numbers"][0] for one in yours["others"]["region"]}) == 1 and not yours["refused"]
    assert len({one["numbers"][0] for one in live["others"]["region"]}) > 1


def test_the_row_and_its_ghost_survive_another_page_and_a_reload(full):
    """What was moved stays, with the answer before it; nothing of it is logged."""
    at = open_page("predict")
    before = drawn_on(at, "one_row")["row"]
    put(at, full, {**before, "monthly_fee": 77.5}, before)
    at.switch_page(str(ROOT / "pages" / "data.py")).run().switch_page(str(ROOT / "pages" / "predict.py")).run()
    first, again = drawn_on(at, "one_row"), drawn_on(open_page("predict"), "one_row")

    assert first["row"]["monthly_fee"] == 77.5 and again == first
    assert again["sides"][0]["was"] != again["sides"][0]["now"] and full.predictions.list() == []


def test_the_answer_survives_another_page_and_a_reload(full):
    """It stands beside the row that it was given to, with the id under which it is logged."""
    at = open_page("predict")
    at.button(key="predict.ask").click().run()
    [logged] = full.predictions.list()
    at.switch_page(str(ROOT / "pages" / "data.py")).run().switch_page(str(ROOT / "pages" / "predict.py")).run()

    assert logged["prediction_id"] in words_on(at) and logged["prediction_id"] in words_on(open_page("predict"))


def test_what_the_model_refuses_is_said_and_the_row_stays(full):
    """A number beyond what it can hold has no answer; the form keeps it, to be corrected."""
    at = open_page("predict")
    row = {**drawn_on(at, "one_row")["row"], "monthly_fee": 1e300}
    drawn = drawn_on(put(at, full, row), "one_row")

    assert not at.exception and drawn["row"] == row and drawn["sides"][0]["now"] is None
    assert "monthly_fee should be a number that the model can hold" in drawn["sides"][0]["refused"]


def test_what_if_works_in_the_past_and_predict_does_not(full):
    """By the version that was live then; only what records something waits for today."""
    at = open_page("predict", at=str(full.at("2024-02-01").event))
    assert at.button(key="predict.ask").disabled
    assert drawn_on(at, "one_row")["sides"][0]["name"] == "v1.0.0"


# What the browser tells


@pytest.mark.parametrize(
    "said",
    [
        None, "row", {"row": {"age": 1, "plan": "plus"}}, {"row": {"age": 1}, "sent": 1},
        {"row": {"age": 1, "plan": "plus", "more": 1}, "sent": 1}, {"row": {"age": [1], "plan": "plus"}, "sent": 1},
        {"row": ["age", "plan"], "sent": 1}, {"row": {"age": 1, "plan": "plus"}, "sent": "1"},
    ],
)  # fmt: skip
def test_what_is_no_row_of_the_model_is_not_heard(said):
    """A browser may say anything."""
    found = OneRow((AGE, PLAN), {"age": 18, "plan": "plus"}, (), "binary", "", (), (0, 1))
    assert form.row_of(said, found) is None
    assert form.row_of({"row": {"plan": "moon", "age": None}, "sent": 1}, found) == {"age": None, "plan": "moon"}


def test_the_ghost_is_the_answer_before_a_field_began_to_move(full, monkeypatch):
    """A slider that goes by keys tells of every place; the ghost stays where the way began, until another moves."""
    monkeypatch.setattr(session.Kept, "set", lambda kept, value: told.append(value))
    told: list[dict] = []
    kept = {"of": (), "row": {"age": 18, "fee": 1}, "before": None, "sent": 0}
    one._tell(kept, {"age": 20, "fee": 1}, 1)
    one._tell(told[-1], {"age": 22, "fee": 1}, 2)
    assert told[-1]["before"] == {"age": 18, "fee": 1}
    one._tell(told[-1], {"age": 22, "fee": 2}, 3)
    assert told[-1]["before"] == {"age": 22, "fee": 1} and told[-1]["sent"] == 3


# Its twins


def test_a_sentence_says_what_the_gauges_show():
    """Both sides, and the answer before where it was another one."""
    sides = (
        Side("live", "v1.0.0", 0.35, Answer((0.4,), 0), Answer((0.2,), 1), {"age": (Answer((0.1,), 1),) * 4}),
        Side("yours", "v1.1.0", 0.5, Answer((0.41,), 1), Answer((0.41,), 1), {}),
    )
    found = OneRow(
        (AGE, PLAN), {"age": 18, "plan": "plus"}, sides, "binary", "chance to leave",
        ("likely to leave", "likely to stay"), (0, 1),
    )  # fmt: skip
    assert found.sentence == (
        "Chance to leave. live v1.0.0: 40%, likely to leave (before: 20%, likely to stay); "
        "yours v1.1.0: 41%, likely to stay."
    )
    assert found.frame().to_dict("records")[0] == {
        "Field": "Age (years)", "Value": "18", "Its data": "18 to 22", "live could be": "10% to 10%",
        "yours could be": "",
    }  # fmt: skip


def test_the_table_is_one_click_away(full):
    """With its download and the sentence."""
    at = unfold(open_page("predict"), "table.one-row")
    assert any("Its data" in table.value for table in at.dataframe) and "Chance to leave" in words_on(at)


def test_what_is_drawn_is_plain_data(full):
    """It goes to the browser as JSON, so hostile names and values are text there."""
    json.dumps(drawn_on(open_page("predict"), "one_row"), allow_nan=False)
