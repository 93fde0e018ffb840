"""Everything that differs between two runs, for links such as /difference?runs=r4f9a1c,r7c21b0."""

import streamlit as st

from mlops.experiments import run_diff
from playground import ui
from playground.ui.difference import difference

asked = difference.asked(st.query_params.get("runs", ""))
ui.header("What differs", "difference")

if len(asked) < 2:
    ui.empty("Which two runs?", "compare", "Choose them", **({"run": asked[0]} if asked else {}))
else:
    with ui.errors():
        difference.draw(*asked)

ui.under_the_hood("difference", run_diff.diff)
