"""Predictions: one row, or a file of a million, answered by a named version and remembered.

A row is checked against the model's signature before it is scored: what is missing or has the wrong type is
refused, what is merely surprising - an unknown column, a level never seen - is scored *and named*. Every answer
to a row is logged before it is given. A file is scored in blocks; a row that cannot be used goes to a
second file with the reason, and no row is ever lost.
"""

from __future__ import annotations

import csv
import io
import json
import math
import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet

from mlops import signature as signatures
from mlops import tables
from mlops.artifacts import Artifacts, sync_folder
from mlops.clock import Instant
from mlops.errors import DataError, InvalidError, StorageError
from mlops.ledger import Ledger, Transaction, View
from mlops.records import Record, canonical_json, new_id
from mlops.registry import LoadedModel, ModelVersion
from mlops.signature import Signature

OPEN_LOGS = "predictions/open-*.jsonl"
"""Where logged requests are that are not sealed yet; the last one counts (see `open_log`)."""
SEAL_AT = 10_000
"""Lines of the open log from which it is sealed: an artifact, named with its hash in the ledger."""
BLOCK = 50_000
"""Rows of a file that are scored at a time."""
MOST = 0.5
"""Share of rows with an unseen level from which a file has another schema."""


@dataclass(frozen=True)
class Prediction:
    """The answer to one row."""

    identity: tuple[str, Any]
    """Name and value of the id column; ``("row", 0)`` where there is none."""
    scores: Mapping[str, Any]
    """``<target>_probability``, or ``probabilities`` by class, or nothing for regression."""
    prediction: Any
    """The predicted label in the target's own type, or the predicted number."""
    threshold: float | None
    model_version: str
    model_sha256: str
    prediction_id: str
    predicted_at: Instant
    warnings: tuple[str, ...]

    def as_dict(self) -> dict[str, Any]:
        """Return the answer as every door gives it."""
        named = {self.identity[0]: self.identity[1], **self.scores}
        rest = {
            key: getattr(self, key)
            for key in ("prediction", "threshold", "model_version", "model_sha256", "prediction_id", "predicted_at")
        }
        return {**named, **rest, "warnings": list(self.warnings)}


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
    positive: int | None
    """Rows predicted positive (binary only)."""
    predicted_at: Instant
    warnings: tuple[str, ...]


