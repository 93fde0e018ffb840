"""Predictions: one row, checked before it is scored, logged before it is answered."""

from __future__ import annotations

import math
from typing import Any

import pytest

from mlops.base.errors import DataError, IntegrityError, StorageError, shown
from mlops.models.signature import Signature
from mlops.release import request_log
from tests.conftest import LOGISTIC

SIGNATURE = Signature(
    features=(
        {"name": "age", "type": "integer", "nullable": False, "levels": None},
        {"name": "fee", "type": "number", "nullable": True, "levels": None},
        {"name": "plan", "type": "text", "nullable": False, "levels": ("basic", "plus")},
        {"name": "region", "type": "text", "nullable": True, "levels": ("north", "south")},
        {"name": "online", "type": "boolean", "nullable": True, "levels": None},
    ),
    target="churn",
    task="binary",
    labels=(0, 1),
    positive=1,
    id="customer_id",
    ignored=("signed_up",),
)
ROW: dict[str, Any] = {"age": 40, "fee": 9.5, "plan": "plus", "region": None, "online": True}


@pytest.fixture
def row(released) -> dict[str, Any]:
    """A row that the live model was tried with."""
    return dict(released.models.metadata("@production")["examples"][0]["row"])


# The check of a row


def test_a_complete_row_is_taken_as_it_is():
    """Nothing to say about it."""
    assert SIGNATURE.row(ROW) == (ROW, [])


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("age", None, "age should be an integer, but it is null."),
        ("age", "40", "age should be an integer, but it is '40'."),
        ("age", 40.5, "age should be an integer, but it is 40.5."),
        ("age", True, "age should be an integer, but it is True."),
        ("age", [40], "age should be an integer, but it is [40]."),
        ("age", 2**63, "age should be an integer, but it is 9223372036854775808."),
        ("age", -(10**30), f"age should be an integer, but it is {-(10**30)}."),
        ("fee", 10**309, f"fee should be a number or null, but it is {shown(10**309)}."),
        ("fee", "cheap", "fee should be a number or null, but it is 'cheap'."),
        ("fee", False, "fee should be a number or null, but it is False."),
        ("fee", math.nan, "fee should be a number or null, but it is nan."),
        ("fee", -math.inf, "fee should be a number or null, but it is -inf."),
        ("plan", None, "plan should be text, but it is null."),
        ("plan", 1, "plan should be text, but it is 1."),
        ("plan", " ? ", "plan should be text, but it is ' ? '."),
        ("region", {}, "region should be text or null, but it is {}."),
        ("online", 1, "online should be a boolean or null, but it is 1."),
        ("online", "yes", "online should be a boolean or null, but it is 'yes'."),
        ("customer_id", math.nan, "customer_id should be text or a number, but it is nan."),
        ("customer_id", [1], "customer_id should be text or a number, but it is [1]."),
    ],
)
def test_a_value_that_does_not_fit_is_refused_in_words(field, value, message):
    """The field, what it takes, and what came; the details say the same to a program."""
    with pytest.raises(DataError) as refused:
        SIGNATURE.row(ROW | {field: value})
    assert refused.value.message == message
    [detail] = refused.value.details
    got = str(value) if isinstance(value, float) and not math.isfinite(value) else value  # JSON has no NaN
    assert (detail["row"], detail["field"], detail["got"]) == (0, field, got)


@pytest.mark.parametrize("name", ["age", "fee", "online"])
def test_a_missing_feature_is_refused_also_where_null_would_do(name):
    """Whoever means null says null."""
    with pytest.raises(DataError, match=rf"^{name} should be .*, but it is missing\."):
        SIGNATURE.row({key: value for key, value in ROW.items() if key != name})


def test_every_bad_field_is_named_at_once():
    """The message shows the first, the details all."""
    with pytest.raises(DataError, match=r"but it is '40' \(and 2 more\)\.") as refused:
        SIGNATURE.row({"age": "40", "plan": None, "region": None, "online": None})
    assert [(detail["field"], detail["got"]) for detail in refused.value.details] == [
        ("age", "40"),
        ("fee", "missing"),
        ("plan", None),
    ]


