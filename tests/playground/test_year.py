"""A drawn year: nothing that is true before the line, and afterwards what the outcomes tell, month by month."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from playground import year
from playground.ui.kit import year as kit

AUC = st.floats(0.62, 0.88).map(lambda one: round(one, 4))
LINE = st.lists(st.integers(year.LOW, year.HIGH), min_size=12, max_size=12)


def reported(aucs: list[float | None], verdict: str = "none") -> list[dict[str, Any]]:
    """Return months as a monitoring report has them, the newest first: None where nothing is known yet."""
    months = [
        {
            "month": f"2024-{number:02}",
            "inputs": {"verdict": verdict},
            "outcomes": {"auc": auc, "low": auc - 0.02, "high": auc + 0.02} if auc is not None else None,
            "best": 0.8311 if auc is not None else None,
            "versions": [{"version": "1.0.0", "n": 3000}],
        }
        for number, auc in enumerate(aucs, 1)
    ]
    return months[::-1]


@given(aucs=st.lists(AUC, min_size=1, max_size=12))
def test_nothing_that_is_true_is_in_the_record_before_the_line(aucs):
    """Not in the record, its sentence or its table, nor in what the browser has: nobody can look it up."""
    covered = year.of(2024, reported(aucs), start=0.8)
    assert covered.covered and not covered.known and not covered.table()
    assert covered == year.of(2024, [], start=0.8)
    assert "0.8311" not in json.dumps(kit.data(covered))


def test_whoever_does_without_a_line_is_shown_the_year():
    """It is a choice, and it is made aloud."""
    found = year.of(2024, reported([0.82, None]), waived=True)
    assert [one.auc for one in found.known] == [0.82] and found.gaps() == {} and found.named() == ""
    assert found.said() == "Known: January 0.820."


@given(aucs=st.lists(st.one_of(st.none(), AUC), min_size=12, max_size=12), line=LINE)
def test_the_named_gap_is_the_widest_of_the_known_months(aucs, line):
    """What is not known yet has none, and one that luck would explain has no name."""
    found = year.of(2024, reported(aucs), guess=line)
    gaps = {
        f"2024-{number:02}": auc - drawn / 1000
        for number, (auc, drawn) in enumerate(zip(aucs, line, strict=True), 1)
        if auc is not None
    }
    assert found.gaps() == pytest.approx(gaps, abs=6e-4)
    widest = max(map(abs, found.gaps().values()), default=0)
    assert bool(found.named()) == (widest >= year.FAR)
    if found.named():
        gap = found.gaps()[found.widest.month]
        assert found.named() == f"{found.widest.name} is {widest:.3f} {'below' if gap < 0 else 'above'} your line"


def test_a_month_that_came_without_outcomes_is_not_known_yet():
    """Its customers were answered; whether rightly, nobody can say."""
    january, february = year.of(2024, reported([0.82, None], "drift"), guess=[820] * 12).months[:2]
    assert (january.came, january.auc, february.came, february.auc) == (True, 0.82, True, None)
    assert kit.told(february) == "February, v1.0.0: outcomes not known yet, inputs moved"


def test_the_table_says_what_the_picture_says():
    """The newest month first, as all lists; what was drawn stands in every line."""
    found = year.of(2024, reported([0.82, 0.7, None]), guess=[820] * 6 + [800] * 6)
    rows = found.table()
    assert len(rows) == 12 and rows[0]["Month"] == "December 2024" and rows[0]["You drew"] == 0.8
    february = rows[10]
    assert (february["AUC"], february["Gap"], february["Answered by"]) == (0.7, -0.12, "v1.0.0")
    assert found.said() == (
        "You drew 0.820 in January to 0.800 in December. Known: January 0.820 to February 0.700. "
        "February is 0.120 below your line."
    )


@given(aucs=st.lists(AUC, min_size=12, max_size=12))
def test_a_line_that_luck_alone_parts_from_the_year_has_no_gap_with_a_name(aucs):
    """One month of rows moves an AUC by about as much."""
    close = [round(1000 * auc) for auc in aucs]
    found = year.of(2024, reported(aucs), guess=close)
    assert found.named() == "" and "within 0.02" in found.said()


@pytest.mark.parametrize("line", [[820] * 11, [820] * 13, [820.0] * 12, [True] * 12, [599] * 12, "820", None])
def test_what_is_no_line_is_none(line):
    """Twelve whole numbers within the axis; the browser is not believed."""
    assert not year.is_drawn(line)
