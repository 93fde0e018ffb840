"""Batch files: what is written of a file that is answered - answers, rows without one, what the workspace keeps.

They are staged: nobody sees them before all rows are there.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import ExitStack
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet

from mlops.base.artifacts import StagedWriter
from mlops.base.clock import Instant
from mlops.base.errors import MAX_VALUE, printable
from mlops.data import tables
from mlops.models import scoring
from mlops.release import answered
from mlops.release.registry import LoadedModel

REJECTED = pa.schema({"row": pa.int64(), **dict.fromkeys(("field", "expected", "got"), tables.ARROW["text"])})
"""Columns of the file of rows that could not be used."""

BUFFER = 1 << 20
"""Bytes that are written at once."""


class BatchFiles:
    """The files of one batch, written block by block.

    Parameters
    ----------
    model : LoadedModel
        Who answers.
    now : Instant
        When.
    out, kept : Rows or None
        The answers for the user and for the workspace; None if nobody wants them.
    rejects : Rows
        Rows that could not be used.
    """

    def __init__(self, model: LoadedModel, now: Instant, out: Rows | None, rejects: Rows, kept: Rows | None) -> None:
        self._model, self._now = model, now
        self._out, self._rejects, self._kept = out, rejects, kept
        self.positive = self.rejected = 0
        self.first: Mapping[str, Any] | None = None
        """The first row that could not be used."""

    def write(
        self,
        block: pa.Table,
        start: int,
        taken: pa.Table,
        scores: np.ndarray,
        unusable: Mapping[int, Mapping[str, Any]],
    ) -> None:
        """Write the next block of rows; see `scoring.of_block` for what came of it."""
        learned = self._model.signature
        if unusable:
            misfits = [one for _, one in sorted(unusable.items())]
            self._rejects.write(_rejected(misfits))
            self.rejected, self.first = self.rejected + len(misfits), self.first or misfits[0]
        good = scoring.usable(block, unusable)
        if unusable:
            block, taken, scores = block.take(good), taken.take(good), scores[good]
        decided = scoring.decide(scores, learned, self._model.threshold)
        self.positive += decided.count(learned.positive)
        if self._out:
            self._out.write(_answers(block, good + start, scores, decided, self._model, self._now))
        if self._kept:
            self._kept.write(answered.table(block, taken, scores, decided, learned))

    def finish(self) -> None:
        """Write what stands at the end of the files; of each, also where another one cannot take it."""
        with ExitStack() as ends:
            for rows in filter(None, (self._kept, self._out)):
                ends.callback(rows.finish)


class Rows:
    """A file of rows, written one table after the other."""

    def __init__(self, file: StagedWriter, parquet: bool = False) -> None:
        self._file = file
        # pyarrow writes a parquet file in thousands of small pieces, and waits for the interpreter at each.
        self._sink = pa.output_stream(file, buffer_size=BUFFER) if parquet else None
        self._writer: Any = None

    def write(self, table: pa.Table) -> None:
        """Write the next rows."""
        if self._sink:
            self._writer = self._writer or pyarrow.parquet.ParquetWriter(self._sink, table.schema)
            self._writer.write_table(table)
        else:
            self._file.write(tables.export_csv(table, header=self._file.tell() == 0))

    def finish(self) -> None:
        """Write what stands at the end."""
        with ExitStack() as ends:
            for one in filter(None, (self._sink, self._writer)):  # the writer first: it writes into the other
                ends.callback(one.close)


def _answers(
    block: pa.Table, rows: np.ndarray, scores: np.ndarray, decided: list[Any], model: LoadedModel, now: Instant
) -> pa.Table:
    learned, count = model.signature, block.num_rows
    columns: dict[str, Any] = {}
    if learned.id in block.column_names:
        columns[str(learned.id)] = block.column(learned.id)
    else:
        columns["row"] = pa.array(rows)
    if learned.task == "multiclass":
        columns |= {f"probability_{label}": pa.array(scores[:, index]) for index, label in enumerate(learned.labels)}
    elif learned.task == "binary":
        columns[f"{learned.target}_probability"] = pa.array(scores)
    columns["prediction"] = pa.array(decided, answered.prediction_type(learned))
    columns["predicted_at"] = pa.repeat(pa.scalar(now, tables.ARROW["text"]), count)
    columns["model_version"] = pa.repeat(pa.scalar(model.version.version, tables.ARROW["text"]), count)
    return pa.table(columns)


def _rejected(misfits: Iterable[Mapping[str, Any]]) -> pa.Table:
    """Return rows that could not be used, with the value as people can read it."""
    rows = [{**one, "got": None if one["got"] is None else printable(str(one["got"]), MAX_VALUE)} for one in misfits]
    return pa.Table.from_pylist(rows, REJECTED)
