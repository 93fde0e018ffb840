"""Groups of rows, and what two models differ by in each, as intervals: one that lies below 0 gets worse."""

from __future__ import annotations

import pandas as pd
import plotly.graph_objects as go

from playground import theme
from playground.charts import look


def figure(table: pd.DataFrame, what: str) -> go.Figure:
    """Draw what is gained in each group, with its interval.

    Parameters
    ----------
    table : DataFrame
        ``group, rows, difference, low, high, verdict``, a line for each group, in the order in which they are drawn.
    what : str
        What is gained: the title of the axis.
    """
    drawn = look.figure(height=110 + 30 * len(table))
    for row in table.itertuples():
        worse = row.verdict == "worse"
        colour = theme.VERMILION if worse else theme.GREY
        drawn.add_scatter(
            x=[row.difference], y=[row.group], mode="markers", showlegend=False, name=row.group,
            marker={"color": colour, "size": 11, "symbol": "diamond" if worse else "circle"},
            error_x={"type": "data", "symmetric": False, "array": [row.high - row.difference],
                     "arrayminus": [row.difference - row.low], "color": colour, "thickness": 2},
            hovertemplate=f"%{{x:+.3f}} ({row.low:+.3f} to {row.high:+.3f}) on {row.rows:,} rows: {row.verdict}"
                          "<extra>%{y}</extra>",
        )  # fmt: skip
    drawn.add_vline(x=0, line={"color": theme.GREY, "width": 1, "dash": "dot"})
    drawn.update_xaxes(title=what, tickformat="+.3~f")
    drawn.update_yaxes(type="category", autorange="reversed")
    return drawn
