"""The app's script: name every screen, draw what they share, run the one that the URL asks for."""

import streamlit as st

from playground import ui

st.set_page_config(layout="wide", page_icon="🔗")
page = ui.navigation()
st.set_page_config(page_title=f"{page.title} · MLOps playground")
# Each in a place of its own: what comes and goes there would give the page another place, and it would be drawn anew.
if not ui.is_teachers(page.url_path):
    with st.container(key="corner"):
        ui.corner(page.url_path)
    with st.container(key="side"):
        ui.panel()
with st.container(horizontal_alignment="center"), st.container(width=1180):
    page.run()
