"""The metric over the runs in sight: those that were judged by the same rows as the newest, in the order they began."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd
import streamlit as st

from mlops.models.metrics import LOWER_IS_BETTER
from playground import words
from playground.charts.over_runs import over_runs
from playground.run_names import spoken
from playground.run_table import JUDGED
from playground.ui.kit import cards

ROWS = "rows_sha256.validation"
"""Field of a run that tells by which rows it was judged."""


def draw(rows: Sequence[Mapping[str, Any]]) -> None:
    """Draw the metric over runs; say how many were judged by other rows and so stand in no chart with these."""
    metric = next((name for name in JUDGED if any(_value(row, name) is not None for row in rows)), JUDGED[0])
    judged = sorted((row for row in rows if _value(row, metric) is not None), key=lambda row: row["started_at"])
    drawn = [row for row in judged if row[ROWS] == judged[-1][ROWS]]
    if len(drawn) < 2:
        st.markdown(":gray[One run alone makes no line: nothing else in sight was judged by the same rows.]")
        return
    table = pd.DataFrame([_line(number, row, metric) for number, row in enumerate(drawn, start=1)])
    lower, name = metric in LOWER_IS_BETTER, words.metric_name(metric)
    best = table.loc[table["value"].idxmin() if lower else table["value"].idxmax()]
    said = f"{name} of {len(table)} runs on the same validation rows; the best is {best['value']:.3f}, {best['run']}"
    cards.chart(over_runs(table, name, lower), table, "over-runs", said)
    if apart := len(judged) - len(drawn):
        st.caption(f"{words.counted(apart, 'run').capitalize()} judged by other rows: not drawn with these.")


def _line(number: int, row: Mapping[str, Any], metric: str) -> dict[str, Any]:
    low, high = row[f"intervals.validation.{metric}"] or (None, None)
    run = f"{words.short(row['run_id'])} {spoken(row['run_id'])}"
    return {"number": number, "run": run, "value": _value(row, metric), "low": low, "high": high}


def _value(row: Mapping[str, Any], metric: str) -> float | None:
    found: float | None = row[f"metrics.validation.{metric}"]
    return found
