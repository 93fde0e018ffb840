"""The app's script: name every screen, draw what they share, run the one that the URL asks for."""

import streamlit as st

from playground import ui

st.set_page_config(layout="wide", page_icon="🔗")
page = ui.navigation()
st.set_page_config(page_title=f"{page.title} · MLOps playground")
ui.corner()
ui.panel()
with st.container(horizontal_alignment="center"), st.container(width=1180):
    page.run()
