"""Two runs against each other: what differs, and what came of it."""

from mlops.runs import Runs
from playground import ui
from playground.ui import comparison

ui.header("Compare", "compare")
runs = ui.all_runs()

if not runs:
    ui.empty("No runs yet.", "train", "Train the first one")
else:
    picked = comparison.pick(runs)
    if len(picked) == 2:
        comparison.both(picked)
    else:
        ui.empty("Tick two finished runs.", "train", "Train another")

ui.under_the_hood("compare", Runs.compare)
