"""Replay: a logged answer again, by the version that gave it then, to the last digit."""

from __future__ import annotations

import json
import math
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlops import Workspace
from mlops.base.errors import IntegrityError, NotFoundError
from mlops.base.records import freeze, new_id, plain
from mlops.models.estimators import ESTIMATORS
from tests.conftest import customers_frame
from tests.shell import Shell, mlops

OPEN = Path("predictions") / "open-1.jsonl"
FEATURES = {
    "age": st.integers(-(10**6), 10**6),
    "monthly_fee": st.none() | st.floats(-1e30, 1e30),
    "contract": st.sampled_from(["monthly", "yearly", "two years", "a level never seen"]),
    "region": st.none() | st.text(max_size=20),
    "online": st.booleans(),
}


@pytest.fixture
def rows(released) -> list[dict[str, Any]]:
    """Ten customers as callers would send them."""
    table = customers_frame(rows=10).drop(columns=["churn", "signed_up"])
    return json.loads(table.to_json(orient="records"))


def forged(ws: Workspace, old: str, new: str) -> None:
    """Write something else into the log, as nobody should."""
    text = (ws.path / OPEN).read_text("utf-8")
    assert old in text
    (ws.path / OPEN).write_text(text.replace(old, new), "utf-8")


def test_a_replay_names_the_answer_and_its_chain(released, rows):
    """Logged and recomputed are whole answers; version, run, data and moment are those of then; nothing is written."""
    answer = released.predict("@production", rows[0]).as_dict()
    head, log = released.head(), (released.path / OPEN).read_bytes()
    again = released.predictions.replay(answer["prediction_id"])
    version = released.models.get("churn_model@1.1.0")
    data = {key: released.runs.get(version.run_id).as_dict()["data"][key] for key in ("name", "version", "sha256")}
    assert again.as_dict() == {
        "prediction_id": answer["prediction_id"],
        "equal": True,
        "logged": answer,
        "recomputed": answer,
        "model": version.identity,
        "run_id": version.run_id,
        "data": data,
        "at": answer["predicted_at"],
    }
    assert (released.head(), (released.path / OPEN).read_bytes()) == (head, log)


def test_the_version_that_answered_then_answers_again_whatever_became_of_it(released, rows):
    """Three rollbacks and a rejection later every logged answer comes back, and none from what is live now."""
    asked = [released.predict("@production", row) for row in rows]
    for to in ("1.0.0", "1.1.0", "1.0.0"):
        released.rollback("production", "complaints", to=to)
        asked += [released.predict("@production", row) for row in rows[:3]]
    released.rollback("staging", "complaints")
    released.models.reject("churn_model@1.1.0", "complaints")
    replays = [released.predictions.replay(one.prediction_id) for one in asked]
    assert [(one.equal, one.model["version"]) for one in replays] == [(True, one.model_version) for one in asked]
    assert {one.model["version"] for one in replays} == {"1.0.0", "1.1.0"}


@given(row=st.fixed_dictionaries(FEATURES))
def test_any_row_that_was_answered_is_answered_so_again(released, row):
    """Missing values, levels never seen, numbers of any size: the log keeps what the model was given, digit by digit."""
    for version in ("1.0.0", "1.1.0"):
        answer = released.predict(f"churn_model@{version}", row)
        again = released.predictions.replay(answer.prediction_id)
        assert again.equal and again.recomputed == again.logged == freeze(answer.as_dict())


@pytest.mark.parametrize("target", ["churn", "contract", "age"])
def test_every_model_type_answers_again_for_every_task(ws, customers_csv, target):
    """Two classes, three, a number: the same digits from every estimator that is offered for it."""
    ws.datasets.add(customers_csv, name="customers", target=target, id="customer_id")
    row = json.loads(customers_frame(rows=1).drop(columns=[target, "signed_up"]).to_json(orient="records"))[0]
    task = ws.datasets.list()[0].task
    for estimator in ESTIMATORS:
        if task in estimator.tasks:
            model = ws.models.register(ws.train(f"model: {{type: {estimator.name}}}\n"), "any_model")
            again = ws.predictions.replay(ws.predict(model, row).prediction_id)
            assert again.equal and again.logged == again.recomputed, estimator.name


