"""What changed between two versions of data, as it is drawn: one line for each row, old and new beside each other.

Plain records, so that a test reads what the screen shows. The numbers come from `mlops.data.changes`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from math import isfinite, nan
from typing import Any

import pyarrow as pa

from mlops.data.changes import Cells
from mlops.data.profiles import side_by_side
from playground import words

ROWS, COLUMNS = 200, 6
"""So many rows and columns are drawn; all cells are one download away."""


@dataclass(frozen=True)
class Cell:
    """One changed cell."""

    before: str
    after: str
    """Empty where a value is missing."""
    moved: str = ""
    """How far a number went: ``+2.55 · +19 %``."""


@dataclass(frozen=True)
class Row:
    """One row with a changed cell."""

    name: str
    """Its id."""
    cells: tuple[Cell | None, ...]
    """One for each column of the table; None where nothing changed."""


@dataclass(frozen=True)
class Column:
    """One changed column."""

    name: str
    label: str
    """What it is called, with its unit."""
    cells: int
    told: str
    """How its values moved, in words: ``on average 13.20 → 15.71 (+19 %)``."""
    shared: Mapping[str, Any] | None
    """The values of the changed cells, before and after, in the same bars; see `profiles.side_by_side`."""


@dataclass(frozen=True)
class Changed:
    """The table of changed cells."""

    identity: str
    """What the column is called that names the rows."""
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    total: int
    """Changed cells in all."""

    @property
    def shown(self) -> int:
        """Changed cells that are drawn."""
        return sum(cell is not None for row in self.rows for cell in row.cells)


def changed(found: Sequence[Cells], called: Mapping[str, str], identity: str) -> Changed:
    """Return the table of changed cells, the most changed column first.

    Parameters
    ----------
    found : sequence of Cells
        Every changed cell, as `Datasets.cells` gives them.
    called : mapping
        What columns are called, as far as somebody said so.
    identity : str
        The column that names rows.

    Examples
    --------
    >>> fee = Cells("fee", *(pa.chunked_array([values]) for values in (["c1"], [10.0], [11.9])))
    >>> changed([fee], {}, "id").rows
    (Row(name='c1', cells=(Cell(before='10.0', after='11.9', moved='+1.9 · +19 %'),)),)
    """
    drawn = found[:COLUMNS]
    rows: dict[str, list[Cell | None]] = {}
    for place, one in enumerate(drawn):
        for cell in one.first(ROWS):
            name = str(cell["id"])
            if name in rows or len(rows) < ROWS:
                line = rows.setdefault(name, [None] * len(drawn))
                line[place] = Cell(_text(cell["before"]), _text(cell["after"]), _moved(cell["before"], cell["after"]))
    return Changed(
        called.get(identity, identity),
        tuple(_column(one, called) for one in drawn),
        tuple(Row(name, tuple(cells)) for name, cells in rows.items()),
        sum(len(one.ids) for one in found),
    )


def _column(one: Cells, called: Mapping[str, str]) -> Column:
    label = called.get(one.column, one.column)
    return Column(one.column, label, len(one.ids), _told(one), side_by_side(one.before, one.after))


def _told(one: Cells) -> str:
    """Say how the values of changed cells moved as a whole: their mean, or how many were missing."""
    gaps = [values.null_count for values in (one.before, one.after)]
    if gaps[0] != gaps[1]:
        return f"missing {gaps[0]:,} → {gaps[1]:,}"
    if not all(pa.types.is_integer(side.type) or pa.types.is_floating(side.type) for side in (one.before, one.after)):
        return ""
    was, now = map(_mean, (one.before, one.after))
    if not (isfinite(was) and isfinite(now)):
        return ""
    share = f" ({words.signed(100 * (now / was - 1), 0)} %)" if was > 0 else ""
    return f"on average {words.plain_number(was)} → {words.plain_number(now)}{share}"


def _mean(values: pa.ChunkedArray) -> float:
    known = values.drop_null().to_numpy()
    return float(known.mean()) if len(known) else nan


def _text(value: Any) -> str:
    return "" if value is None else words.setting(str(value).lower() if isinstance(value, bool) else value, most=60)


def _moved(before: Any, after: Any) -> str:
    """Return how far a number went, exactly, and what share of the old one that is."""
    for value in (before, after):
        if isinstance(value, bool) or not isinstance(value, int | float) or not isfinite(value):
            return ""
    step = Decimal(str(after)) - Decimal(str(before))
    share = f" · {words.signed(float(100 * step / Decimal(str(before))), 0)} %" if before > 0 else ""
    return f"{step:+,f}{share}"