@pytest.mark.parametrize("row", [None, [], "age", 7, [ROW]])
def test_what_is_no_object_is_no_row(row):
    """A list of rows is a file."""
    with pytest.raises(DataError, match="A row is a JSON object, not"):
        SIGNATURE.row(row)


@pytest.mark.parametrize(
    ("field", "value", "taken"),
    [("age", 40.0, 40), ("fee", 9, 9.0), ("plan", " plus ", "plus"), ("region", "NA", None), ("region", "", None)],
)
def test_values_are_brought_to_the_form_of_the_data(field, value, taken):
    """As in a file: whole numbers are whole, text is trimmed, and a code for missing is null."""
    values, warnings = SIGNATURE.row(ROW | {field: value})
    assert (values[field], type(values[field]), warnings) == (taken, type(taken), [])


def test_a_level_never_seen_and_an_unknown_column_are_scored_and_named():
    """Surprising is not wrong; known columns that are no features pass in silence."""
    extra = {"plan": "gold", "region": "moon", "hat": 1, "churn": 1, "customer_id": "c1", "signed_up": "2024-01-01"}
    values, warnings = SIGNATURE.row(ROW | extra)
    assert values == ROW | {"plan": "gold", "region": "moon"}
    assert warnings == [
        "plan = 'gold' was never seen in training.",
        "region = 'moon' was never seen in training.",
        "'hat' is no column of the training data and was ignored.",
    ]


def test_the_largest_number_is_a_number():
    """As in a file; whether a model can compute with it is the model's matter."""
    assert SIGNATURE.row(ROW | {"fee": -1.7976931348623157e308})[0]["fee"] == -1.7976931348623157e308


# The answer


@pytest.mark.parametrize("identity", ["C-1", 17, None])
def test_the_id_is_echoed_and_the_answer_is_that_of_the_model(released, row, identity):
    """Whatever the id is, the score is the one that the model gave when it was trained."""
    [example, *_] = released.models.metadata("@production")["examples"]
    answer = released.predict("@production", row | {"customer_id": identity}).as_dict()
    assert (answer["customer_id"], answer["churn_probability"]) == (identity, example["answer"])
    assert (answer["prediction"], answer["threshold"]) == (int(example["answer"] >= 0.5), 0.5)


def test_without_an_id_column_the_row_is_row_0(trained, tmp_path, customers):
    """So that every answer has a name."""
    customers.drop(columns="customer_id").to_csv(tmp_path / "nameless.csv", index=False)
    trained.datasets.add(tmp_path / "nameless.csv", name="nameless", target="churn")
    model = trained.models.register(trained.train("model: {type: dummy}\n", data="nameless"), "prior")
    answer = trained.predict(model, trained.models.metadata("prior")["examples"][0]["row"]).as_dict()
    assert next(iter(answer.items())) == ("row", 0)


# The log


def test_question_and_answer_are_logged_before_the_answer_is_given(released, row):
    """Who has the answer finds it in the log: what was asked, what answered, and where."""
    answer = released.predict("@production", row | {"hat": 1})
    [logged] = released.predictions.list()
    assert (logged["prediction_id"], logged["answer"]) == (answer.prediction_id, answer.as_dict())
    assert logged["model"] == released.models.get("@production").identity
    assert (logged["environment"], logged["at"], logged["after"]) == (
        "production",
        answer.predicted_at,
        released.head(),
    )
    assert set(logged["row"]) == set(released.models.get("@production").features)


def test_an_answer_that_cannot_be_logged_is_not_given(released, row):
    """A folder stands where the log should be: no log, no answer."""
    (released.path / "predictions" / "open-1.jsonl").mkdir(parents=True)
    with pytest.raises(StorageError, match=r"open-1\.jsonl could not be written"):
        released.predict("@production", row)


def test_a_refused_row_is_not_logged(released, row):
    """Nothing was answered."""
    with pytest.raises(DataError):
        released.predict("@production", row | {"age": "old"})
    assert released.predictions.list() == []


