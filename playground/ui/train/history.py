"""Earlier configs: each belongs to the run it made, so putting one back is never a guess."""

from __future__ import annotations

from typing import Any

import pandas as pd
import streamlit as st

from mlops import Workspace
from mlops.experiments import configs
from playground import tables, words
from playground.ui.kit import cards, lists, state
from playground.ui.kit.links import link
from playground.ui.train import training

SHOWN = 50
"""The newest runs that are listed; Compare finds all."""


def history(config: configs.Config | None) -> None:
    """Draw the configs of earlier runs, what each would change, and the button that puts one back."""
    rows = state.read(_rows)
    if not rows:
        st.markdown(":gray[The config of every run will be here.]")
        return
    shown = tables.frame(rows, ())[["Run", *[name for name in ("AUC", "RMSE") if _has(rows, name)], "Model", "Started"]]
    ticked = st.dataframe(
        shown, hide_index=True, height=min(38 + 35 * len(rows), 260), key=f"history.{state.head()}",
        on_select="rerun", selection_mode="single-row", selection_default={"selection": {"rows": [0]}},
        column_config={name: st.column_config.NumberColumn(format="%.3f") for name in shown.select_dtypes("float")},
        alt=f"The newest {len(rows)} runs",
    )["selection"]["rows"]  # fmt: skip
    if not ticked:
        return
    run = lists.run(rows[ticked[0]]["run_id"])
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


def _has(rows: Any, name: str) -> bool:
    return any(row[f"metrics.validation.{name.lower()}"] is not None for row in rows)


def _rows(ws: Workspace) -> list[dict[str, Any]]:
    return ws.runs.table(tables.ALWAYS, "status = 'finished' and data.version >= 1", limit=SHOWN)


def _config(ws: Workspace, run_id: str) -> str:
    return ws.runs.text(run_id, "config.yaml")