class Predictions:
    """The predictions of one workspace."""

    def __init__(self, ledger: Ledger, artifacts: Artifacts) -> None:
        self._ledger = ledger
        self._artifacts = artifacts

    def predict(self, model: LoadedModel, row: Mapping[str, Any], environment: str | None = None) -> Prediction:
        """Answer one row, and log question and answer first.

        Parameters
        ----------
        model : LoadedModel
            The model.
        row : mapping
            Features by name, as plain JSON values; id, target and other columns may come along.
        environment : str, optional
            Where the model answers, if it was asked as the live one.

        Raises
        ------
        DataError
            If a feature is missing, null where training had none, or of the wrong type; every one is named.
        """
        learned = model.signature
        values, warnings = check_row(row, learned)
        scores = signatures.probabilities(model.pipeline, signatures.frame_of_rows([values], learned), learned)
        with self._ledger.read() as view:
            now = view.now()
        prediction = Prediction(
            identity=(learned.id, row.get(learned.id)) if learned.id else ("row", 0),
            scores=_named_scores(scores, learned)[0],
            prediction=signatures.decide(scores, learned, model.threshold)[0],
            threshold=model.threshold if learned.task == "binary" else None,
            model_version=model.version.version,
            model_sha256=model.version.sha256,
            prediction_id=new_id("p"),
            predicted_at=now,
            warnings=tuple(warnings),
        )
        self._log(
            {
                "prediction_id": prediction.prediction_id,
                "at": now,
                "environment": environment,
                "model": model.version.identity,
                "row": values,
                "id": prediction.identity[1] if learned.id else None,
                "score": scores[0].tolist(),
                "answer": prediction.as_dict(),
            }
        )
        return prediction

    def batches(self) -> list[BatchReport]:
        """Return the reports of all scored files, newest first."""
        with self._ledger.read() as view:
            return [BatchReport.of(record) for record in view.records("batch")]

    def what_if(self, current: LoadedModel, other: LoadedModel) -> tuple[int, int]:
        """Answer the logged requests of one model with another one.

        Returns
        -------
        compared, flipped : int
            Requests that both could answer, and those that would get another prediction.
        """
        asked = [request["row"] for request in self._requests() if request["model"] == current.version.identity]
        rows = [row for row in asked if set(other.signature.names) <= set(row)]
        if not rows:
            return 0, 0
        decided = []
        for model in (current, other):
            scores = signatures.probabilities(
                model.pipeline, signatures.frame_of_rows(rows, model.signature), model.signature
            )
            decided.append(signatures.decide(scores, model.signature, model.threshold))
        return len(rows), sum(a != b for a, b in zip(*decided, strict=True))

    def batch(
        self,
        model: LoadedModel,
        data: str | Path,
        output: str | Path,
        environment: str | None = None,
        on_progress: Callable[[int], None] | None = None,
    ) -> BatchReport:
        """Score a file of rows into another file.

        Parameters
        ----------
        data : str or Path
            CSV (plain or gzip) or parquet with the features; id and other columns may be there.
        output : str or Path
            Where the answers go: CSV, or parquet if the name says so. Replaced whole, or not at all. Rows that
            cannot be used go to ``OUTPUT.rejected.csv``, which is there only if there are any.
        on_progress : callable, optional
            Called with the number of rows done.

        Raises
        ------
        DataError
            If the file has another schema: features are missing, or most rows hold levels never seen.
        """
        output, data = Path(output), Path(data)
        if not output.parent.is_dir():
            raise InvalidError(
                f"The folder {str(output.parent)!r} does not exist.", "Create it or choose another file."
            )
        if output.exists() and data.exists() and output.samefile(data):
            raise InvalidError(f"{str(output)!r} is also the input.", "Write the answers to another file.")
        learned = model.signature
        table, _ = tables.read(data, tables.ReadOptions(as_text=True))
        warnings = check_schema(table, learned)
        with self._ledger.read() as view:
            now = view.now()
        rejected_path = output.with_name(f"{output.name}.rejected.csv")
        with self._artifacts.stage() as stage:
            kept, bad, positive = _Sink(stage.folder / "answers", output.suffix == ".parquet"), _Rejects(), 0
            for start in range(0, table.num_rows, BLOCK):
                block = table.slice(start, BLOCK)
                frame, problems = typed_block(block, learned, start)
                bad.extend(problems)
                good = np.ones(block.num_rows, bool)
                good[[problem["row"] - start for problem in problems]] = False
                scores = signatures.probabilities(model.pipeline, frame[good], learned)
                decided = signatures.decide(scores, learned, model.threshold)
                positive += sum(label == learned.positive for label in decided)
                kept.write(
                    _answers(block.filter(pa.array(good)), np.flatnonzero(good) + start, scores, decided, model, now)
                )
                if on_progress:
                    on_progress(start + block.num_rows)
            kept.close()
            sha256 = _install(kept.path, output)
            if bad.rows:
                _install(bad.save(stage.folder / "rejected.csv"), rejected_path)
            else:
                rejected_path.unlink(missing_ok=True)
            report = BatchReport(
                batch_id=new_id("b"),
                model=model.version.identity,
                model_version=model.version.version,
                input=data.name,
                input_rows=table.num_rows,
                rows=table.num_rows - bad.rows,
                rejected=bad.rows,
                output=str(output),
                output_sha256=sha256,
                rejected_output=str(rejected_path) if bad.rows else None,
                positive=positive if learned.task == "binary" else None,
                predicted_at=now,
                warnings=tuple(warnings),
            )
            with self._ledger.write() as tx:
                tx.append(
                    "batch.predict",
                    report.batch_id,
                    {**report.as_dict(), "environment": environment, "output": output.name},
                )
        return report

    def summary(self) -> dict[str, Any]:
        """Return how many predictions there are: ``{logged, batches, batch_rows, last_at}``."""
        requests, batches = self.list(), self.batches()
        instants = [request["at"] for request in requests[:1]] + [batch.predicted_at for batch in batches[:1]]
        return {
            "logged": len(requests),
            "batches": len(batches),
            "batch_rows": sum(batch.rows for batch in batches),
            "last_at": max(instants, default=None),
        }

    def _log(self, request: Mapping[str, Any]) -> None:
        """Append one line to the open log; from `SEAL_AT` lines on, seal it.

        The ledger's write lock keeps writers apart. The line has left this process before the answer is
        given, so it survives a killed process.
        """
        line = canonical_json(request).encode() + b"\n"
        with self._ledger.write() as tx:
            path = self._artifacts.path(open_log(tx))
            path.parent.mkdir(exist_ok=True)
            try:
                _append_line(path, line)
            except OSError as error:
                raise StorageError(
                    f"The request could not be logged: {error.strerror}.", "Check free space."
                ) from error
            full = path.stat().st_size > SEAL_AT * len(line)
            if full:
                self._seal(tx, path)
        if full:
            path.unlink(missing_ok=True)  # only now: the segment is named, and nobody writes here any more

    def _seal(self, tx: Transaction, path: Path) -> None:
        data = path.read_bytes()
        segment = new_id("s")
        with self._artifacts.stage() as stage:
            staged = stage.write("segment.jsonl", data)
            changes = {"segment_id": segment, "requests": data.count(b"\n"), "sealed_at": tx.at}
            tx.append("segment.seal", segment, changes, {f"predictions/{segment}.jsonl": staged})

    def _requests(self) -> Iterator[dict[str, Any]]:
        """Yield logged requests, oldest first; a line that a power cut tore is left out."""
        with self._ledger.read() as view:
            sources = [*self._segments(view)]
            path = self._artifacts.path(open_log(view))
            sources.append(path.read_bytes() if path.exists() else b"")
        for data in sources:
            for line in data.splitlines():
                try:
                    yield json.loads(line)
                except ValueError:
                    continue

    def _segments(self, view: View) -> Iterator[bytes]:
        for record in reversed(view.records("segment")):
            path = f"predictions/{record['segment_id']}.jsonl"
            yield self._artifacts.read(path, view.artifact(path))

    def list(self, limit: int | None = None) -> list[dict[str, Any]]:
        """Return logged requests with their answers, newest first."""
        requests = [*self._requests()][::-1]
        return requests if limit is None else requests[:limit]


