"""What the Release screen is made of: what is live, and the way to production."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import streamlit as st

from mlops.base.environments import ENVIRONMENTS
from mlops.base.records import ref_of
from mlops.release.gate import GateReport
from playground import words
from playground.ui.kit import cards, lists, rejecting, session
from playground.ui.kit.links import link
from playground.ui.release import decision, gate, lamps, missing, registration


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
    left, _ = st.columns([1, 2])
    ref = str(left.selectbox("Model", refs, index=registration.asked(refs, "model"), key="release.model"))
    _decide(next(one for one in candidates if one.ref == ref))
    rejecting.listed(models)


def _decide(model: Any) -> None:
    """Draw the release check of a model: six questions, and the one act that is missing until it may go live."""
    live = next((one for one in lists.live("production") if one.model == model.identity), None)
    answer = gate.answer(model)
    if live is not None and live.gate:
        st.markdown(f"{cards.plain(lists.told(model.identity))} is live in production. This is what was known then.")
        decision.of(GateReport.of(live.gate), live.deployment_id)
    elif answer is None:
        lamps.waiting(model.ref)
        missing.before(model)
    else:
        key = f"{model.ref}.{answer.event}"
        st.markdown(lamps.told(answer.report))
        lamps.draw(answer.report, key, fresh=True)
        missing.after(model, answer.report)
        lamps.evidence(answer.report, key, fresh=True)
