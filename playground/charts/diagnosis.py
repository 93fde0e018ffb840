"""Where models are right and where not: calibration, scores by class, and metrics of parts of the rows."""

from __future__ import annotations

from html import escape

import pandas as pd
import plotly.graph_objects as go

from playground import theme
from playground.charts import look


def calibration(table: pd.DataFrame) -> go.Figure:
    """Draw what happened against what was foretold; on the diagonal, of rows scored 30 % three in ten are positive.

    Parameters
    ----------
    table : DataFrame
        ``run, predicted, observed, low, high, rows``, a line for each bin.
    """
    figure = look.figure(height=360)
    look.chance(figure, [0, 1], [0, 1], "as foretold")
    for number, name, bins in look.by_run(table):
        colour, dash, symbol = look.of_run(number)
        figure.add_scatter(
            x=bins["predicted"], y=bins["observed"], mode="lines+markers", name=name,
            line={"color": colour, "width": 2, "dash": dash}, marker={"symbol": symbol, "size": 8},
            error_y={"type": "data", "symmetric": False, "array": bins["high"] - bins["observed"],
                     "arrayminus": bins["observed"] - bins["low"], "color": colour, "thickness": 1},
            customdata=bins["rows"],
            hovertemplate="foretold %{x:.0%}, happened %{y:.0%} of %{customdata:,} rows<extra>%{fullData.name}</extra>",
        )  # fmt: skip
    figure.update_xaxes(title="probability foretold", tickformat=".0%", range=[0, 1])
    figure.update_yaxes(title="share that happened", tickformat=".0%", range=[0, 1.01])
    return figure


def histogram(table: pd.DataFrame, threshold: float | None) -> go.Figure:
    """Draw the scores of one run by true class; the less the classes overlap, the better it tells them apart.

    Parameters
    ----------
    table : DataFrame
        ``class, from, to, rows``.
    threshold : float, optional
        Marked, where there is one.
    """
    figure = look.figure(height=260)
    for number, (name, bars) in enumerate(table.groupby("class", sort=False)):
        middle, width = (bars["from"] + bars["to"]) / 2, bars["to"] - bars["from"]
        figure.add_bar(
            x=middle, width=width, y=bars["rows"] / max(bars["rows"].sum(), 1), customdata=bars["rows"],
            name=str(name), marker={"color": theme.RUNS[number % len(theme.RUNS)]}, opacity=0.6,
            hovertemplate="%{customdata:,} rows around %{x:.0%}<extra>%{fullData.name}</extra>",
        )  # fmt: skip
    if threshold is not None:
        figure.add_vline(x=threshold, line={"color": theme.GREY, "width": 2, "dash": "dot"})
    figure.update_layout(barmode="overlay", bargap=0.02)
    figure.update_xaxes(title="probability", tickformat=".0%", range=[0, 1])
    figure.update_yaxes(title="share of the class", tickformat=".0%")
    return figure


def slices(table: pd.DataFrame, metric: str, called: str = "") -> go.Figure:
    """Draw a metric in each part of the rows with its 95 % interval, a mark for each run.

    Parameters
    ----------
    table : DataFrame
        ``run, slice, rows, value, low, high``.
    metric : str
        Name of the metric.
    called : str
        What the column of the parts is called.
    """
    runs = table["run"].nunique()
    figure = look.figure(height=110 + (26 + 12 * runs) * table["slice"].nunique())
    for number, name, parts in look.by_run(table):
        colour, _, symbol = look.of_run(number)
        figure.add_scatter(
            x=parts["value"], y=parts["slice"], mode="markers", name=name, orientation="h",
            offsetgroup=str(number),
            marker={"color": colour, "symbol": symbol, "size": 10},
            error_x={"type": "data", "symmetric": False, "array": parts["high"] - parts["value"],
                     "arrayminus": parts["value"] - parts["low"], "color": colour, "thickness": 1.5},
            customdata=parts["rows"],
            hovertemplate=f"{metric} %{{x:.3f}} on %{{customdata:,}} rows<extra>%{{fullData.name}}</extra>",
        )  # fmt: skip
    low, high = table[["low", "value"]].min().min(), table[["high", "value"]].max().max()
    figure.update_layout(scattermode="group", scattergap=0.3)
    figure.update_xaxes(title=metric, range=[low - 0.05 * (high - low), high + 0.05 * (high - low)])
    figure.update_yaxes(type="category", autorange="reversed", title=escape(called) or None)
    return figure
