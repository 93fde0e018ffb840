"""Batch: a file of rows, or a version of a dataset, answered in blocks and in bounded memory.

A row that cannot be used goes to a second file with the reason, and no row is ever lost. A file of another schema is
refused as a whole. What the user gets is replaced whole or not at all, whatever happens on the way.

What a model answered as the live one is kept in the workspace as well (see `answered`), for it is judged by it later.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import pyarrow as pa

from mlops.base import months, outputs
from mlops.base.artifacts import Artifacts
from mlops.base.belts import Behind, ahead
from mlops.base.clock import Instant
from mlops.base.errors import InvalidError, shown
from mlops.base.ledger import Ledger, writes
from mlops.base.records import Record, check_input, new_id
from mlops.data import reading, tables
from mlops.data.datasets import Datasets
from mlops.data.versions import DatasetVersion
from mlops.models import scoring
from mlops.models.signature import Intake, Signature
from mlops.release import answered
from mlops.release.batch_files import BatchFiles, Rows
from mlops.release.pieces import Pieces
from mlops.release.predictions import live_environment
from mlops.release.registry import LoadedModel, Models
from mlops.release.schedule import Schedule, daily


@dataclass(frozen=True)
class BatchReport(Record):
    """What became of a file of rows."""

    batch_id: str
    model: Mapping[str, str]
    model_version: str
    environment: str | None
    """Where the model was asked as the live one; None if it was asked by its version, or by programs of long ago."""
    month: str | None
    """The calendar month that the rows are of, ``2024-03``: that of the asking, if nobody said another."""
    input: str
    """Name of the file, or the version of the dataset."""
    data_version: str | None
    """The version whose rows they are, ``customers@3``; None for a file."""
    input_rows: int
    rows: int
    """Rows that were answered."""
    rejected: int
    """Rows that could not be used; ``rows + rejected == input_rows``."""
    resumed: int
    """Rows of which the answers were there already, from a batch that was cut off; see `pieces`."""
    output: str | None
    output_sha256: str | None
    rejected_output: str | None
    rejected_sha256: str | None
    answers_sha256: str | None
    """Hash of the answers that the workspace keeps; None if it keeps none."""
    positive: int | None
    """Rows predicted positive (binary only)."""
    predicted_at: Instant
    warnings: tuple[str, ...]


class Done(int):
    """Rows that are done: a number, which also knows of what else it is."""

    share: float
    """How much of the input that is, from 0 to 1."""
    resumed: int
    """How many of them a batch had answered that was cut off."""

    @classmethod
    def of(cls, rows: int, share: float, resumed: int) -> Done:
        """Return rows that are done.

        Examples
        --------
        >>> done = Done.of(500, 0.25, 0)
        >>> done, done.share
        (500, 0.25)
        """
        done = cls(rows)
        done.share, done.resumed = share, resumed
        return done


class Batches:
    """The scored files of one workspace."""

    def __init__(self, ledger: Ledger, artifacts: Artifacts) -> None:
        self._ledger = ledger
        self._artifacts = artifacts

    @writes
    def score(
        self,
        model: LoadedModel,
        data: str | Path,
        output: str | Path | None = None,
        environment: str | None = None,
        on_progress: Callable[[Done], None] | None = None,
        options: reading.ReadOptions | None = None,
        month: str | None = None,
    ) -> BatchReport:
        """Score rows, and write the answers to a file, keep them, or both.

        Parameters
        ----------
        model : LoadedModel
            The model.
        data : str or Path
            CSV (plain or gzip) or parquet with the features, or a version of a dataset: ``customers@3``; id and other
            columns may be there.
        output : str or Path, optional
            Where the answers go, if not only into the workspace: CSV, or parquet if the name says so. Replaced whole,
            or not at all. Rows that cannot be used go to ``OUTPUT.rejected.csv``. What an earlier file left there goes
            if there are none; what somebody else put there stays, and is named. ``-`` is standard output: then the
            first bad row is named.
        environment : str, optional
            Where the model answers, if it was asked as the live one: then the workspace keeps its answers.
        on_progress : callable, optional
            Called with the rows that are done, a number that also knows its share. What it raises ends the batch.
        options : reading.ReadOptions, optional
            How to read the file; what is left open is as for the training data, else told from the content.
        month : str, optional
            The calendar month that the rows are of, ``2024-03``, where they are asked later than they came.

        Raises
        ------
        DataError
            If the file has another schema: features are missing or of another type, or known levels have other names.
        InvalidError
            If the answers would go nowhere, or the month has not come.
        """
        if output is None and environment is None:
            raise _nowhere(model.version.ref)
        version, path = self._named(data)
        output = None if output is None else outputs.check(output)
        rejected_output = _beside(path, output) if output else None
        learned, datasets = model.signature, Datasets(self._ledger, self._artifacts)
        with self._ledger.read() as view:
            now = view.now()
            trained_on = view.record("dataset", model.version.data_version) or {}
        month = months.check(month, now) if month else months.of(now)
        asked = _as_training_data(learned, trained_on, options or reading.ReadOptions())
        intake = Intake(learned, lambda: datasets.table(model.version.data_version))
        pieces = Pieces(self._artifacts, model)
        blocks = _read(path, asked) if version is None else _slices(datasets.table(version))
        with self._artifacts.stage() as stage:
            with stage.writer("out") as out, stage.writer("rejected.csv") as bad, stage.writer("answers") as kept:
                rows = Rows(out, output.suffix == ".parquet") if output else None
                files = BatchFiles(model, now, rows, Rows(bad), Rows(kept, parquet=True) if environment else None)
                try:
                    _answer(_parts(blocks, intake, pieces), pieces, files, on_progress or (lambda done: None))
                finally:  # also of what is given up: a parquet file wants its end as long as there is a file
                    files.finish()
            warnings = intake.end()
            if output:
                outputs.write(output, out.staged.file)
            rejected = files.rejected
            if files.first and rejected_output:
                outputs.write(rejected_output, bad.staged.file)
            elif files.first:
                warnings.append(_said(files.first, rejected))
            elif rejected_output and rejected_output.exists():
                warnings += self._removed(rejected_output)
            report = BatchReport(
                batch_id=new_id("b"),
                model=model.version.identity,
                model_version=model.version.version,
                environment=environment,
                month=month,
                input=version.ref if version else path.name,
                data_version=version.ref if version else None,
                input_rows=intake.rows,
                rows=intake.rows - rejected,
                rejected=rejected,
                resumed=pieces.resumed,
                output=str(output) if output else None,
                output_sha256=out.staged.sha256 if output else None,
                rejected_output=str(rejected_output) if rejected and rejected_output else None,
                rejected_sha256=bad.staged.sha256 if rejected and rejected_output else None,
                answers_sha256=kept.staged.sha256 if environment else None,
                positive=files.positive if learned.task == "binary" else None,
                predicted_at=now,
                warnings=tuple(warnings),
            )
            with self._ledger.write() as tx:
                changes = {**report.as_dict(), "output": output.name if output else None}
                named = {answered.path(report.batch_id): kept.staged} if environment else {}
                tx.append("batch.predict", report.batch_id, changes, named)
        pieces.clear()
        return report

    def schedule(
        self,
        model: str,
        data: str | Path,
        output: str | Path | None = None,
        when: str = "02:00",
        further: Sequence[str] = (),
    ) -> Schedule:
        """Return how the machine does the same every day; nothing is done, and nothing is put in place.

        Parameters
        ----------
        model : str
            As a person names it: with ``@production`` it is whoever is live then.
        data, output : str or Path
            As of `score`; a file need not be there yet.
        when : str
            ``02:00``, by the clock of the machine.
        further : sequence of str
            Options of the command, such as those that say how the file is read.

        Raises
        ------
        InvalidError
            If the answers would go nowhere, or the time is none.
        """
        version, root = Models(self._ledger, self._artifacts).get(model), self._artifacts.root.resolve()
        if output is None and live_environment(model, version) is None:
            raise _nowhere(version.ref)
        path = check_input(data)
        named = data if _is_version(data, path) else path.resolve()
        words = ["batch-predict", "--workspace", str(root), "--model", model, "--data", str(named), *further]
        log = root.with_name(f"{root.name}.batch.log")
        if output is not None:
            if (file := outputs.check(output)) == outputs.STDOUT:
                raise InvalidError("Nobody reads standard output at night.", "Name a file for the answers.")
            file = file.resolve()
            words, log = [*words, "--output", str(file)], file.with_name(f"{file.name}.log")
        return daily(words, model, path.name, when, outputs.check(log), self._ledger.actor)

    def _named(self, data: str | Path) -> tuple[DatasetVersion | None, Path]:
        """Return the version that is meant, if one is, and the path of the file that it would be else."""
        path = check_input(data)
        if _is_version(data, path):
            return Datasets(self._ledger, self._artifacts).get(str(data)), path
        return None, path

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


def _is_version(data: str | Path, path: Path) -> bool:
    """Tell whether a version of a dataset is meant; a file wins where both are there."""
    return "@" in str(data) and not path.exists()


def _as_training_data(
    learned: Signature, trained_on: Mapping[str, Any], options: reading.ReadOptions
) -> reading.ReadOptions:
    """Let a file be read as the training data was: the same types, codes for missing, units, order of dates."""
    kinds = {feature["name"]: feature["type"] for feature in learned.features}
    named = {column["name"]: column["type"] for column in trained_on.get("schema", ())}
    if named.get(learned.id) == "text":  # an id of 17 digits is text, also where a parquet file has it as a number
        kinds[str(learned.id)] = "text"
    return replace(options, known=kinds).following(trained_on.get("reading"))


def _read(path: Path, asked: reading.ReadOptions) -> Iterator[tuple[pa.Table, float]]:
    """Yield a file block by block, with the share of it that is read."""
    share = [0.0]
    for block in reading.blocks(path, asked, lambda done, total: share.append(done / total)):
        yield block, share[-1]


def _slices(table: pa.Table) -> Iterator[tuple[pa.Table, float]]:
    """Yield a version of a dataset block by block, with the share of it that came."""
    for start in range(0, table.num_rows, tables.GROUP_ROWS):
        block = table.slice(start, tables.GROUP_ROWS)
        yield block, (start + block.num_rows) / table.num_rows


@dataclass(frozen=True)
class _Part:
    """A block that is to be asked about."""

    block: pa.Table
    start: int
    taken: pa.Table
    unusable: dict[int, dict[str, Any]]
    place: Path
    share: float


def _parts(blocks: Iterator[tuple[pa.Table, float]], intake: Intake, pieces: Pieces) -> Generator[_Part, None, None]:
    """Yield blocks in the types that the model takes."""
    for block, share in blocks:
        start, (taken, unusable) = intake.rows, intake.take(block)
        yield _Part(block, start, taken, unusable, pieces.place(taken, unusable), share)


def _answer(
    parts: Generator[_Part, None, None], pieces: Pieces, files: BatchFiles, on_progress: Callable[[Done], None]
) -> None:
    """Ask about part after part, while the next one is read and the last one is written."""
    with Behind() as writing:
        for part in ahead(parts):
            ask = partial(pieces.answers, part.place, part.taken, part.unusable)
            scores, unusable = scoring.of_block(part.block, part.start, part.unusable, ask)
            writing.call(files.write, part.block, part.start, part.taken, scores, unusable)
            on_progress(Done.of(part.start + part.block.num_rows, part.share, pieces.resumed))


def _nowhere(ref: str) -> InvalidError:
    return InvalidError(
        f"The answers of {ref} would go nowhere: only what is asked as the live one is kept.",
        "Name a file for them, or ask the live model: @production.",
    )


def _said(first: Mapping[str, Any], rows: int) -> str:
    """Name the first bad row, where there is no file for all of them."""
    one = f"{shown(first['field'])} of row {first['row']} should be {first['expected']}, but is {shown(first['got'])}"
    return f"{rows:,} rows could not be used and were left out: {one}. Name a file to have all of them."


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
