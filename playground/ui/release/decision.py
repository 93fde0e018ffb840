"""A decision that is on record: what the release check said then, drawn as it was drawn then.

A link names it by the event that keeps it, from history, from the audit log or from a model's page.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import streamlit as st

from mlops import Workspace
from mlops.release.gate import GateReport
from playground import words
from playground.ui.kit import cards, state
from playground.ui.kit.links import link
from playground.ui.release import lamps

PARAMETER = "decision"
"""Query parameter that names the event of a decision."""


def asked() -> bool:
    """Draw the decision that a link names; return whether one does."""
    said = st.query_params.get(PARAMETER, "")
    if not said:
        return False
    event = (
        state.read(_event, int(said)) if said.isascii() and said.isdigit() and len(said) < 16 and int(said) else None
    )
    report = report_of(event) if event else None
    with st.container(border=True):
        if event is None or report is None:
            st.markdown(f":gray[Event {cards.plain(said)} keeps no decision.]")
        else:
            st.subheader(f"What was decided {words.when(event['at'])}", anchor=False)
            st.markdown(f"{_who(event)} {lamps.told(report)}")
            of(report, f"event.{said}")
        link("release", "Close", icon="close")
    return True


def of(report: GateReport, key: str) -> None:
    """Draw a decision: its lamps, the shuffle at rest, and the folds."""
    lamps.draw(report, key)
    lamps.evidence(report, key)


def report_of(event: Mapping[str, Any]) -> GateReport | None:
    """Return the answer of the check that an event keeps: its own, or that of the release it is about."""
    changes = event["payload"]["changes"]
    kept = changes if event["kind"] == "gate.evaluate" else changes.get("gate")
    return GateReport.of(kept) if isinstance(kept, Mapping) and "checks" in kept else None


def is_kept(ws: Workspace, number: int) -> bool:
    """Tell whether an event keeps a decision about production; elsewhere hardly anything is asked."""
    event = _event(ws, number)
    report = report_of(event) if event else None
    return report is not None and report.environment == "production"


def _who(event: Mapping[str, Any]) -> str:
    changes = event["payload"]["changes"]
    what = {"gate.evaluate": "asked the check"}.get(event["kind"], "released it")
    why = f": {changes['reason']}" if changes.get("reason") else ""
    override = f" In spite of the check: {changes['override']}." if changes.get("override") else ""
    return f"{cards.plain(event['actor'])} {what}{cards.plain(why)}.{cards.plain(override)}"


def _event(ws: Workspace, number: int) -> Mapping[str, Any] | None:
    return next(iter(ws.log(number - 1)), None)
