"""Runs against each other: what differs, and what came of it."""

from mlops.experiments.comparisons import Comparisons
from playground import ui
from playground.ui.compare import comparison, runs

ui.header("Compare", "compare")

if not ui.any_runs():
    ui.empty("No runs yet.", "train", "Train the first one")
else:
    comparison.side_by_side(runs.table())

ui.under_the_hood("compare", Comparisons.compare)
