"""Figures of a file that was answered: scores against the threshold, numbers foretold, how many of each class."""

from __future__ import annotations

from html import escape

import plotly.graph_objects as go

from playground import theme
from playground.charts import look
from playground.scored import Scored


def figure(found: Scored) -> go.Figure:
    """Draw how many rows have which score, in the colours of what is decided; the threshold is a line.

    Of several classes, how many rows each has.
    """
    drawn, table = look.figure(height=240), found.frame()
    if not found.counts:
        drawn.add_bar(x=table["rows"], y=[escape(one) for one in table["decision"]], orientation="h",
                      marker_color=theme.BLUE, hovertemplate="%{x:,} rows<extra>%{y}</extra>")  # fmt: skip
        drawn.update_layout(height=90 + 34 * len(table))
        drawn.update_yaxes(autorange="reversed", type="category")
        return drawn
    share = ".0%" if found.threshold is not None else ",.4~g"
    table = table if "decision" in table else table.assign(decision=found.about)
    for name, colour in zip(_names(found), (theme.VERMILION, theme.BLUE), strict=False):
        part = table[table["decision"] == name]
        hover = f"%{{y:,}} rows, %{{customdata[0]:{share}}} to %{{customdata[1]:{share}}}<extra>{escape(name)}</extra>"
        hover = f"%{{y:,}} rows, %{{customdata[0]:{share}}} to %{{customdata[1]:{share}}}<extra>{escape(name)}</extra>"
        drawn.add_bar(
            x=(part["from"] + part["to"]) / 2, y=part["rows"], width=(part["to"] - part["from"]) * 0.94,
            name=escape(name), marker_color=colour, customdata=part[["from", "to"]], hovertemplate=hover,
        )  # fmt: skip
    if found.threshold is not None:
        drawn.add_vline(x=found.threshold, line={"color": theme.VERMILION, "width": 2, "dash": "dash"})
    drawn.update_layout(showlegend=found.threshold is not None, barmode="overlay")
    drawn.update_xaxes(tickformat=share, title="score" if found.threshold is not None else found.about)
    drawn.update_yaxes(title="rows")
    return drawn


def _names(found: Scored) -> list[str]:
    return [label for label, _ in found.decisions] or [found.about]
