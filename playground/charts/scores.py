"""Figures of a model's scores, for a yes or no: ROC."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd
import plotly.graph_objects as go

from playground.charts import look


def roc_table(curves: Mapping[str, Mapping[str, Sequence[float]]]) -> pd.DataFrame:
    """Return the ROC curves of several runs as one long table."""
    return pd.concat([pd.DataFrame(dict(curve)).assign(run=name) for name, curve in curves.items()], ignore_index=True)


def roc(table: pd.DataFrame, thresholds: Mapping[str, float]) -> go.Figure:
    """Draw ROC curves, each in the colour of its run; chance is a grey diagonal.

    Parameters
    ----------
    table : DataFrame
        As `roc_table` makes it.
    thresholds : mapping
        Run -> threshold, marked on its curve.
    """
    figure = look.figure(height=360)
    look.chance(figure, [0, 1], [0, 1], "chance")
    for number, (name, curve) in enumerate(table.groupby("run", sort=False)):
        colour, dash, _ = look.of_run(number)
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
    return figure
