"""One row on screen: a form whose answer moves while a value moves; the gauge keeps the answer before as a ghost.

It draws the plain record of `playground.one_row`. The answers to every place of every slider are sent with the row, so
a drag asks the server nothing; it hears of the row once that stands still. The browser part sets text alone.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import streamlit as st

from playground.one_row import Answer, OneRow, Side
from playground.ui.kit import cards, session

_form = st.components.v2.component(
    "one_row",
    html='<div class="room"><section class="one-row"></section></div>',
    css=Path(__file__).with_suffix(".css").read_text("utf-8"),
    js=Path(__file__).with_suffix(".js").read_text("utf-8"),
)

LOG = "Moving a value asks the model what if, and logs nothing. Predict asks for real and is logged."


def draw(
    found: OneRow, example: Mapping[str, Any], key: str, sent: int, tell: Callable[[Mapping[str, Any], int], None]
) -> None:
    """Draw the form and the gauges, with their sentence and their table.

    Parameters
    ----------
    found : OneRow
        What to draw.
    example : mapping
        The row that it began with.
    key : str
        What the form is about; another one begins anew.
    sent : int
        How often the browser has told of a row.
    tell : callable
        Called with a row, and how often one was told, when the browser tells of it.
    """
    widget = f"predict.form.{key}"

    def moved() -> None:
        told = session.held(widget)
        if (said := told and told.moved) and (row := row_of(said, found)) is not None:
            tell(row, int(said["sent"]))

    _form(data=drawn(found, example, key, sent), key=widget, on_moved_change=moved)
    table = st.expander("Table", icon=":material/table:", type="compact", on_change="rerun", key="table.one-row")
    cards.inside(table, lambda: _table(found))


def row_of(said: Any, found: OneRow) -> dict[str, Any] | None:
    """Return the row that a browser told of; None if it is no row of this model."""
    if not isinstance(said, Mapping) or not isinstance(said.get("sent"), int):
        return None
    row, names = said.get("row"), [field.name for field in found.fields]
    if not isinstance(row, Mapping) or {*row} != {*names}:
        return None
    if not all(value is None or isinstance(value, str | int | float) for value in row.values()):
        return None
    return {name: row[name] for name in names}


def drawn(found: OneRow, example: Mapping[str, Any], key: str, sent: int) -> dict[str, Any]:
    """Return the row as the browser gets it."""
    beyond = {field.name: field.beyond(found.row[field.name]) for field in found.fields}
    return {
        "key": key, "sent": sent, "row": dict(found.row), "example": {name: example.get(name) for name in found.row},
        "fields": [asdict(field) for field in found.fields], "beyond": beyond,
        "points": {field.name: field.points(found.row[field.name]) for field in found.fields},
        "sides": [_side(side) for side in found.sides],
        "task": found.task, "about": found.about, "decisions": found.decisions, "scale": found.scale,
        "unit": found.unit, "log": LOG,
    }  # fmt: skip


def _side(side: Side) -> dict[str, Any]:
    return {
        **vars(side), "now": _answer(side.now), "was": _answer(side.was),
        "others": {name: [_answer(one) for one in answers] for name, answers in (side.others or {}).items()},
    }  # fmt: skip


def _answer(answer: Answer | None) -> dict[str, Any] | None:
    return vars(answer) if answer else None


def _table(found: OneRow) -> None:
    st.markdown(cards.plain(found.sentence))
    st.dataframe(found.frame(), hide_index=True, alt=found.sentence)
    cards.download(found.frame(), "what-if")
