"""Repairs: values that came in another unit, put right and kept as a version of their own.

A fault of the data is repaired, never learned. What a repair changes is what the fault names - a column, the rows of a
level, a factor - and nothing else; the version with the fault stays as it came, so the difference of the two tells
what was done.
"""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache, reduce
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from mlops import Workspace
from mlops.data.versions import DatasetVersion

DIGITS = 6
"""Decimals that a repaired number keeps: 198.0 / 60 is 3.3, and no binary tail of it."""

OTHERS = "it holds other rows"


def can(fault: Mapping[str, Any], rows: int) -> bool:
    """Tell whether a fault of a table with so many rows says all that repairing it takes: the factor, and which rows.

    Examples
    --------
    >>> minutes = {"code": "unit_factor", "factor": 60, "rows": 10, "where": None}
    >>> can(minutes, rows=10), can(minutes, rows=3000)
    (True, False)
    """
    return fault["code"] == "unit_factor" and bool(fault["where"] or fault["rows"] == rows)


def repaired(table: pa.Table, fault: Mapping[str, Any]) -> pa.Table:
    """Return a table in which a column has its old unit again, in the rows that the fault names.

    Examples
    --------
    >>> table = pa.table({"platform": ["tv", "ios"], "hours": [198.0, 2.0]})
    >>> fault = {"column": "hours", "factor": 60, "where": {"column": "platform", "level": "tv"}}
    >>> repaired(table, fault)["hours"].to_pylist()
    [3.3, 2.0]
    """
    name, where = fault["column"], fault["where"]
    values = table.column(name)
    right = pc.round(pc.divide(values.cast(pa.float64()), float(fault["factor"])), DIGITS)
    if where:
        here = pc.fill_null(pc.equal(table.column(where["column"]).cast(pa.string()), where["level"]), False)
        right = pc.if_else(here, right, values.cast(pa.float64()))
    return table.set_column(table.column_names.index(name), name, right)


def keep(ws: Workspace, ref: str, faults: Sequence[Mapping[str, Any]]) -> DatasetVersion:
    """Repair a version, and keep what comes of it as the next one; its message says what was done."""
    version = ws.datasets.get(ref)
    table = reduce(repaired, faults, ws.datasets.table(version))
    done = " ".join(fault["next_step"] for fault in faults)
    with tempfile.TemporaryDirectory(prefix="repair-", ignore_cleanup_errors=True) as folder:
        file = Path(folder) / f"{Path(version.source).stem}_repaired.parquet"
        pq.write_table(table, file)
        return ws.datasets.add(file, version.name, message=f"{ref}, repaired: {done.rstrip('.')}")


@dataclass(frozen=True)
class Tried:
    """What was kept to repair a version."""

    version: DatasetVersion | None
    """The one in which its fault is put right and nothing else differs, the newest; None if there is none."""
    wrong: str = ""
    """Why the newest other one with rows of it is no repair; empty if there is none."""


def of(ws: Workspace, ref: str, learned: str) -> Tried:
    """Return what was kept to repair a version, whoever did it and however.

    Parameters
    ----------
    ref : str
        The version with the fault.
    learned : str
        What its model learned from: beside that the fault is one.
    """
    kept, wrong = ws.datasets.list(), ""
    first = next(one for one in kept if one.ref == ref)
    for one in kept:
        if (one.name, one.id) == (first.name, first.id) and one.version > first.version and not one.parents:
            said = _wrong(ws.path, ref, one.ref, learned, (first.sha256, one.sha256))
            if not said:
                return Tried(one)
            wrong = wrong or (f"{one.ref}: {said}" if said != OTHERS else "")
    return Tried(None, wrong)


@lru_cache(maxsize=256)  # contents never change, and everybody who looks asks
def _wrong(path: Path, before: str, after: str, learned: str, contents: tuple[str, str]) -> str:
    """Return why one version is no repair of another; nothing if it is."""
    ws = Workspace.open(path, create=False)
    name = str(ws.datasets.get(before).id)
    old, new = (set(ws.datasets.table(ref).column(name).to_pylist()) for ref in (before, after))
    if old.isdisjoint(new):
        return OTHERS
    if old != new:
        return f"{len(old - new):,} of its rows are not in it"
    changed = ws.datasets.diff(before, after)
    faulty = {one["column"] for one in ws.drift(learned, before).schema_errors}
    if others := sorted({*changed.cells_changed, *changed.columns_added, *changed.columns_removed} - faulty):
        return f"{', '.join(others)} changed as well"
    return "the fault is still in it" if ws.drift(learned, after).verdict == "data_error" else ""


def unrepaired(ws: Workspace, ref: str, learned: str, data: str) -> int:
    """Return how many rows of a version with a fault another one holds with the fault, whatever it is called.

    Parameters
    ----------
    ref : str
        The version with the fault.
    learned : str
        What its model learned from: beside that the fault is one.
    data : str
        The version that may hold rows of it: of the same customer, with the value as it came.
    """
    contents = {one.ref: one.sha256 for one in ws.datasets.list()}
    return _unrepaired(ws.path, ref, learned, data, (contents[ref], contents[data]))


@lru_cache(maxsize=256)  # contents never change, and everybody who looks asks
def _unrepaired(path: Path, ref: str, learned: str, data: str, contents: tuple[str, str]) -> int:
    ws = Workspace.open(path, create=False)
    name, came, held = str(ws.datasets.get(ref).id), ws.datasets.table(ref), ws.datasets.table(data)
    faults = [one for one in ws.drift(learned, ref).schema_errors if can(one, came.num_rows)]
    columns = [name, *{str(one["column"]): None for one in faults if one["column"] in held.column_names}]
    if name not in held.column_names:  # whose rows they are, nobody can tell
        seen = {one["column"] for one in ws.drift(learned, data).schema_errors if one["code"] == "unit_factor"}
        return held.num_rows if seen & {*columns} else 0
    old, right, new = (
        table.select(columns).to_pandas().set_index(name) for table in (came, reduce(repaired, faults, came), held)
    )
    new = new[new.index.isin(old.index)]
    same = (new == old.reindex(new.index)) & (old != right).reindex(new.index)
    return int(same.any(axis=1).sum())
