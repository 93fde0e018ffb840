"""A config beside the run that it will make."""

import streamlit as st

from mlops import Workspace
from playground import ui
from playground.ui import training

ui.header("Train", "train")

if not ui.all_datasets():
    ui.empty("A run needs a version of the data.", "data", "Keep the first version")
else:
    left, right = st.columns([2, 1], gap="medium")
    with left:
        config = training.editor()
    with right:
        data = training.data_choice()
        last = ui.chain().run
        if config and last:
            training.changes(config, data, last)
        training.train_button(ready=config is not None)
    training.run_now(config, data)

ui.under_the_hood("train", Workspace.train)