def test_an_answer_of_another_process_comes_back(released, rows):
    """No memory of this process is needed: what is on the disk is enough, and the exit code says so."""
    shell = Shell(released.path)
    answer = shell.get("predict", "@production", "--row", json.dumps(rows[0]))
    again = shell("replay", answer["prediction_id"])
    assert (again.code, again.document["equal"], again.document["logged"]) == (0, True, answer)
    assert released.predictions.replay(answer["prediction_id"]).as_dict() == again.document


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('"churn_probability":0.', '"churn_probability":0.0'),
        ('"prediction":1', '"prediction":0'),
        ('"threshold":0.5', '"threshold":0.4'),
        ('"age":', '"age":1'),
        ('"version":"1.1.0"', '"version":"1.0.0"'),
    ],
)
def test_a_log_that_says_another_answer_is_found_out(released, rows, old, new):
    """Score, prediction, threshold, the row or the version: whatever was changed, the digits are no longer equal."""
    answer = next(one for row in rows if (one := released.predict("@production", row)).prediction == 1)
    forged(released, old, new)
    again = released.predictions.replay(answer.prediction_id)
    assert not again.equal and again.logged != again.recomputed


def test_a_last_digit_is_enough_to_differ(released, rows):
    """Nearly the same is not the same."""
    answer = released.predict("@production", rows[0])
    score = answer.scores["churn_probability"]
    forged(released, f'"churn_probability":{score!r}', f'"churn_probability":{math.nextafter(score, 1)!r}')
    assert not released.predictions.replay(answer.prediction_id).equal


@pytest.mark.parametrize("damage", [lambda path: None, lambda path: path.write_bytes(b"another model")])
def test_a_model_file_that_is_lost_or_damaged_replays_nothing(released, rows, damage):
    """No other bytes answer for it; the message names the file."""
    answer = released.predict("@production", rows[0])
    path = released.models.path("churn_model@1.1.0")
    path.unlink()
    damage(path)
    with pytest.raises(IntegrityError, match=r"churn_model_v1\.1\.0\.joblib is not the file that was recorded"):
        released.predictions.replay(answer.prediction_id)


def test_the_beginning_of_an_id_is_enough_if_it_is_the_only_one(released, rows):
    """As for runs; where it is not, the newest ids are named."""
    first, second = (released.predict("@production", row).prediction_id for row in rows[:2])
    different = next(length for length in range(1, 12) if first[:length] != second[:length])
    assert released.predictions.replay(first[:different]).prediction_id == first
    for start, said in (("p", "More than one logged prediction starts with 'p'"), ("p-no", "No logged prediction")):
        with pytest.raises(NotFoundError, match=f"{said}.*Latest: {second}, {first}"):
            released.predictions.replay(start)
    with pytest.raises(NotFoundError, match="starts with ''"):
        released.predictions.replay("")


def test_a_scored_file_is_not_replayed_row_by_row(released, rows, customers_csv, tmp_path):
    """Its rows are not logged; the message says which version gives the same digits again."""
    report = released.batch_predict("@production", customers_csv, tmp_path / "out.csv")
    with pytest.raises(NotFoundError, match="only rows that were asked about one by one are logged") as refused:
        released.predictions.replay(report.batch_id)
    assert "churn_model@1.1.0" in refused.value.next_step


def test_a_person_reads_row_digits_and_chain(released, rows):
    """In text as well every digit stands there; a negative verdict ends with 1."""
    answer = released.predict("@production", rows[0])
    shown = mlops("--workspace", released.path, "replay", answer.prediction_id[:8])
    score = repr(answer.scores["churn_probability"])
    assert shown.code == 0 and shown.out.startswith("Equal to the last digit.") and shown.out.count(score) == 2
    for word in ("churn_model@1.1.0", released.models.get("@production").run_id, "customers@1", answer.predicted_at):
        assert word in shown.out
    assert f"age          {rows[0]['age']}" in shown.out
    forged(released, f'"churn_probability":{score}', '"churn_probability":0.25')
    shown = mlops("--workspace", released.path, "replay", answer.prediction_id)
    assert shown.code == 1 and shown.out.startswith("Not equal: the log says another answer.") and "0.25" in shown.out


