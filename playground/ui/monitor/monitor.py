"""The Monitor screen: the next month, the months on the map of drift and harm, and the verdict in words."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd
import streamlit as st

from mlops import Workspace
from mlops.base.records import ref_of
from mlops.data.described import title
from playground import harm_map, harm_words, words
from playground import staircase as stairs
from playground.chain import Chain, noun
from playground.harm_map import HarmMap, Mark
from playground.ui.kit import cards, date, lists, location, session, state
from playground.ui.kit import outcomes as known
from playground.ui.monitor import alerts, drawn, inputs, outcomes, race, retraining, silent, staircase
from playground.ui.monitor import map as on_map

SHOWN = 100
"""Logged predictions that the table shows."""

LAB = "stale"
"""The lab whose pictures are the staircase of knowing and the policy race."""

PARAMETER = "month"
"""Names the month that the page is about, in a link: ``/monitor?month=2024-05``."""


def draw(chain: Chain) -> None:
    """Draw the newest verdict, what lets the next month pass, the map of all months, and all about one of them."""
    name, said = chain.production.model["name"], lists.described(ref_of(chain.live_run.data))
    called = {one: title(said, one, unit=False) for one in said}
    drawn.draw(name, asks=True)
    report = state.read_requests(_report, name)
    found = state.read_requests(_map, name, tuple(called.items()))
    _headline(chain, found.mark(""), report.alerts, called)
    month = _asked(found)
    if found.marks:
        opened = on_map.draw(found, month, state.workspace().id, name)
        if opened and opened != month:
            st.query_params[PARAMETER] = opened
            st.rerun()
    else:
        cards.empty("It has not been asked yet.", "predict", f"Ask it about a {noun(chain)}")
    drawn.draw(name, asks=False)
    parts: dict[str, Callable[[], Any]] = {}
    if month:
        parts["Inputs"] = lambda: _inputs(name, month, said)
        parts["Outcomes"] = lambda: _outcomes(chain, report, month, said)
    parts[alerts.TITLE] = lambda: alerts.draw(report.alerts, called)
    parts["When to retrain"] = lambda: _retraining(name, called)
    parts[silent.TITLE] = lambda: silent.draw(name)
    parts["Answers"] = lambda: logged(name)
    cards.tabs(parts, key="monitor.tabs")
    known.add(chain.learned_from)


def _inputs(name: str, month: str, said: Any) -> None:
    with st.spinner("Looking at every input …"):
        detail = state.read_requests(_detail, name, month)
    inputs.draw(detail.drift, harm_words.title(month), said, state.read(_asked_as, name, month), detail.against)


def _outcomes(chain: Chain, report: Any, month: str, said: Any) -> None:
    outcomes.over_time(report)
    with st.spinner("Looking at every group …"):
        detail = state.read_requests(_detail, chain.production.model["name"], month)
    outcomes.of_month(detail, harm_words.title(month), said)


def _retraining(name: str, called: Mapping[str, str]) -> None:
    retraining.draw(name, called)
    if location.place().chapter.partition("-")[0] == LAB:
        found = state.read_requests(stairs.read, name)
        staircase.draw(found)
        race.draw(name, found.known, stairs.flags(found))


def _headline(chain: Chain, newest: Mark | None, raised: Sequence[Any], called: Mapping[str, str]) -> None:
    """Say what is known of the newest month, and what nobody has seen yet; below it, what lets the next month pass."""
    if newest:
        st.subheader(f":gray[{newest.title}:] {cards.plain(newest.says)}", anchor=False)
    else:
        st.subheader("No month has passed yet.", anchor=False)
    live, asked = lists.told(chain.production.model), words.counted(chain.predictions, "answer")
    known = f"{words.counted(chain.outcomes, 'outcome')} known"
    st.markdown(f":small[{cards.state_text('live', f'{live} live')} :gray[· {asked} · {known}]]")
    alerts.newest(raised, called)
    date.months("monitor", wide=True)


def _asked(found: HarmMap) -> str:
    """Return the month that is looked at: the one of the link, until another month has passed."""
    newest = found.marks[-1].month if found.marks else ""
    if session.NEWEST.get() not in ("", newest):
        st.query_params.pop(PARAMETER, None)
    session.NEWEST.set(newest)
    mark = found.mark(str(st.query_params.get(PARAMETER, "")))
    return mark.month if mark else newest


def _report(ws: Workspace, name: str) -> Any:
    return ws.monitoring.report("production", name)


def _map(ws: Workspace, name: str, called: tuple[tuple[str, str], ...]) -> HarmMap:
    return harm_map.of(_report(ws, name), ws.gate_rules.get("production").margin, dict(called))


def _asked_as(ws: Workspace, name: str, month: str) -> str:
    """Return the version as which the rows of a month were asked about; empty where they came one by one."""
    asked = (
        one
        for one in ws.batches.list()
        if (one.environment, one.model["name"], one.month) == ("production", name, month)
    )
    return next((one.data_version for one in asked if one.data_version), "")


def _detail(ws: Workspace, name: str, month: str) -> Any:
    return ws.monitoring.month("production", name, month)


def logged(name: str) -> None:
    """Draw what was answered under a model name: file by file, and the newest of the requests that came one by one."""
    files, table = state.read(_files, name), state.read(_logged, name)
    if not files.empty:
        answers, many = words.counted(int(files["Answers"].sum()), "answer"), words.counted(len(files), "file")
        st.markdown(f"**{answers} to {many}**")
        st.dataframe(files, hide_index=True, key="monitor.files", alt="Files that were answered, newest first")
    if table.empty:
        st.markdown(":gray[Nobody asked about a single row yet.]")
    else:
        st.markdown(f"**One by one**{f', the newest {SHOWN}' if len(table) == SHOWN else ''}")
        st.dataframe(table, hide_index=True, key="monitor.logged", alt="Logged predictions, newest first")
        cards.download(table, "logged-predictions")


def _files(ws: Workspace, name: str) -> pd.DataFrame:
    return pd.DataFrame(
        [
            {
                "Asked": words.moment(one.predicted_at),
                "Month": harm_words.title(one.month) if one.month else "",
                "File": one.data_version or Path(one.input).name,
                "Answers": one.rows,
                "Model": words.version(one.model, named=True),
            }
            for one in ws.batches.list()
            if (one.environment, one.model["name"]) == ("production", name)
        ]
    )


def _logged(ws: Workspace, name: str) -> pd.DataFrame:
    return pd.DataFrame(
        [
            {
                "Asked": words.moment(request["at"]),
                "Id": request["id"],
                "Score": request["score"] if isinstance(request["score"], float) else None,
                "Prediction": str(request["answer"]["prediction"]),
                "Model": words.version(request["model"], named=True),
                "Environment": request["environment"],
                "Prediction id": request["prediction_id"],
            }
            for request in ws.predictions.list(limit=SHOWN, model=name)
        ]
    )
