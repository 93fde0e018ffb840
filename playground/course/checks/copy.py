"""Checks of the tidy notebook: that its numbers were seen to move, which cell does it, and that a copy mends it."""

from __future__ import annotations

from mlops import Workspace
from playground.course.checks.noted import answered, notes
from playground.course.verdict import Baseline, Verdict, Where, check
from playground.notebook import tidy
from playground.notebook.tidy import Trial

WHERE = Where("train", "Train, Notebook to script", {"open": "notebook"})


def _trials(ws: Workspace, baseline: Baseline) -> list[Trial]:
    """Return what the learner ran since the lab began, newest first."""
    return [Trial.of(one["trials"][-1]) for one in notes(ws, baseline, tidy.SUBJECT)]


@check
def numbers_seen_to_move(ws: Workspace, baseline: Baseline) -> Verdict:
    """Tell whether the notebook was run twice as it is, and printed other numbers the second time."""
    expected = "the notebook as it is, run twice without a restart in between"
    why = "A fixed order is half of it: what the first round left in memory is where the second one begins."
    found = _trials(ws, baseline)
    if seen := next((one for one in found if not one.mended and one.moved), None):
        name = seen.moved[0]
        told = f"{name}: {' then '.join(seen.numbers[name]['values'][:2])}"
        return Verdict(True, told, expected, why, WHERE)
    return Verdict(False, found[0].said if found else "it has not been run yet", expected, why, WHERE)


@check
def cell_told(ws: Workspace, baseline: Baseline, stop: str, question: str) -> Verdict:
    """Tell whether the cell that was named is the one that changes a table which it did not make."""
    expected = "the cell that changes a table which another cell made"
    why = "A table that has two names is one table: who changes it under one name changes it under the other."
    said = answered(ws, stop, question)
    if not said:
        return Verdict(False, "no cell is named yet", expected, why, WHERE)
    return Verdict(said == tidy.CULPRIT, f"the cell {said} is named", expected, why, WHERE)


@check
def mended_by_one_cell(ws: Workspace, baseline: Baseline) -> Verdict:
    """Tell whether with one cell told otherwise every number comes out twice, wherever somebody runs a cell again."""
    expected = "one cell mended, each cell run twice, and every number the same both times"
    why = "Who works in a notebook runs single cells again. It is mended once it stands that."
    found = [one for one in _trials(ws, baseline) if one.mended]
    for one in found:
        if one.order == "each" and len(one.mended) == 1 and not one.moved:
            return Verdict(True, one.said, expected, why, WHERE)
    return Verdict(False, found[0].said if found else "nothing was mended yet", expected, why, WHERE)
