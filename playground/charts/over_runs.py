"""How good runs were, in the order in which they began."""

from __future__ import annotations

import pandas as pd
import plotly.graph_objects as go

from playground import theme
from playground.charts import look


def over_runs(table: pd.DataFrame, metric: str, lower: bool) -> go.Figure:
    """Draw the metric of each run with its interval, and the best until then as a line.

    Parameters
    ----------
    table : DataFrame
        ``number, run, value, low, high``, the oldest run first.
    metric : str
        Name of the metric.
    lower : bool
        Whether less is better.
    """
    figure = look.figure(height=300)
    best = table["value"].cummin() if lower else table["value"].cummax()
    figure.add_scatter(
        x=table["number"], y=best, mode="lines", name="best so far", hoverinfo="skip",
        line={"color": theme.GREEN, "width": 2, "shape": "hv"},
    )  # fmt: skip
    figure.add_scatter(
        x=table["number"], y=table["value"], mode="markers", name=metric, text=table["run"],
        marker={"color": theme.BLUE, "size": 9},
        error_y={"type": "data", "symmetric": False, "array": table["high"] - table["value"],
                 "arrayminus": table["value"] - table["low"], "color": theme.GREY, "thickness": 1.2, "width": 3},
        hovertemplate=f"{metric} %{{y:.4g}}<extra>%{{text}}</extra>",
    )  # fmt: skip
    figure.update_xaxes(title="run, the oldest first", tickformat="d", dtick=max(1, len(table) // 12))
    figure.update_yaxes(title=metric)
    return figure