# Two versions


@given(
    thresholds=st.tuples(st.floats(0.2, 0.8), st.floats(0.2, 0.8)),
    asked=st.lists(st.tuples(st.integers(0, 9), st.booleans()), max_size=30),
)
def test_a_what_if_is_what_asking_both_versions_row_by_row_tells(released, rows, thresholds, asked):
    """Counts, moves and each answer named, for any thresholds and any history of who asked what of which version."""
    now, then = (
        replace(
            released.models.load(f"churn_model@{version}"),
            version=replace(released.models.get(f"churn_model@{version}"), threshold=threshold),
        )
        for version, threshold in zip(("1.1.0", "1.0.0"), thresholds, strict=True)
    )
    place = new_id("e")  # requests of another example are none of this one
    sent = [released.predictions.predict(then if old else now, rows[number], place) for number, old in asked]
    found = released.predictions.what_if(now, then, place)
    both = [[released.predictions.predict(model, rows[number]) for model in (now, then)] for number, _ in asked]
    pairs = [(one.prediction, other.prediction) for one, other in both]
    assert (found.compared, found.flipped) == (len(asked), sum(one != other for one, other in pairs))
    assert {(move["from"], move["to"]): move["requests"] for move in found.moves} == Counter(pairs)

    def told(answer):
        return {**answer.scores, "prediction": answer.prediction, "model_version": answer.model_version}

    assert plain(found.answers) == [
        {
            **{"prediction_id": one.prediction_id, "id": one.identity[1], "at": one.predicted_at},
            **{"sent": told(one), "current": told(pair[0]), "target": told(pair[1])},
        }
        for one, pair in zip(reversed(sent), reversed(both), strict=True)
    ]


def test_all_are_counted_and_the_newest_named(released, rows, monkeypatch):
    """Ten requests, three of them one by one."""
    monkeypatch.setattr("mlops.release.replays.SHOWN", 3)
    asked = [released.predict("@production", row).prediction_id for row in rows]
    preview = released.deployments.preview("production")
    assert (preview.compared, sum(move["requests"] for move in preview.moves)) == (10, 10)
    assert [one["prediction_id"] for one in preview.answers] == asked[:-4:-1]


def test_numbers_have_no_columns(ws, customers_csv, rows):
    """A regression answers each row with a number of its own: named one by one, and counted, but not by prediction."""
    ws.datasets.add(customers_csv, name="customers", target="age", id="customer_id")
    older, newer = (ws.models.register(ws.train(f"model: {{type: {kind}}}\n"), "age") for kind in ("dummy", "ridge"))
    for row in rows:
        ws.predict(newer, row | {"churn": 0})
    found = ws.predictions.what_if(ws.models.load(newer), ws.models.load(older))
    assert (found.compared, found.flipped, found.moves) == (10, 10, ())
    assert set(found.answers[0]["target"]) == {"prediction", "model_version"}


def test_in_the_past_an_answer_is_replayed_that_had_been_given_by_then(released, rows):
    """Later ones are not known there; the version may have been rejected since."""
    released.set_clock("2024-03-15T18:00:00Z")
    early = released.predict("@production", rows[0])
    then = released.at(event=released.head())
    released.set_clock("2024-03-15T21:00:00Z")
    for place in ("staging", "production"):
        released.rollback(place, "complaints")
    released.models.reject("churn_model@1.1.0", "complaints")
    late = released.predict("@production", rows[1])
    replayed = then.predictions.replay(early.prediction_id)
    assert replayed.equal and replayed == released.predictions.replay(early.prediction_id)
    with pytest.raises(NotFoundError, match="No logged prediction starts with"):
        then.predictions.replay(late.prediction_id)
