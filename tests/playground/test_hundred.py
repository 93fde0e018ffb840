"""A hundred people: real rows that stand for all in the order of both models, and money that is counted on all."""

from __future__ import annotations

import json
import math
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from playground import hundred, reference
from playground.hundred import Costs
from playground.ui.compare import hundred as screen
from playground.ui.compare.compared import Compared
from tests.conftest import LOGISTIC


def made(rows: int, share: float, seed: int, levels: int = 0) -> tuple[np.ndarray, list[np.ndarray]]:
    """Return rows that are positive by luck, and two models that see something of it, in so many different scores."""
    luck = np.random.default_rng(seed)
    truth = luck.random(rows) < share
    scores = [1 / (1 + np.exp(-luck.normal(1.5 * truth - 1))) for _ in range(2)]
    return truth, [one.round(levels) if levels else one for one in scores]


def drawn(truth: np.ndarray, scores: list[np.ndarray]) -> hundred.Hundred:
    sides = [(word, f"{word} r1", 0.5, one) for word, one in zip(("live", "yours"), scores, strict=False)]
    return hundred.of(truth, sides, hundred.OF_CHURN)


@given(st.integers(101, 700), st.floats(0.02, 0.98), st.integers(0, 10_000))
def test_a_count_on_the_figures_is_at_most_one_beside_that_on_all_rows_by_either_model(rows, share, seed):
    """Whatever the threshold: of those who leave and of those who stay, a hundred stand for all."""
    truth, scores = made(rows, share, seed)
    found = drawn(truth, scores)
    assert len(found.figures) == 100
    for side, one in enumerate(scores):
        for kind in {*truth.tolist()}:
            of_kind = [figure for figure in found.figures if figure.positive == kind]
            for threshold in np.linspace(0.05, 0.95, 19) + 1e-5:  # no score lies there, rounded or not
                counted = sum(figure.scores[side] >= threshold for figure in of_kind)
                true = (one[truth == kind] >= threshold).mean() * len(of_kind)
                assert abs(counted - true) <= 1 + 1e-9 + len(of_kind) * ((abs(one - threshold) < 1e-4).mean())


@given(st.integers(2, 400), st.floats(0.02, 0.98), st.integers(0, 10_000), st.sampled_from([0, 1]))
def test_both_models_order_the_same_rows_from_the_highest_score_to_the_lowest(rows, share, seed, levels):
    """Each place is taken once, on each side; and as many are positive as in all rows."""
    truth, scores = made(rows, share, seed, levels)
    found = drawn(truth, scores)
    for side in range(2):
        placed = sorted(found.figures, key=lambda figure: figure.places[side])
        assert [figure.places[side] for figure in placed] == [*range(len(placed))]
        assert all(one.scores[side] >= below.scores[side] for one, below in pairwise(placed))
    positive = sum(figure.positive for figure in found.figures)
    assert abs(positive - truth.mean() * len(found.figures)) <= 1


@given(st.integers(2, 3000), st.floats(0.02, 0.98), st.integers(0, 10_000), st.floats(0, 1))
def test_how_many_are_found_is_what_a_recount_by_hand_finds(rows, share, seed, part):
    """Of thousands of rows between two points that are sent, as near as the points are."""
    truth, scores = made(rows, share, seed)
    found, calls = drawn(truth, scores), round(part * rows)
    for side, one in enumerate(scores):
        by_hand = truth[np.argsort(-one, kind="stable")][:calls].sum()
        assert abs(found.found(side, calls) - by_hand) <= (found.step > 1) * found.step / 2 + 1e-3
        assert found.sides[side].at_threshold == (one >= 0.5).sum()


def test_of_equal_scores_a_draw_by_lot_is_expected():
    """Half of those with the same score are called: so half of their positive ones are found."""
    truth = np.array([True, False, True, False, False, False])
    found = drawn(truth, [np.array([0.9, 0.4, 0.4, 0.4, 0.4, 0.1])])
    assert [found.found(0, calls) for calls in range(7)] == [0, 1, 1.25, 1.5, 1.75, 2, 2]


def test_among_equal_scores_figures_are_mixed_as_a_draw_by_lot_would():
    """A model that says one thing to everybody finds at every line as many as chance."""
    truth = np.arange(400) % 4 == 0
    found = drawn(truth, [np.full(400, 0.3)])
    placed = sorted(found.figures, key=lambda figure: figure.places[0])
    for line in range(1, 101):
        assert abs(sum(figure.positive for figure in placed[:line]) - line / 4) <= 1


