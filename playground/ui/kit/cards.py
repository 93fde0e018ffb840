"""Small pieces that every screen uses: empty states, error cards, badges, facts, charts with their table."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import pandas as pd
import pyarrow as pa
import streamlit as st
from plotly.basedatatypes import BaseFigure

from mlops import MlopsError
from mlops.base.errors import printable
from playground import theme
from playground.ui.kit import links, session

LONGEST = 2000
"""Characters of a text that a person gave or a file holds, on screen at most; as many as a note may have."""


def plain(value: Any) -> str:
    """Return a value as markdown that shows exactly its characters.

    Examples
    --------
    >>> plain("**bold** [x](y)")
    '\\\\*\\\\*bold\\\\*\\\\* \\\\[x\\\\]\\\\(y\\\\)'
    """
    return re.sub(r"([\\`*_{}\[\]()#+\-.!|<>$~:&^=])", r"\\\1", printable(str(value), LONGEST))


def state_text(state: str, label: str = "") -> str:
    """Return a state as coloured markdown: icon and word."""
    colour, icon = theme.STATES.get(state, ("gray", "circle"))
    return f":{colour}[:material/{icon}: {plain(label or state)}]"


def chip(thing: str) -> str:
    """Return what has versions, or where they are live, as a chip: the same colour and icon everywhere.

    Examples
    --------
    >>> chip("production")
    ':green-badge[:material/storefront: production]'
    """
    colour, icon = theme.THINGS[thing]
    return f":{colour}-badge[:material/{icon}: {thing}]"


def empty(sentence: str, page: str, label: str, **query: str) -> None:
    """Draw an empty state: one sentence and a link to the screen that fills it."""
    with st.container(border=True, horizontal_alignment="center", gap="small"):
        st.space("small")
        st.markdown(f":gray[{sentence}]", text_alignment="center")
        with st.container(key=f"next.{sentence}", width="content"):  # a screen may have several
            links.link(page, label, icon="arrow_forward", **query)
        st.space("small")


def error(problem: MlopsError) -> None:
    """Draw a refusal: the value and the rule, the next step, and where it happened."""
    st.error(f"{plain(problem.message)}\n\n{plain(problem.next_step)}", icon=":material/error:")
    if problem.details:
        details = pd.DataFrame(list(problem.details)).dropna(axis=1, how="all").astype(str)
        st.dataframe(details, hide_index=True, alt="Where it happened")


@contextmanager
def errors() -> Iterator[None]:
    """Turn a refusal of the project into a card; anything else crashes visibly."""
    try:
        yield
    except MlopsError as problem:
        error(problem)


def facts(pairs: Mapping[str, Any]) -> None:
    """Draw short facts as two columns of text, without the clutter of a table."""
    table = pd.DataFrame({"": list(pairs), " ": [plain(value) for value in pairs.values()]})
    st.table(table.set_index(""), border="horizontal", hide_header=True)


def tabs(parts: Mapping[str, Callable[[], Any]], key: str, **options: Any) -> None:
    """Draw parts of a screen as tabs: title -> what draws it. A closed one costs nothing; ``?open=`` opens one."""
    if (asked := st.query_params.get("open")) in parts:
        session.hold(key, asked)
        del st.query_params["open"]  # so that the same link opens it again
    for tab, draw in zip(st.tabs([*parts], key=key, on_change="rerun", **options), parts.values(), strict=True):
        inside(tab, draw)


def inside(drawer: Any, draw: Callable[[], Any]) -> None:
    """Draw the content of a tab, an expander or a popover that is open."""
    if drawer.open:
        with drawer:
            draw()


class Drawn(BaseFigure):
    """A figure that is finished: what the browser gets is made once, and nothing is checked again when it is sent."""

    def __init__(self, spec: Mapping[str, Any]) -> None:
        self._spec = dict(spec)

    @classmethod
    def of(cls, figure: BaseFigure) -> Drawn:
        """Return a figure as it is now."""
        return cls(figure.to_dict())

    def marked(self, traces: Sequence[Mapping[str, Any]]) -> Drawn:
        """Return it with more traces, as plain data."""
        return Drawn({**self._spec, "data": [*self._spec["data"], *traces]})

    def to_dict(self) -> dict[str, Any]:
        """Return what the browser gets."""
        return self._spec


def arrow(table: pd.DataFrame) -> pa.Table:
    """Return a table as the browser gets it; what is drawn again and again is kept like this."""
    return pa.Table.from_pandas(table)


def chart(figure: BaseFigure, table: pd.DataFrame, name: str, alt: str) -> None:
    """Draw a figure with its table and download one click away.

    Parameters
    ----------
    figure : plotly.graph_objects.Figure
        What to draw; one that is drawn again and again is `Drawn`.
    table : DataFrame
        The numbers behind it.
    name : str
        File name of the download, and key of the widgets.
    alt : str
        The finding in words.
    """
    st.plotly_chart(figure, key=f"chart.{name}", config={"displayModeBar": False}, alt=alt)
    shown = st.expander("Table", icon=":material/table:", type="compact", on_change="rerun", key=f"table.{name}")
    inside(shown, lambda: (st.dataframe(table, hide_index=True, alt=alt), download(table, name)))


def download(table: pd.DataFrame | pa.Table | Callable[[], pd.DataFrame], name: str, label: str = "Download") -> None:
    """Offer a table, or what makes it when it is asked for, as a CSV file.

    Cells that a spreadsheet would run as a formula are defused.
    """
    download_bytes(lambda: safe_csv(_frame(table)), f"{name}.csv", "text/csv", label)


def _frame(table: Any) -> pd.DataFrame:
    if callable(table):
        return table()
    return table.to_pandas() if isinstance(table, pa.Table) else table


def download_bytes(
    data: bytes | Callable[[], bytes], file_name: str, mime: str = "text/csv", label: str = "Download"
) -> None:
    """Offer bytes, or what makes them when they are asked for, as a file."""
    st.download_button(
        label, data, file_name, mime, icon=":material/download:", key=f"download.{file_name}", on_click="ignore"
    )


def safe_csv(table: pd.DataFrame) -> bytes:
    """Return a table as CSV in which no text begins like a formula.

    Examples
    --------
    >>> safe_csv(pd.DataFrame({"a": ["=1+1", "-3", "fine"]})).decode().split()
    ['a', "'=1+1", '-3', 'fine']
    """
    table = table.rename(columns=_defused)
    texts = table.select_dtypes(["object", "string"]).columns
    return table.assign(**{column: table[column].map(_defused) for column in texts}).to_csv(index=False).encode()


def _defused(cell: Any) -> Any:
    if not isinstance(cell, str) or not cell.startswith(("=", "+", "-", "@", "\t", "\r")):
        return cell
    try:
        float(cell)
    except ValueError:
        return f"'{cell}"
    return cell


def columns_of(records: Sequence[Any], **columns: Any) -> pd.DataFrame:
    """Return records as a table: column title -> function of one record."""
    return pd.DataFrame({title: [value(record) for record in records] for title, value in columns.items()})
