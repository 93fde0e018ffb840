"""Runs side by side: whether one is better, what differs, one chart, every metric, and the closed test."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import pandas as pd
import streamlit as st

from mlops import Workspace
from playground import theme, words
from playground.ui.compare import luck, views
from playground.ui.kit import acts, cards, lists, pins, results, session, state, stops
from playground.ui.kit.links import link

WIDE = 132
"""Pixels in which two runs have room for `gradient_boosting`; columns as wide as most of their values would cut it."""


def side_by_side(asked: Sequence[str]) -> None:
    """Draw runs against each other, all held against the first one; of fewer than two, say what is missing."""
    runs = [lists.run(run_id) for run_id in asked]
    picked = [run for run in runs if run.status == "finished"]
    for run in runs:
        if run not in picked:
            st.caption(f"{run.run_id[:7]} is {run.status}: it has nothing to compare yet.")
    if len(picked) < 2:
        missing = "Tick another finished run." if picked else "Tick two finished runs."
        cards.empty(missing, "train", "Train another")
        return
    ids = tuple(run.run_id for run in picked)
    with cards.errors():
        comparison = state.read(_compare, ids)
        if comparison.same_rows:
            luck.verdicts(picked)
        else:
            luck.not_ranked(picked)
        views.of_runs(picked, beside=lambda: _what_differs(picked, comparison.differs))
        if not stops.covered("recall"):
            st.subheader("Metrics on the validation rows", anchor=False)
            metrics = state.keep(_metrics, ids, "validation")
            st.dataframe(metrics, hide_index=True, alt="Metrics on validation rows")
            _test(picked)
    with st.container(horizontal=True):
        for run in picked:
            link("release", f"Release {run.run_id[:7]}", icon="deployed_code", run=run.run_id)


def _what_differs(runs: Sequence[Any], differs: Sequence[Any]) -> None:
    for number, run in enumerate(runs):
        _headline(run, number, runs[0])
    pins.of_runs(runs, key="compare.pins")
    st.subheader("What differs", anchor=False)
    if not differs:
        st.markdown(":gray[Nothing: same data, config, code, software and seed.]")
        return
    ids = tuple(run.run_id for run in runs)
    wide = {run_id[:7]: st.column_config.TextColumn(width=WIDE) for run_id in ids} if len(ids) == 2 else {}
    shown = state.made(("differs", *ids), lambda: _differs(differs, ids))
    alt = "What differs between the runs"
    st.dataframe(shown, hide_index=True, key="compare.differs", alt=alt, column_config=wide)


def _headline(run: Any, number: int, first: Any) -> None:
    colour = theme.RUN_NAMES[number] if number < len(theme.RUN_NAMES) else "gray"
    model = str(run.params.get("model.type") or "").replace("_", " ")
    age = "newer" if run.started_at >= first.started_at else "older"
    about = [model or run.name, words.setting(run.note) if run.note else "", age if number else "the first"]
    said = " · ".join(cards.plain(one) for one in about if one)
    st.markdown(f":{colour}[:material/circle:] **{run.run_id[:7]}** :small[{said}]")


def _test(runs: Sequence[Any]) -> None:
    """Draw the closed test metrics; opening them is recorded, because each look makes them less honest."""
    drawer = st.expander("Test metrics", icon=":material/lock:", key="compare.test", on_change="rerun")
    if not drawer.open:
        return
    ids = tuple(run.run_id for run in runs)
    looks = ", ".join(f"{run.run_id[:7]} {run.test_opened or 0}" for run in runs)
    with drawer:
        st.markdown(
            "Choosing by the test rows leaves no honest number; the release check opens them for you. "
            f"Looks so far: {looks}."
        )
        if session.is_opened("test", ids):
            st.dataframe(state.keep(_metrics, ids, "test"), hide_index=True, alt="Metrics on test rows")
        elif acts.button("Open and count it", "open them", icon=":material/lock_open:", key="compare.open"):
            for run in runs:
                state.workspace().runs.open_test(run.run_id)
            session.open_for_good("test", ids)
            st.rerun()


def _differs(differs: Sequence[Any], ids: Sequence[str]) -> Any:
    return cards.arrow(pd.DataFrame([
        {
            "key": one["key"] if one["what"] in ("config", one["key"]) else f"{one['what']}.{one['key']}",
            **{run_id[:7]: _short(value) for run_id, value in zip(ids, one["values"], strict=True)},
        }
        for one in differs
    ]))  # fmt: skip


def _short(value: Any) -> str:
    text = words.setting(value, most=1000)  # what differs may stand at the end
    return words.short(text) if re.fullmatch("[0-9a-f]{40}|[0-9a-f]{64}", text) else text


def _metrics(ws: Workspace, ids: tuple[str, ...], part: str) -> Any:
    return cards.arrow(results.metrics_table([ws.runs.get(run_id) for run_id in ids], part))


def _compare(ws: Workspace, ids: tuple[str, ...]) -> Any:
    return ws.comparisons.compare(list(ids))
