"""One model version, for links such as /model?ref=churn_model@1.0.0."""

import streamlit as st

from mlops.release.registry import Models
from playground import ui
from playground.ui.model import model

asked = st.query_params.get("ref", "")
ui.header(model.title(asked), "model")

if not asked:
    ui.empty("Which model?", "release", "Choose one")
else:
    with ui.errors():
        model.draw(model.found(asked))

ui.under_the_hood("model", Models.register, ("models", "show", asked) if asked else ())
