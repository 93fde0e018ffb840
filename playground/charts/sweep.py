"""Figures of a sweep: its leaderboard, all parameters at once, one parameter at a time, and what mattered."""

from __future__ import annotations

from html import escape
from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from mlops.training.importance import Importance
from playground import theme, trials
from playground.charts import look

SCALE = ((0.0, theme.ORANGE), (0.5, theme.GREY), (1.0, theme.BLUE))
"""From the worst to the best trial; seen in both themes and by every kind of colour vision."""

MOST = 40
"""Trials in the figure of the leaderboard; the table has all."""


def leaderboard(table: pd.DataFrame, score: str) -> go.Figure:
    """Draw the best trials as dots with their intervals, the best on top, and its interval as a band.

    Parameters
    ----------
    table : DataFrame
        As `trials.leaderboard` makes it.
    score : str
        The column of the metric.
    """
    shown = table[table["place"].notna()].head(MOST)
    drawn = look.figure(height=min(80 + 35 * len(shown), 470))
    best = shown.iloc[0]
    if pd.notna(best["low"]):
        drawn.add_vrect(x0=best["low"], x1=best["high"], fillcolor=theme.GREEN, opacity=0.12, line_width=0)
    above, below = (shown["high"] - shown[score]).fillna(0), (shown[score] - shown["low"]).fillna(0)
    drawn.add_scatter(
        x=shown[score], y=shown["place"], mode="markers", marker=_marks(len(shown), 9),
        error_x={"array": above, "arrayminus": below, "thickness": 1, "width": 0, "color": theme.GREY},
        customdata=_values(shown, score), hovertemplate="%{customdata}<br>%{x:.4f}<extra></extra>",
    )  # fmt: skip
    drawn.update_yaxes(title="place", range=[len(shown) + 0.7, 0.3], showgrid=False)
    drawn.update_yaxes(
        tickvals=list(range(1, len(shown) + 1)) if len(shown) <= 12 else [1, *range(5, len(shown) + 1, 5)]
    )
    drawn.update_xaxes(title=f"validation {score}")
    return drawn


def _marks(count: int, size: int) -> dict[str, Any]:
    """Return the marks of ranked trials: the best is a green star, the others are blue dots."""
    others = count - 1
    return {
        "size": [size + 5, *[size] * others],
        "color": [theme.GREEN, *[theme.BLUE] * others],
        "symbol": ["star", *["circle"] * others],
        "opacity": 1,
    }


def parallel(table: pd.DataFrame, keys: list[str], score: str) -> go.Figure:
    """Draw each finished trial as a line through its values; the colour and the last axis are its metric.

    Parameters
    ----------
    keys : list of str
        Columns of the parameters.
    """
    shown = table[table["place"].notna()]
    drawn = look.figure(height=380)
    values = shown[score].astype(float)
    axes = [*(_axis(name, shown[name]) for name in keys), {"label": score, "values": values, "tickformat": ".4~g"}]
    drawn.add_parcoords(
        dimensions=axes, labelfont={"size": 13}, rangefont={"color": "rgba(0,0,0,0)"}, tickfont={"size": 12},
        line={"color": [-place for place in shown["place"]], "colorscale": SCALE},
    )  # fmt: skip
    drawn.update_layout(margin={"l": 60, "r": 50, "t": 50, "b": 20})
    return drawn


def _axis(name: str, values: pd.Series) -> dict[str, Any]:
    """Return an axis of parallel coordinates: of numbers, of their logarithms, or of levels."""
    if not _are_numbers(values):
        levels = _levels(values)
        return {
            "label": name, "values": [levels.index(value) for value in values],
            "tickvals": list(range(len(levels))), "ticktext": [escape(level) for level in levels],
        }  # fmt: skip
    ticks, numbers = _ticks(values), values.astype(float)
    if not _is_log(values):
        return {"label": name, "values": numbers, "tickvals": ticks}
    return {
        "label": name, "values": np.log10(numbers), "tickvals": np.log10(ticks),
        "ticktext": [f"{tick:g}" for tick in ticks],
    }  # fmt: skip


