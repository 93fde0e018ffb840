"""How far runs are from the reference."""

from __future__ import annotations

import pandas as pd
import plotly.graph_objects as go

from playground import theme
from playground.charts import look


def differences(table: pd.DataFrame, metric: str) -> go.Figure:
    """Draw how far runs are from the reference, with 95 % intervals; one that spans zero can be luck.

    Parameters
    ----------
    table : DataFrame
        ``run, difference, low, high, verdict``, a line for each other run, in the order they were picked.
    metric : str
        Name of the metric.
    """
    figure = look.figure(height=110 + 42 * len(table))
    for number, row in enumerate(table.itertuples(), start=1):
        colour, _, symbol = look.of_run(number)
        figure.add_scatter(
            x=[row.difference], y=[row.run], mode="markers", showlegend=False, name=row.run,
            marker={"color": colour, "size": 11, "symbol": symbol},
            error_x={"type": "data", "symmetric": False, "array": [row.high - row.difference],
                     "arrayminus": [row.difference - row.low], "color": colour, "thickness": 2},
            hovertemplate=f"%{{x:+.4f}} ({row.low:+.4f} to {row.high:+.4f}): {row.verdict}<extra>%{{y}}</extra>",
        )  # fmt: skip
    figure.add_vline(x=0, line={"color": theme.GREY, "width": 1, "dash": "dot"})
    figure.update_xaxes(title=f"difference in {metric} to the reference")
    figure.update_yaxes(type="category", autorange="reversed")
    return figure
