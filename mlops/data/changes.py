"""What differs between two versions of a dataset: rows, columns, single cells, distributions.

Rows are matched by the id column, by the spelling of its values where their type has changed. Without one, or where ids
repeat, a row can only be the same or not, so the tables are compared as multisets and nobody can say which row was
*changed*.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from mlops.base.records import Record
from mlops.data import ids, tables
from mlops.data.profiles import QUARTILES, side_by_side

MAX_CHANGES = 1000
"""Changed cells that a `DatasetDiff` lists one by one; `cells_changed` counts them all, and `cells` has them all."""

MAX_TOLD = 3
"""Columns that are named one by one in words."""


@dataclass(frozen=True)
class DatasetDiff(Record):
    """Every difference between two versions of a dataset."""

    rows_added: int
    rows_removed: int
    rows_changed: int | None
    """Rows with the same id and another content; None where rows cannot be matched by id."""
    columns_added: tuple[str, ...]
    columns_removed: tuple[str, ...]
    columns_retyped: tuple[Mapping[str, str], ...]
    """``{name, before, after}``."""
    cells_changed: Mapping[str, int]
    """Changed cells by column, the most changed one first, in rows that both versions have."""
    changes: tuple[Mapping[str, Any], ...]
    """``{id, column, before, after}`` of the first `MAX_CHANGES` changed cells, in the order of the columns above."""
    reordered: bool
    """Whether the rows that both have stand in another order."""
    distributions: Mapping[str, Mapping[str, Any]]
    """``{before, after, shared}`` of each column: its summary in each version, None where there is no such column, and
    what `profiles.side_by_side` counts."""
    roles_changed: Mapping[str, Sequence[Any]] = field(default_factory=dict)
    """``{role: (before, after)}`` of the roles that differ."""

    def told(self, called: Mapping[str, str] | None = None) -> str:
        """Say in words what changed, the cells first.

        Parameters
        ----------
        called : mapping, optional
            What columns are called; a column that is not in it is called by its name.

        Examples
        --------
        >>> v1, v2 = (pa.table({"id": [1, 2], "fee": fees}) for fees in ([8.5, 9.5], [9.5, 9.5]))
        >>> diff(v1, v2, "id").told({"fee": "Monthly fee"})
        '1 cell of Monthly fee changed, nothing else'
        >>> diff(v1, v1, "id").told()
        'nothing changed'
        """
        parts = [*_parts(self, called or {})]
        if self.cells_changed and len(parts) == 1:
            parts.append("nothing else")
        return ", ".join(parts) or "nothing changed"


@dataclass(frozen=True)
class Cells:
    """The changed cells of one column: three lists of one length, in the order of the rows before."""

    column: str
    ids: pa.ChunkedArray
    before: pa.ChunkedArray
    after: pa.ChunkedArray

    def first(self, most: int) -> list[dict[str, Any]]:
        """Return ``{id, column, before, after}`` of the first of them, as plain values."""
        lists = (map(tables.plain, values[:most].to_pylist()) for values in (self.ids, self.before, self.after))
        rows = zip(*lists, strict=True)
        return [{"id": row, "column": self.column, "before": before, "after": after} for row, before, after in rows]


def diff(before: pa.Table, after: pa.Table, identity: str | None) -> DatasetDiff:
    """Compare two tables.

    Parameters
    ----------
    before, after : pyarrow.Table
        Columns of the types of `mlops.data.tables`.
    identity : str or None
        The column that identifies a row.

    Examples
    --------
    >>> v1 = pa.table({"id": [1, 2], "age": [30, 40]})
    >>> v2 = pa.table({"id": [1, 2, 3], "age": [30, 41, 50]})
    >>> difference = diff(v1, v2, "id")
    >>> difference.rows_added, dict(difference.cells_changed), [dict(change) for change in difference.changes]
    (1, {'age': 1}, [{'id': 2, 'column': 'age', 'before': 40, 'after': 41}])
    """
    was, now = ({column["name"]: column["type"] for column in tables.schema_of(table)} for table in (before, after))
    shared = [name for name in was if name in now]
    retyped = [{"name": name, "before": was[name], "after": now[name]} for name in shared if was[name] != now[name]]
    names = _names(before, after, identity)
    if names is not None:
        rows = _by_id(before, after, str(identity), names)
    else:
        rows = _as_multisets(*_alike(before.select(shared), after.select(shared)))
    return DatasetDiff(
        columns_added=tuple(name for name in now if name not in was),
        columns_removed=tuple(name for name in was if name not in now),
        columns_retyped=tuple(retyped),
        distributions={name: _distribution(before, after, name) for name in was | now},
        **rows,
    )


def cells(before: pa.Table, after: pa.Table, identity: str | None) -> list[Cells]:
    """Return every changed cell of two tables, the most changed column first; none where rows cannot be matched.

    Examples
    --------
    >>> v1, v2 = (pa.table({"id": [1, 2], "fee": fees}) for fees in ([8.5, 9.5], [9.5, 9.5]))
    >>> [found] = cells(v1, v2, "id")
    >>> found.column, found.ids.to_pylist(), found.before.to_pylist(), found.after.to_pylist()
    ('fee', [1], [8.5], [9.5])
    """
    names = _names(before, after, identity)
    return _cells(before, after, str(identity), _Matched(*names)) if names is not None else []


def _distribution(before: pa.Table, after: pa.Table, name: str) -> dict[str, Any]:
    old, new = (table.column(name) if name in table.column_names else None for table in (before, after))
    return {"before": summary(old), "after": summary(new), "shared": side_by_side(old, new)}


def summary(column: pa.ChunkedArray | None) -> dict[str, Any] | None:
    """Summarise one column: counts, and moments and quartiles of numbers or the ten most frequent values."""
    if column is None:
        return None
    kind = tables.type_of(column.type)
    result: dict[str, Any] = {"type": kind, "count": len(column), "missing": column.null_count}
    if kind in ("integer", "number"):
        values = column.drop_null().to_numpy()
        if len(values):
            quartiles = np.quantile(values, [0, 0.25, 0.5, 0.75, 1]).tolist()
            result |= {"mean": float(values.mean()), "std": float(values.std())}
            result |= zip(QUARTILES, quartiles, strict=True)
        return result
    counts = sorted(tables.counts(column.cast(pa.large_string())).items(), key=lambda item: (-item[1], item[0]))
    return result | {"distinct": len(counts), "top": dict(counts[:10])}


def _names(before: pa.Table, after: pa.Table, identity: str | None) -> tuple[pd.Index, pd.Index] | None:
    """Return what names the rows of each table, of one type; None without an id that names each of them."""
    if identity is None or any(identity not in table.column_names for table in (before, after)):
        return None
    columns = before.column(identity), after.column(identity)
    if columns[0].type != columns[1].type:
        columns = ids.comparable(*columns)
    if any(column.null_count or pc.count_distinct(column).as_py() < len(column) for column in columns):
        return None
    return pd.Index(columns[0].to_pandas()), pd.Index(columns[1].to_pandas())


def _alike(before: pa.Table, after: pa.Table) -> tuple[pa.Table, pa.Table]:
    """Return two tables of the same columns with columns of two types as text, so that equal values are equal."""
    for place, name in enumerate(before.column_names):
        old, new = before.column(name), after.column(name)
        if old.type != new.type:
            old, new = ids.comparable(old, new)
            before, after = before.set_column(place, name, old), after.set_column(place, name, new)
    return before, after


class _Matched:
    """Which rows of two tables have the same name."""

    def __init__(self, old: pd.Index, new: pd.Index) -> None:
        where = new.get_indexer(old)
        self.before, self.after = np.flatnonzero(where >= 0), where[where >= 0]
        self.added, self.removed = len(new) - len(self.after), len(old) - len(self.before)


def _by_id(before: pa.Table, after: pa.Table, identity: str, names: tuple[pd.Index, pd.Index]) -> dict[str, Any]:
    matched = _Matched(*names)
    found = _cells(before, after, identity, matched)
    changes: list[dict[str, Any]] = []
    for column in found:
        changes += column.first(MAX_CHANGES - len(changes))
    return {
        "rows_added": matched.added,
        "rows_removed": matched.removed,
        "rows_changed": len(pc.unique(pa.chunked_array([c for one in found for c in one.ids.chunks]))) if found else 0,
        "cells_changed": {one.column: len(one.ids) for one in found},
        "changes": tuple(changes),
        "reordered": bool((np.diff(matched.after) < 0).any()),
    }


def _cells(before: pa.Table, after: pa.Table, identity: str, matched: _Matched) -> list[Cells]:
    found = []
    for name in before.column_names:
        if name != identity and name in after.column_names:
            old, new = before.column(name).take(matched.before), after.column(name).take(matched.after)
            rows = np.flatnonzero(_differs(old, new))
            if len(rows):
                ids = before.column(identity).take(matched.before[rows])
                found.append(Cells(name, ids, old.take(rows), new.take(rows)))
    return sorted(found, key=lambda one: -len(one.ids))


def _differs(old: pa.ChunkedArray, new: pa.ChunkedArray) -> np.ndarray:
    """Tell for each pair whether the values differ; missing equals missing."""
    if old.type != new.type:
        old, new = old.cast(pa.large_string()), new.cast(pa.large_string())
    unequal = pc.fill_null(pc.not_equal(old, new), False)
    one_missing = pc.xor(pc.is_null(old), pc.is_null(new))
    return np.asarray(pc.or_(unequal, one_missing)).astype(bool)


def _as_multisets(before: pa.Table, after: pa.Table) -> dict[str, Any]:
    old, new = ([tuple(row.values()) for row in table.to_pylist()] for table in (before, after))
    old_counts, new_counts = Counter(old), Counter(new)
    added, removed = (new_counts - old_counts).total(), (old_counts - new_counts).total()
    return {
        "rows_added": added,
        "rows_removed": removed,
        "rows_changed": None,
        "cells_changed": {},
        "changes": (),
        "reordered": not added and not removed and old != new,
    }


def _parts(diff: DatasetDiff, called: Mapping[str, str]) -> Iterator[str]:
    """Say each kind of change in words."""
    cells = [*diff.cells_changed.items()]
    for column, count in cells[:MAX_TOLD]:
        yield f"{_counted(count, 'cell')} of {called.get(column, column)} changed"
    if more := cells[MAX_TOLD:]:
        count = sum(count for _, count in more)
        yield f"{_counted(count, 'cell')} of {_counted(len(more), 'other column')} changed"
    for count, how in ((diff.rows_added, "added"), (diff.rows_removed, "removed")):
        if count:
            yield f"{_counted(count, 'row')} {how}"
    retyped = [one["name"] for one in diff.columns_retyped]
    named = {"added": diff.columns_added, "removed": diff.columns_removed, "of another type": retyped}
    for how, columns in named.items():
        if columns:
            yield f"{_listed([called.get(column, column) for column in columns])} {how}"
    if diff.roles_changed:
        yield f"{_listed([*diff.roles_changed])} decided otherwise"
    if diff.reordered:
        yield "the same rows in another order"


def _counted(number: int, what: str) -> str:
    return f"{number:,} {what}{'' if number == 1 else 's'}"


def _listed(names: Sequence[str]) -> str:
    return ", ".join(names[:MAX_TOLD]) + (f" and {len(names) - MAX_TOLD} more" if len(names) > MAX_TOLD else "")
