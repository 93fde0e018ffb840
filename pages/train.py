"""A config beside the run that it will make."""

import streamlit as st

from mlops import pipeline
from playground import ui
from playground.ui import training

ui.header("Train", "train")

if not ui.all_datasets():
    ui.empty("A run needs a version of the data.", "data", "Keep the first version")
else:
    left, right = st.columns([2, 1], gap="medium")
    with right:
        data = training.data_choice()
    with left:
        text = training.editor(data)
    with right:
        config, last = training.checked(text), ui.chain().run
        if config and last:
            training.changes(config, data, last)
        training.run_now(text, data, ready=config is not None)

ui.under_the_hood("train", pipeline.train)
