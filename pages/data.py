"""Versions of the data: what changed between them, a new one, one put back."""

import streamlit as st

from mlops.data.datasets import Datasets
from playground import ui
from playground.ui.data import datasets, difference, profile, restore, validation
from playground.ui.kit import outcomes

ui.header("Data", "data")
found = ui.datasets()

if not found:
    st.subheader("Keep the first version", anchor=False)
    datasets.new_version(found)
else:
    difference.newest(found)
    outcomes.waiting(found[0])
    datasets.versions()
    asked, against = (st.query_params.get(name, "") for name in ("version", "against"))
    parts = {
        "Difference": lambda: difference.draw(found, (against, asked)),
        "New version": lambda: datasets.new_version(found),
        "Restore": lambda: restore.draw(found, asked),
        "Profile": lambda: profile.draw(found),
        "Validation": lambda: validation.draw(found),
        "What it touched": lambda: datasets.touched(found, asked),
    }
    ui.tabs(parts, key="data.tabs", default=datasets.tab(found, asked, against))

ui.under_the_hood("data", Datasets.add)
