"""The copy that is no copy: what is done with the tidy notebook."""

from __future__ import annotations

from mlops import Workspace
from playground.course.acts import act
from playground.notebook import tidy


@act
def run_tidy(ws: Workspace, order: str, mended: str = "") -> None:
    """Run Anna's notebook in an order, with a cell told otherwise if one is named."""
    tidy.run(ws, order, mended.split())
