"""Versions of the data: keep one, look into it, compare two, give one back."""

import streamlit as st

from mlops.data.datasets import Datasets
from playground import ui
from playground.ui.data import datasets, difference, profile, validation

ui.header("Data", "data")
found = ui.datasets()

if not found:
    st.subheader("Keep the first version", anchor=False)
    datasets.new_version(found)
else:
    datasets.versions()
    asked = st.query_params.get("version", "")
    parts = {
        "New version": lambda: datasets.new_version(found),
        "Profile": lambda: profile.draw(found),
        "Difference": lambda: difference.draw(found),
        "Validation": lambda: validation.draw(found),
        "Restore": lambda: datasets.restore(found, asked),
    }
    ui.tabs(parts, key="data.tabs", default="Restore" if asked else None)

ui.under_the_hood("data", Datasets.add)