def open_log(view: View) -> str:
    """Return the path of the requests that are not sealed yet, one JSON document a line.

    Sealing a segment begins the next log, in the same instant in which the segment is named.
    """
    return f"predictions/open-{len(view.records('segment')) + 1}.jsonl"


def check_row(row: Mapping[str, Any], learned: Signature) -> tuple[dict[str, Any], list[str]]:
    """Check one row of plain values against a signature.

    Returns
    -------
    values : dict
        The features, and nothing else.
    warnings : list of str
        Unknown columns, and levels that training never saw.

    Raises
    ------
    DataError
        With every unusable field in `details`.
    """
    if not isinstance(row, Mapping):
        raise DataError(f"A row is a JSON object, not {type(row).__name__}.", 'Write {"column": value, ...}.')
    values: dict[str, Any] = {}
    problems: list[dict[str, Any]] = []
    for feature in learned.features:
        name = feature["name"]
        if name not in row:
            problems.append({"row": 0, "field": name, "expected": feature["type"], "got": "missing"})
            continue
        fits, value = _fitting(row[name], feature)
        values[name] = value
        if not fits:
            problems.append({"row": 0, "field": name, "expected": _expected(feature), "got": row[name]})
    if problems:
        first = problems[0]
        more = f" (and {len(problems) - 1} more)" if len(problems) > 1 else ""
        got = "it is missing" if first["got"] == "missing" else f"it is {first['got']!r}"
        raise DataError(
            f"{first['field']} should be {first['expected']}, but {got}{more}.", "Correct the row.", problems
        )
    warnings = [
        f"{feature['name']} = {values[feature['name']]!r} was never seen in training."
        for feature in learned.features
        if feature["levels"] is not None
        and values[feature["name"]] is not None
        and values[feature["name"]] not in feature["levels"]
    ]
    known = {*learned.names, learned.target, learned.id, *learned.ignored}
    warnings += [f"{name!r} is no column of the training data and was ignored." for name in row if name not in known]
    return values, warnings


def check_schema(table: pa.Table, learned: Signature) -> list[str]:
    """Refuse a file that has another schema as a whole; return what is merely surprising about it."""
    missing = [name for name in learned.names if name not in table.column_names]
    if missing:
        raise DataError(
            f"The file lacks {len(missing)} of the model's {len(learned.features)} inputs: {', '.join(missing[:8])}.",
            "Score a file with the columns of the training data.",
            [{"row": None, "field": name, "expected": "a column", "got": "missing"} for name in missing],
        )
    warnings, strange = [], []
    for feature in learned.features:
        if feature["levels"] is None:
            continue
        values = table.column(feature["name"]).cast(pa.large_string()).drop_null()
        seen = pc.is_in(values, value_set=pa.array(feature["levels"], pa.large_string()))
        unseen = len(values) - (pc.sum(seen).as_py() or 0)
        if unseen:
            levels = pc.unique(values.filter(pc.invert(seen))).to_pylist()
            shown = ", ".join(map(repr, levels[:5]))
            warnings.append(f"{feature['name']}: {unseen:,} rows hold levels never seen in training ({shown}).")
            if unseen > MOST * len(values):
                strange.append({"row": None, "field": feature["name"], "expected": "known levels", "got": levels[:5]})
    if strange:
        raise DataError(
            f"Most values of {strange[0]['field']} were never seen in training, such as {strange[0]['got'][0]!r}.",
            "The file has another coding than the training data; translate it first.",
            strange,
        )
    known = {*learned.names, learned.target, learned.id, *learned.ignored}
    extra = [name for name in table.column_names if name not in known]
    return warnings + [f"{name!r} is no column of the training data and was ignored." for name in extra]


