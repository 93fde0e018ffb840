"""One threshold for all runs compared: what it does to their validation rows, and what that is worth."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

import pandas as pd
import pyarrow as pa
import streamlit as st

from mlops import Workspace
from mlops.models.thresholds import Thresholds, Worth
from playground.charts import worth as charts
from playground.ui.compare.compared import Compared, answered
from playground.ui.kit import cards, session, state

KINDS = {"tp": "a positive found", "fp": "a false alarm", "fn": "a positive missed", "tn": "a negative left alone"}
EXAMPLE = {"tp": 0.0, "fp": -1.0, "fn": -5.0, "tn": 0.0}
"""What the table of worths begins with, and says that it is an example."""

FRACTIONS = ("precision", "recall", "accuracy", "best at")

MOST = 1e9
"""So much one row can be worth, above zero or below."""


def chosen(runs: Sequence[Any]) -> float:
    """Return the threshold that moves all charts; it begins with that of the first run."""
    return float(session.held("threshold", runs[0].threshold))


def panel(compared: Compared) -> None:
    """Draw the slider, what the threshold does to each run, and what that is worth."""
    runs = compared.runs
    st.slider(
        "Threshold", 0.01, 0.99, runs[0].threshold, 0.01, key="threshold", bind="query-params",
        help="A row counts as positive from this probability on. It is chosen on validation rows.",
    )  # fmt: skip
    threshold = chosen(runs)
    left, right = st.columns([5, 1], vertical_alignment="bottom")
    costs = right.popover("Costs", icon=":material/payments:", width="stretch", key="worth.open", on_change="rerun")
    if costs.open:
        with costs:
            _worths()
    worth = _kept()
    rows = [_row(compared, run, threshold, worth) for run in runs]
    with left:
        best = max(rows, key=lambda row: row["worth"])
        st.caption(
            f"At {threshold:g} **{best['Run']}** is worth most: {best['worth']:,.0f}. "
            f"Its own best is {best['best at']:g}: {best['best worth']:,.0f}."
        )
    table = pa.Table.from_pylist(rows)
    st.dataframe(
        table, hide_index=True, key="threshold.counts", alt=f"What a threshold of {threshold:g} does",
        column_config={
            **{name: st.column_config.NumberColumn(name.upper(), help=kind) for name, kind in KINDS.items()},
            **{name: st.column_config.NumberColumn(format="%.3f") for name in FRACTIONS},
        },
    )  # fmt: skip
    ws = state.workspace()
    with st.container(horizontal=True):
        cards.download(table, "threshold", "Counts")
        for run in runs:
            cards.download(
                partial(_answers, ws, run.run_id), f"validation-{run.run_id}", f"Answers {compared.label(run)}"
            )


def curve(compared: Compared) -> None:
    """Draw what every threshold is worth, a line for each run."""
    threshold = chosen(compared.runs)
    table = pd.concat([_curve(compared, run, _kept()) for run in compared.runs], ignore_index=True)
    cards.chart(charts.worth(table, threshold), table, "worth", f"What each threshold is worth; now {threshold:g}")


def _row(compared: Compared, run: Any, threshold: float, worth: Worth) -> dict[str, Any]:
    every = compared.ask(_thresholds, run)
    now, best = every.at(threshold), every.best(worth)
    return {
        "Run": compared.label(run), "tp": now.tp, "fp": now.fp, "fn": now.fn, "tn": now.tn,
        "precision": now.precision, "recall": now.recall, "accuracy": now.accuracy,
        "worth": now.worth(worth), "best at": round(best.threshold, 3), "best worth": best.worth(worth),
    }  # fmt: skip


def _curve(compared: Compared, run: Any, worth: Worth) -> pd.DataFrame:
    grid = pd.DataFrame(compared.ask(_thresholds, run).grid())
    return grid.assign(run=compared.label(run), worth=worth.total(**grid[list(KINDS)]))


def _worths() -> None:
    """Let a person say what a row of each kind is worth."""
    st.caption("What one row is worth to you: gains above zero, costs below. An example to begin with.")
    for kind, says in KINDS.items():
        st.number_input(
            says, -MOST, MOST, EXAMPLE[kind], step=1.0, key=f"worth.{kind}", persist_state="session",
        )  # fmt: skip


def _kept() -> Worth:
    return Worth(**{kind: float(session.held(f"worth.{kind}", EXAMPLE[kind])) for kind in KINDS})


def _thresholds(ws: Workspace, run_id: str, again: tuple[str, ...]) -> Any:
    found = answered(ws, run_id, again)
    return Thresholds(found.labels == found.signature.positive, found.scores)


def _answers(ws: Workspace, run_id: str) -> pd.DataFrame:
    """Return what a run answered on its validation rows; counted at any threshold, it gives the counts shown."""
    found = ws.runs.predictions(run_id)
    return found[found["part"] == "validation"].drop(columns=["part", "row_hash"])
