"""What differs between two versions of a dataset: rows, columns, single cells, distributions.

Rows are matched by the id column, by the spelling of its values where their type has changed. Without one, or where ids
repeat, a row can only be the same or not, so the tables are compared as multisets and nobody can say which row was
*changed*.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
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
"""Changed cells that are listed one by one; `cells_changed` counts them all."""


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
    """Changed cells by column, in rows that both versions have."""
    changes: tuple[Mapping[str, Any], ...]
    """``{id, column, before, after}``: the first `MAX_CHANGES` changed cells."""
    reordered: bool
    """Whether the rows that both have stand in another order."""
    distributions: Mapping[str, Mapping[str, Any]]
    """``{before, after, shared}`` of each column: its summary in each version, None where there is no such column, and
    what `profiles.side_by_side` counts."""
    roles_changed: Mapping[str, Sequence[Any]] = field(default_factory=dict)
    """``{role: (before, after)}`` of the roles that differ."""


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
    names = _names(before, after, identity) if identity in shared else None
    if names is not None:
        rows = _by_id(before, after, str(identity), shared, names)
    else:
        rows = _as_multisets(*_alike(before.select(shared), after.select(shared)))
    return DatasetDiff(
        columns_added=tuple(name for name in now if name not in was),
        columns_removed=tuple(name for name in was if name not in now),
        columns_retyped=tuple(retyped),
        distributions={name: _distribution(before, after, name) for name in was | now},
        **rows,
    )


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
    """Return what names the rows of each table, of one type; None where ids repeat or are missing."""
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


def _by_id(
    before: pa.Table, after: pa.Table, identity: str, shared: list[str], names: tuple[pd.Index, pd.Index]
) -> dict[str, Any]:
    old_ids, new_ids = names
    both = old_ids[old_ids.isin(new_ids)]
    old_rows, new_rows = old_ids.get_indexer(both), new_ids.get_indexer(both)
    changed_rows = np.zeros(len(both), bool)
    cells: dict[str, int] = {}
    changes: list[dict[str, Any]] = []
    for name in shared:
        old, new = before.column(name).take(old_rows), after.column(name).take(new_rows)
        differs = _differs(old, new) if name != identity else np.zeros(len(both), bool)
        if differs.any():
            cells[name] = int(differs.sum())
            changed_rows |= differs
            for row in np.flatnonzero(differs)[: MAX_CHANGES - len(changes)]:
                values = {"before": _plain(old[int(row)]), "after": _plain(new[int(row)])}
                changes.append({"id": _plain(before.column(identity)[int(old_rows[row])]), "column": name, **values})
    return {
        "rows_added": int(len(new_ids) - len(both)),
        "rows_removed": int(len(old_ids) - len(both)),
        "rows_changed": int(changed_rows.sum()),
        "cells_changed": cells,
        "changes": tuple(changes),
        "reordered": bool((np.diff(new_rows) < 0).any()),
    }


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


def _plain(value: pa.Scalar) -> Any:
    plain = value.as_py()
    return plain if plain is None or isinstance(plain, str | int | float | bool) else plain.isoformat()
