"""The frame that all figures share: margins, legend, calm axes, and the colours of what is compared.

It names no text colour and no background: Streamlit gives those of the theme a person has chosen, so one figure serves
light and dark.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import pandas as pd
import plotly.graph_objects as go

from playground import theme

DASHES = ("solid", "dash", "dot", "dashdot", "longdash")
SYMBOLS = ("circle", "diamond", "square", "triangle-up", "cross")

FRAME = {
    "margin": {"l": 10, "r": 20, "t": 10, "b": 10},
    "legend": {"orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 0, "title": {"text": ""}},
    "hoverlabel": {"namelength": -1},
    "xaxis": {"automargin": True, "zeroline": False, "ticklabeloverflow": "allow"},
    "yaxis": {"automargin": True, "zeroline": False},
}
"""What every figure begins with."""


def figure(height: int) -> go.Figure:
    """Return an empty figure in the look of the playground.

    Parameters
    ----------
    height : int
        Pixels; the width is that of the place it is drawn in.
    """
    return go.Figure(layout={**FRAME, "height": height})


def of_run(number: int) -> tuple[str, str, str]:
    """Return colour, dash and symbol of the run picked as number `number`, from 0.

    Ten runs are told apart by colour and dash together; colour alone is never the only sign.

    Examples
    --------
    >>> of_run(0), of_run(1)
    (('#1F83C6', 'solid', 'circle'), ('#C58200', 'dash', 'diamond'))
    """
    return theme.RUNS[number % len(theme.RUNS)], DASHES[number % len(DASHES)], SYMBOLS[number % len(SYMBOLS)]


def compared(table: pd.DataFrame) -> list[str]:
    """Return the runs that a table compares: where its runs are a category, also those that have no rows in it."""
    runs = table["run"]
    return list(runs.cat.categories if isinstance(runs.dtype, pd.CategoricalDtype) else runs.unique())


def by_run(table: pd.DataFrame) -> Iterator[tuple[int, str, pd.DataFrame]]:
    """Yield number, name and rows of each run: a run keeps its number where those before it are not drawn."""
    numbers = {name: number for number, name in enumerate(compared(table))}
    for name, rows in table.groupby("run", sort=False, observed=True):
        yield numbers[str(name)], str(name), rows


def chance(drawn: go.Figure, x: Sequence[float], y: Sequence[float], name: str) -> None:
    """Draw the line that everything else is judged against, thin and grey: chance, or what would be right."""
    drawn.add_scatter(
        x=x, y=y, mode="lines", name=name, hoverinfo="skip", line={"color": theme.GREY, "width": 1, "dash": "dot"}
    )
