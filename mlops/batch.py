"""Batch: a file of rows, answered in blocks and in bounded memory.

A row that cannot be used goes to a second file with the reason, and no row is ever lost. A file of another schema is
refused as a whole. What the user gets is replaced whole or not at all, whatever happens on the way.
"""

from __future__ import annotations

import codecs
import csv
import hashlib
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet

from mlops import outputs, reading, scoring, tables
from mlops.artifacts import Artifacts, StagedWriter
from mlops.clock import Instant
from mlops.errors import MAX_VALUE, DataError, InvalidError, printable, shown
from mlops.ledger import Ledger
from mlops.predictions import expected_type
from mlops.records import Record, check_input, new_id
from mlops.registry import LoadedModel
from mlops.signature import Signature
from mlops.validation import FEW, nearest_name

MOST = 0.5
"""Share of rows with unseen levels, at least two different ones, from which a file has another schema."""


@dataclass(frozen=True)
class BatchReport(Record):
    """What became of a file of rows."""

    batch_id: str
    model: Mapping[str, str]
    model_version: str
    input: str
    """Name of the file."""
    input_rows: int
    rows: int
    """Rows that were answered."""
    rejected: int
    """Rows that could not be used; ``rows + rejected == input_rows``."""
    output: str
    output_sha256: str
    rejected_output: str | None
    rejected_sha256: str | None
    positive: int | None
    """Rows predicted positive (binary only)."""
    predicted_at: Instant
    warnings: tuple[str, ...]


class Batches:
    """The scored files of one workspace."""

    def __init__(self, ledger: Ledger, artifacts: Artifacts) -> None:
        self._ledger = ledger
        self._artifacts = artifacts

    def score(
        self,
        model: LoadedModel,
        data: str | Path,
        output: str | Path,
        environment: str | None = None,
        on_progress: Callable[[int], None] | None = None,
        options: reading.ReadOptions | None = None,
    ) -> BatchReport:
        """Score a file of rows into another file.

        Parameters
        ----------
        model : LoadedModel
            The model.
        data : str or Path
            CSV (plain or gzip) or parquet with the features; id and other columns may be there.
        output : str or Path
            Where the answers go: CSV, or parquet if the name says so. Replaced whole, or not at all. Rows that
            cannot be used go to ``OUTPUT.rejected.csv``. What an earlier file left there goes if there are none; what
            somebody else put there stays, and is named. ``-`` is standard output: then the first bad row is named.
        environment : str, optional
            Where the model answers, if it was asked as the live one.
        on_progress : callable, optional
            Called with the number of rows done.
        options : reading.ReadOptions, optional
            How to read the file; what is left open is as for the training data, else told from the content.

        Raises
        ------
        DataError
            If the file has another schema: features are missing, or most rows hold levels never seen.
        """
        data, output = check_input(data), outputs.check(output)
        rejected_output = _beside(data, output)
        learned = model.signature
        with self._ledger.read() as view:
            now = view.now()
            trained_on = view.record("dataset", model.version.data_version) or {}
        # A file is read as the training data was: the same codes for missing, the same units, the same order of dates.
        kinds = {feature["name"]: feature["type"] for feature in learned.features}
        named = {column["name"]: column["type"] for column in trained_on.get("schema", ())}
        if named.get(learned.id) == "text":  # an id of 17 digits is text, also where a parquet file has it as a number
            kinds[str(learned.id)] = "text"
        asked = replace(options or reading.ReadOptions(), known=kinds).following(trained_on.get("reading"))
        done = positive = 0
        levels = UnseenLevels(learned)
        with self._artifacts.stage() as stage:
            with stage.writer("answers") as kept, stage.writer("rejected.csv") as bad:
                answers, rejects = _Answers(kept, output.suffix == ".parquet"), _Rejects(bad)
                for block in reading.blocks(data, asked):
                    if done == 0:
                        extra = check_schema(block, learned)
                    levels.look(block)
                    frame, good = typed_block(block, learned, done, rejects)
                    scores = scoring.probabilities(model.pipeline, frame[good], learned)
                    decided = scoring.decide(scores, learned, model.threshold)
                    positive += sum(label == learned.positive for label in decided)
                    rows = np.flatnonzero(good) + done
                    answers.write(_answers(block.filter(pa.array(good)), rows, scores, decided, model, now))
                    done += block.num_rows
                    if on_progress:
                        on_progress(done)
                answers.finish()
            warnings = [*levels.judge(), *extra]
            outputs.write(output, kept.staged.file)
            if rejects.rows and rejected_output:
                outputs.write(rejected_output, bad.staged.file)
            elif rejects.rows:
                warnings.append(rejects.said())
            elif rejected_output and rejected_output.exists():
                warnings += self._removed(rejected_output)
        report = BatchReport(
            batch_id=new_id("b"),
            model=model.version.identity,
            model_version=model.version.version,
            input=data.name,
            input_rows=done,
            rows=done - rejects.rows,
            rejected=rejects.rows,
            output=str(output),
            output_sha256=kept.staged.sha256,
            rejected_output=str(rejected_output) if rejects.rows and rejected_output else None,
            rejected_sha256=bad.staged.sha256 if rejects.rows and rejected_output else None,
            positive=positive if learned.task == "binary" else None,
            predicted_at=now,
            warnings=tuple(warnings),
        )
        with self._ledger.write() as tx:
            changes = {**report.as_dict(), "environment": environment, "output": output.name}
            tx.append("batch.predict", report.batch_id, changes)
        return report

    def _removed(self, rejected_output: Path) -> list[str]:
        """Remove rows that an earlier file rejected; return a warning if it was not us who wrote there."""
        with open(rejected_output, "rb") as file:
            there = hashlib.file_digest(file, "sha256").hexdigest()
        if any(report.rejected_sha256 == there for report in self.list()):
            rejected_output.unlink(missing_ok=True)
            return []
        return [
            f"No row was rejected; {shown(rejected_output.name)} is there, not written here, and was left as it is."
        ]

    def list(self) -> list[BatchReport]:
        """Return the reports of all scored files, newest first."""
        with self._ledger.read() as view:
            return [BatchReport.of(record) for record in view.records("batch")]


