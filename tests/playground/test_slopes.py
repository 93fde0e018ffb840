"""Answers of two runs as slopes: the plain record, held against the answers it was made from."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from playground import slopes as records
from playground.slopes import Answer, Line, Way, slopes
from playground.ui.difference import slopes as drawn

CHURN = {"target": "churn", "task": "binary", "labels": (0, 1), "positive": 1}


def answers(*rows: tuple) -> pd.DataFrame:
    """Return rows ``(id, truth, before score, after score)`` as the core tells them, flips first."""
    table = pd.DataFrame(rows, columns=["id", "truth", "before_score", "after_score"])
    table["row"] = range(len(table))
    for side in ("before", "after"):
        table[side] = (table[f"{side}_score"] >= 0.5).astype(int)
    table["flipped"] = table["before"] != table["after"]
    return table.sort_values("flipped", ascending=False, ignore_index=True)


FOUR = answers(("c1", 1, 0.4, 0.6), ("c2", 1, 0.9, 0.1), ("c3", 0, 0.2, 0.7), ("c4", 0, 0.1, 0.2))


def test_a_line_is_a_row_with_both_answers_and_whether_each_is_right():
    """What a person reads who chooses it; with it the cells of that row that were changed."""
    cells = [{"id": "c1", "column": "fee", "before": 10.0, "after": 11.9}]
    found = slopes(FOUR, CHURN, (0.5, 0.5), "customer", cells)
    assert found.lines[0] == Line(
        "c1", "left", Answer("likely to stay 0.400", 0.4, False), Answer("likely to leave 0.600", 0.6, True), 0,
        "fee 10.0 → 11.9",
    )  # fmt: skip
    assert [line.way for line in found.lines] == [0, 1, 0, -1]


def test_the_sentence_says_whether_the_flips_help_and_whether_the_rows_were_changed():
    """Of two classes each flip makes one of the two runs right."""
    cells = [{"id": "c1", "column": "fee", "before": 10.0, "after": 11.9}, {"id": "c4", "column": "fee"} | dict.fromkeys(
        ("before", "after"))]  # fmt: skip
    found = slopes(FOUR, CHURN, (0.5, 0.5), "customer", cells)
    assert (found.became_right, found.became_wrong, found.cells) == (1, 2, 1)
    assert found.sentence == (
        "Of 3 decisions that changed, 1 is right now and 2 were right before. 1 of them was changed in the data, the "
        "others were not."
    )
    assert found.ways == (Way("2 become likely to leave", 2, up=True), Way("1 becomes likely to stay", 1))


def test_nothing_flipped_is_said():
    """Scores that move on the same side decide nothing."""
    found = slopes(FOUR[~FOUR["flipped"]], CHURN, (0.5, 0.5), "customer")
    assert (found.sentence, found.ways) == ("Every customer is decided as before.", ())


def test_many_rows_are_thinned_and_what_is_drawn_is_said(monkeypatch):
    """All flips up to a number, the most moved ones first; of the others some of each height."""
    monkeypatch.setattr(records, "FLIPS", 2)
    monkeypatch.setattr(records, "OTHERS", 10)
    stay = answers(*((f"s{one}", 0, one / 100, one / 100) for one in range(45)))
    found = slopes(pd.concat([FOUR[FOUR["flipped"]], stay], ignore_index=True), CHURN, (0.5, 0.5), "customer")
    others = [line.before.score for line in found.lines if line.way < 0]
    assert (len(others), others[0], others == sorted(others)) == (9, 0.0, True) and others[-1] >= 0.4
    assert found.shown == "Drawn: the 2 that moved most, and 9 customers of 45 decided as before."
    assert (found.rows, found.flipped) == (48, 3)


def test_the_table_has_every_flip_in_words():
    """The twin of the picture."""
    table = slopes(FOUR, CHURN, (0.5, 0.5), "customer").frame(("live", "yours"))
    assert [*table] == ["Customer", "Really", "Live", "Yours", "Right"]
    assert [*table["Customer"]] == ["c1", "c2", "c3"] and [*table["Right"]] == ["yours", "live", "live"]


def test_more_than_two_classes_are_counted_by_where_they_go_and_not_drawn():
    """A score of another class is no higher or lower one."""
    plan = {"target": "plan", "task": "multiclass", "labels": ("a", "b", "c"), "positive": None}
    table = FOUR.assign(before=["a", "a", "b", "c"], after=["b", "b", "c", "c"], truth=["b", "c", "c", "c"])
    found = slopes(table, plan, (0.5, 0.5))
    assert not found.drawn
    assert [way.label for way in found.ways] == ["2 become plan = b", "1 becomes plan = c"]
    assert [*found.frame(("older", "newer"))["Right"]] == ["newer", "neither", "newer"]


@pytest.mark.parametrize("name", ["x<img src=x onerror=alert(1)>", "**bold**"])
def test_what_the_browser_gets_is_plain_text(name):
    """It sets text alone; a hostile id stays what it is."""
    found = drawn.drawn(slopes(FOUR.assign(id=name), CHURN, (0.5, 0.5)), ("live", "yours"), "yes", "no")
    assert {line["name"] for line in found["lines"]} == {name}
    code = Path(drawn.__file__).with_suffix(".js").read_text(encoding="utf-8")
    assert "innerHTML" not in code and "insertAdjacent" not in code
