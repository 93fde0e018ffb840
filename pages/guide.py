"""Checklists bound to what is really there, and the words."""

import streamlit as st

from mlops.base.verify import verify
from playground import checklists, ui
from playground.ui.guide import course

ui.header("Guide", "guide")
chain = ui.chain()

*lists, words = st.tabs([*checklists.CHECKLISTS, "Glossary"], key="guide.tabs", on_change="rerun")
for name, tab in zip(checklists.CHECKLISTS, lists, strict=True):
    if tab.open:
        with tab:
            course.checklist(name, chain)
if words.open:
    with words:
        course.glossary()

ui.under_the_hood("guide", verify)
