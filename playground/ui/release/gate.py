"""The gate on the Release screen: its answer check by check, newer rows to compare on, and the rule it goes by."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import streamlit as st

from mlops import Workspace
from mlops.base.errors import RefusedError
from mlops.release.gate import WAY_OUT
from mlops.release.gate_rules import MAX_MARGIN, REQUIREMENTS
from playground import words
from playground.ui.kit import acts, cards, lists, session, state

_ASKED = {"not_worse": "not worse", "better": "better"}


def ask(ref: str, data: str | None = None) -> None:
    """Ask the gate of production, and keep its answer for this session."""
    found = state.workspace().gate(ref, "production", data)
    session.GATE.set(found)
    session.FEW.set(ref if data or _are_few(found.checks) else "")


def rows_of(model: Any) -> str | None:
    """Return the data version on which this session compared a model last: its release is judged on the same rows."""
    answer = _answer(model)
    return answer.data if answer else None


def refused(model: Any, problem: RefusedError) -> None:
    """Say why a release was refused, check by check."""
    if not problem.details:
        cards.error(problem)
        return
    session.GATE.set(None)
    session.FEW.set(model.ref if _are_few(problem.details) else "")
    st.error(cards.plain(problem.message.removesuffix(WAY_OUT)), icon=":material/error:")
    _checks(problem.details)


def answer(model: Any) -> None:
    """Draw the last answer about a model, and where too few rows were new to it, the choice of others."""
    if (report := _answer(model)) is not None:
        with st.container(border=True, gap="xsmall"):
            _report(report, model.task)
    if session.FEW.get() == model.ref:
        _newer_rows(model)


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


def _report(report: Any, task: str) -> None:
    who = (
        f"{lists.told(report.model)} against {lists.told(report.against)}"
        if report.against
        else lists.told(report.model)
    )
    rows = f" · {report.rows:,} new rows" if report.rows is not None else ""
    where = f" of {report.data}" if report.data and rows else ""
    st.markdown(f"**{cards.state_text(report.outcome)}** · {cards.plain(f'{who}{rows}{where}')}")
    _checks(report.checks)
    if report.detectable_difference is not None:
        metric = "R²" if task == "regression" else "AUC"
        st.caption(
            f"On so many rows, four of five comparisons would show a difference in {metric} of "
            f"{words.number(report.detectable_difference)}."
        )


def _checks(checks: Sequence[Mapping[str, Any]]) -> None:
    for check in checks:
        st.markdown(
            f"{cards.state_text(check['outcome'], check['name'])} · {cards.plain(check['why'].removesuffix(WAY_OUT))}"
        )


def _newer_rows(model: Any) -> None:
    """Offer the other versions with the model's target; there may be none."""
    asked = (model.target, model.task)
    others = [one.ref for one in lists.datasets() if (one.target, one.task) == asked and one.ref != model.data_version]
    if not others:
        st.caption("Once there is a newer data version with outcomes, the two can be compared on its rows.")
        return
    left, right = st.columns([2, 1], vertical_alignment="bottom")
    chosen = left.selectbox("Compare on the rows of", others, key="gate.rows")
    if acts.button("Check on these rows", "check", right, icon=":material/rule:", key="gate.again"):
        with cards.errors():
            ask(model.ref, str(chosen))
            st.rerun()


def _answer(model: Any) -> Any:
    """Return the last answer if it is about this model and what is live has not changed since."""
    found = session.GATE.get()
    if found is None or found.model != model.identity:
        return None
    live = next((one.model for one in lists.live("production") if one.model["name"] == model.name), None)
    return found if found.against == live else None


def _are_few(checks: Sequence[Mapping[str, Any]]) -> bool:
    return any(check["name"] == "rows" and check["outcome"] != "pass" for check in checks)


def _rule(ws: Workspace) -> Any:
    return ws.gate_rules.get("production")
