"""What the Release screen is made of: what is live, the way to production, and every event of release."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd
import streamlit as st

from mlops import Workspace
from mlops.base.environments import ENVIRONMENTS
from mlops.base.errors import RefusedError
from mlops.base.records import ref_of
from playground import calendar, words
from playground.ui.kit import acts, cards, lists, rejecting, session, state
from playground.ui.kit.links import link
from playground.ui.release import acting, gate, registration


def live_cards() -> None:
    """Draw one card for each environment: the version of each model that is live, since when, why."""
    ids = {place: [one.deployment_id for one in lists.live(place)] for place in ENVIRONMENTS}
    if session.LIVE.get() not in (None, ids):
        st.info("What is live has changed since you last looked.", icon=":material/sync:")
    session.LIVE.set(ids)
    with st.grid(3, min_column_width=200):
        for environment in ENVIRONMENTS:
            with st.container(border=True, height="stretch", gap="xsmall"):
                st.markdown(cards.chip(environment))
                for live in lists.live(environment):
                    st.markdown(f"### :green[:material/check_circle:] {cards.plain(lists.told(live.model))}")
                    st.caption(f"since {words.moment(live.since)} · {cards.plain(live.reason or 'no reason given')}")
                    link("model", live.model["name"], ref=ref_of(live.model))
                if not lists.live(environment):
                    st.markdown("### :gray[–]")
                    st.caption("nothing live")


def promote(models: Sequence[Any], runs: Sequence[Any]) -> None:
    """Draw the way to production: register, staging, gate, production."""
    registered = {model.run_id for model in models}
    waiting = [run for run in runs if run.model_sha256 and run.run_id not in registered]
    if waiting:
        registration.register(waiting)
    candidates = [model for model in models if model.status == "candidate"]
    if not candidates:
        rejecting.listed(models)
        return
    refs = [model.ref for model in candidates]
    left, right = st.columns([1, 2])
    ref = str(left.selectbox("Model", refs, index=registration.asked(refs, "model"), key="release.model"))
    reason = right.text_input("Reason", key="release.reason", max_chars=200, placeholder="Why now?") or ""
    model = next(one for one in candidates if one.ref == ref)
    in_staging = "staging" in model.live_in
    with st.container(horizontal=True):
        rehearse = _button("Deploy to staging", "staging", model.name, primary=not in_staging, ready=not in_staging)
        release = _button(
            "Promote to production", "production", model.name,
            primary=in_staging, ready="production" not in model.live_in,
        )  # fmt: skip
        ask = acts.button("Run the release check", "check", icon=":material/rule:", key="release.gate")
        gate.rule()
    with st.expander("Release it in spite of the check", icon=":material/warning:", type="compact"):
        override = st.text_input(
            "Override", key="release.override", max_chars=200, placeholder="Why must it go live all the same?"
        )
    with cards.errors():
        if ask:
            gate.ask(ref)
        if rehearse or release:
            _deploy(model, "staging" if rehearse else "production", reason, override if release else None)
    gate.answer(model)
    rejecting.listed(models)


def audit_log() -> None:
    """Draw every event of release, newest first."""
    table = state.read(_audit)
    st.dataframe(table, hide_index=True, key="release.audit", alt="Events of release, newest first")
    cards.download(table, "audit-log")


def _button(label: str, environment: str, name: str, primary: bool, ready: bool) -> bool:
    return acts.button(
        label,
        "rehearse" if environment == "staging" else "release",
        type="primary" if primary and ready else "secondary",
        icon=":material/publish:",
        key=acting.key("release", environment, name),
        disabled=not ready,
    )


def _deploy(model: Any, environment: str, reason: str, override: str | None) -> None:
    calendar.before_release(ws := state.workspace())
    seen, data = acting.live_id(environment, model.name), gate.rows_of(model) if environment == "production" else None
    try:
        ws.deploy(model.ref, environment, reason, override=override or None, data=data, expected=seen)
    except RefusedError as problem:
        gate.refused(model, problem)
        return
    acting.done(f"{model.ref} is live in {environment}.")


def _audit(ws: Workspace) -> pd.DataFrame:
    rows = [
        {
            "seq": event["seq"],
            "at": words.moment(event["at"]),
            "actor": event["actor"],
            "what": event["kind"],
            "model": _model_of(event),
            "subject": event["subject"],
            "reason": str(event["payload"]["changes"].get("reason") or ""),
        }
        for event in ws.log()
        if event["kind"].split(".")[0] in ("model", "gate", "gate_rule", "deployment")
    ]
    return pd.DataFrame(rows[::-1], columns=["seq", "at", "actor", "what", "model", "subject", "reason"])


def _model_of(event: Mapping[str, Any]) -> str:
    """Return the model that an event of release is about."""
    model = event["payload"]["changes"].get("model")
    return ref_of(model) if model else str(event["subject"])
