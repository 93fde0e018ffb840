"""Rejecting a version, with a reason: on its page, and offered after a rollback."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import streamlit as st

from mlops import Workspace
from playground import rejection
from playground.ui.kit import acts, cards, lists, session, state
from playground.ui.kit.links import link

MOST = 5
"""Rejected versions that a list shows, the newest."""


def offer(model: Any, key: str) -> None:
    """Draw the reason and the button that rejects a version; or that it is rejected, and why.

    Parameters
    ----------
    model : ModelVersion
        The version.
    key : str
        The screen, for the keys of what is drawn.
    """
    version = f"v{model.version}"
    if model.status == "rejected":
        why = state.read(_why, model.ref) or "no reason given"
        st.markdown(f"{cards.state_text('rejected', f'{version} is rejected')} · {cards.plain(why)}")
        return
    if blocked := rejection.in_the_way(model):
        st.caption(blocked)
        return
    where = " and ".join(model.live_in)
    also = f" It is still live in {where}: there the version before goes live again." if where else ""
    st.caption(f"A rejected version stays on record, and nobody can release it again.{also}")
    with st.container(horizontal=True, vertical_alignment="bottom"):
        reason = st.text_input(
            f"Why reject {version}?",
            key=f"{key}.because.{model.ref}",
            max_chars=200,
            placeholder="What is wrong with it?",
        )
        if acts.button(f"Reject {version}", "reject", icon=":material/block:", key=f"{key}.reject.{model.ref}"):
            with cards.errors():
                session.say(" ".join(rejection.reject(state.workspace(), model, reason or "")))
                st.rerun()


def listed(models: Sequence[Any]) -> None:
    """Draw the rejected ones among versions, newest first, each with why."""
    rejected = [model for model in models if model.status == "rejected"]
    for model in rejected[:MOST]:
        with st.container(horizontal=True, vertical_alignment="center"):
            why = state.read(_why, model.ref) or "no reason given"
            name = lists.told(model.identity)
            st.markdown(f"{cards.state_text('rejected', f'{name} rejected')} · {cards.plain(why)}", width="content")
            link("model", "Look at it", ref=model.ref)
    if len(rejected) > MOST:
        st.caption(f"And {len(rejected) - MOST} older ones.")


def _why(ws: Workspace, ref: str) -> str | None:
    return ws.models.why_rejected(ref)
