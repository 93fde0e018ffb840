"""Trainings while they happen: steps, curve, log, time left, cancel, and the queue behind them.

A worker process trains; the screen only looks, and only while there is something to see. All of it is found again in
the workspace: after another page, a reload, or a restart of the server.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd
import streamlit as st

from mlops import MlopsError, Workspace
from mlops.experiments.lifecycle import TRIAL, UNDER_WAY
from playground import limits, words
from playground import waiting as waiting_for
from playground.chain import under_way
from playground.charts import scores
from playground.ui.kit import acts, cards, location, results, session, state, steps, watch
from playground.ui.kit.links import link

WAITING = 5
"""Waiting runs that are drawn one by one; a sweep can have hundreds."""


def submit(text: str, data: str) -> None:
    """Queue a training; for the click of a button, so that no rerun can queue it twice."""
    if session.second_click("train"):
        return
    try:
        limits.before_training(state.workspace(), location.home())
        state.workspace().submit(text, data=data)
    except MlopsError as problem:
        session.REFUSED.set(problem)


def panel() -> None:
    """Draw what is at work and what waits, else the newest run."""
    if not follow():
        _newest()


def follow(only: str = "") -> bool:
    """Draw what is at work and what waits, or one run of these, until it changes; return whether there is any."""
    if problem := session.REFUSED.take():
        cards.error(problem)
    before = state.read(under_way)

    @st.fragment(run_every=watch.every(bool(before)))
    def board() -> None:
        state.renew()
        now = state.read(under_way)
        if before != now:
            st.rerun()  # the page around this shows what ended
        at_work, waiting = ([run_id for run_id in now if now[run_id] == status] for status in ("running", "queued"))
        for run_id in at_work:
            if only in ("", run_id):
                running(run_id)
        places = {run_id: place for place, run_id in enumerate(waiting, start=1) if only in ("", run_id)}
        _queue(places, busy=bool(at_work))

    board()
    return bool(before)


def running(run_id: str) -> None:
    """Draw one training under way."""
    found = state.workspace().runs.progress(run_id)
    with st.container(border=True, gap="small"):
        with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
            st.markdown(f"**{run_id[:7]}** {cards.state_text('running')} {_time(found)}")
            _cancel(run_id, "Cancel")
        steps.strip(found.steps if found else (), f"steps.{run_id}", found.fraction if found else None)
        if found and found.training:
            curve(run_id, found.training)
        if found and found.log:
            with st.expander("Log", icon=":material/terminal:", type="compact", key=f"log.{run_id}"):
                st.code("\n".join(found.log), language=None, height=160)


def curve(run_id: str, points: Any, drawn: tuple[cards.Drawn, pd.DataFrame] | None = None) -> None:
    """Draw how a run learns, as far as it has come; one point is no curve yet."""
    if len(points["iteration"]) < 2:
        return
    figure, table = drawn or _curve(run_id, points)
    metric = words.metric_name(str(points["metric"]))
    said = f"{metric} on the validation rows after {points['iteration'][-1]} iterations: "
    cards.chart(figure, table, f"training-{run_id}", f"{said}{words.number(points['validation'][-1])}")


def _curve(run_id: str, points: Any) -> tuple[cards.Drawn, pd.DataFrame]:
    table = pd.DataFrame(dict(points)).assign(run=run_id[:7])
    return cards.Drawn.of(scores.training(table, height=230)), table


def _time(found: Any) -> str:
    if found is None:
        return ":small[:gray[beginning]]"
    left = "" if found.remaining_s is None else f" · about {seconds(found.remaining_s)} left"
    left = f" · {found.waits}" if found.waits else left
    return f":small[:gray[{found.elapsed_s:.1f} s{left}]]"


def seconds(count: float) -> str:
    """Return a time that counts down.

    Examples
    --------
    >>> seconds(9.6), seconds(299.2)
    ('10 s', '4 min 59 s')
    """
    minutes, rest = divmod(round(count), 60)
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"


def _queue(waiting: Mapping[str, int], busy: bool) -> None:
    """Draw the runs that wait for a worker, each with its place in this workspace, and count those behind them."""
    for run_id, here in list(waiting.items())[:WAITING]:
        with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
            # The pool of this server counts all workspaces, but does not know what another process has submitted.
            where = waiting_for.of(state.workspace(), run_id, here if busy else None)
            st.markdown(f"**{run_id[:7]}** {cards.state_text('queued')} :small[:gray[{where.text}]]")
            _cancel(run_id, "Cancel")
    if behind := max(len(waiting) - WAITING, 0):
        st.caption(f"and {behind} more behind them")


def _cancel(run_id: str, label: str) -> None:
    acts.button(label, "cancel", icon=":material/cancel:", key=f"cancel.{run_id}", on_click=_do_cancel, args=(run_id,))


def _do_cancel(run_id: str) -> None:
    try:
        state.workspace().runs.cancel(run_id, wait=watch.TICK)
    except MlopsError as problem:  # it has ended meanwhile
        session.REFUSED.set(problem)


def _newest() -> None:
    """Draw the newest run that was asked for alone; before there is any, the steps that wait for it."""
    runs = state.read(_last)
    watch.agree(run.run_id for run in runs if run.status in UNDER_WAY)
    with st.container(border=True, gap="small"):
        if not runs:
            steps.strip((), "steps.waiting")
        for run in runs:
            ended(run)
            with st.container(horizontal=True):
                link("run", "Open", icon="science", id=run.run_id)
                if run.status == "finished":
                    link("compare", "Compare", icon="compare_arrows", run=run.run_id)


def ended(run: Any) -> None:
    """Draw what came of a run, or why it made no model and how far it had come."""
    results.headline(run)
    steps.of_run(run)
    if run.status == "finished":
        results.metric_row(run, "validation", columns=2)
    elif run.status not in UNDER_WAY:  # one that has just begun has lost nothing
        kept = (f" Until then: validation {words.metric_name(key)} {words.number(value)}."
                for key, value in run.metrics.get("validation", {}).items())  # fmt: skip
        st.caption(f"{cards.plain(run.error or '')} It made no model; train again.{''.join(kept)}")
    if points := state.keep(_points, run.run_id):  # it has ended: its curve changes no more
        curve(run.run_id, points, state.made(("training", run.run_id), lambda: _curve(run.run_id, points)))


def _last(ws: Workspace) -> list[Any]:
    # Trials are looked at in their sweep. Who has no such tag contains not even nothing.
    return ws.runs.list(f"data.version >= 1 and not {TRIAL} contains ''", limit=1)


def _points(ws: Workspace, run_id: str) -> Any:
    try:
        return ws.runs.curves(run_id).get("training")
    except MlopsError:  # it ended before it had any
        return None
