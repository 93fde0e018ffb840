"""Ask a model that is live: one customer, or a file."""

import streamlit as st

from mlops.release.predictions import Predictions
from playground import ui
from playground.chain import noun
from playground.ui.predict import prediction

ui.header("Predict", "predict")
chain = ui.choose_live()

if chain.production is None:
    ui.empty("No model is live yet.", "start", "Run the chain")
else:
    single, many = st.tabs([f"One {noun(chain)}", "A file"], key="predict.tabs", on_change="rerun")
    if single.open:
        with single:
            prediction.one(chain)
    if many.open:
        with many:
            prediction.batch(chain)

ui.under_the_hood("predict", Predictions.predict)