def check_schema(block: pa.Table, learned: Signature) -> list[str]:
    """Refuse rows of another schema with everything that differs; return a warning for each unknown column.

    Raises
    ------
    DataError
        If inputs are missing, most values of one are of another type, or most of its levels were never seen.
    """
    known = {*learned.names, learned.target, learned.id, *learned.ignored}
    unknown = [name for name in block.column_names if name not in known]
    differs = [_differs(block, feature, unknown) for feature in learned.features]
    wrong = [detail for detail in differs if detail is not None]
    if wrong:
        first = wrong[0]
        more = f" (and {len(wrong) - 1} more)" if len(wrong) > 1 else ""
        raise DataError(
            f"The file has another schema than the training data: {first['field']} should be {first['expected']}, "
            f"but is {first['got']}{more}.",
            "Score a file with the columns of the training data; mlops data validate FILE says what differs.",
            wrong,
        )
    return learned.unknown(block.column_names)


def _differs(block: pa.Table, feature: Mapping[str, Any], unknown: list[str]) -> dict[str, Any] | None:
    """Return how a column differs from the input that the model learned, if most of its rows do."""
    name = feature["name"]
    if name not in block.column_names:
        near = nearest_name(name, unknown)
        got = f"missing; is {shown(near)} its new name?" if near else "missing"
        return {"row": None, "field": name, "expected": "a column", "got": got}
    column = block.column(name).drop_null().cast(pa.large_string())
    fits = tables.convert(column, feature["type"])[1]
    if len(column) >= FEW and pc.mean(fits).as_py() < MOST:  # fewer rows are rejected one by one
        odd = column[pc.index(fits, pa.scalar(False)).as_py()].as_py()
        return {"row": None, "field": name, "expected": feature["type"], "got": odd}
    if feature["levels"] is None:
        return None
    seen = pc.is_in(column, value_set=pa.array(feature["levels"], pa.large_string()))
    unseen = pc.unique(column.filter(pc.invert(seen))).to_pylist()
    # One level alone may just be new, and in a small file it is easily the only one.
    if len(unseen) > 1 and pc.mean(seen).as_py() < 1 - MOST:
        return {"row": None, "field": name, "expected": "known levels", "got": " or ".join(map(shown, unseen[:5]))}
    return None


@dataclass
class UnseenLevels:
    """Counts, block by block, the levels that training never saw."""

    learned: Signature
    values: Counter[str] = field(default_factory=Counter)
    """Values that are there, by feature."""
    unseen: dict[str, Counter[str]] = field(default_factory=dict)
    """Rows by feature and unseen level."""

    def look(self, block: pa.Table) -> None:
        """Count one block."""
        for feature in self.learned.features:
            if feature["levels"] is None:
                continue
            name = feature["name"]
            values = block.column(name).cast(pa.large_string()).drop_null()
            seen = pc.is_in(values, value_set=pa.array(feature["levels"], pa.large_string()))
            self.values[name] += len(values)
            for entry in pc.value_counts(values.filter(pc.invert(seen))).to_pylist():
                self.unseen.setdefault(name, Counter())[entry["values"]] += entry["counts"]

    def judge(self) -> list[str]:
        """Return a warning for each feature with unseen levels; refuse a file in which one has another coding."""
        warnings = []
        for name, levels in self.unseen.items():
            common = [level for level, _ in levels.most_common(5)]
            # One level alone may just be new, and in a small file it is easily the only one.
            if len(levels) > 1 and levels.total() > MOST * self.values[name]:
                raise DataError(
                    f"Most values of {name} were never seen in training, such as {shown(common[0])}.",
                    "The file has another coding than the training data; translate it first.",
                    [{"row": None, "field": name, "expected": "known levels", "got": common}],
                )
            named = ", ".join(map(shown, common))
            warnings.append(f"{name}: {levels.total():,} rows hold levels never seen in training ({named}).")
        return warnings


