"""Ask the live model: one customer, or a file."""

import streamlit as st

from mlops.predictions import Predictions
from playground import ui
from playground.ui import prediction

ui.header("Predict", "predict")
live = ui.chain().production

if live is None:
    ui.empty("No model is live yet.", "start", "Run the chain")
else:
    single, many = st.tabs(["One customer", "A file"], key="predict.tabs", on_change="rerun")
    if single.open:
        with single:
            prediction.one(live)
    if many.open:
        with many:
            prediction.batch(live)

ui.under_the_hood("predict", Predictions.predict)
