"""The table of changed cells: old struck through, new beside it, as wide as the screen.

It draws the plain record of `playground.changed`. The browser part only ever sets text, and asks the server nothing.
"""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Any

import streamlit as st

from playground.changed import Changed

_table = st.components.v2.component(
    "changed_cells",
    html='<div class="box" role="region" tabindex="0"><table></table></div>',
    css=Path(__file__).with_suffix(".css").read_text("utf-8"),
    js=Path(__file__).with_suffix(".js").read_text("utf-8"),
)


def table(found: Changed, before: str, after: str) -> None:
    """Draw the changed cells between two versions, as many as the record holds."""
    _table(data=drawn(found, before, after), key=f"data.changed.{before}.{after}")


def drawn(found: Changed, before: str, after: str) -> dict[str, Any]:
    """Return what the browser draws."""
    most = max((column.cells for column in found.columns), default=1)
    columns = [
        {"label": one.label, "count": f"{one.cells:,} cell{'' if one.cells == 1 else 's'}", "share": one.cells / most}
        for one in found.columns
    ]
    rows = [{"name": row.name, "cells": [cell and asdict(cell) for cell in row.cells]} for row in found.rows]
    caption = f"Changed cells, {before} struck through and {after} beside it"
    return {"caption": caption, "identity": found.identity, "columns": columns, "rows": rows}
