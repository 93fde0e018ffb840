"""What the Release screen is made of: what is live, the timeline, promote, and any date asked about."""

from __future__ import annotations

import time
import zoneinfo
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import pandas as pd
import streamlit as st

from mlops import Workspace
from mlops.base.clock import parse_instant
from mlops.base.environments import ENVIRONMENTS
from mlops.base.errors import NotYetError, RefusedError
from mlops.base.records import ref_of
from playground import calendar, words
from playground.charts import timelines
from playground.ui.kit import cards, lists, state
from playground.ui.kit.links import link
from playground.ui.release import acting, gate, registration

ZONES = (
    "UTC",
    "America/New_York",
    "America/Los_Angeles",
    "Europe/London",
    "Europe/Berlin",
    "Asia/Kolkata",
    "Asia/Tokyo",
)

SHOWN = 30
"""Deployments that the timeline shows of an environment, the newest; the others are drawn when they are asked for."""


def live_cards() -> None:
    """Draw one card for each environment: the version of each model that is live, since when, why."""
    ids = {place: [one.deployment_id for one in lists.live(place)] for place in ENVIRONMENTS}
    if state.LIVE.get() not in (None, ids):
        st.info("What is live has changed since you last looked.", icon=":material/sync:")
    state.LIVE.set(ids)
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


def timeline() -> None:
    """Draw the history of all environments, of each the newest deployments."""
    everything = bool(state.held("release.all", False))
    lanes = [state.read(_timeline, place, None if everything else SHOWN + 1) for place in ENVIRONMENTS]
    more = not everything and any(len(lane) > SHOWN for lane in lanes)
    shown = [one for lane in lanes for one in (lane[-SHOWN:] if more else lane)]
    if not shown:
        return
    # What is live goes on until now: on wall time the figure is drawn anew each minute.
    name = ("timeline", int(time.time() // 60), *(one.deployment_id for one in shown))
    figure, table = state.made(name, lambda: _drawn(shown))
    many = f"The newest {len(table)}" if more else f"{len(table):,}"
    cards.chart(figure, table, "timeline", f"{many} deployments over time, by environment")
    if more or everything:
        st.toggle("Show all deployments", key="release.all")


def _drawn(deployments: Sequence[Any]) -> tuple[cards.Drawn, pd.DataFrame]:
    table = timelines.timeline_table(deployments, until=state.workspace().now())
    return cards.Drawn.of(timelines.timeline(table)), table


def promote(models: Sequence[Any], runs: Sequence[Any]) -> None:
    """Draw the way to production: register, staging, gate, production."""
    registered = {model.run_id for model in models}
    waiting = [run for run in runs if run.model_sha256 and run.run_id not in registered]
    if waiting:
        registration.register(waiting)
    candidates = [model for model in models if model.status == "candidate"]
    if not candidates:
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
        ask = st.button("Run the release check", icon=":material/rule:", key="release.gate")
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


def go_to() -> None:
    """Draw the question "what was live then?" and its answer; the question is part of the URL."""
    instant = state.workspace().now()
    state.ASKED_AT.set(state.ASKED_AT.get() or instant)
    now = datetime.fromisoformat(state.ASKED_AT.get())
    day, hour, zone, place = st.columns(4)
    tz = str(zone.selectbox("Time zone", _zones(), key="tz", bind="query-params", filter_mode="contains"))
    # Nobody is offered a day that has not come; of a link to one the input would make today, and the answer be wrong.
    linked = st.query_params.get("on", "")
    today = datetime.fromisoformat(instant).astimezone(zoneinfo.ZoneInfo(tz)).date()
    date = day.date_input("Date", value=min(now.date(), today), max_value=today, key="on", bind="query-params")
    hour_asked = hour.time_input(
        "Time", value=now.time().replace(second=0, microsecond=0), key="at", bind="query-params", step=60
    )
    environment = place.selectbox("Environment", ENVIRONMENTS, index=2, key="env", bind="query-params")
    if date is None or hour_asked is None:
        return
    with cards.errors():
        asked = f"{linked if linked > str(today) else date} {hour_asked:%H:%M:%S}"
        try:
            answers = state.read(_live_at, asked, str(environment), tz)
        except NotYetError as problem:
            st.info(cards.plain(problem.message), icon=":material/hourglass_top:")
            return
        for answer in answers:
            _answer(answer)
        if not answers:
            at = words.moment(parse_instant(asked, tz))
            st.info(f"Nothing was live in {environment} at {at}.", icon=":material/history:")


def audit_log() -> None:
    """Draw every event of release, newest first."""
    table = state.read(_audit)
    st.dataframe(table, hide_index=True, key="release.audit", alt="Events of release, newest first")
    cards.download(table, "audit-log")


def _button(label: str, environment: str, name: str, primary: bool, ready: bool) -> bool:
    return st.button(
        label,
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


def _answer(answer: Any) -> None:
    st.success(
        f"**{cards.plain(lists.told(answer.model))}** was live in {answer.environment} at {words.moment(answer.at)}.",
        icon=":material/history:",
    )
    cards.facts({
        "Model": f"{answer.model['name']} v{answer.model['version']}",
        "Live": f"{words.moment(answer.since)} – {words.moment(answer.until) or 'now'}",
        "Deployed by": f"{answer.deployed_by}: {answer.reason}",
        "Data": f"{ref_of(answer.data)}, {words.short(answer.data['sha256'])}",
        "Config": words.short(answer.config_sha256),
        "Run": words.short(answer.run_id),
    })  # fmt: skip
    link("run", "Open its run", icon="science", id=answer.run_id)


def _zones() -> list[str]:
    return list(dict.fromkeys([*ZONES, *sorted(zoneinfo.available_timezones())]))


def _timeline(ws: Workspace, environment: str, newest: int | None) -> list[Any]:
    return ws.releases.timeline(environment, newest=newest)


def _live_at(ws: Workspace, time: str, environment: str, tz: str) -> list[Any]:
    return ws.releases.all_live_at(time, environment, tz)


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
