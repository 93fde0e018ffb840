"""Runs against each other: what differs, and what came of it."""

from collections.abc import Sequence

from mlops.experiments.comparisons import Comparisons
from playground import ui
from playground.ui.compare import comparison, runs

ui.header("Compare", "compare")

picked: Sequence[str] = ()
if not ui.any_runs():
    ui.empty("No runs yet.", "train", "Train the first one")
else:
    picked = runs.table()
    comparison.side_by_side(picked)

ui.under_the_hood("compare", Comparisons.compare, ("runs", "compare", *picked) if len(picked) > 1 else ())