def test_the_caption_says_what_is_saved_and_what_doing_nothing_costs():
    """By hand: live finds 1 of 2 with two calls, yours both; 1 in 2 is kept."""
    truth = np.array([True, True, False, False])
    found = drawn(truth, [np.array([0.9, 0.1, 0.8, 0.2]), np.array([0.9, 0.8, 0.2, 0.1])])
    costs = Costs(calls=2, price=5, one_in=2, worth=1000)
    assert (found.net(0, costs), found.net(1, costs)) == (1 / 2 * 1000 - 10, 2 / 2 * 1000 - 10)
    assert found.caption(costs) == (
        "If Lena calls the 2 riskiest of these 4 customers at 5 EUR each, a call keeps 1 in 2 and who stays is worth "
        "1,000 EUR, yours saves 500 EUR more than live; doing nothing costs 490 EUR."
    )
    assert found.outcome(Costs(calls=1, price=5, one_in=2, worth=8)) == (
        "yours saves as much as live; doing nothing saves 1 EUR"
    )
    turned = drawn(truth, [np.array([0.9, 0.8, 0.2, 0.1]), np.array([0.9, 0.1, 0.8, 0.2])])
    assert "yours saves 500 EUR less than live" in turned.outcome(costs)
    alone = drawn(truth, [np.array([0.9, 0.8, 0.2, 0.1])])
    assert alone.outcome(costs) == "doing nothing costs 990 EUR"
    other = hundred.of(truth, [("", "r1", 0.5, np.array([0.9, 0.8, 0.2, 0.1]))], hundred.words_for("fraud", "yes"))
    assert other.caption(costs).startswith("If the 2 highest of these 4 rows are acted on at 5 each")


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ({}, Costs(calls=3)),
        ({"calls": 7, "price": 2.5, "one_in": 4, "worth": 80}, Costs(7, 2.5, 4, 80)),
        ({"calls": 1e9, "price": -3, "one_in": 0, "worth": 1e12}, Costs(15, 0, 1, 1_000_000)),
        ({"calls": math.nan, "price": "5", "one_in": None, "worth": True, "more": 1}, Costs(calls=3)),
    ],
)
def test_costs_that_make_no_sense_are_not_taken(said, kept):
    """Whatever stands on a desk or comes from a browser: numbers within their bounds, else the example."""
    assert drawn(*made(15, 0.3, 1)).fitting(said) == kept


def test_the_tables_are_the_twin_of_the_picture():
    """Every figure with its outcome, scores and places; and what calls and thresholds come to, on all rows."""
    truth, scores = made(300, 0.3, 2)
    found = drawn(truth, scores)
    people, counts = found.frame(), found.counts(Costs(calls=60))
    assert list(people["place live r1"]) == [*range(1, 101)] and sorted(people["place yours r1"]) == [*range(1, 101)]
    assert set(people["outcome"]) == {"leaves", "stays"}
    assert list(counts["by"]) == ["calls", "threshold 0.5"] * 2
    for side, line in enumerate(counts.to_dict("records")[1::2]):
        said = scores[side] >= 0.5
        by_hand = [(said & truth).sum(), (~said & truth).sum(), (said & ~truth).sum(), (~said & ~truth).sum()]
        told = [line[name] for name in ("found", "missed", "false alarms", "left alone")]
        assert told == pytest.approx(by_hand, abs=0.1)


def test_the_browser_gets_all_of_it_at_once(trained):
    """Real runs on real rows, with the ids of the customers; what is sent is plain, and made once."""
    older, newer = trained.runs.list()[0], trained.train(LOGISTIC)
    called = reference.of(trained, [older.run_id, newer.run_id])
    compared = Compared((older, newer), called)
    found = screen.of(trained, compared)
    data = screen.drawn(found, compared)
    assert json.loads(json.dumps(data, allow_nan=False))["words"] == data["words"]
    assert [side["word"] for side in data["sides"]] == ["older", "newer"]
    answers = trained.runs.predictions(newer.run_id).query("part == 'validation'")
    ids = trained.datasets.frame("customers@1")["customer_id"]
    by_id = dict(zip(ids.iloc[answers["row"]], zip(answers["label"], answers["probability"], strict=True), strict=True))
    for figure in found.figures:
        label, score = by_id[figure.who]
        assert (figure.positive, figure.scores[1]) == (label == 1, pytest.approx(score, abs=1e-4))