def _levels(values: pd.Series) -> list[str]:
    """Return the levels of a parameter, numbers first and by their size."""

    def place(level: str) -> tuple[bool, float, str]:
        number = pd.to_numeric(level, errors="coerce")
        return bool(pd.isna(number)), 0.0 if pd.isna(number) else float(number), level

    return sorted(set(values), key=place)


def _ticks(values: pd.Series) -> list[float] | None:
    """Return where an axis has its ticks: at each value if these are few, evenly on one of logarithms; else None."""
    distinct = sorted({float(value) for value in values})
    if len(distinct) <= 6:
        return distinct
    low, high = distinct[0], distinct[-1]
    return [float(f"{low * (high / low) ** (step / 4):.2g}") for step in range(5)] if _is_log(values) else None


def _are_numbers(values: pd.Series) -> bool:
    return pd.api.types.is_numeric_dtype(values)


def _is_log(values: pd.Series) -> bool:
    """Tell whether values spread over more than a magnitude, so that a linear axis would hide the small ones."""
    return bool(_are_numbers(values) and values.min() > 0 and values.max() / values.min() > 12)


def slice_of(table: pd.DataFrame, key: str, score: str) -> go.Figure:
    """Draw the metric of each finished trial against one parameter, the best as a star."""
    shown = table[table["place"].notna()]
    drawn = look.figure(height=240)
    numbers = _are_numbers(shown[key])
    drawn.add_scatter(
        x=shown[key] if numbers else shown[key].map(escape), y=shown[score], mode="markers",
        marker=_marks(len(shown), 8),
        customdata=_values(shown, score), hovertemplate="%{customdata}<br>%{y:.4f}<extra></extra>",
    )  # fmt: skip
    drawn.update_xaxes(title=key)
    if not numbers:
        drawn.update_xaxes(type="category", categoryarray=[escape(level) for level in _levels(shown[key])])
    elif ticks := _ticks(shown[key]):
        kind = "log" if _is_log(shown[key]) else "linear"
        drawn.update_xaxes(type=kind, tickvals=ticks, ticktext=[f"{tick:g}" for tick in ticks])
    drawn.update_yaxes(title=score)
    return drawn


def importance_table(found: Importance) -> pd.DataFrame:
    """Return what mattered as a table."""
    return pd.DataFrame([{**one, "key": trials.name(one["key"])} for one in found.parameters])


def importance(table: pd.DataFrame) -> go.Figure:
    """Draw the importance of each parameter, and beside it the rank correlation with its direction."""
    drawn = look.figure(height=90 + 44 * len(table))
    drawn.set_subplots(1, 2, shared_yaxes=True, horizontal_spacing=0.06)
    names = table["key"].map(escape)
    drawn.add_bar(
        x=table["importance"], y=names, orientation="h", marker={"color": theme.BLUE}, width=0.55,
        hovertemplate="%{y}: %{x:.0%}<extra></extra>",
    )  # fmt: skip
    correlation = table["correlation"].astype(float)
    drawn.add_bar(
        x=correlation, y=names, orientation="h", width=0.55, row=1, col=2, marker={"color": theme.BLUE},
        hovertemplate="%{y}: %{x:.2f}<extra></extra>",
    )  # fmt: skip
    drawn.update_xaxes(title="importance", tickformat=".0%", rangemode="tozero", automargin=True)
    drawn.update_xaxes(title="rank correlation", tickformat=".1f", range=[-1.05, 1.05], zeroline=True, row=1, col=2)
    drawn.update_yaxes(autorange="reversed", automargin=True, type="category")
    drawn.update_layout(showlegend=False)
    return drawn


def _values(table: pd.DataFrame, score: str) -> list[str]:
    """Return for each trial what it set, as the text that appears beside the pointer."""
    columns = list(table.columns)
    names = columns[columns.index("run") + 1 : columns.index(score)]
    return [
        f"<b>{row['run'][:7]}</b> " + " · ".join(f"{escape(name)} {escape(str(row[name]))}" for name in names)
        for _, row in table.iterrows()
    ]
