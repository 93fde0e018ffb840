"""New rows: which rows of a dataset version models have not learned from.

*Rows* are those whose outcome is known. A row is new to a model if the model has not learned from it, under whatever
name:

    in the content that was learned from, with the same id, a row is its place;
    elsewhere it is its id, where both have the same column of unique ids;
    without ids it is its content: all columns but the id. They must be the same columns.

A row that equals a learned one in its content is a *copy* and not new, whatever its id. Where names of rows cannot be
compared - an id was named later, a column was added without an id - nobody can tell, and that is the answer.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from mlops.base.artifacts import Artifacts
from mlops.base.errors import ConflictError
from mlops.base.ledger import Ledger
from mlops.base.records import ref_of
from mlops.data import outcomes, tables
from mlops.data.datasets import Datasets
from mlops.data.rows import ROW
from mlops.data.versions import DatasetVersion
from mlops.experiments.judged import Recorded
from mlops.experiments.runs import Split
from mlops.models.signature import Signature


@dataclass(frozen=True)
class Rows:
    """Rows of a dataset version whose outcome is known."""

    ref: str
    """The version as people write it: ``customers@1``."""
    sha256: str
    """Hash of the version's content."""
    id: str | None
    """The column that identifies a row, where every row has an id of its own."""
    repeating: str | None
    """The column of ids that occur more than once: it identifies no row, and is no content either."""
    target: str
    table: pa.Table
    """All columns, the outcomes among them, and `rows.ROW`: the place of each row in the version."""

    def take(self, kept: np.ndarray) -> Rows:
        """Return the rows that a mask keeps."""
        return replace(self, table=self.table.filter(pa.array(kept)))

    @property
    def places(self) -> np.ndarray:
        """The place of each row in the version."""
        return np.asarray(self.table.column(ROW).to_numpy())

    @property
    def names(self) -> str:
        """What names a row here, in words."""
        return f"{self.id} ({tables.type_of(self.table.schema.field(self.id).type)})" if self.id else "no id"

    @property
    def named_sha256(self) -> str:
        """A hash of which rows these are, whatever their order and whatever else their version holds."""
        names = [self.id] if self.id else [name for name in self.cells if name != self.repeating]
        return hashlib.sha256(np.sort(_sums(self, names)).astype("<u8").tobytes()).hexdigest()

    @cached_property
    def cells(self) -> Mapping[str, np.ndarray]:
        """A hash of every cell, by column: equal ones in equal columns are equal, and their sum names a row."""
        names = [name for name in self.table.column_names if name != ROW]
        return {name: _hashed(name, self.table.column(name)) for name in names}


@dataclass(frozen=True)
class Seen:
    """All rows that a run has seen, with the outcomes it saw."""

    who: str
    """What the run is called in a message: ``churn_model@1.0.0``, ``Run r4f9a1c07be``."""
    learned: Signature
    rows: Rows
    parts: np.ndarray
    """The part of each: train, validation, test."""

    def part(self, *names: Split) -> Rows:
        """Return the rows of some parts."""
        return self.rows.take(np.isin(self.parts, names))


@dataclass(frozen=True)
class NewRows:
    """Rows that are new to runs."""

    rows: Rows
    asked: int
    """How many rows there were."""
    copies: int
    """How many were left out only because they equal a learned one in all but the id."""


def of_version(ledger: Ledger, artifacts: Artifacts, version: DatasetVersion) -> Rows:
    """Return the rows of a version whose outcome is known now."""
    with ledger.read() as view:
        now = view.now()
    known = outcomes.known_outcomes(ledger, artifacts, version, now)
    table = outcomes.join(Datasets(ledger, artifacts).table(version), version, known)
    target = str(version.target)
    if target not in table.column_names:  # a month of which no outcome is known
        table = table.append_column(target, pa.nulls(table.num_rows, tables.ARROW["text"]))
    is_known = np.asarray(pc.is_valid(table.column(target)))
    table = table.filter(pa.array(is_known)).append_column(ROW, pa.array(np.flatnonzero(is_known)))
    return _rows(version, version.id, target, table)


def of_run(datasets: Datasets, recorded: Recorded, who: str) -> Seen:
    """Return the rows that a run has seen; a run of any format, for its data are still there."""
    learned, answers = recorded.signature, recorded.table
    version = datasets.get(ref_of(recorded.run.data))
    table = datasets.table(version).take(pa.array(answers["row"]))
    truth = pa.chunked_array([pa.array(answers["label"])])
    if learned.target in table.column_names:
        place = table.column_names.index(learned.target)
        table = table.set_column(place, learned.target, truth.cast(table.schema.field(place).type))
    else:
        table = table.append_column(learned.target, truth)
    rows = _rows(version, learned.id, learned.target, table.append_column(ROW, pa.array(answers["row"])))
    return Seen(who, learned, rows, answers["part"].to_numpy())


