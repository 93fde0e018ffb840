"""A config beside the run that it will make."""

from mlops.training import pipeline
from playground import ui
from playground.ui.train import notebook, sweep, training, workbench

ui.header("Train", "train")

if not ui.datasets():
    ui.empty("A run needs a version of the data.", "data", "Keep the first version")
else:
    data = training.data_choice()
    parts = {
        "One run": lambda: workbench.one_run(data),
        "Sweep": lambda: sweep.panel(training.text(data), data),
        "Notebook to script": notebook.lab,
    }
    ui.tabs(parts, key="train.tabs")

ui.under_the_hood("train", pipeline.train)