def test_a_row_with_a_number_that_the_model_cannot_hold_is_refused_and_not_logged(released, row):
    """Trees compute with 32 bits: refused by name, not a traceback."""
    with pytest.raises(DataError, match=r"^monthly_fee should be a number that the model can hold, but it is 1e\+39\."):
        released.predict("churn_model@1.0.0", row | {"monthly_fee": 1e39})
    assert released.predictions.list() == []


def test_a_rollback_compares_the_requests_that_both_models_can_answer(released, row):
    """A number that the other model cannot hold is none of them."""
    for fee in (10.0, 1e39):
        released.predict("@production", row | {"monthly_fee": fee})
    live, other = (released.models.load(ref) for ref in ("churn_model@1.1.0", "churn_model@1.0.0"))
    assert released.predictions.what_if(live, other).compared == 1


def test_only_who_asks_for_what_is_live_there_is_a_request_of_an_environment(released, row):
    """Trying a version by its number is no traffic."""
    for ref in ("churn_model@1.1.0", "@staging", "churn_model@production"):
        released.predict(ref, row)
    assert [logged["environment"] for logged in released.predictions.list()] == ["production", "staging", None]


def test_a_sealed_log_keeps_every_request(released, row, monkeypatch):
    """When the open file is full it becomes a file of the history; nothing is lost, and all of it verifies."""
    monkeypatch.setattr(request_log, "SEAL_AT", 2000)
    asked = []
    for _ in range(9):
        asked.append(released.predict("@production", row).prediction_id)
        released.predictions.sync()
    segments = [event for event in released.log() if event["kind"] == "segment.seal"]
    assert len(segments) >= 2 and [logged["prediction_id"] for logged in released.predictions.list()] == asked[::-1]
    assert len(list((released.path / "predictions").glob("open-*.jsonl"))) <= 1 and released.verify()["ok"]


def test_a_changed_segment_is_not_read(released, row, monkeypatch):
    """What was asked cannot be rewritten later."""
    monkeypatch.setattr(request_log, "SEAL_AT", 1)
    released.predict("@production", row)
    released.predictions.sync()
    [segment] = (released.path / "predictions").glob("s*.jsonl")
    text = segment.read_text().replace('"environment":"production"', '"environment":"staging"')
    segment.unlink()
    segment.write_text(text)
    with pytest.raises(IntegrityError, match="is not the file that was recorded"):
        released.predictions.list()
    assert [problem["where"] for problem in released.verify()["problems"]] == [f"predictions/{segment.name}"]


def test_a_torn_line_costs_only_itself(released, row):
    """After a power cut the log begins a new line; the torn one is left out."""
    first = released.predict("@production", row).prediction_id
    with open(released.path / "predictions" / "open-1.jsonl", "ab") as file:
        file.write(b'{"prediction_id": "p-torn", "at"')
    second = released.predict("@production", row).prediction_id
    assert [logged["prediction_id"] for logged in released.predictions.list()] == [second, first]


# Many requests


def test_many_requests_are_answered_as_each_alone_would_be(released, row):
    """One row or many, to the last digit; the rows of a request are numbered where they have no other name."""
    model = released.models.load("@production")
    rows = [dict(one["row"]) for one in model.metadata["examples"]]
    asked = [rows[:1], rows[1:], [row | {"hat": 1}], []]
    together = released.predictions.answer(model, asked, "production")

    for request, answers in zip(asked, together, strict=True):
        for one, answer in zip(request, answers, strict=True):
            alone = released.predict("@production", one)
            told = ("prediction_id", "predicted_at")
            assert {**answer.as_dict(), **dict.fromkeys(told)} == {**alone.as_dict(), **dict.fromkeys(told)}
    doors = [(one["door"], one["environment"]) for one in released.predictions.list()[::-1]]
    assert doors == [(door, "production") for door in ("rest", "row") for _ in range(len(rows) + 1)]


