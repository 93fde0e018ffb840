"""Figures of a model's answers where they are no yes or no: classes against classes, numbers against numbers."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from typing import Any

import pandas as pd
import plotly.graph_objects as go

from playground.charts import look


def confusion_table(confusion: Mapping[str, Any]) -> pd.DataFrame:
    """Return a confusion matrix as a long table: each pair of true and predicted class with its rows.

    Parameters
    ----------
    confusion : mapping
        ``{labels, counts}``, a row for each true class, a column for each predicted one.
    """
    labels = [str(label) for label in confusion["labels"]]
    rows = [
        {"true": true, "predicted": told, "rows": count, "share": count / sum(counts) if sum(counts) else 0.0}
        for true, counts in zip(labels, confusion["counts"], strict=True)
        for told, count in zip(labels, counts, strict=True)
    ]
    return pd.DataFrame(rows)


def confusion(table: pd.DataFrame) -> go.Figure:
    """Draw a confusion matrix: the share of each true class in colour, its rows as numbers."""
    labels = list(dict.fromkeys(table["true"]))
    shares = table.pivot(index="true", columns="predicted", values="share").loc[labels, labels]
    figure = look.figure(height=140 + 36 * len(labels))
    figure.add_heatmap(
        z=shares.to_numpy(), x=labels, y=labels, zmin=0, zmax=1, showscale=False, xgap=2, ygap=2, hoverinfo="skip",
        colorscale=[[0, "rgba(31,131,198,0.06)"], [1, "rgba(31,131,198,0.6)"]],
    )  # fmt: skip
    # Numbers of their own, in the colour of text: those of a heatmap are dark on dark cells in the dark theme.
    figure.add_scatter(
        x=table["predicted"], y=table["true"], mode="text", text=[f"{rows:,}" for rows in table["rows"]],
        textfont={"size": 14},
        customdata=table["share"], showlegend=False,
        hovertemplate="true %{y}, predicted %{x}<br>%{text} rows, %{customdata:.0%} of the true ones<extra></extra>",
    )  # fmt: skip
    shown = {"type": "category", "showgrid": False, "tickvals": labels, "ticktext": [escape(label) for label in labels]}
    figure.update_xaxes(title="predicted", **shown)
    figure.update_yaxes(title="true", autorange="reversed", **shown)
    return figure


def predicted(table: pd.DataFrame) -> go.Figure:
    """Draw predicted against actual numbers; on the diagonal a prediction is right.

    Parameters
    ----------
    table : DataFrame
        ``run, predicted, actual``.
    """
    figure = look.figure(height=360)
    low, high = table[["actual", "predicted"]].min().min(), table[["actual", "predicted"]].max().max()
    look.chance(figure, [low, high], [low, high], "right")
    for number, name, points in look.by_run(table):
        colour, _, symbol = look.of_run(number)
        figure.add_scatter(
            x=points["actual"], y=points["predicted"], mode="markers", name=name,
            marker={"color": colour, "symbol": symbol, "size": 6, "opacity": 0.6},
            hovertemplate="actual %{x:,.4g}<br>predicted %{y:,.4g}<extra>%{fullData.name}</extra>",
        )  # fmt: skip
    figure.update_xaxes(title="actual")
    figure.update_yaxes(title="predicted")
    return figure


def against(table: pd.DataFrame, before: str, after: str) -> go.Figure:
    """Draw the numbers that two runs answer to the same rows; on the dotted line they are equal.

    Parameters
    ----------
    table : DataFrame
        A column of each run, a line for each row; at most two thousand of them are drawn.
    before, after : str
        Those two columns.
    """
    drawn = table.iloc[:: max(1, -(-len(table) // 2000))]
    figure = look.figure(height=380)
    ends = [min(drawn[before].min(), drawn[after].min()), max(drawn[before].max(), drawn[after].max())]
    look.chance(figure, ends, ends, "the same")
    figure.add_scatter(
        x=drawn[before], y=drawn[after], mode="markers", name="a row",
        marker={"color": look.of_run(1)[0], "size": 6, "opacity": 0.6},
        hovertemplate=f"{before} %{{x:.3f}}, {after} %{{y:.3f}}<extra></extra>",
    )  # fmt: skip
    figure.update_xaxes(title=before)
    figure.update_yaxes(title=after)
    return figure