def typed_block(block: pa.Table, learned: Signature, start: int, rejects: _Rejects) -> tuple[pd.DataFrame, np.ndarray]:
    """Bring a block of rows to the model's types.

    Returns
    -------
    frame : DataFrame
        The features of all rows of the block.
    good : ndarray of bool
        Which rows can be used; of the others, the first bad field went to `rejects`, in the order of the file.
    """
    columns: dict[str, pa.ChunkedArray] = {}
    bad: dict[int, tuple[Mapping[str, Any], Any]] = {}
    for feature in learned.features:
        raw = block.column(feature["name"])
        if raw.type == tables.ARROW[feature["type"]]:
            values, fits = raw, pc.is_valid(raw) if not feature["nullable"] else None
        else:
            values, fits = tables.convert(raw.cast(pa.large_string()), feature["type"])
            fits = fits if feature["nullable"] else pc.and_(fits, pc.is_valid(raw))
        columns[feature["name"]] = values
        if fits is not None:
            for row in np.flatnonzero(~np.asarray(fits).astype(bool)):
                bad.setdefault(int(row), (feature, raw[int(row)].as_py()))
    for position in sorted(bad):
        rejects.write(start + position, *bad[position])
    good = np.ones(block.num_rows, bool)
    good[[*bad]] = False
    return tables.frame_of(pa.table(columns), learned.names), good


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
    # Typed by the labels, not by the values: a block in which no row could be used has none.
    kind = pa.array(learned.labels or (0.0,)).type
    columns["prediction"] = pa.array(decided, pa.large_string() if pa.types.is_string(kind) else kind)
    columns["predicted_at"] = pa.array([now] * count, pa.large_string())
    columns["model_version"] = pa.array([model.version.version] * count, pa.large_string())
    return pa.table(columns)


class _Answers:
    """The file of answers, written one table after the other."""

    def __init__(self, file: StagedWriter, parquet: bool) -> None:
        self._file, self._parquet = file, parquet
        self._writer: Any = None

    def write(self, table: pa.Table) -> None:
        if self._parquet:
            self._writer = self._writer or pyarrow.parquet.ParquetWriter(self._file, table.schema)
            self._writer.write_table(table)
        else:
            self._file.write(tables.export_csv(table, header=self._file.tell() == 0))

    def finish(self) -> None:
        if self._writer:
            self._writer.close()


class _Rejects:
    """The file of rows that could not be used."""

    def __init__(self, file: StagedWriter) -> None:
        text: Any = codecs.getwriter("utf-8")(file)  # type: ignore[arg-type]  # it only ever writes
        self._writer = csv.writer(text, lineterminator="\n")
        self._writer.writerow(("row", "field", "expected", "got"))
        self.rows = 0
        self._first: tuple[int, Mapping[str, Any], Any] | None = None

    def write(self, row: int, feature: Mapping[str, Any], got: Any) -> None:
        self.rows += 1
        self._first = self._first or (row, feature, got)
        self._writer.writerow((row, tables.harmless(feature["name"]), expected_type(feature), _cut(got)))

    def said(self) -> str:
        """Name the first bad row, where there is no file for all of them."""
        assert self._first
        row, feature, got = self._first
        first = f"{shown(feature['name'])} of row {row} should be {expected_type(feature)}, but is {shown(got)}"
        return f"{self.rows:,} rows could not be used and were left out: {first}. Name a file to have all of them."


def _cut(got: Any) -> Any:
    """Return a value as a cell that no spreadsheet runs and that people can read."""
    return tables.harmless(printable(got, MAX_VALUE) if isinstance(got, str) else got)


def _beside(data: Path, output: Path) -> Path | None:
    """Return where rejected rows go, if not nowhere; refuse what would not be an output, or would be the input."""
    if output == outputs.STDOUT:
        return None
    if output.suffix == ".gz":
        raise InvalidError(f"{shown(str(output))} would not hold gzip.", "Name a .csv or .parquet file.")
    rejected = outputs.check(output.with_name(f"{output.name}.rejected.csv"))
    for path in (output, rejected):
        if path.exists() and data.exists() and path.samefile(data):
            raise InvalidError(f"{shown(str(path))} is also the input.", "Write the answers to another file.")
    return rejected
