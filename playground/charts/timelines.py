"""The history of releases as a figure: a lane for each environment and model, a bar for each time of being live."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import Any

import pandas as pd
import plotly.graph_objects as go

from playground import theme
from playground.charts import look

_HOVER = (
    "%{customdata[0]}<br>%{customdata[1]} –<br>%{customdata[2]}<br>%{customdata[3]}: %{customdata[4]}<extra></extra>"
)


def timeline_table(deployments: Sequence[Any], until: str) -> pd.DataFrame:
    """Return deployments as bars: what was live where, from when until when; failed ones have no length.

    Parameters
    ----------
    deployments : sequence of Deployment
        Of all environments.
    until : str
        Now: where the bars of what is still live end.
    """
    rows = [
        {
            "environment": one.environment,
            "model": f"{one.model['name']} v{one.model['version']}",
            "from": one.since or one.at,
            "until": one.until or (until if one.status == "live" else one.at),
            "still_live": one.status == "live" and not one.until,
            "action": one.action,
            "status": one.status,
            "reason": one.reason,
            "by": one.deployed_by,
        }
        for one in deployments
    ]
    return pd.DataFrame(rows)


def timeline(table: pd.DataFrame) -> go.Figure:
    """Draw a lane for each environment and model, a bar for each time of being live, a cross for each failure."""
    told = table["model"].str.rsplit(" ", n=1)
    names, versions = told.str[0], told.str[-1]
    lane = table["environment"] + ("<br>" + names if names.nunique() > 1 else "")
    lanes = [one for name in theme.ENVIRONMENTS for one in lane[table["environment"] == name].unique()]
    figure = look.figure(height=110 + 52 * len(lanes))
    begins, ends = pd.to_datetime(table["from"]), pd.to_datetime(table["until"])
    # What is live goes on: its bar needs some length even where it began only now.
    last = ends.max()
    ends = ends.mask(table["still_live"], last + max((last - begins.min()) / 12, pd.Timedelta(minutes=1)))
    for environment, (live, ended) in theme.ENVIRONMENTS.items():
        rows = table["environment"] == environment
        lived = rows & (table["status"] == "live")
        if lived.any():
            lengths = (ends[lived] - begins[lived]).dt.total_seconds() * 1000
            figure.add_bar(
                base=begins[lived], x=lengths, y=lane[lived], orientation="h", name=environment,
                marker={"color": [live if now else ended for now in table["still_live"][lived]],
                        "line": {"color": theme.ON_COLOUR, "width": 0.5}},
                text=versions[lived], textposition="inside", insidetextanchor="middle",
                insidetextfont={"color": theme.ON_COLOUR}, textangle=0,
                # A chart's hover text is a small HTML; a reason may hold anything.
                customdata=table.loc[lived, ["model", "from", "until", "action", "reason"]].map(escape),
                hovertemplate=_HOVER,
            )  # fmt: skip
        failed = rows & (table["status"] == "failed")
        if failed.any():
            figure.add_scatter(
                x=begins[failed], y=lane[failed], mode="markers", name="failed",
                marker={"symbol": "x", "size": 11, "color": theme.VERMILION}, text=table["model"][failed],
                hovertemplate="%{text}: failed<br>%{x}<extra></extra>",
            )  # fmt: skip
    figure.update_xaxes(type="date", title="UTC")
    figure.update_yaxes(categoryorder="array", categoryarray=lanes[::-1])
    figure.update_layout(showlegend=False, bargap=0.35, barmode="overlay")
    return figure
