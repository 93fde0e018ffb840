"""A config beside the run that it will make."""

from functools import partial

from mlops.training import pipeline
from playground import ui
from playground.ui.train import breaking, notebook, sweep, training, workbench

ui.header("Train", "train")

if not ui.datasets():
    needs = partial(ui.empty, "A run needs a version of the data.", "data", "Keep the first version")
    parts = {notebook.RUN: needs, notebook.TITLE: notebook.lab}
else:
    data = training.data_choice()
    parts = {
        notebook.RUN: lambda: workbench.one_run(data),
        "Sweep": lambda: sweep.panel(training.text(data), data),
        breaking.TITLE: breaking.panel,
        notebook.TITLE: notebook.lab,
    }
notebook.linked("train.tabs")
ui.tabs(parts, key="train.tabs")

ui.under_the_hood("train", pipeline.train)
