"""The alerts of a live model: what is wrong, since when, and who has seen it - with a reason, which stays on record."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd
import streamlit as st

from playground import words
from playground.harm_words import labelled
from playground.ui.kit import acts, cards, session, state

LEVELS: Mapping[str, tuple[str, str]] = {
    "critical": ("red", "error"), "warning": ("orange", "warning"), "info": ("blue", "info"),
}  # fmt: skip
"""Level -> colour and icon; the word stands beside them."""

KINDS: Mapping[str, str] = {"limit": "over a limit", "change": "changed since the month before"}
"""Kind of an alert -> what people say."""

TITLE = "Alerts"

FIRST = 2
"""Alerts that stand at the top of the page."""

SHOWN = 50
"""Alerts that are over, as many as are listed."""


def draw(found: Sequence[Any], called: Mapping[str, str]) -> None:
    """Draw the alerts, the newest first: those that nobody has seen, those that somebody has, and those that are over.

    Parameters
    ----------
    found : sequence of Alert
        Newest first.
    called : mapping
        Column -> what people call it.
    """
    lively = [one for one in found if one.status != "resolved"]
    if not lively:
        st.markdown(f"{cards.state_text('pass', 'Nothing is wrong that anybody measures.')}")
    for one in sorted(lively, key=lambda one: one.status != "open"):
        _alert(one, called)
    over = [one for one in found if one.status == "resolved"]
    if over:
        title = f"Over: {words.counted(len(over), 'alert')}"
        drawer = st.expander(title, icon=":material/done_all:", type="compact", key="alerts.over", on_change="rerun")
        cards.inside(drawer, lambda: _over(over, called))


def newest(found: Sequence[Any], called: Mapping[str, str]) -> None:
    """Draw the newest alerts that nobody has seen yet, a line each: the tab of the alerts has all of them."""
    unseen = [one for one in found if one.status == "open"]
    for one in unseen[:FIRST]:
        colour, icon = LEVELS[one.level]
        st.markdown(f":{colour}[:material/{icon}:] {cards.plain(labelled(one.what, called))}")
    if (more := len(unseen) - FIRST) > 0:
        st.markdown(f":small[:gray[{words.counted(more, 'more alert')}, in Alerts.]]")


def _alert(one: Any, called: Mapping[str, str]) -> None:
    colour, icon = LEVELS[one.level]
    with st.container(border=True, gap="xsmall", key=f"alert-{one.id}"):
        with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
            st.markdown(
                f":{colour}[:material/{icon}: **{one.level}**] · {cards.plain(labelled(one.what, called))}",
                width="stretch",
            )
            if one.status == "open":
                _acknowledge(one)
        st.markdown(f":small[:gray[{cards.plain(_told(one))}]]")


def _told(one: Any) -> str:
    """Return since when an alert stands, of what kind it is, and who has seen it."""
    parts = [f"since {words.date(one.since)}", KINDS[one.kind]]
    if one.status == "acknowledged":
        parts.append(f"seen by {one.acknowledged_by}: {one.reason}")
    return " · ".join(parts)


def _acknowledge(one: Any) -> None:
    drawer = st.popover("Acknowledge", icon=":material/visibility:", key=f"alerts.seen.{one.id}", on_change="rerun")
    cards.inside(drawer, lambda: _reason(one))


def _reason(one: Any) -> None:
    """Draw the reason and the button: it ends nothing, but says that somebody looks after it, and why it may wait."""
    with st.form(f"alerts.form.{one.id}", border=False):
        reason = st.text_input(
            "Why may it wait?", key=f"alerts.because.{one.id}", max_chars=200,
            placeholder="Outcomes of May come at the end of June.",
        )  # fmt: skip
        pressed = acts.submit("Acknowledge", "acknowledge it", icon=":material/visibility:", type="primary")
    if pressed:
        with cards.errors():
            state.workspace().alerts.acknowledge(one.id, reason or "")
            session.say("It is acknowledged: it stays until what it is about is over.")
            st.rerun()


def _over(found: Sequence[Any], called: Mapping[str, str]) -> None:
    table = pd.DataFrame(
        [
            {"Since": words.date(one.since), "Level": one.level, "What": labelled(one.what, called)}
            for one in found[:SHOWN]
        ]
    )
    st.dataframe(table, hide_index=True, key="alerts.list", alt="Alerts that are over, newest first")
    cards.download(table, "alerts")
