"""The map of drift and harm: which corner a month stands in, and what is said of it."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from playground import harm_map
from playground.ui.monitor import map as on_screen

LINE = 0.02


def month(name: str = "2024-05", psi: float | None = 0.01, auc: float | None = None, **more: Any) -> Any:
    """Return a month as monitoring reports it, measured within 0.02 if its outcomes are known."""
    told = {"verdict": "none", "why": "", "psi": psi, "feature": "payment_method"}
    known = {"known": 3000 if auc else 0, "of": 3000, "auc": auc}
    known |= {"low": auc - LINE, "high": auc + LINE} if auc else {"low": None, "high": None}
    facts = {"n": 3000, "best": 0.84 if auc else None, "reference": 0.82, "estimate": None, "versions": ("1.0.0",)}
    inputs = {**told, **more.pop("inputs", {})}
    return SimpleNamespace(**{"month": name, "inputs": inputs, "outcomes": known, **facts, **more})


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

    assert mark.word == word
    assert (mark.lost is None) == (auc is None)


def test_harm_is_what_lies_above_the_line_for_certain() -> None:
    """The lower end of the interval decides, not its middle: one month of rows is noisy."""
    just, sure = of(month(auc=0.801), month("2024-04", auc=0.799)).marks[::-1]

    assert just.lost == pytest.approx(0.039) and just.word == "quiet"
    assert sure.lost == pytest.approx(0.041) and sure.word == "silent"


def test_a_data_bug_is_named_as_such_whatever_it_cost() -> None:
    """Its distribution moved as well, but it is to be repaired, not learned."""
    why = "Usage is in minutes instead of hours in 746 rows."
    bug = {"verdict": "data_error", "why": why}
    waiting, known = (of(month(psi=0.3, auc=auc, inputs=bug)).marks[0] for auc in (None, 0.74))

    assert waiting.word == known.word == "bug"
    assert why.rstrip(".") in waiting.says and "do not retrain on it" in waiting.says
    assert known.lost == pytest.approx(0.1)


def test_a_shift_whose_outcomes_are_not_known_is_not_called_harm() -> None:
    """Drift is not harm: it is said when one will know."""
    [mark] = of(month(psi=0.7)).marks

    assert mark.says == (
        "Inputs moved: Payment moved most (PSI 0.70). Whether that did harm is not known before 30 June 2024."
    )


def test_no_drift_is_not_called_safe() -> None:
    """A quiet month whose outcomes are missing may still answer badly."""
    [mark] = of(month("2024-12")).marks

    assert "not known before 31 January 2025" in mark.says


def test_losses_are_held_against_the_best_achievable_else_against_the_release() -> None:
    """Who knows no best achievable sees what was lost since the release."""
    [of_story] = of(month(auc=0.80)).marks
    own = of(month(auc=0.80, best=None))

    assert of_story.lost == pytest.approx(0.04) and own.marks[0].lost == pytest.approx(0.02)
    assert (of(month(auc=0.8)).against, own.against) == ("the best achievable", "the AUC at release")


def test_the_estimate_stands_where_it_would_lie_and_is_scored_when_the_truth_comes() -> None:
    """It is held against the best achievable that was known last."""
    told = {"estimate": {"auc": 0.81}}
    waiting = of(month(**told), month("2024-04", auc=0.8)).marks[-1]
    known = of(month(auc=0.74, **told)).marks[0]

    assert waiting.guess == pytest.approx(0.03)
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
    drawn = on_screen.drawn(found, "2024-05", "key")

    assert drawn["sentence"] == found.sentence and drawn["line"] == LINE
    [mark] = drawn["marks"]  # type: ignore[misc]
    assert mark["called"] == "harmless shift" and mark["name"] == "May"


@given(st.floats(0, 3), st.floats(-0.1, 0.4), st.floats(0, 0.1))
def test_every_month_has_one_corner(psi: float, lost: float, width: float) -> None:
    """Left or right by the inputs alone, up or down by the outcomes alone."""
    word = harm_map.corner(psi >= harm_map.MOVED, lost - width, LINE)

    assert (word in ("harmless", "trouble")) == (psi >= harm_map.MOVED)
    assert (word in ("silent", "trouble")) == (lost - width > LINE)
