"""The map of drift and harm: which corner a month stands in, and what is said of it."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from playground import harm_map, harm_places
from playground.ui.monitor import map as on_screen

LINE = 0.02


def month(name: str = "2024-05", psi: float | None = 0.01, auc: float | None = None, **more: Any) -> Any:
    """Return a month as monitoring reports it, measured within 0.02 if its outcomes are known."""
    told = {"verdict": "none", "why": "", "psi": psi, "feature": "payment_method", "few": False}
    told |= {"news": {"psi": psi, "feature": "payment_method"}}
    outcomes = None
    if auc:
        outcomes = SimpleNamespace(known=3000, metric="auc", value=auc, low=auc - LINE, high=auc + LINE, few=False)
    facts = {"n": 3000, "best": 0.84 if auc else None, "reference": 0.82, "estimate": None}
    versions = ({"version": "1.0.0", "n": 3000},)
    inputs = {**told, **more.pop("inputs", {})}
    return SimpleNamespace(
        **{"month": name, "inputs": inputs, "outcomes": outcomes, "versions": versions, **facts, **more}
    )


def of(*months: Any) -> harm_map.HarmMap:
    """Return the map of months, the newest first."""
    return harm_map.of(SimpleNamespace(months=months), LINE, {"payment_method": "Payment"})


@pytest.mark.parametrize(
    ("psi", "auc", "word"),
    [(0.01, 0.82, "quiet"), (0.7, 0.82, "harmless"), (0.01, 0.74, "silent"), (0.7, 0.74, "trouble"),
     (0.01, None, "waiting"), (0.7, None, "waiting"), (None, None, "few")],
)  # fmt: skip
def test_the_corner_of_a_month_is_what_moved_and_what_it_cost(psi: float | None, auc: float | None, word: str) -> None:
    """Before outcomes are known a month has none, and too few rows have no place at all."""
    [mark] = of(month(psi=psi, auc=auc)).marks

    assert mark.learned.word == word
    assert (mark.learned.lost is None) == (auc is None)


def test_harm_is_what_lies_above_the_line_for_certain() -> None:
    """The lower end of the interval decides, not its middle: one month of rows is noisy."""
    just, sure = (mark.learned for mark in of(month(auc=0.799), month("2024-04", auc=0.801)).marks)

    assert just.lost == pytest.approx(0.039) and just.word == "quiet"
    assert sure.lost == pytest.approx(0.041) and sure.word == "silent"


def test_a_data_bug_is_named_as_such_whatever_it_cost() -> None:
    """Its distribution moved as well, but it is to be repaired, not learned."""
    why = "Usage is in minutes instead of hours in 746 rows."
    bug = {"verdict": "data_error", "why": why}
    waiting, known = (of(month(psi=0.3, auc=auc, inputs=bug)).marks[0] for auc in (None, 0.74))

    assert waiting.learned.word == known.learned.word == "bug"
    assert waiting.says == why
    assert known.says == f"{why} AUC is 0.100 below the best achievable (0.080 to 0.120)."


def test_a_shift_whose_outcomes_are_not_known_is_not_called_harm() -> None:
    """Drift is not harm: it is said when one will know."""
    [mark] = of(month(psi=0.7)).marks

    assert mark.says == (
        "Inputs moved: Payment most (PSI 0.70). Whether it still answers well is not known before 30 June 2024."
    )


def test_no_drift_is_not_called_safe() -> None:
    """A quiet month whose outcomes are missing may still answer badly."""
    [mark] = of(month("2024-12")).marks

    assert "not known before 31 January 2025" in mark.says


def test_losses_are_held_against_the_best_achievable_else_against_the_release() -> None:
    """Who knows no best achievable sees what was lost since the release."""
    [of_story] = of(month(auc=0.80)).marks
    own = of(month(auc=0.80, best=None))

    assert of_story.learned.lost == pytest.approx(0.04) and own.marks[0].learned.lost == pytest.approx(0.02)
    assert (of(month(auc=0.8)).against, own.against) == ("the best achievable", "the AUC at release")


def test_the_estimate_stands_where_it_would_lie_and_is_scored_when_the_truth_comes() -> None:
    """It is held against the best achievable that was known last."""
    guess = SimpleNamespace(auc=0.81, error=None)
    waiting = of(month(estimate=guess), month("2024-04", auc=0.8)).marks[-1]
    known = of(month(auc=0.74, estimate=SimpleNamespace(auc=0.81, error=-0.07))).marks[0]

    assert waiting.learned.guess == pytest.approx(0.03)
    assert dict(known.facts)["Estimate"] == "0.810, +0.070 off"


def test_months_run_from_the_oldest_on_and_the_table_from_the_newest() -> None:
    """The way they went is drawn; a list begins with what is new."""
    found = of(month("2024-01"), month("2023-12", auc=0.82))

    assert [one.month for one in found.marks] == ["2023-12", "2024-01"]
    assert [found.name(one) for one in found.marks] == ["Dec ’23", "Jan"]
    assert list(found.frame()["Month"]) == ["January 2024", "December 2023"]
    assert found.sentence == "Quiet: December 2023; not known yet: January 2024."
    assert of().sentence == "No month has passed yet." and of().mark("2024-01") is None


def test_the_browser_gets_the_record_and_nothing_else() -> None:
    """What is drawn can be read here."""
    found = of(month(psi=0.7, auc=0.82))
    drawn = on_screen.drawn(found, "2024-05", "w1", "churn_model")

    assert drawn["sentence"] == found.sentence and drawn["line"] == LINE
    [mark] = drawn["marks"]  # type: ignore[misc]
    assert mark["learned"]["called"] == "harmless shift" and mark["before"] is None and mark["name"] == "May"


def test_what_is_new_has_a_place_of_its_own_beside_the_month_before() -> None:
    """A price that rose for good is news once: what a later month brings would stand hidden behind it."""
    old = {"verdict": "drift", "feature": "monthly_fee"}
    nothing, payment = ({"psi": psi, "feature": "payment_method"} for psi in (0.01, 0.6))
    first = month("2024-04", 0.7, 0.78, inputs=old)
    shifted, cut = (
        of(month(psi=0.7, auc=auc, inputs={**old, "news": news}), first).marks[-1]
        for auc, news in ((0.775, payment), (0.72, nothing))
    )

    assert (shifted.learned.word, shifted.before and shifted.before.word) == ("trouble", "harmless")
    assert shifted.says.endswith("What is new, Payment (PSI 0.60), did no further harm.")
    assert (cut.learned.word, cut.before and cut.before.word) == ("trouble", "silent")
    assert cut.says.endswith("Nothing new moved, and yet it lost 0.060 more since April 2024: silent harm.")


def test_a_loss_since_the_month_before_is_as_uncertain_as_both_months_together() -> None:
    """Their rows are others, so the two intervals add up as right angles do."""
    since = of(month(auc=0.70), month("2024-04", auc=0.76)).marks[-1].before

    assert since and since.lost == pytest.approx(0.06)
    assert (since.low, since.high) == (pytest.approx(0.06 - 2**0.5 * 0.02), pytest.approx(0.06 + 2**0.5 * 0.02))


def test_few_outcomes_make_no_dot() -> None:
    """Below 500 rows an AUC says little, so the month waits."""
    few = SimpleNamespace(known=120, metric="auc", value=0.7, low=0.6, high=0.8, few=True)
    [mark] = of(month(outcomes=few)).marks

    assert mark.learned.word == "waiting" and mark.learned.lost is None
    assert mark.says.endswith("Only 120 outcomes are known so far.")


@given(st.floats(0, 3), st.floats(-0.1, 0.4), st.floats(0, 0.1))
def test_every_month_has_one_corner(psi: float, lost: float, width: float) -> None:
    """Left or right by the inputs alone, up or down by the outcomes alone."""
    word = harm_places.corner(psi >= harm_places.MOVED, lost - width, LINE)

    assert (word in ("harmless", "trouble")) == (psi >= harm_places.MOVED)
    assert (word in ("silent", "trouble")) == (lost - width > LINE)
