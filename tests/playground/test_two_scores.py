"""Two scores: every row stands where both models put it, and the corners count all of them."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from playground import silent_words, two_scores
from playground.ui.kit import links
from playground.ui.monitor import two_scores as screen

CHURN = {"target": "churn", "task": "binary", "labels": [0, 1], "positive": 1}
LIVE, SILENT = {"name": "churn_model", "version": "1.1.0"}, {"name": "churn_model", "version": "1.2.0"}
SCORES = st.lists(st.tuples(st.floats(0, 1), st.floats(0, 1), st.sampled_from([0, 1, None])), min_size=1, max_size=40)


def pairs(rows, cuts=(0.5, 0.4)) -> pa.Table:
    """Return pairs as `Shadows.pairs` has them."""
    live, silent, truth = (list(one) for one in zip(*rows, strict=True))
    many = len(rows)
    return pa.table(
        {
            "id": pa.array([f"c{number}" for number in range(many)], pa.large_string()),
            "at": ["2024-03-02T06:00:00.000000Z"] * many,
            "prediction_id": pa.array(
                [f"p{number}" if number % 2 else None for number in range(many)], pa.large_string()
            ),
            "batch_id": pa.array([None if number % 2 else "b1" for number in range(many)], pa.large_string()),
            "live_version": ["1.1.0"] * many,
            "score": pa.array(live, pa.float64()),
            "silent": pa.array(silent, pa.float64()),
            "prediction": [int(one >= cuts[0]) for one in live],
            "silent_prediction": [int(one >= cuts[1]) for one in silent],
            "outcome": pa.array(truth, pa.int64()),
        }
    )


def drawn(table: pa.Table, cuts=(0.5, 0.4), signature=CHURN):
    flipped = sum(
        a != b for a, b in zip(*(table[name].to_pylist() for name in ("prediction", "silent_prediction")), strict=True)
    )
    report = SimpleNamespace(model=LIVE, candidate=SILENT, flipped=flipped, versions=[{"version": "1.1.0"}])
    return two_scores.of(report, table, signature, cuts)


@given(SCORES)
def test_every_row_stands_where_both_put_it(rows):
    """Corners count all; those that differ can be chosen, with what became of them and who was right; the rest is a crowd."""
    found = drawn(pairs(rows))
    yes = [(live >= 0.5, silent >= 0.4) for live, silent, _ in rows]
    assert [corner.rows for corner in found.corners] == [
        yes.count(one) for one in ((False, True), (True, True), (False, False), (True, False))
    ]
    flips = [row for row, (live, silent) in zip(rows, yes, strict=True) if live != silent]
    assert [(dot.x, dot.y) for dot in found.dots] == [(round(live, 4), round(silent, 4)) for live, silent, _ in flips]
    assert [dot.up for dot in found.dots] == [silent >= 0.4 for _, silent, _ in flips]
    for dot, (live, _, truth) in zip(found.dots, flips, strict=True):
        assert dot.truth == {0: "stayed", 1: "left", None: ""}[truth]
        assert dot.right == ("" if truth is None else "live" if (live >= 0.5) == truth else "silent")
    assert len(found.crowd) == len(rows) - len(flips)
    assert (found.rows, found.flipped, found.cuts) == (len(rows), len(flips), (0.5, 0.4))


def test_of_very_many_some_are_drawn_evenly_over_time_and_it_says_so():
    """Of the newest nobody knows yet what becomes of them."""
    found = drawn(pairs([(0.9, 0.1, 1)] * 1000 + [(0.9, 0.9, 1)] * 5000))
    assert (len(found.dots), len(found.crowd)) == (two_scores.FLIPS, two_scores.CROWD)
    assert (found.dots[0].who, found.dots[-1].who) == ("c0", "c999")
    assert found.shown == "Of 1,000 that differ 300 can be chosen; 1,200 other rows stand behind, evenly chosen."


def test_several_classes_are_told_by_the_score_of_what_was_answered():
    """No cross: the score of one class says nothing of the decision."""
    signature = {"target": "plan", "task": "multiclass", "labels": ["basic", "plus"], "positive": None}
    table = pairs([(0.1, 0.1, None), (0.2, 0.2, None)]).drop_columns(
        ["score", "silent", "prediction", "silent_prediction", "outcome"]
    )
    said = {"score_0": [0.7, 0.3], "score_1": [0.3, 0.7], "silent_0": [0.6, 0.6], "silent_1": [0.4, 0.4]}
    for name, values in (said | {"prediction": ["basic", "plus"], "silent_prediction": ["basic", "basic"]}).items():
        table = table.append_column(name, pa.array(values))
    found = drawn(table.append_column("outcome", pa.array(["basic", "basic"])), (None, None), signature)
    assert (found.cuts, found.corners, found.crowd) == (None, (), ((0.7, 0.6),))
    [dot] = found.dots
    assert (dot.x, dot.y, dot.live, dot.silent, dot.right) == (
        0.7,
        0.4,
        "plan = plus 0.700",
        "plan = basic 0.400",
        "silent",
    )


def test_neither_can_be_right():
    """Of three classes both may name a wrong one."""
    signature = {"target": "plan", "task": "multiclass", "labels": ["a", "b", "c"], "positive": None}
    assert two_scores._right("a", "b", "c", signature) == "nobody"


def test_of_numbers_those_that_are_furthest_apart_can_be_chosen():
    """Both axes reach as far as the numbers do; nearer to the truth is right."""
    signature = {"target": "fee", "task": "regression", "labels": [], "positive": None}
    numbers = np.arange(400.0)
    table = pairs([(0.1, 0.1, None)] * 400).drop_columns(
        ["score", "silent", "prediction", "silent_prediction", "outcome"]
    )
    for name, values in (
        ("score", numbers),
        ("silent", numbers * 2),
        ("prediction", numbers),
        ("silent_prediction", numbers * 2),
    ):
        table = table.append_column(name, pa.array(values))
    found = drawn(table.append_column("outcome", pa.array(numbers)), (None, None), signature)
    assert (found.dots[0].x, found.dots[0].y, found.dots[0].right) == (399.0, 798.0, "live")
    assert found.low < 0 and found.high > 798 and len(found.dots) == two_scores.FLIPS


def test_the_table_has_every_row_the_newest_first():
    """As people read it, and with the id by which a request is replayed."""
    table = two_scores.frame(pairs([(0.9, 0.9, 1), (0.9, 0.1, None)]), CHURN)
    assert table["About"].tolist() == ["c1", "c0"]
    assert table.iloc[1][["Sent", "Candidate", "Became"]].tolist() == ["likely to leave", "likely to leave", "left"]
    assert table.iloc[0][["Sent", "Candidate"]].tolist() == ["likely to leave", "likely to stay"]


@pytest.mark.parametrize(
    ("pressed", "opened"),
    [
        ({"what": "replay", "dot": 1}, ("predict", {"replay": "p1"})),
        ({"what": "live", "dot": 0}, ("model", {"ref": "churn_model@1.1.0"})),
        ({"what": "silent", "dot": 0}, ("model", {"ref": "churn_model@1.2.0"})),
        *(
            (pressed, None)
            for pressed in (
                None,
                "x",
                {"what": "replay", "dot": 0},
                {"what": "live", "dot": 9},
                {"dot": -1},
                {"dot": "0"},
            )
        ),
    ],
)
def test_what_is_pressed_in_the_browser_opens_what_it_names_and_nothing_else(monkeypatch, pressed, opened):
    """A dot that there is none of, or a row of a file that cannot be replayed, opens nothing."""
    went = []
    monkeypatch.setattr(links, "goto", lambda page, **query: went.append((page, query)))
    screen.follow(drawn(pairs([(0.9, 0.1, 1), (0.1, 0.9, 0)])), "churn_model", pressed)
    assert went == ([opened] if opened else [])


def report(**facts):
    """Return a report of 600 rows, changed in some facts."""
    usual = {
        "candidate": SILENT, "model": LIVE, "n": 600, "agree": 500, "flipped": 100, "agreement": (0.80, 0.86), "until": None,
        "moves": ({"from": 1, "to": 0, "n": 60}, {"from": 0, "to": 1, "n": 40}), "outcomes": None, "refused": 0, "refusals": (),
        "latency": None, "versions": ({"version": "1.1.0", "n": 600, "flipped": 100},), "score_shift": None,
    }  # fmt: skip
    return SimpleNamespace(**(usual | facts))


def known(**facts):
    worse = {
        "live": 0.9,
        "candidate": 0.8,
        "difference": -0.1,
        "low": -0.15,
        "high": -0.05,
        "verdict": "worse",
        "too_few": None,
    }
    usual = {
        "known": 100,
        "answers": 600,
        "learned": 0,
        "right": {"both": 70, "live": 20, "candidate": 10, "neither": 0},
    }
    return SimpleNamespace(**(usual | {"metrics": {"accuracy": worse}} | facts))


def test_the_sentences_say_what_the_numbers_say():
    """How often both agree, which decisions would be decided otherwise, who was right, and whether that can be luck."""
    assert silent_words.agreement(report(), CHURN) == (
        "v1.2.0 decides 500 of 600 rows as live did (80% to 86%). 100 would be decided otherwise: 60 become likely to stay, "
        "40 become likely to leave."
    )
    assert silent_words.outcomes(report(outcomes=known())) == (
        "Of 100 rows the outcome is known: v1.2.0 was right in 80, v1.1.0 in 90. Where the two differ, "
        "v1.2.0 was right 10 times, v1.1.0 20 times. v1.2.0 is worse by 10 points (5 to 15)."
    )
    assert silent_words.outcomes(report()) == "Not known yet: outcomes come later."
    assert "one of both learned from each of them" in silent_words.outcomes(report(outcomes=known(known=0, learned=7)))
    assert silent_words.outcomes(report(outcomes=known(learned=7))).endswith(
        "7 more are left out: one of both learned from them."
    )
    refused = ({"field": "monthly_fee", "expected": "a number", "got": None, "rows": 4},)
    assert silent_words.refusals(report(refused=4, refusals=refused)) == (
        "It could not answer 4 rows that live answered: monthly_fee should be a number and is missing in 4."
    )
    several = ({"version": "1.1.0", "n": 5, "flipped": 0}, {"version": "1.0.0", "n": 1, "flipped": 0})
    assert silent_words.versions(report(versions=several)).endswith("5 by v1.1.0, 1 by v1.0.0.")
