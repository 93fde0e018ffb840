"""A rollback as dots: each in the column of its decision under either version, and nothing that is not in the log."""

from __future__ import annotations

import json
from collections import Counter
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlops.release.replays import WhatIf
from playground import dots
from playground.ui.kit import links
from playground.ui.release import dots as screen
from tests.conftest import customers_frame

CHURN = {"target": "churn", "task": "binary", "labels": [0, 1], "positive": 1}
LIVE, TARGET = {"name": "churn_model", "version": "1.7.0"}, {"name": "churn_model", "version": "1.6.0"}
SCORES = st.tuples(st.floats(0, 1), st.floats(0, 1), st.floats(0, 1))


def answered(score: float, threshold: float, version: str) -> dict[str, Any]:
    return {"churn_probability": score, "prediction": int(score >= threshold), "model_version": version}


def what_if(scores, thresholds=(0.5, 0.5, 0.5), shown: int = 200) -> WhatIf:
    """Return what three versions answer: the one that answered then, the live one, the target."""
    versions = ("1.5.0", "1.7.0", "1.6.0")
    answers = [
        {"prediction_id": f"p{number}", "id": f"c{number}", "at": "2024-03-15T18:00:00.000000Z"}
        | {
            end: answered(score, threshold, version)
            for end, score, threshold, version in zip(
                ("sent", "current", "target"), three, thresholds, versions, strict=True
            )
        }
        for number, three in enumerate(scores)
    ]
    pairs = Counter((one["current"]["prediction"], one["target"]["prediction"]) for one in answers)
    moves = [{"from": one, "to": other, "requests": many} for (one, other), many in pairs.most_common()]
    flipped = sum(many for (one, other), many in pairs.items() if one != other)
    return WhatIf(len(answers), flipped, tuple(moves), tuple(answers[:shown]))


@given(scores=st.lists(SCORES, max_size=40), thresholds=SCORES, shown=st.integers(1, 40))
def test_every_dot_stands_where_a_recount_by_hand_puts_it(scores, thresholds, shown):
    """Columns count all requests, dots are the newest of them, and each of the three answers has its own column."""
    found = dots.of(what_if(scores, thresholds, shown), LIVE, TARGET, CHURN)
    said = [[int(score >= threshold) for score, threshold in zip(three, thresholds, strict=True)] for three in scores]
    leaves, stays = found.columns
    assert (leaves.title, stays.title) == ("likely to leave", "likely to stay")
    for end, counted in ((1, (leaves.now, stays.now)), (2, (leaves.then, stays.then))):
        assert counted == (sum(one[end] for one in said), sum(not one[end] for one in said))
    assert (found.compared, found.flipped) == (len(scores), sum(one[1] != one[2] for one in said))
    assert [(dot.sent.column, dot.now.column, dot.then.column) for dot in found.dots] == [
        tuple(1 - decision for decision in one) for one in said[:shown]
    ]
    assert [dot.flips for dot in found.dots] == [one[1] != one[2] for one in said[:shown]]


def test_the_sentence_counts_all_and_says_what_is_drawn():
    """Of three requests two change, one each way; the two newest are drawn."""
    found = dots.of(what_if([(0.9, 0.9, 0.1), (0.9, 0.1, 0.9), (0.1, 0.1, 0.1)], shown=2), LIVE, TARGET, CHURN)
    assert found.sentence == (
        "2 of 3 logged requests get another answer from v1.6.0: 1 become likely to stay, 1 become likely to leave."
    )
    assert found.shown == "Drawn are the newest 2 of 3; 2 of these change."


@pytest.mark.parametrize(
    ("scores", "sentence"),
    [
        ([], "Nobody has asked yet that both versions could answer, so nothing can be compared."),
        ([(0.9, 0.9, 0.8)], "v1.6.0 answers all 1 logged request as v1.7.0 does."),
        ([(0.9, 0.9, 0.1)], "1 of 1 logged request gets another answer from v1.6.0: 1 become likely to stay."),
    ],
)
def test_nobody_one_and_none_have_their_own_words(scores, sentence):
    """What is not there is said."""
    found = dots.of(what_if(scores), LIVE, TARGET, CHURN)
    assert (found.sentence, found.shown) == (sentence, f"All {len(scores)} are drawn.")


def test_the_table_is_the_twin_of_the_dots():
    """Who, when, what was sent and by whom, both answers, and whether they differ."""
    [row] = dots.of(what_if([(0.91234, 0.4, 0.6)]), LIVE, TARGET, CHURN).frame().to_dict("records")
    assert row == {
        "Asked": "2024-03-15 18:00:00Z", "About": "c0", "Sent": "likely to leave 0.912", "Sent by": "v1.5.0",
        "Live, v1.7.0": "likely to stay 0.400", "After, v1.6.0": "likely to leave 0.600", "Changes": "yes",
        "Prediction": "p0",
    }  # fmt: skip


