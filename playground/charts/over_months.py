"""A metric over months: what outcomes say, the best that could be reached, and what was estimated before."""

from __future__ import annotations

import itertools

import pandas as pd
import plotly.graph_objects as go

from playground import theme
from playground.charts import look


def figure(table: pd.DataFrame, metric: str) -> go.Figure:
    """Draw the metric of each month with its interval, beside the best achievable and the estimate without outcomes.

    Parameters
    ----------
    table : DataFrame
        ``month, value, low, high, best, estimate, version``, a line for each month, the oldest first; what is not known
        is missing.
    metric : str
        As people write it.
    """
    drawn = look.figure(height=320)
    if table["best"].notna().any():
        drawn.add_scatter(
            x=table["month"], y=table["best"], mode="lines", name="best achievable", hovertemplate="%{y:.3f}",
            line={"color": theme.GREEN, "width": 1.6, "dash": "dash", "shape": "hvh"},
        )  # fmt: skip
    if table["estimate"].notna().any():
        drawn.add_scatter(
            x=table["month"], y=table["estimate"], mode="lines+markers", name="estimate without outcomes",
            line={"color": theme.GREY, "width": 1.2, "dash": "dot"}, hovertemplate="%{y:.3f}",
            marker={"symbol": "diamond-open", "size": 8, "color": theme.GREY},
        )  # fmt: skip
    drawn.add_scatter(
        x=table["month"], y=table["value"], mode="lines+markers", name=metric, text=table["version"],
        line={"color": theme.BLUE, "width": 2.2}, marker={"size": 9, "color": theme.BLUE}, connectgaps=False,
        error_y={"type": "data", "symmetric": False, "array": table["high"] - table["value"],
                 "arrayminus": table["value"] - table["low"], "color": theme.BLUE, "thickness": 1.6, "width": 0},
        customdata=table[["low", "high"]].to_numpy(),
        hovertemplate="%{y:.3f} (%{customdata[0]:.3f} to %{customdata[1]:.3f})<extra>%{text}</extra>",
    )  # fmt: skip
    for month in table.loc[table["value"].isna(), "month"]:
        at = list(table["month"]).index(month)
        drawn.add_vrect(x0=at - 0.4, x1=at + 0.4, fillcolor=theme.GREY, opacity=0.16, line_width=0, layer="below")
    _versions(drawn, table)
    drawn.update_xaxes(type="category", categoryorder="array", categoryarray=list(table["month"]))
    drawn.update_yaxes(title=metric, tickformat=".2f")
    return drawn


def _versions(figure: go.Figure, table: pd.DataFrame) -> None:
    """Mark where another version began to answer."""
    answered = list(table["version"])
    for at, (before, now) in enumerate(itertools.pairwise(answered), 1):
        if before != now:
            figure.add_vline(
                x=at - 0.5, line={"color": theme.GREY, "width": 1, "dash": "dot"},
                annotation={"text": now, "yanchor": "bottom", "y": 1, "font": {"size": 11}},
            )  # fmt: skip