def new_to(rows: Rows, seen: Sequence[Seen], closed: Sequence[Split]) -> NewRows:
    """Keep the rows that none of some runs holds in its closed parts.

    Parameters
    ----------
    rows : Rows
        What may be new.
    seen : sequence of Seen
        What each run has seen.
    closed : sequence of {"train", "validation", "test"}
        The parts whose rows are not new: those that a run has learned from, or that it keeps for its test.

    Raises
    ------
    ConflictError
        If it cannot be told which rows a run has seen.
    """
    known, copied = np.zeros((2, rows.table.num_rows), bool)
    for one in seen:
        found, copies = _seen(rows, one, one.part(*closed))
        known, copied = known | found, copied | copies
    return NewRows(rows.take(~known & ~copied), rows.table.num_rows, int((copied & ~known).sum()))


def _rows(version: DatasetVersion, id: str | None, target: str, table: pa.Table) -> Rows:
    named = id in table.column_names
    unique = named and pc.count_distinct(table.column(id)).as_py() == table.num_rows
    return Rows(
        version.ref, version.sha256, id if unique else None, id if named and not unique else None, target, table
    )


def _seen(rows: Rows, one: Seen, closed: Rows) -> tuple[np.ndarray, np.ndarray]:
    """Tell of each row whether it is a closed one of a run, and whether it is a copy of one."""
    here, there = (_content(each, rows, closed) for each in (rows, closed))
    shared = [name for name in here if here[name] == there.get(name)]
    copies = np.zeros(rows.table.num_rows, bool)
    if shared and len(shared) in (len(here), len(there)):  # one of them may have more columns
        copies = np.isin(_sums(rows, shared), _sums(closed, shared))
    if rows.names != closed.names:
        raise _unknown(rows, one, f"{rows.ref} names its rows by {rows.names}, {closed.ref} by {closed.names}")
    if rows.sha256 == closed.sha256:
        return np.isin(rows.places, closed.places), copies
    if rows.id is not None:
        ids = closed.table.column(closed.id).combine_chunks()
        return np.asarray(pc.is_in(rows.table.column(rows.id), value_set=ids)), copies
    if other := sorted(name for name in {**here, **there} if here.get(name) != there.get(name)):
        raise _unknown(
            rows, one, f"without an id, rows go by their content, but its columns differ: {', '.join(other)}"
        )
    corrected = int(_nearly(rows, one.rows, shared).sum())
    if 2 * corrected > rows.table.num_rows:
        reason = f"{corrected:,} rows differ from a known one in a single column, and none has an id"
        raise _unknown(rows, one, reason)
    return copies | _nearly(rows, closed, shared), np.zeros_like(copies)


def _unknown(rows: Rows, one: Seen, reason: str) -> ConflictError:
    return ConflictError(
        f"{one.who} learned from {one.rows.ref}, whose rows cannot be found again in {rows.ref}: {reason}.",
        f"Compare on {one.rows.ref}, or name the column of unique ids: mlops data add FILE --name NAME --id COLUMN.",
    )


def _content(of: Rows, *all: Rows) -> dict[str, str]:
    """Return the columns that are content, with what each looks like to a model."""
    no_content = {ROW, *(one.id for one in all), *(one.repeating for one in all)}
    return {field.name: _kind(field.type) for field in of.table.schema if field.name not in no_content}


def _kind(column: pa.DataType) -> str:
    return "text" if pa.types.is_large_string(column) else "time" if pa.types.is_temporal(column) else "number"


def _nearly(rows: Rows, others: Rows, names: Sequence[str]) -> np.ndarray:
    """Tell which rows equal another in all columns but one: a cell was corrected, as far as anybody can tell.

    Where it is wrong: a table of few columns with few values holds many such rows by chance; a row of which two cells
    were corrected looks new.
    """
    here, there = _sums(rows, names), _sums(others, names)
    found = [np.isin(here - rows.cells[name], there - others.cells[name]) for name in names]
    return np.asarray(np.any(found, axis=0) & ~np.isin(here, there))


def _sums(rows: Rows, names: Sequence[str]) -> np.ndarray:
    return np.asarray(np.sum([rows.cells[name] for name in names], axis=0, dtype=np.uint64))


def _hashed(name: str, column: pa.ChunkedArray) -> np.ndarray:
    """Return 64 bits for each cell; of another column, other bits."""
    if pa.types.is_temporal(column.type):
        column = column.cast(pa.large_string())
    values = tables.frame_of(pa.table({name: column}), [name])[name].to_numpy()
    values = values if values.dtype == object else values + 0.0  # -0.0 equals 0.0
    odd = int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], "little") | 1
    return np.asarray(pd.util.hash_array(values) * np.uint64(odd))
