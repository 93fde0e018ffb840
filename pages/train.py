"""A config beside the run that it will make."""

import streamlit as st

from mlops.training import pipeline
from playground import ui
from playground.ui.train import live, notebook, sweep, training, workbench

ui.header("Train", "train")

if not ui.datasets():
    ui.empty("A run needs a version of the data.", "data", "Keep the first version")
else:
    data = training.data_choice()
    one, many, lab = st.tabs(["One run", "Sweep", "Notebook to script"], key="train.tabs", on_change="rerun")
    if one.open:
        with one:
            left, right = st.columns([3, 2], gap="medium")
            with left:
                text = workbench.draw(data)
            with right:
                button = st.container()  # it keeps its place, whatever is to be said about the config
                config, last = training.checked(text, data), ui.chain().run
                with button:
                    training.train(data, ready=config is not None)
                if config:
                    training.named(config, data)
                if config and last:
                    training.changes(config, data, last)
                live.panel()
    if many.open:
        with many:
            sweep.panel(training.text(data), data)
    if lab.open:
        with lab:
            notebook.lab()

ui.under_the_hood("train", pipeline.train)
