"""How far several metrics moved, each with its interval, on one line of zero."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
import plotly.graph_objects as go

from playground import theme
from playground.charts import look

LOOKS = {
    "better": (theme.GREEN, "triangle-up"),
    "worse": (theme.VERMILION, "triangle-down"),
    "can be luck": (theme.GREY, "circle"),
}
"""Verdict -> its colour and its mark; colour is never the only sign."""


def differences(table: pd.DataFrame, names: Sequence[str]) -> go.Figure:
    """Draw differences of metrics with their 95 % intervals; one that spans zero can be luck.

    Parameters
    ----------
    table : DataFrame
        ``metric, difference, low, high, verdict``, a line for each metric.
    names : sequence of str
        What the two runs are called.
    """
    figure = look.figure(height=96 + 30 * len(table))
    for verdict, (colour, symbol) in LOOKS.items():
        rows = table[table["verdict"] == verdict]
        if len(rows):
            figure.add_scatter(
                x=rows["difference"], y=rows["metric"], mode="markers", name=f"{names[1]} is {verdict}"
                if verdict != "can be luck" else verdict,
                marker={"color": colour, "size": 10, "symbol": symbol},
                error_x={"type": "data", "symmetric": False, "array": rows["high"] - rows["difference"],
                         "arrayminus": rows["difference"] - rows["low"], "color": colour, "thickness": 2, "width": 3},
                customdata=rows[["low", "high"]].to_numpy(),
                hovertemplate="%{x:+.4f} (%{customdata[0]:+.4f} to %{customdata[1]:+.4f})<extra>%{y}</extra>",
            )  # fmt: skip
    figure.add_vline(x=0, line={"color": theme.GREY, "width": 1, "dash": "dot"})
    figure.update_xaxes(title=f"{names[1]} minus {names[0]}")
    figure.update_yaxes(type="category", categoryorder="array", categoryarray=list(table["metric"])[::-1])
    return figure