def test_a_request_that_is_refused_keeps_no_other_one_from_its_answer(released, row):
    """All of its rows are refused, with what is wrong in each; none is logged."""
    model = released.models.load("churn_model@1.0.0")
    wrong = [row, row | {"age": "old", "monthly_fee": "much"}, row | {"age": None}]
    beyond = [row, row | {"monthly_fee": 1e39}]
    first, refused, not_held, no_row, last = released.predictions.answer(
        model, [[row], wrong, beyond, [row, 7], [row, row]]
    )

    assert (len(first), len(last), len(released.predictions.list())) == (1, 2, 3)
    assert refused.message == "Row 1: age should be an integer, but it is 'old' (and 2 more)."
    assert [(one["row"], one["field"]) for one in refused.details] == [(1, "age"), (1, "monthly_fee"), (2, "age")]
    assert not_held.message == "Row 1: monthly_fee should be a number that the model can hold, but it is 1e+39."
    assert [one["row"] for one in not_held.details] == [1]
    assert no_row.message == "Row 1: A row is a JSON object, not a number."


def test_a_request_with_thousands_of_misfits_is_looked_at_until_a_thousand_are_known(released, row):
    """Else a small body would make a large answer."""
    model = released.models.load("@production")
    [refused] = released.predictions.answer(model, [[{}] * 10_000])
    features = len(model.signature.names)
    assert len(refused.details) == -(-1000 // features) * features


def test_where_every_request_is_refused_nothing_is_written(released, row):
    """Not even a file."""
    model = released.models.load("@production")
    [refused] = released.predictions.answer(model, [[row | {"age": "old"}]])
    assert isinstance(refused, DataError) and not [*(released.path / "predictions").glob("*")]


# What if


def test_what_if_answers_as_a_request_would_and_logs_nothing(released, row):
    """Many values at once, each to the last digit as it is answered alone; nobody is told that anybody asked."""
    instead = [("monthly_fee", 1.5), ("monthly_fee", None), ("monthly_fee", 40), ("region", "moon"), ("age", 33.0)]
    head = released.head()
    found = released.predictions.suppose("churn_model@production", row, instead)

    assert released.head() == head and released.predictions.list() == []
    for one, asked in zip(found, [row, *({**row, name: value} for name, value in instead)], strict=True):
        answer = released.predict("@production", asked)
        assert one.pop("warnings") == []
        assert one == {**answer.scores, "prediction": answer.prediction, "threshold": answer.threshold}


def test_what_if_warns_as_a_request_is_warned(released, row):
    """Of the row that it is about."""
    [said] = released.predictions.suppose("@production", {**row, "region": "moon"})
    assert said["warnings"] == ["region = 'moon' was never seen in training."]


def test_a_run_that_has_no_version_yet_answers_what_if(released, row):
    """With its own threshold, and as the version that is registered of it answers later."""
    run = released.train(LOGISTIC + "thresholds: {churn: 0.2}\n")
    [alone] = released.predictions.suppose(run.run_id, row)
    model = released.models.register(run, "churn_model")

    assert alone["threshold"] == 0.2
    assert released.predictions.suppose(model.ref, row) == [alone]


def test_what_if_refuses_what_a_request_would_be_refused(released, row):
    """A value of another type, in the row or instead; a number that the model cannot hold, and which row has it."""
    for asked, instead in (({**row, "age": "old"}, []), (row, [("age", 30), ("age", "old")])):
        with pytest.raises(DataError, match="age should be an integer, but it is 'old'"):
            released.predictions.suppose("@production", asked, instead)
    with pytest.raises(DataError, match="a number that the model can hold") as caught:
        released.predictions.suppose("@production", row, [("monthly_fee", 1e300)])
    assert caught.value.details[0]["row"] == 1


def test_what_if_is_answered_in_the_past_too(released, row):
    """By what was live then; nothing is recorded, so nothing is in the way."""
    then = released.at("2024-02-01")
    assert then.predictions.suppose("@production", row) == released.predictions.suppose("churn_model@1.0.0", row)
