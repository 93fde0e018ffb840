"""Figures: each takes plain numbers and returns a Plotly figure; every one has a table that says the same.

Colours have one meaning (`playground.theme`). Nothing here knows Streamlit.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

import pandas as pd
import plotly.graph_objects as go

from playground import theme

_HOVER = (
    "%{customdata[0]}<br>%{customdata[1]} –<br>%{customdata[2]}<br>%{customdata[3]}: %{customdata[4]}<extra></extra>"
)


def roc_table(curves: Mapping[str, Mapping[str, Sequence[float]]]) -> pd.DataFrame:
    """Return the ROC curves of several runs as one long table."""
    return pd.concat([pd.DataFrame(dict(curve)).assign(run=name) for name, curve in curves.items()], ignore_index=True)


def roc(table: pd.DataFrame, thresholds: Mapping[str, float]) -> go.Figure:
    """Draw ROC curves: the first run blue, the second orange and dashed, chance as a grey diagonal.

    Parameters
    ----------
    table : DataFrame
        As `roc_table` makes it.
    thresholds : mapping
        Run -> threshold, marked on its curve.
    """
    figure = go.Figure()
    figure.add_scatter(
        x=[0, 1], y=[0, 1], mode="lines", name="chance", line={"color": theme.GREY, "width": 1, "dash": "dot"},
        hoverinfo="skip",
    )  # fmt: skip
    looks = zip((theme.FIRST, theme.SECOND), ("solid", "dash"), strict=True)
    for (name, curve), (colour, dash) in zip(table.groupby("run", sort=False), looks, strict=False):
        figure.add_scatter(
            x=curve["false_positive_rate"], y=curve["true_positive_rate"], mode="lines", name=str(name),
            line={"color": colour, "width": 2.5, "dash": dash}, customdata=curve["threshold"],
            hovertemplate="threshold %{customdata:.2f}<br>%{y:.0%} at %{x:.0%}<extra>%{fullData.name}</extra>",
        )  # fmt: skip
        if name in thresholds:
            at = curve.iloc[(curve["threshold"] - thresholds[name]).abs().argmin()]
            figure.add_scatter(
                x=[at["false_positive_rate"]], y=[at["true_positive_rate"]], mode="markers", showlegend=False,
                marker={"color": colour, "size": 11, "line": {"color": "white", "width": 2}}, name=str(name),
                hovertemplate=f"threshold {thresholds[name]:g}<extra>{name}</extra>",
            )  # fmt: skip
    figure.update_xaxes(title="false positive rate", tickformat=".0%", range=[0, 1])
    figure.update_yaxes(title="true positive rate", tickformat=".0%", range=[0, 1.01])
    return _calm(figure, height=360)


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
    """Draw one lane for each environment, a bar for each time of being live, a cross for each failure."""
    figure = go.Figure()
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
                base=begins[lived], x=lengths, y=table["environment"][lived], orientation="h", name=environment,
                marker={"color": [live if now else ended for now in table["still_live"][lived]],
                        "line": {"color": theme.ON_COLOUR, "width": 0.5}},
                text=_told_apart(table["model"])[lived], textposition="inside", insidetextanchor="middle",
                insidetextfont={"color": theme.ON_COLOUR}, textangle=0,
                # A chart's hover text is a small HTML; a reason may hold anything.
                customdata=table.loc[lived, ["model", "from", "until", "action", "reason"]].map(escape),
                hovertemplate=_HOVER,
            )  # fmt: skip
        failed = rows & (table["status"] == "failed")
        if failed.any():
            figure.add_scatter(
                x=begins[failed], y=table["environment"][failed], mode="markers", name="failed",
                marker={"symbol": "x", "size": 11, "color": theme.VERMILION}, text=table["model"][failed],
                hovertemplate="%{text}: failed<br>%{x}<extra></extra>",
            )  # fmt: skip
    lanes = [name for name in theme.ENVIRONMENTS if (table["environment"] == name).any()]
    figure.update_xaxes(type="date", title="UTC")
    figure.update_yaxes(categoryorder="array", categoryarray=lanes[::-1])
    figure.update_layout(showlegend=False, bargap=0.35, barmode="overlay")
    return _calm(figure, height=110 + 52 * len(lanes))


def _told_apart(models: pd.Series) -> pd.Series:
    """Return models as bars name them: by version, and by name as well where there are several."""
    parts = models.str.rsplit(" ", n=1)
    return parts.str[-1] if parts.str[0].nunique() == 1 else models


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


def profile(table: pd.DataFrame) -> go.Figure:
    """Draw one column: a histogram, or a bar for each level."""
    figure = go.Figure()
    if "value" in table:
        figure.add_bar(y=table["value"].map(escape), x=table["rows"], orientation="h", marker={"color": theme.FIRST})
        figure.update_yaxes(autorange="reversed", type="category")
        return _calm(figure, height=60 + 24 * len(table))
    figure.add_bar(**_bars(table, "rows"), marker={"color": theme.FIRST})
    figure.update_layout(bargap=0.04)
    figure.update_yaxes(title="rows")
    if pd.api.types.is_numeric_dtype(table["from"]) and (table["to"] - table["from"] == 1).all():
        figure.update_xaxes(dtick=max(1, len(table) // 10))  # a bar for each whole number: ticks between mean nothing
    return _calm(figure, height=260)


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


def distribution(table: pd.DataFrame) -> go.Figure:
    """Draw one column in two versions: shares of the rows, the earlier version blue, the later one orange."""
    figure = go.Figure()
    names = [name for name in table.columns if name not in ("value", "from", "to")]
    for name, colour in zip(names, (theme.FIRST, theme.SECOND), strict=False):
        where = {"x": table["value"].map(escape), "y": table[name]} if "value" in table else _bars(table, name)
        figure.add_bar(name=name, **where, marker={"color": colour}, opacity=1 if "value" in table else 0.6)
    figure.update_layout(barmode="group" if "value" in table else "overlay", bargap=0.06)
    figure.update_yaxes(tickformat=".0%")
    if "value" in table:
        figure.update_xaxes(type="category")
    return _calm(figure, height=220)


def _bars(table: pd.DataFrame, name: str) -> dict[str, Any]:
    """Return bars over the intervals of a histogram, numbers or dates."""
    if pd.api.types.is_numeric_dtype(table["from"]):
        return {"x": (table["from"] + table["to"]) / 2, "width": table["to"] - table["from"], "y": table[name]}
    starts, ends = (pd.to_datetime(table[edge]) for edge in ("from", "to"))
    width = (ends - starts).dt.total_seconds() * 1000
    return {"x": starts + (ends - starts) / 2, "width": width, "y": table[name]}


def _calm(figure: go.Figure, height: int) -> go.Figure:
    figure.update_layout(
        height=height, margin={"l": 10, "r": 10, "t": 10, "b": 10}, legend={"orientation": "h", "y": 1.08, "x": 0},
        hoverlabel={"namelength": -1},
    )  # fmt: skip
    return figure
