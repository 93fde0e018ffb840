"""Whether a version still is what was relied on: what is gone, renamed, recoded, in another unit, or missing."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd
import streamlit as st

from mlops import Workspace
from mlops.production.drift import CAUSES
from playground.ui.kit import cards, state

_LOOKS = {"blocker": ("red", "block"), "warning": ("orange", "warning"), "note": ("gray", "info")}


def draw(found: Sequence[Any]) -> None:
    """Draw the verdict on a version, held against an earlier one."""
    refs = [one.ref for one in found]
    if len(refs) < 2:
        st.markdown(":gray[Two versions are needed. Keep a second one first.]")
        return
    left, right = st.columns(2)
    subject = left.selectbox("Version", refs, key="data.validated")
    others = [ref for ref in refs if ref != subject]
    parent = next((one for one in found if one.ref == subject), found[0])
    before = f"{parent.name}@{parent.parent}"
    known = right.selectbox(
        "Held against", others, index=others.index(before) if before in others else 0, key=f"data.against.{subject}"
    )
    with cards.errors():
        _verdict(state.read(_validate, subject, known))


def _verdict(verdict: Any) -> None:
    if verdict.valid:
        st.markdown(
            f"{cards.state_text('pass', 'fits')} · {cards.plain(verdict.subject)} is what a model that learned from "
            f"{cards.plain(verdict.against)} relies on."
        )
    else:
        st.markdown(
            f"{cards.state_text('fail', 'does not fit')} · a model that learned from {cards.plain(verdict.against)} "
            f"cannot rely on {cards.plain(verdict.subject)}."
        )
    if not verdict.problems:
        return
    with st.container(border=True, gap="small"):
        for problem in verdict.problems:
            colour, icon = _LOOKS[problem["severity"]]
            called = CAUSES.get(problem["code"], problem["code"].replace("_", " "))
            st.markdown(
                f":{colour}[:material/{icon}: **{cards.plain(called)}**] · "
                f"{cards.plain(problem['message'])}  \n:small[:gray[{cards.plain(problem['suggestion'])}]]"
            )
    table = pd.DataFrame([dict(problem) for problem in verdict.problems]).drop(columns="line")
    cards.download(table, f"validation-{verdict.subject}".replace("@", "-v"), "Problems")


def _validate(ws: Workspace, subject: str, known: str) -> Any:
    return ws.datasets.validate(subject, known)
