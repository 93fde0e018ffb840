"""Figures of how well runs do, each in its own colour: ROC, precision and recall, training curves."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from mlops.models.metrics import LOWER_IS_BETTER
from playground import words
from playground.charts import look


def roc(table: pd.DataFrame) -> go.Figure:
    """Draw ROC curves, each in the colour of its run; chance is a grey diagonal.

    Parameters
    ----------
    table : DataFrame
        ``run, false_positive_rate, true_positive_rate, threshold``.
    """
    figure = look.figure(height=360)
    look.chance(figure, [0, 1], [0, 1], "chance")
    for number, name, curve in look.by_run(table):
        colour, dash, _ = look.of_run(number)
        figure.add_scatter(
            x=curve["false_positive_rate"], y=curve["true_positive_rate"], mode="lines", name=name,
            line={"color": colour, "width": 2.5, "dash": dash}, customdata=curve["threshold"],
            hovertemplate="threshold %{customdata:.2f}<br>%{y:.0%} at %{x:.0%}<extra>%{fullData.name}</extra>",
        )  # fmt: skip
    figure.update_xaxes(title="false positive rate", tickformat=".0%", range=[0, 1])
    figure.update_yaxes(title="true positive rate", tickformat=".0%", range=[0, 1.01])
    return figure


def precision_recall(table: pd.DataFrame, share: float) -> go.Figure:
    """Draw precision against recall; whoever says yes to everybody has the precision of the grey line.

    Parameters
    ----------
    table : DataFrame
        ``run, precision, recall, threshold``.
    share : float
        Fraction of positive rows.
    """
    figure = look.figure(height=360)
    look.chance(figure, [0, 1], [share, share], "yes to everybody")
    for number, name, curve in look.by_run(table):
        colour, dash, _ = look.of_run(number)
        figure.add_scatter(
            x=curve["recall"], y=curve["precision"], mode="lines", name=name,
            line={"color": colour, "width": 2.5, "dash": dash}, customdata=curve["threshold"],
            hovertemplate="threshold %{customdata:.2f}<br>precision %{y:.0%}, recall %{x:.0%}"
            "<extra>%{fullData.name}</extra>",
        )  # fmt: skip
    figure.update_xaxes(title="recall", tickformat=".0%", range=[0, 1])
    figure.update_yaxes(title="precision", tickformat=".0%", range=[0, 1.01])
    return figure


def marks(table: pd.DataFrame, x: str, y: str, thresholds: Mapping[str, float]) -> list[dict[str, Any]]:
    """Return where the threshold of each run lies on its curve, as traces of plain data.

    Parameters
    ----------
    table : DataFrame
        That of the figure.
    x, y : str
        The columns that it draws.
    thresholds : mapping
        By run.
    """
    found = []
    for number, name, curve in look.by_run(table):
        threshold = thresholds[name]
        at = int(np.abs(curve["threshold"].to_numpy() - threshold).argmin())
        found.append({
            "type": "scatter", "x": [float(curve[x].iloc[at])], "y": [float(curve[y].iloc[at])], "mode": "markers",
            "showlegend": False, "name": name,
            "marker": {"color": look.of_run(number)[0], "size": 11, "line": {"color": "white", "width": 2}},
            "hovertemplate": f"threshold {threshold:g}<extra>%{{fullData.name}}</extra>",
        })  # fmt: skip
    return found


def training(table: pd.DataFrame, height: int = 360) -> go.Figure:
    """Draw how runs learned: validation as a line with its best point marked, training as a thin one.

    Parameters
    ----------
    table : DataFrame
        ``run, metric, iteration, train, validation``.
    height : int
        Pixels.
    """
    figure, alone = look.figure(height), len(look.compared(table)) == 1
    for number, name, curve in look.by_run(table.reset_index(drop=True)):
        colour, dash, _ = look.of_run(number)
        figure.add_scatter(
            x=curve["iteration"], y=curve["validation"], mode="lines", name="validation" if alone else name,
            line={"color": colour, "width": 2.5, "dash": dash},
            hovertemplate=f"iteration %{{x}}: %{{y:.4g}}<extra>{name} validation</extra>",
        )  # fmt: skip
        figure.add_scatter(
            x=curve["iteration"], y=curve["train"], mode="lines", name="train", showlegend=alone,
            line={"color": colour, "width": 1.2},  # solid: a faint line is not seen on dark
            hovertemplate=f"iteration %{{x}}: %{{y:.4g}}<extra>{name} train</extra>",
        )  # fmt: skip
        lower = curve["metric"].iloc[0] in LOWER_IS_BETTER
        best = curve.loc[curve["validation"].idxmin() if lower else curve["validation"].idxmax()]
        figure.add_scatter(
            x=[best["iteration"]], y=[best["validation"]], mode="markers", name=f"{name} best", showlegend=False,
            marker={"color": colour, "size": 10, "symbol": "star"},
            hovertemplate="best on validation: %{y:.4g} at %{x}<extra></extra>",
        )  # fmt: skip
    figure.update_xaxes(title="iteration")
    figure.update_yaxes(title=words.metric_name(str(table["metric"].iloc[0])))
    return figure
