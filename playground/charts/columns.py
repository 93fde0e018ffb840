"""Columns of data as figures: the distribution of one, and of one in two versions."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from typing import Any

import pandas as pd
import plotly.graph_objects as go

from playground import theme
from playground.charts import look


def bars_of(distribution: Mapping[str, Any] | None) -> list[int]:
    """Return the heights of a column's distribution: of its histogram, or of its most frequent levels."""
    if not distribution:
        return []
    levels = distribution.get("levels")
    return [level["count"] for level in levels] if levels is not None else list(distribution["counts"])


def profile_table(distribution: Mapping[str, Any]) -> pd.DataFrame:
    """Return a column's distribution as a table: each bar or level with its rows."""
    if distribution["kind"] == "levels":
        rows = [(str(level["value"]), level["count"]) for level in distribution["levels"]]
        other = distribution["other"]
        return pd.DataFrame([*rows, *([("other values", other)] if other else [])], columns=["value", "rows"])
    edges = distribution["edges"]
    return pd.DataFrame({"from": edges[:-1], "to": edges[1:], "rows": distribution["counts"]})


def profile(table: pd.DataFrame, called: str = "") -> go.Figure:
    """Draw one column: a histogram, or a bar for each level; its axis has what the column is called."""
    figure = look.figure(height=60 + 24 * len(table) if "value" in table else 260)
    if "value" in table:
        figure.add_bar(y=table["value"].map(escape), x=table["rows"], orientation="h", marker={"color": theme.FIRST})
        figure.update_yaxes(autorange="reversed", type="category")
        return figure
    figure.add_bar(**_bars(table, "rows"), marker={"color": theme.FIRST})
    figure.update_layout(bargap=0.04)
    figure.update_yaxes(title="rows")
    figure.update_xaxes(title=escape(called) or None)
    if pd.api.types.is_numeric_dtype(table["from"]) and (table["to"] - table["from"] == 1).all():
        figure.update_xaxes(dtick=max(1, len(table) // 10))  # a bar for each whole number: ticks between mean nothing
    return figure


def moved(distributions: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """Return the columns whose values differ between two versions, the most different first.

    The order is by the total variation distance between the two histograms: half the sum of the absolute
    differences of the shares.
    """
    distances = {name: _distance(both["shared"]) for name, both in distributions.items()}
    changed = [name for name, both in distributions.items() if both["before"] != both["after"]]
    return sorted(changed, key=lambda name: -distances[name])


def _distance(shared: Mapping[str, Any] | None) -> float:
    if not shared:
        return 0.0  # nothing is known in either version
    counts = [pd.Series(list(shared[side]), dtype=float) for side in ("before", "after")]
    shares = [side / side.sum() if side.sum() else side for side in counts]
    return float((shares[0] - shares[1]).abs().sum() / 2)


def distribution_table(both: Mapping[str, Any], before: str, after: str) -> pd.DataFrame:
    """Return one column in two versions, side by side: the same bars or levels, with the share of each version."""
    shared = both["shared"] or {"levels": (), "before": (), "after": ()}
    sides = {name: pd.Series(list(shared[side]), dtype=float) for name, side in ((before, "before"), (after, "after"))}
    shares = {name: (side / side.sum() if side.sum() else side).round(6) for name, side in sides.items()}
    if "levels" in shared:
        return pd.DataFrame({"value": [str(level) for level in shared["levels"]], **shares})
    return pd.DataFrame({"from": list(shared["edges"])[:-1], "to": list(shared["edges"])[1:], **shares})


def distribution(table: pd.DataFrame, called: str = "") -> go.Figure:
    """Draw one column in two versions: shares of the rows, the earlier version blue, the later one orange.

    Levels stand side by side; of numbers and dates the earlier version is an area, and the later one a line over it.
    """
    figure = look.figure(height=220)
    names = [name for name in table.columns if name not in ("value", "from", "to")]
    for place, (name, colour) in enumerate(zip(names, (theme.FIRST, theme.SECOND), strict=False)):
        if "value" in table:
            figure.add_bar(name=name, x=table["value"].map(escape), y=table[name], marker={"color": colour})
        else:
            filled = {} if place else {"fill": "tozeroy", "fillcolor": f"rgba{(*_rgb(colour), 0.45)}"}
            line = {"shape": "hv", "color": colour, "width": 2.5 if place else 0}
            figure.add_scatter(name=name, **_steps(table, name), mode="lines", line=line, **filled)
    figure.update_layout(barmode="group", bargap=0.06)
    figure.update_yaxes(tickformat=".0%", rangemode="tozero")
    figure.update_xaxes(title=escape(called) or None)
    if "value" in table:
        figure.update_xaxes(type="category")
    return figure


def _steps(table: pd.DataFrame, name: str) -> dict[str, Any]:
    """Return the outline of a histogram, from the ground up and down to it again."""
    edges, heights = [*table["from"], table["to"].iloc[-1]], [*table[name], 0.0]
    return {"x": [edges[0], *edges], "y": [0.0, *heights]}


def _rgb(colour: str) -> tuple[int, int, int]:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def _bars(table: pd.DataFrame, name: str) -> dict[str, Any]:
    """Return bars over the intervals of a histogram, numbers or dates."""
    if pd.api.types.is_numeric_dtype(table["from"]):
        return {"x": (table["from"] + table["to"]) / 2, "width": table["to"] - table["from"], "y": table[name]}
    starts, ends = (pd.to_datetime(table[edge]) for edge in ("from", "to"))
    width = (ends - starts).dt.total_seconds() * 1000
    return {"x": starts + (ends - starts) / 2, "width": width, "y": table[name]}
