"""The copy that is no copy: what is done with the tidy notebook, and how many of its numbers move."""

from __future__ import annotations

from mlops import Workspace
from playground.course.acts import act
from playground.course.answers import Answer, answer
from playground.course.verdict import Baseline
from playground.notebook import tidy


@act
def run_tidy(ws: Workspace, order: str, mended: str = "") -> None:
    """Run Anna's notebook in an order, with a cell told otherwise if one is named."""
    tidy.run(ws, order, mended.split())


@answer
def numbers_moved(ws: Workspace, baseline: Baseline) -> Answer | None:
    """How many numbers moved when the notebook was run twice as it is, for the first time; None before that."""
    found = next((one for one in tidy.trials(ws) if not one.mended and one.moved), None)
    if found is None:
        return None
    return Answer(len(found.moved), {"numbers": len(found.numbers), "which": ", ".join(found.moved)})
