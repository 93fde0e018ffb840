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
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet

from mlops.base import outputs
from mlops.base.artifacts import Artifacts, StagedWriter
from mlops.base.clock import Instant
from mlops.base.errors import MAX_VALUE, DataError, InvalidError, printable, shown
from mlops.base.ledger import Ledger
from mlops.base.records import Record, check_input, new_id
from mlops.data import reading, tables
from mlops.data.datasets import Datasets
from mlops.data.levels import FEW, PART, counts, recoding
from mlops.data.validation import nearest_name
from mlops.models import scoring
from mlops.models.signature import Signature, misfit
from mlops.release.predictions import expected_type
from mlops.release.registry import LoadedModel

MOST = 0.5
"""Share of values of another type from which a file has another schema."""


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
            If the file has another schema: features are missing or of another type, or known levels have other names.
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
                    levels.look(block)
                    if done == 0:
                        extra = self._check_schema(block, levels, model.version.data_version)
                    good, scores, unusable = _score(block, model, done)
                    rejects.write(unusable)
                    decided = scoring.decide(scores, learned, model.threshold)
                    positive += sum(label == learned.positive for label in decided)
                    answers.write(_answers(block.take(pa.array(good)), good + done, scores, decided, model, now))
                    done += block.num_rows
                    if on_progress:
                        on_progress(done)
                answers.finish()
            if recoded := self._recoded(levels, model.version.data_version):
                raise _other_schema(recoded)
            warnings = [*levels.warnings(), *extra]
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

    def _check_schema(self, block: pa.Table, levels: UnseenLevels, version: str) -> list[str]:
        """Refuse rows of another schema with everything that differs; return a warning for each unknown column.

        Raises
        ------
        DataError
            If inputs are missing, or most values of one are of another type. Levels alone refuse nothing yet: a file
            may be sorted by them.
        """
        learned = levels.learned
        known = {*learned.names, learned.target, learned.id, *learned.ignored}
        unknown = [name for name in block.column_names if name not in known]
        differs = [_differs(block, feature, unknown) for feature in learned.features]
        if wrong := [detail for detail in differs if detail is not None]:
            raise _other_schema([*wrong, *self._recoded(levels, version)])
        return learned.unknown(block.column_names)

    def _recoded(self, levels: UnseenLevels, version: str) -> list[dict[str, Any]]:
        """Return each feature whose levels are known ones under other names."""
        found = []
        for name, current in levels.suspects().items():
            # What each level is worth is asked of the version, which is read only now: most files have no suspects.
            seen = counts(Datasets(self._ledger, self._artifacts).table(version).column(name))
            if recoded := recoding({level: seen[level] for level in levels.seen[name] if level in seen}, current):
                got = f"{' or '.join(map(shown, recoded.new[:5]))}. {recoded.said}"
                found.append(misfit(None, name, "known levels", got))
        return found

    def list(self) -> list[BatchReport]:
        """Return the reports of all scored files, newest first."""
        with self._ledger.read() as view:
            return [BatchReport.of(record) for record in view.records("batch")]


def _other_schema(wrong: list[dict[str, Any]]) -> DataError:
    first = wrong[0]
    more = f" (and {len(wrong) - 1} more)" if len(wrong) > 1 else ""
    return DataError(
        f"The file has another schema than the training data: {first['field']} should be {first['expected']}, "
        f"but is {first['got'].rstrip('.')}{more}.",
        "Score a file with the columns of the training data; mlops data validate FILE says what differs.",
        wrong,
    )


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
    return None


class UnseenLevels:
    """Counts, block by block, the levels of text features that have some.

    Parameters
    ----------
    learned : Signature
        What the model takes.
    """

    def __init__(self, learned: Signature) -> None:
        self.learned = learned
        self.seen = {one["name"]: frozenset(one["levels"]) for one in learned.features if one["levels"] is not None}
        """Levels that training saw, by feature."""
        self._counts: dict[str, Counter[str]] = {name: Counter() for name in self.seen}

    def look(self, block: pa.Table) -> None:
        """Count one block; columns that are not there are left out."""
        for name in self.seen:
            if name in block.column_names:
                self._counts[name].update(counts(block.column(name).cast(pa.large_string())))

    def suspects(self) -> dict[str, Counter[str]]:
        """Return the levels of the features in which enough rows hold unseen ones to ask what these mean."""
        return {
            name: found
            for name, found in self._counts.items()
            if found.total() >= FEW and self._unseen(name).total() >= PART * found.total()
        }

    def warnings(self) -> list[str]:
        """Return a warning for each feature with unseen levels."""
        told = []
        for name in self.seen:
            if unseen := self._unseen(name):
                named = ", ".join(shown(level) for level, _ in unseen.most_common(5))
                told.append(f"{name}: {unseen.total():,} rows hold levels never seen in training ({named}).")
        return told

    def _unseen(self, name: str) -> Counter[str]:
        return Counter({level: rows for level, rows in self._counts[name].items() if level not in self.seen[name]})


def _score(block: pa.Table, model: LoadedModel, start: int) -> tuple[np.ndarray, np.ndarray, dict[int, dict[str, Any]]]:
    """Return the positions of the rows of a block that have an answer, their scores, and why the others have none."""
    frame, unusable = typed_block(block, model.signature, start)
    good = np.setdiff1d(np.arange(block.num_rows), [*unusable])
    scores, beyond = scoring.answers(model.pipeline, frame.iloc[good], model.signature)
    for place, name in beyond.items():
        row = int(good[place])
        unusable[row] = misfit(start + row, name, scoring.HELD, block.column(name)[row].as_py())
    return np.delete(good, [*beyond]), np.delete(scores, [*beyond], axis=0), unusable


def typed_block(block: pa.Table, learned: Signature, start: int) -> tuple[pd.DataFrame, dict[int, dict[str, Any]]]:
    """Bring a block of rows to the model's types.

    Parameters
    ----------
    start : int
        Position of its first row in the file.

    Returns
    -------
    frame : DataFrame
        The features of all rows of the block.
    unusable : dict of int to dict
        Position in the block of each row that cannot be used -> its first bad field, see `misfit`.
    """
    columns: dict[str, pa.ChunkedArray] = {}
    unusable: dict[int, dict[str, Any]] = {}
    for feature in learned.features:
        name = feature["name"]
        raw = block.column(name)
        if raw.type == tables.ARROW[feature["type"]]:
            values, fits = raw, pc.is_valid(raw) if not feature["nullable"] else None
        else:
            values, fits = tables.convert(raw.cast(pa.large_string()), feature["type"])
            fits = fits if feature["nullable"] else pc.and_(fits, pc.is_valid(raw))
        columns[name] = values
        if fits is not None:
            for row in np.flatnonzero(~np.asarray(fits).astype(bool)).tolist():
                unusable.setdefault(row, misfit(start + row, name, expected_type(feature), raw[row].as_py()))
    return tables.frame_of(pa.table(columns), learned.names), unusable


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
        self._first: Mapping[str, Any] | None = None

    def write(self, unusable: Mapping[int, Mapping[str, Any]]) -> None:
        """Write the rows of a block that cannot be used, in the order of the file."""
        self.rows += len(unusable)
        for _, one in sorted(unusable.items()):
            self._first = self._first or one
            self._writer.writerow((one["row"], tables.harmless(one["field"]), one["expected"], _cut(one["got"])))

    def said(self) -> str:
        """Name the first bad row, where there is no file for all of them."""
        assert self._first
        one = self._first
        first = f"{shown(one['field'])} of row {one['row']} should be {one['expected']}, but is {shown(one['got'])}"
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
