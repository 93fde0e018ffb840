"""Profiles: what each column of a table holds, small enough to draw.

A *profile* is a count of rows and, for each column, how much is missing, how many different values there are, a few
of them, and a *distribution*: a histogram of numbers and dates, the most frequent levels of text and booleans.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from mlops.base.records import Record
from mlops.data import tables
from mlops.data.quality.evidence import repeated_rows
from mlops.data.roles import COLUMN_ROLES, Roles

EXAMPLES, LEVELS, BINS = 5, 10, 20
"""Values shown, levels counted one by one, bars of a histogram: at most so many."""

QUARTILES = ("min", "q1", "median", "q3", "max")

LONGEST = 120
"""Characters of a text that are shown."""

_STEPS = (
    *((count, unit) for unit in ("s", "m") for count in (1, 5, 15, 30)),
    *((1, "h"), (3, "h"), (6, "h"), (1, "D"), (7, "D"), (1, "M"), (3, "M")),
    *((10**power * count, "Y") for power in range(7) for count in (1, 2, 5)),
)
"""Widths of bars that people read on a calendar, the narrowest first."""

_MONDAY, _YEARS = 4, np.array(["0001-01-01", "9999-12-31"], "datetime64[D]")
"""Days from 1970 to the first Monday; the first and the last day that Python can name."""


@dataclass(frozen=True)
class ColumnProfile(Record):
    """What one column holds."""

    name: str
    type: tables.Type
    role: str | None
    """target, id, time or group; None for all others."""
    missing: int
    distinct: int
    """Different values; missing is none of them."""
    examples: tuple[Any, ...]
    """The first different values, in the order of the rows; dates as text."""
    distribution: Mapping[str, Any] | None
    """Of numbers and dates ``{"kind": "histogram", "edges", "counts", min, q1, median, q3, max, mean, std}``, one edge
    more than counts, each bar without its right edge but the last; std of dates in days. Of text and booleans
    ``{"kind": "levels", "levels": [{value, count}], "other"}``, the most frequent first. None without a value."""


@dataclass(frozen=True)
class Profile(Record):
    """What a table holds."""

    rows: int
    columns: tuple[ColumnProfile, ...]
    duplicates: int
    """Rows that repeat an earlier row in every column."""


def profile(table: pa.Table, roles: Roles | None = None) -> Profile:
    """Describe every column of a table.

    Parameters
    ----------
    table : pyarrow.Table
        Columns of the types of `mlops.data.tables`.
    roles : Roles, optional
        What the columns are for.

    Examples
    --------
    >>> found = profile(pa.table({"age": [31, 33, 31, None]}), Roles(target="age"))
    >>> found.columns[0].role, found.columns[0].missing, found.columns[0].examples
    ('target', 1, (31, 33))
    >>> found.columns[0].distribution["edges"], found.columns[0].distribution["counts"]
    ((30.5, 31.5, 32.5, 33.5), (2, 0, 1))
    """
    role_of = {getattr(roles, role): role for role in COLUMN_ROLES} if roles else {}
    columns = tuple(_column(name, table.column(name), role_of.get(name)) for name in table.column_names)
    return Profile(table.num_rows, columns, repeated_rows(table))


def side_by_side(before: pa.ChunkedArray | None, after: pa.ChunkedArray | None) -> dict[str, Any] | None:
    """Count the values of two columns in the same bars, or by the same levels.

    Parameters
    ----------
    before, after : pyarrow.ChunkedArray or None
        Columns of the types of `mlops.data.tables`; None where a version has no such column. Columns of different types
        are compared as numbers if both are, else by the text of their values.

    Returns
    -------
    dict or None
        ``{edges, before, after}``, or ``{levels, before, after}`` with the most frequent levels of both and what is
        left as ``other values``; None if neither holds a value.

    Examples
    --------
    >>> side_by_side(pa.chunked_array([[True, False, True]]), pa.chunked_array([[False]]))
    {'levels': [True, False], 'before': [2, 1], 'after': [0, 1]}
    """
    both = _of_one_type([column for column in (before, after) if column is not None])
    nothing = pa.chunked_array([], both[0].type)
    both = [both[0] if before is not None else nothing, both[-1] if after is not None else nothing]
    kind = both[0].type
    together = _column("both", pa.chunked_array([*both[0].chunks, *both[1].chunks], kind), None).distribution
    if together is None:
        return None
    if together["kind"] == "levels":
        return _same_levels(both, [level["value"] for level in together["levels"]])
    dated = pa.types.is_temporal(kind)
    values = [known.to_numpy().astype("int64" if dated else "float64") for known in both]
    edges = np.array(together["edges"], both[0].to_numpy().dtype if dated else "float64")
    sides = [_bars(one, edges.astype("int64") if dated else edges) for one in values]
    return {"edges": together["edges"], "before": sides[0], "after": sides[1]}


def _of_one_type(columns: list[pa.ChunkedArray]) -> list[pa.ChunkedArray]:
    kinds = {column.type for column in columns}
    known = [column.drop_null() for column in columns]
    if len(kinds) == 1:
        return known
    numeric = all(pa.types.is_integer(kind) or pa.types.is_floating(kind) for kind in kinds)
    return [column.cast(pa.float64() if numeric else pa.large_string(), safe=False) for column in known]


def _same_levels(both: list[pa.ChunkedArray], levels: list[Any]) -> dict[str, Any]:
    counted = [{_shown(value): count for value, count in tables.counts(known).items()} for known in both]
    sides = [[counts.get(level, 0) for level in levels] for counts in counted]
    others = [sum(counts.values()) - sum(side) for counts, side in zip(counted, sides, strict=True)]
    if any(others):
        levels, sides = [*levels, "other values"], [[*side, other] for side, other in zip(sides, others, strict=True)]
    return {"levels": levels, "before": sides[0], "after": sides[1]}


def _column(name: str, column: pa.ChunkedArray, role: str | None) -> ColumnProfile:
    kind, known = tables.type_of(column.type), column.drop_null()
    counted = pc.value_counts(known)  # in the order in which values come first
    values = counted.field("values")
    if not len(known):
        distribution = None
    elif kind in ("text", "boolean"):
        distribution = _levels(values, counted.field("counts").to_numpy())
    else:
        distribution = _dates(known) if kind in ("date", "datetime") else _numbers(known, kind == "integer")
    examples = tuple(_shown(value) for value in values[:EXAMPLES].to_pylist())
    return ColumnProfile(name, kind, role, column.null_count, len(values), examples, distribution)


def _levels(values: pa.Array, counts: np.ndarray) -> dict[str, Any]:
    top = np.argsort(-counts, kind="stable")[:LEVELS]
    levels = [{"value": _shown(values[int(place)].as_py()), "count": int(counts[place])} for place in top]
    return {"kind": "levels", "levels": levels, "other": int(counts.sum() - counts[top].sum())}


def _numbers(known: pa.ChunkedArray, whole: bool) -> dict[str, Any]:
    values = known.to_numpy().astype("float64")
    edges = _edges(values, whole)
    with np.errstate(over="ignore", invalid="ignore"):  # numbers near the largest there are have no mean
        moments = {"mean": values.mean(), "std": values.std()}
    described = _quartiles(values) | moments
    described = {name: float(value) if np.isfinite(value) else None for name, value in described.items()}
    return {"kind": "histogram", "edges": edges.tolist(), "counts": _bars(values, edges), **described}


def _dates(known: pa.ChunkedArray) -> dict[str, Any]:
    moments = known.to_numpy()  # datetime64[D] or datetime64[us]
    numbers, kind = moments.astype("int64"), moments.dtype
    edges = _calendar(moments.min(), moments.max())
    mean = np.int64(numbers.min() + round((numbers - numbers.min()).mean()))
    day = 1 if np.datetime_data(kind)[0] == "D" else 86_400_000_000
    return {
        "kind": "histogram",
        "edges": [str(edge) for edge in edges],
        "counts": _bars(numbers, edges.astype("int64")),
        **{name: str(np.int64(number).astype(kind)) for name, number in (_quartiles(numbers) | {"mean": mean}).items()},
        "std": float((numbers - numbers.min()).std() / day),
    }


def _quartiles(values: np.ndarray) -> dict[str, Any]:
    """Return five values that are there: between two, the lower one."""
    found = np.quantile(values, [0, 0.25, 0.5, 0.75, 1], method="inverted_cdf")
    return dict(zip(QUARTILES, found, strict=True))


def _bars(values: np.ndarray, edges: np.ndarray) -> list[int]:
    places = np.searchsorted(edges, values, side="right") - 1
    return np.bincount(np.minimum(places, len(edges) - 2), minlength=len(edges) - 1).tolist()


def _edges(values: np.ndarray, whole: bool) -> np.ndarray:
    """Choose edges of bars at round numbers; whole numbers get one bar each, if at most `BINS` are needed.

    As many bars as numpy's "auto": Sturges (1926), or Freedman and Diaconis (1981) where that gives more.
    """
    low, high = values.min(), values.max()
    if low == high:
        return np.array([min(low - 0.5, np.nextafter(low, -np.inf)), low + 0.5])
    if whole and high - low < BINS:
        return np.arange(low, high + 2) - 0.5
    with np.errstate(over="ignore"):
        span = high - low
    if not 1e-290 < span < 1e290:
        return np.array([low, high])  # no arithmetic holds out here
    first, third = np.quantile(values, [0.25, 0.75])
    narrow = span * len(values) ** (1 / 3) / (2 * (third - first)) if third > first else 0.0
    bars = int(np.clip(max(np.log2(len(values)) + 1, narrow), 1, BINS - 1))
    power = 10.0 ** np.floor(np.log10(span / bars))
    step = next(power * digit for digit in (1, 2, 5, 10) if power * digit >= span / bars * 0.999999)
    step = max(step, 1.0) if whole else step
    places = np.arange(np.floor(low / step), np.ceil(high / step) + 1)
    edges = np.round(places * step, int(np.clip(-np.floor(np.log10(step)), 0, 300)))
    fits = edges[0] <= low and high <= edges[-1] and (np.diff(edges) > 0).all()
    return edges if fits else np.array([low, high])


def _calendar(low: np.datetime64, high: np.datetime64) -> np.ndarray:
    """Choose edges of bars on the calendar: days, weeks, months, years."""
    kind = low.dtype
    for count, unit in _STEPS:
        if np.datetime_data(kind)[0] == "D" and unit in "smh":
            continue
        start = -1970 if unit == "Y" else _MONDAY if count == 7 else 0
        first, last = (
            (int(moment.astype(f"datetime64[{unit}]").astype("int64")) - start) // count for moment in (low, high)
        )
        if last - first < BINS:
            edges = (np.arange(first, last + 2) * count + start).astype(f"datetime64[{unit}]").astype(kind)
            return edges.clip(*_YEARS.astype(kind))
    return np.array([low, high])


def _shown(value: Any) -> Any:
    if isinstance(value, str):
        return value if len(value) <= LONGEST else f"{value[: LONGEST - 1]}…"
    return tables.plain(value)
