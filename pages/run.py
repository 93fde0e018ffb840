"""One run, for links such as /run?id=r4f9a1c."""

import streamlit as st

from mlops.experiments.runs import Runs
from playground import ui
from playground.ui.kit import lists
from playground.ui.run import run

asked = st.query_params.get("id", "")
ui.header(f"Run {asked[:7]}".strip(), "run")

if not asked:
    ui.empty("Which run?", "compare", "Choose one")
else:
    with ui.errors():
        run.draw(lists.run(asked))

ui.under_the_hood("run", Runs.get, ("runs", "show", asked) if asked else ())
