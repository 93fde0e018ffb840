"""What the Compare screen is made of: the run table, the two picked, what differs, curves, metrics."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import pandas as pd
import streamlit as st

from mlops import Workspace
from playground import words
from playground.ui import cards, results, state, views
from playground.ui.shell import link


def side_by_side(asked: Sequence[str]) -> None:
    """Draw runs against each other, the first one the baseline."""
    runs = [state.read(_run, run_id) for run_id in asked]
    picked = [run for run in runs if run.status == "finished"]
    for run in runs:
        if run not in picked:
            st.caption(f"{run.run_id[:7]} is {run.status}: it has nothing to compare yet.")
    if len(picked) < 2:
        return
    ids = tuple(run.run_id for run in picked)
    with cards.errors():
        comparison = state.read(_compare, ids)
        if not comparison.same_rows:
            st.warning("Evaluated on different rows: these numbers cannot be compared.", icon=":material/warning:")
        left, right = st.columns([2, 3], gap="medium")
        with left:
            for run in picked:
                results.headline(run)
            st.subheader("What differs", anchor=False)
            _differs(comparison.differs, ids)
        with right:
            views.of_runs(picked)
        st.dataframe(results.metrics_table(picked, "validation"), hide_index=True, alt="Metrics on validation rows")
        hidden = st.expander("Open the test metrics", icon=":material/lock:", key="compare.test", on_change="rerun")
        if hidden.open:
            hidden.dataframe(results.metrics_table(picked, "test"), hide_index=True, alt="Metrics on test rows")
    with st.container(horizontal=True):
        for run in picked:
            link("release", f"Release {run.run_id[:7]}", icon="deployed_code", run=run.run_id)


def _differs(differs: Sequence[Any], ids: Sequence[str]) -> None:
    if not differs:
        st.markdown(":gray[Nothing: same data, config, code, software and seed.]")
        return
    rows = [
        {
            "": one["what"],
            "key": one["key"],
            **{run_id[:7]: _short(value) for run_id, value in zip(ids, one["values"], strict=True)},
        }
        for one in differs
    ]
    st.dataframe(pd.DataFrame(rows), hide_index=True, key="compare.differs", alt="What differs between the two runs")


def _short(value: Any) -> str:
    text = "–" if value is None else str(value)
    return words.short(text) if re.fullmatch("[0-9a-f]{40}|[0-9a-f]{64}", text) else text


def _compare(ws: Workspace, ids: tuple[str, ...]) -> Any:
    return ws.runs.compare(list(ids))


def _run(ws: Workspace, run_id: str) -> Any:
    return ws.runs.get(run_id)