def typed_block(block: pa.Table, learned: Signature, start: int) -> tuple[pd.DataFrame, list[dict[str, Any]]]:
    """Bring a block of rows to the model's types; also name, for each unusable row, its first bad field."""
    columns: dict[str, pa.ChunkedArray] = {}
    problems: dict[int, dict[str, Any]] = {}
    for feature in learned.features:
        raw = block.column(feature["name"])
        if pa.types.is_large_string(raw.type):
            values, fits = tables.convert(raw, feature["type"])
        else:
            values, fits = tables.convert(raw.cast(pa.large_string()), feature["type"])
        if not feature["nullable"]:
            fits = pc.and_(fits, pc.is_valid(raw))
        columns[feature["name"]] = values
        for row in np.flatnonzero(~np.asarray(fits).astype(bool)):
            got = raw[int(row)].as_py()
            problem = {"row": start + int(row), "field": feature["name"], "expected": _expected(feature), "got": got}
            problems.setdefault(int(row), problem)
    return tables.frame_of(pa.table(columns), learned.names), [problems[row] for row in sorted(problems)]


def _fitting(value: Any, feature: Mapping[str, Any]) -> tuple[bool, Any]:
    """Tell whether a plain value has a feature's type, and return it as the model takes it."""
    kind = feature["type"]
    if value is None:
        return bool(feature["nullable"]), None
    if kind == "text":
        value = value.strip() if isinstance(value, str) else value
        if value == "":
            return bool(feature["nullable"]), None
        return isinstance(value, str), value
    if kind == "boolean":
        return isinstance(value, bool), value
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        return False, None
    if kind == "integer":
        whole = float(value).is_integer() and abs(value) < 2**63
        return whole, int(value) if whole else None
    return abs(value) < 1e308, float(value)


def _expected(feature: Mapping[str, Any]) -> str:
    article = "an" if feature["type"] == "integer" else "" if feature["type"] == "text" else "a"
    return f"{article} {feature['type']}".strip() + (" or null" if feature["nullable"] else "")


def _named_scores(scores: np.ndarray, learned: Signature) -> list[dict[str, Any]]:
    """Return for each row its scores under the names that every door uses."""
    if learned.task == "regression":
        return [{} for _ in scores]
    if learned.task == "multiclass":
        names = [str(label) for label in learned.labels]
        return [{"probabilities": dict(zip(names, map(float, row), strict=True))} for row in scores]
    return [{f"{learned.target}_probability": float(score)} for score in scores]


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


class _Sink:
    """Answers on their way to a file."""

    def __init__(self, path: Path, parquet: bool) -> None:
        self.path = path
        self._parquet = parquet
        self._writer: Any = None
        self._file = open(path, "wb")  # noqa: SIM115 - closed by close()

    def write(self, table: pa.Table) -> None:
        if self._parquet:
            self._writer = self._writer or pyarrow.parquet.ParquetWriter(self._file, table.schema)
            self._writer.write_table(table)
        else:
            self._file.write(tables.export_csv(table, header=self._file.tell() == 0))

    def close(self) -> None:
        if self._writer:
            self._writer.close()
        self._file.close()


class _Rejects:
    """Rows that could not be used, with the reason."""

    FIELDS = ("row", "field", "expected", "got")

    def __init__(self) -> None:
        self._text = io.StringIO()
        self._writer = csv.writer(self._text, lineterminator="\n")
        self._writer.writerow(self.FIELDS)
        self.rows = 0

    def extend(self, problems: list[dict[str, Any]]) -> None:
        self.rows += len(problems)
        self._writer.writerows(
            [problem["row"], problem["field"], problem["expected"], tables.harmless(problem["got"])]
            for problem in problems
        )

    def save(self, path: Path) -> Path:
        path.write_text(self._text.getvalue(), encoding="utf-8", newline="")
        return path


def _append_line(path: Path, line: bytes) -> None:
    """Append a line. A torn one before it, left by a power cut or a full disk, is ended first."""
    with open(path, "ab+") as file:
        if file.tell():
            file.seek(-1, os.SEEK_END)
            line = line if file.read(1) == b"\n" else b"\n" + line
        file.write(line)


def _install(source: Path, target: Path) -> str:
    """Put a finished file at a name of the user's choice, whole; return its hash."""
    import hashlib
    import shutil

    beside = target.with_name(f".{target.name}.{new_id('part-')}")
    try:
        shutil.copyfile(source, beside)
        with open(beside, "rb+") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
            os.fsync(file.fileno())
        os.replace(beside, target)
        sync_folder(target.parent)
    except OSError as error:
        raise StorageError(
            f"{target} could not be written: {error.strerror}.", "Check space and permissions."
        ) from error
    finally:
        beside.unlink(missing_ok=True)
    return digest


def live_environment(ref: str, version: ModelVersion) -> str | None:
    """Return the environment a reference asked for, if it asked for what is live there."""
    wanted = ref.partition("@")[2]
    return wanted if wanted in version.live_in else None
