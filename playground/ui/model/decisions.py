"""The decisions about a model version: when the release check was asked about it, what came out, and a way to each."""

from __future__ import annotations

from typing import Any

import streamlit as st

from playground import words
from playground.history import Mark
from playground.ui.kit import cards, state
from playground.ui.kit.links import link


def of(model: Any) -> list[Mark]:
    """Return the decisions about a version that history shows, newest first."""
    return [one for one in reversed(state.history().marks) if one.decides and one.model == model.identity]


def draw(model: Any) -> None:
    """Draw the decisions about a version, each with the way to its lamps."""
    found = of(model)
    if not found:
        st.markdown(":gray[Nobody has decided about it yet: it was neither released to production nor refused.]")
    for one in found:
        with st.container(border=True, gap="xsmall"):
            why = f": {one.why}" if one.why else ""
            st.markdown(f"**{cards.plain(one.says(False))}** :small[{words.when(one.at)}]")
            st.caption(cards.plain(f"{one.by}{why}"))
            link("release", "See the decision", icon="lightbulb", decision=str(one.event))
