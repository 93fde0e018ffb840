"""How a run's result is shown, the same on every screen: a headline, a row of metrics with intervals, a table."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import pandas as pd
import streamlit as st

from mlops.base.records import ref_of
from playground import glossary, words
from playground.run_names import spoken
from playground.ui.kit import cards, stops
from playground.words import FIRST


def data_ref(run: Any) -> str:
    """Return the dataset version of a run as people write it; a dash for a run that was logged without one."""
    return ref_of(run.data) if run.data else "–"


def main_metric(runs: Sequence[Any]) -> str:
    """Return the metric by which runs are judged here: the first of `FIRST` that any of them has."""
    known = {name for run in runs for name in run.metrics.get("validation", {})}
    return next((name for name in FIRST if name in known), FIRST[0])


def headline(run: Any) -> None:
    """Draw one line: the run with its name to say, its state, how long it took, its threshold."""
    st.markdown(told(run))


def told(run: Any) -> str:
    """Return a run in one line of markdown."""
    parts = [f"**{cards.plain(run.run_id[:7])}** {spoken(run.run_id)}", cards.state_text(run.status)]
    if run.duration_s is not None:
        parts.append(f"{run.duration_s:.1f} s")
    if run.threshold is not None:
        parts.append(f"threshold {run.threshold:g}")
    return " · ".join(parts)


def metric_row(run: Any, part: str, columns: int = 4) -> None:
    """Draw the main metrics of a part of the data, each with its 95 % interval."""
    values, intervals = run.metrics.get(part, {}), run.intervals.get(part, {})
    names = [name for name in FIRST if name in values][:4]
    with st.grid(columns, min_column_width=120):
        for name in names:
            covered = name in stops.COVERS and stops.covered(name)
            bounds = "" if covered else words.interval(intervals.get(name))
            st.metric(
                f"{words.metric_name(name)} · {part}",
                ":gray[:material/lock: guess first]" if covered else words.number(values[name]),
                delta=f"{bounds} (95 %)" if bounds else None, delta_color="off", delta_arrow="off",
                border=True, height="stretch", help=glossary.meaning(name),
            )  # fmt: skip


def metrics(runs: Sequence[Any], part: str, label: Callable[[Any], str], key: str) -> None:
    """Draw every metric of a part of the data, a line for each run; what a metric means is one hover away.

    Parameters
    ----------
    label : callable
        What a run is called.
    """
    table = metrics_table(runs, part, label)
    names = {words.metric_name(name): name for run in runs for name in run.metrics.get(part, {})}
    config = {title: st.column_config.TextColumn(help=glossary.meaning(name)) for title, name in names.items()}
    st.dataframe(table, hide_index=True, key=key, column_config=config, alt=f"Metrics on {part} rows")


def metrics_table(runs: Sequence[Any], part: str, label: Callable[[Any], str]) -> pd.DataFrame:
    """Return every metric of a part of the data with its interval: a line for each run, a column for each metric."""
    known = dict.fromkeys(name for run in runs for name in run.metrics.get(part, {}))
    names = [*(name for name in FIRST if name in known), *(name for name in known if name not in FIRST)]
    return pd.DataFrame([{"run": label(run), **_told(run, part, names)} for run in runs])


def _told(run: Any, part: str, names: Sequence[str]) -> dict[str, str]:
    values, intervals = run.metrics.get(part, {}), run.intervals.get(part, {})
    return {
        words.metric_name(name): f"{words.number(values.get(name))}  {_bracketed(intervals.get(name))}".strip()
        for name in names
    }


def _bracketed(bounds: Any) -> str:
    return f"({words.interval(bounds)})" if bounds else ""
