"""One sweep, for links such as /sweep?id=s4f9a1c07be."""

import streamlit as st

from mlops import Workspace
from playground import ui
from playground.ui.sweep import board

named = st.query_params.get("id", "")
asked = board.asked(named)
ui.header(f"Sweep {asked[:7]}".strip(), "sweep")

if asked:
    board.view(asked)
else:
    ui.empty("No sweep goes by that name here." if named else "No sweeps yet.", "train", "Start one")

ui.under_the_hood("sweep", Workspace.sweep)
