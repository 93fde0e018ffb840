"""A config beside the run that it will make."""

from functools import partial

from mlops.training import pipeline
from playground import ui
from playground.ui.kit import outcomes
from playground.ui.train import breaking, notebook, sweep, training, workbench

ui.header("Train", "train")

if not outcomes.trainable():
    first = ("A run needs a version of the data.", "data", "Keep the first version")
    waits = ("Nothing is known yet to learn from: outcomes are awaited.", "data", "Add outcomes")
    needs = partial(ui.empty, *(waits if ui.datasets() else first))
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
