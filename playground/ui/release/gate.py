"""The release check on the Release screen: asking it, its rule, and the answer that this session looks at."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import streamlit as st

from mlops import Workspace
from mlops.base.errors import RefusedError
from mlops.release.gate import GateReport
from mlops.release.gate_rules import MAX_MARGIN, REQUIREMENTS
from playground import words
from playground.ui.kit import acts, cards, lists, session, state

_ASKED = {"not_worse": "not worse", "better": "better"}


@dataclass(frozen=True)
class Answer:
    """What the check said, and the event that keeps it."""

    report: GateReport
    event: int


def ask(ref: str, data: str | None = None) -> None:
    """Ask the check of production, and look at its answer."""
    ws = state.workspace()
    report = ws.gate(ref, "production", data)
    session.GATE.set(Answer(report, ws.head()))


def refused(model: Any, problem: RefusedError, since: int) -> None:
    """Look at the answer that a release was refused with; where nothing was asked, say why.

    Parameters
    ----------
    since : int
        Number of the last event before the release was tried.
    """
    found = [one for one in state.workspace().log(since) if one["kind"] == "gate.evaluate"]
    if not found or not problem.details:
        cards.error(problem)
        return
    session.GATE.set(Answer(GateReport.of(found[-1]["payload"]["changes"]), found[-1]["seq"]))
    session.say(f"{model.ref} was refused.")
    st.rerun()


def answer(model: Any) -> Answer | None:
    """Return the last answer if it is about this model and what is live has not changed since."""
    found: Answer | None = session.GATE.get()
    if found is None or found.report.model != model.identity:
        return None
    live = next((one.model for one in lists.live("production") if one.model["name"] == model.name), None)
    return found if found.report.against == live else None


def rows_of(model: Any) -> str | None:
    """Return the data version on which this session compared a model last: its release is judged on the same rows."""
    found = answer(model)
    return found.report.data if found else None


def rule() -> None:
    """Draw the rule of production as a button that opens it."""
    now = state.read(_rule)
    said = f"May lose at most {now.margin:g}" if now.require == "not_worse" else "Must be better"
    drawer = st.popover(said, icon=":material/balance:", key="gate.rule", on_change="rerun")
    if not drawer.open:
        return
    with drawer:
        st.caption("What a model must show beside the live one. A config may ask for more, never for less.")
        if now.at:
            st.caption(f"Set {words.moment(now.at)} by {cards.plain(now.set_by)}: {cards.plain(now.reason or '–')}")
        # Keys name the rule: when somebody sets it, the controls begin at the new one.
        require = st.segmented_control(
            "Beside the live model", REQUIREMENTS, format_func=_ASKED.__getitem__, default=now.require, required=True,
            key=f"gate.require.{now.at}",
        )  # fmt: skip
        margin = st.number_input(
            "It may lose at most", 0.0, MAX_MARGIN, now.margin, 0.005, "%.3f", help="In AUC; of a number in R².",
            disabled=require == "better", key=f"gate.margin.{now.at}",
        )  # fmt: skip
        reason = st.text_input("Why", key=f"gate.because.{now.at}", max_chars=200, placeholder="Why this much?") or ""
        same = (require, margin) == (now.require, now.margin)
        if acts.button("Set the rule", "set it", key="gate.set", disabled=same):
            with cards.errors():
                state.workspace().gate_rules.set("production", require, margin, reason)
                session.say("The rule of production is set.")
                st.rerun()


def _rule(ws: Workspace) -> Any:
    return ws.gate_rules.get("production")
