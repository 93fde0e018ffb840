"""Every night: what the machine is told so that it answers such a file each day, and who answers then."""

from __future__ import annotations

from typing import Any

import streamlit as st

from mlops import Workspace
from mlops.release.schedule import Schedule
from playground.chain import ROOT
from playground.ui.kit import cards, state

TIMES = tuple(f"{hour:02}:00" for hour in range(24))
USUAL = TIMES[2]


def draw(report: Any) -> None:
    """Draw the line of cron and the timer of systemd that would press the button."""
    shown = st.popover("Every night", icon=":material/nightlight:", on_change="rerun", key="predict.night")
    cards.inside(shown, lambda: _plan(report))


def _plan(report: Any) -> None:
    when = st.selectbox("At", TIMES, TIMES.index(USUAL), key="predict.night.at", persist_state="session")
    plan = state.read(planned, report.model["name"], report.input, when)
    st.markdown("cron, the machine's timetable, would press this button:")
    st.code(plan.cron, language=None, wrap_lines=True)
    st.caption(cards.plain(f"{plan.said} What it did stands in the log beside the answers."))
    with st.expander("With systemd", type="compact"):
        st.code(plan.service, language="ini", wrap_lines=True)
        st.code(plan.timer, language="ini", wrap_lines=True)
    st.caption("A night that is cut off goes on where it was. Nothing is put in place from here.")


def planned(ws: Workspace, model: str, called: str, when: str) -> Schedule:
    """Return the schedule of a file: a sample where it lies, any other beside the workspace."""
    sample, beside = ROOT / "sample_data" / called, ws.path.resolve().parent
    data = called if "@" in called else sample if sample.exists() else beside / called
    return ws.batches.schedule(f"{model}@production", data, beside / "predictions.csv", when)