def test_many_classes_share_the_last_column():
    """The five with most requests stand alone; a class that neither knows any more is among the others as well."""
    labels = [f"l{number}" for number in range(9)]
    signature = {"target": "plan", "task": "multiclass", "labels": labels, "positive": None}
    moves = [{"from": label, "to": "l0", "requests": number + 1} for number, label in enumerate(labels)]
    said = {"probabilities": {**dict.fromkeys(labels, 0.1), "gone": 0.3}, "model_version": "1.0.0"}
    answer = {
        "prediction_id": "p",
        "id": None,
        "at": "2024-03-15T18:00:00.000000Z",
        "sent": {**said, "prediction": "gone"},
    }
    answer |= {end: {**said, "prediction": label} for end, label in (("current", "l8"), ("target", "l0"))}
    asked = SimpleNamespace(compared=45, flipped=44, moves=moves, answers=[answer])
    found = dots.of(asked, LIVE, TARGET, signature)
    assert [column.title for column in found.columns] == [f"plan = l{number}" for number in (0, 5, 6, 7, 8)] + [
        "others"
    ]
    assert [(column.now, column.then) for column in found.columns] == [(1, 45), (6, 0), (7, 0), (8, 0), (9, 0), (14, 0)]
    assert (found.dots[0].sent.column, found.dots[0].sent.text) == (5, "plan = gone 0.300")
    assert found.ways[0] == "14 go from others to plan = l0"


def test_numbers_stand_in_ranges(ws, customers_csv):
    """A regression has no decisions: five ranges of the same width, and every request in one of them."""
    ws.datasets.add(customers_csv, name="customers", target="age", id="customer_id")
    older, newer = (ws.models.register(ws.train(f"model: {{type: {kind}}}\n"), "age") for kind in ("dummy", "ridge"))
    for row in json.loads(customers_frame(rows=30).drop(columns=["age", "signed_up"]).to_json(orient="records")):
        ws.predict(newer, row)
    asked = ws.predictions.what_if(ws.models.load(newer), ws.models.load(older))
    found = dots.of(asked, newer.identity, older.identity, ws.models.metadata(newer)["signature"])
    assert len(found.columns) == 5 and found.ways == ()
    assert [sum(getattr(column, end) for column in found.columns) for end in ("now", "then")] == [30, 30]
    assert len({dot.then.column for dot in found.dots}) == 1 < len({dot.now.column for dot in found.dots})
    assert found.sentence == "30 of 30 logged requests get another answer from v1.0.0."


def test_the_browser_gets_all_of_it_at_once(monkeypatch):
    """Dragging asks the server nothing; the moment reads as people write it."""
    monkeypatch.setattr(screen.location, "address", lambda: {"ws": "seat"})
    found = dots.of(what_if([(0.9, 0.9, 0.1)]), LIVE, TARGET, CHURN)
    data = screen.drawn(found, "churn_model", "d1>1.6.0", done=False)
    assert json.loads(json.dumps(data)) == data
    assert (data["key"], data["now"], data["then"], data["rests"]) == ("d1>1.6.0", "v1.7.0", "v1.6.0", 0)
    assert (data["address"], data["sentence"]) == ({"ws": "seat"}, found.sentence)
    [dot] = data["dots"]
    assert (dot["at"], dot["now"], dot["flips"]) == (
        "2024-03-15 18:00:00Z", {"column": 0, "text": "likely to leave 0.900", "version": "v1.7.0"}, True,
    )  # fmt: skip
    assert screen.drawn(found, "churn_model", "d1", done=True)["rests"] == 1


@pytest.mark.parametrize(
    ("opened", "where"),
    [
        ({"what": "replay", "dot": "p0"}, ("predict", {"replay": "p0"})),
        ({"what": "now", "dot": "p0"}, ("model", {"ref": "churn_model@1.7.0"})),
        ({"what": "then", "dot": "p0"}, ("model", {"ref": "churn_model@1.6.0"})),
        ({"what": "then", "dot": "p7"}, None),
        ({"what": "../", "dot": "p0"}, None),
        ("p0", None),
        (None, None),
    ],
)
def test_what_is_pressed_leads_to_the_replay_or_to_a_chain(monkeypatch, opened, where):
    """Only to what is drawn: whatever else a browser sends leads nowhere."""
    went = []
    monkeypatch.setattr(links, "goto", lambda page, **query: went.append((page, query)))
    screen.follow(dots.of(what_if([(0.9, 0.9, 0.1)]), LIVE, TARGET, CHURN), "churn_model", opened)
    assert went == ([where] if where else [])
