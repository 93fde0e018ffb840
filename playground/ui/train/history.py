"""Earlier configs: each belongs to the run it made, so putting one back is never a guess."""

from __future__ import annotations

from typing import Any

import pandas as pd
import streamlit as st

from mlops import Workspace
from mlops.experiments import configs
from playground import run_table, words
from playground.ui.kit import cards, lists, state
from playground.ui.kit.links import link
from playground.ui.train import training

SHOWN = 50
"""The newest runs that are listed; Compare finds all."""


def history(config: configs.Config | None) -> None:
    """Draw the configs of earlier runs, what each would change, and the button that puts one back."""
    ids, shown, numbers = state.read(_table)
    if not ids:
        st.markdown(":gray[The config of every run will be here.]")
        return
    ticked = st.dataframe(
        shown, hide_index=True, height=min(38 + 35 * len(ids), 260), key=f"history.{state.head()}",
        on_select="rerun", selection_mode="single-row", selection_default={"selection": {"rows": [0]}},
        column_config={name: st.column_config.NumberColumn(format="%.3f") for name in numbers},
        alt=f"The newest {len(ids)} runs",
    )["selection"]["rows"]  # fmt: skip
    if not ticked:
        return
    run = lists.run(ids[ticked[0]])
    changed = configs.diff_params(config.params, run.as_dict()["params"]) if config else []
    if changed:
        st.dataframe(pd.DataFrame({
            "key": [one["key"] for one in changed],
            "in the editor": [words.setting(one["before"]) for one in changed],
            run.run_id[:7]: [words.setting(one["after"]) for one in changed],
        }), hide_index=True, alt="What would change")  # fmt: skip
    elif config:
        st.caption(f"The editor says the same as {cards.plain(run.run_id[:7])}.")
    with st.container(horizontal=True):
        st.button(
            "Put it into the editor", icon=":material/history:", key="history.restore",
            disabled=bool(config) and not changed, on_click=training.edit, args=(state.keep(_config, run.run_id),),
        )  # fmt: skip
        link("run", f"Open {run.run_id[:7]}", icon="science", id=run.run_id)


def _table(ws: Workspace) -> tuple[list[str], Any, list[str]]:
    """Return the ids of the newest runs, their table, and its columns of numbers."""
    rows = ws.runs.table(run_table.ALWAYS, "status = 'finished' and data.version >= 1", limit=SHOWN)
    if not rows:
        return [], None, []
    frame = run_table.frame(rows, ())
    frame = frame[[name for name in ("Run", "AUC", "RMSE", "Model", "Started") if name in frame]]
    return [row["run_id"] for row in rows], cards.arrow(frame), [*frame.select_dtypes("float").columns]


def _config(ws: Workspace, run_id: str) -> str:
    return ws.runs.text(run_id, "config.yaml")
