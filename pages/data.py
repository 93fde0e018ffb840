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
    new, inside, changed, fits, restored = st.tabs(
        ["New version", "Profile", "Difference", "Validation", "Restore"],
        default="Restore" if asked else None,
        key="data.tabs",
        on_change="rerun",
    )
    if new.open:
        with new:
            datasets.new_version(found)
    if inside.open:
        with inside:
            profile.draw(found)
    if changed.open:
        with changed:
            difference.draw(found)
    if fits.open:
        with fits:
            validation.draw(found)
    if restored.open:
        with restored:
            datasets.restore(found, asked)

ui.under_the_hood("data", Datasets.add)
