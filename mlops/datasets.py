"""Datasets: named tables whose every version is kept.

A *dataset* is a name; a *version* is one exact content under it, numbered 1, 2, 3. The content's hash is
its identity: adding the same content again, from whatever file, gives the version that is there.
A version has *roles* - which column is the target, which identifies a row - which the next version inherits.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from mlops import reading, tables
from mlops.artifacts import Artifacts, replace_file
from mlops.clock import Instant
from mlops.errors import DataError, InvalidError, NotFoundError
from mlops.ledger import Ledger, View
from mlops.records import Record, check_name, check_text, readable_json
from mlops.tasks import Label, Task

if TYPE_CHECKING:
    from mlops.dataset_diff import DatasetDiff


_ANSWERS = ("prediction", "predicted_at", "model_version", "model_sha256", "prediction_id", "threshold", "warnings")
"""Columns of an answer. The id is one as well, under its own name, which therefore must be another."""
_POSITIVE_WORDS = ("yes", "true", "1", "y", "positive")


@dataclass(frozen=True)
class DatasetVersion(Record):
    """One exact content of a dataset, and what it is for."""

    name: str
    version: int
    sha256: str
    """Identity: hash of the content, not of the file."""
    rows: int
    columns: int
    created_at: Instant
    created: bool
    """False in the answer of an `add` that found the content already there."""
    source: str
    """Name of the file it came from."""
    schema: tuple[Mapping[str, Any], ...]
    """``{name, type, nullable}`` for each column."""
    target: str | None
    id: str | None
    task: Task | None
    positive: Label | None
    """The class that is predicted, spelled as in the data; binary tasks only."""
    parent: int | None
    """The version that was the latest when this one was added."""
    message: str
    warnings: tuple[Mapping[str, Any], ...]
    """``{code, column, message}`` for each thing to know about the content."""

    @property
    def ref(self) -> str:
        """The version as people write it: ``customers@1``."""
        return f"{self.name}@{self.version}"

    @property
    def column_types(self) -> dict[str, tables.Type]:
        """Type of each column."""
        return {column["name"]: column["type"] for column in self.schema}

    @property
    def path(self) -> str:
        """Where the snapshot lies, below the workspace."""
        return f"data/{self.name}/v{self.version}-{self.sha256[:6]}.parquet"


class Datasets:
    """The datasets of one workspace."""

    def __init__(self, ledger: Ledger, artifacts: Artifacts) -> None:
        self._ledger = ledger
        self._artifacts = artifacts

    def add(
        self,
        path: str | Path,
        name: str,
        *,
        target: str | None = None,
        id: str | None = None,
        task: Task | None = None,
        positive: str | None = None,
        message: str = "",
        options: reading.ReadOptions | None = None,
    ) -> DatasetVersion:
        """Keep the content of a file as the next version of a dataset.

        Roles that are not given are those of the latest version. Content that is already a version
        is not added again; roles given with it are recorded for that version.

        Parameters
        ----------
        path : str or Path
            A CSV (plain or gzip) or parquet file.
        name : str
            The dataset's name.
        target, id : str, optional
            Column to predict; column that identifies a row (never a feature).
        task : {"binary", "multiclass", "regression"}, optional
            What to learn; told by the target's values if not given.
        positive : str, optional
            For binary tasks, the class whose probability is predicted.
        message : str, optional
            Why this version exists.
        options : reading.ReadOptions, optional
            How to read the file.

        Raises
        ------
        DataError
            If the file cannot be read without doubt, or a role names no column of it.
        InvalidError
            If the name cannot be used.
        """
        check_name(name, "dataset")
        check_text(message, "message")
        versions = self._versions(name)
        parent = versions[0] if versions else None
        known = parent.column_types if parent else {}
        table, notes = reading.read(path, replace(options or reading.ReadOptions(), known=known))
        given = {"target": target, "id": id, "task": task, "positive": positive}
        sha256 = tables.content_sha256(table)
        same = next((version for version in versions if version.sha256 == sha256), None)
        if same is not None:
            return self._added_again(same, table, given)
        roles, role_notes = _roles(table, given, parent)
        record = {
            "name": name,
            "sha256": sha256,
            "rows": table.num_rows,
            "columns": table.num_columns,
            "created": True,
            "source": Path(path).name,
            "schema": tables.schema_of(table),
            **roles,
            "message": message,
            "warnings": [asdict(note) for note in notes + role_notes],
        }
        with self._artifacts.stage() as stage:
            with stage.writer("snapshot.parquet") as file:
                tables.write_parquet(table, file)
            with self._ledger.write() as tx:
                latest = [DatasetVersion.of(found) for found in _records(tx, name)]
                winner = next((version for version in latest if version.sha256 == sha256), None)
                if winner is None:
                    number = latest[0].version + 1 if latest else 1
                    parent_number = latest[0].version if latest else None
                    record |= {"version": number, "parent": parent_number, "created_at": tx.at}
                    version = DatasetVersion.of(record)
                    metadata = stage.write("metadata.json", readable_json(version))
                    files = {version.path: file.staged, version.path.replace(".parquet", ".json"): metadata}
                    tx.append("dataset.add", version.ref, version.as_dict(), files)
                    return version
        return self._added_again(winner, table, given)  # another process added the same content just now

    def get(self, ref: str) -> DatasetVersion:
        """Return the version that ``customers@1``, ``customers@v1``, ``customers@latest`` or ``customers`` means."""
        name, _, wanted = ref.partition("@")
        versions = self._versions(name)
        if not versions:
            known = sorted({version.name for version in self.list()})
            raise NotFoundError(
                f"No dataset is named {name!r}. Known: {', '.join(known) or 'none yet'}.",
                f"Add one: mlops data add FILE --name {name or 'NAME'}.",
            )
        if wanted in ("", "latest"):
            return versions[0]
        number = wanted.removeprefix("v")
        for version in versions:
            if str(version.version) == number:
                return version
        numbers = ", ".join(str(version.version) for version in reversed(versions))
        raise NotFoundError(f"{name!r} has no version {wanted!r}. It has: {numbers}.", f"Use {versions[0].ref}.")

    def table(self, ref: str | DatasetVersion) -> pa.Table:
        """Return the content of a version, after checking its bytes."""
        version = ref if isinstance(ref, DatasetVersion) else self.get(ref)
        with self._ledger.read() as view:
            sha256 = view.artifact(version.path)
        return tables.read_snapshot(self._artifacts.read(version.path, sha256))

    def frame(self, ref: str | DatasetVersion) -> pd.DataFrame:
        """Return the content of a version as a DataFrame."""
        return self.table(ref).to_pandas()

    def diff(self, before: str, after: str) -> DatasetDiff:
        """Say what differs between two versions; rows are matched by the id that both have."""
        from mlops.dataset_diff import diff

        first, second = self.get(before), self.get(after)
        identity = second.id if second.id == first.id else None
        return diff(self.table(first), self.table(second), identity)

    def checkout(self, ref: str, path: str | Path) -> Path:
        """Write a version back to a file: CSV, or parquet if the name says so. Adding it gives the same hash.

        An existing file is replaced, whole or not at all.
        """
        path = Path(path)
        self._artifacts.refuse(path)
        table = self.table(ref)
        if path.suffix == ".parquet":
            sink = pa.BufferOutputStream()
            tables.write_parquet(table, sink)
            data = sink.getvalue().to_pybytes()
        else:
            data = tables.write_csv(table)
        if not path.parent.is_dir():
            raise InvalidError(f"The folder {str(path.parent)!r} does not exist.", "Create it or choose another file.")
        replace_file(path, data)
        return path

    def _versions(self, name: str) -> list[DatasetVersion]:
        with self._ledger.read() as view:
            return [DatasetVersion.of(record) for record in _records(view, name)]

    def _added_again(self, version: DatasetVersion, table: pa.Table, given: dict[str, Any]) -> DatasetVersion:
        """Record roles that were given for content that is there; nothing else happens."""
        if any(value is not None for value in given.values()):
            roles, _ = _roles(table, given, version)
            if any(getattr(version, role) != value for role, value in roles.items()):
                with self._ledger.write() as tx:
                    tx.append("dataset.roles", version.ref, roles)
                version = replace(version, **roles)
        return replace(version, created=False)

    def list(self) -> list[DatasetVersion]:
        """Return every version of every dataset, newest first."""
        with self._ledger.read() as view:
            return [DatasetVersion.of(record) for record in view.records("dataset")]


def _records(view: View, name: str) -> list[dict[str, Any]]:
    return [record for record in view.records("dataset") if record["name"] == name]


def _roles(
    table: pa.Table, given: Mapping[str, Any], parent: DatasetVersion | None
) -> tuple[dict[str, Any], list[reading.Note]]:
    """Decide the roles of a new version: what was given, else what its parent says, else what the target tells."""
    for role in ("target", "id"):
        if given[role] is not None and given[role] not in table.column_names:
            raise DataError(
                f"The {role} {given[role]!r} is no column of this file. Columns: {', '.join(table.column_names)}.",
                f"Correct --{role}.",
            )
    target: str | None = given["target"] or (parent.target if parent else None)
    identity: str | None = given["id"] or (parent.id if parent else None)
    if target is not None and target == identity:
        raise DataError(f"{target!r} cannot be both target and id.", "Name two columns.")
    if identity in (*_ANSWERS, f"{target}_probability", "probabilities"):
        raise DataError(
            f"The id {identity!r} has the name of a column of the answers.", "Rename the column in the file."
        )
    same_target = parent is not None and parent.target == target
    task = given["task"] or (parent.task if parent and same_target else None)
    positive = (
        given["positive"] if given["positive"] is not None else (parent.positive if parent and same_target else None)
    )
    notes: list[reading.Note] = []
    if target in table.column_names:
        task, positive, notes = _task(table.column(target), str(target), task, positive)
    elif target is not None:
        notes.append(
            reading.Note("target_absent", target, f"{target} is not in this file; outcomes come with labels add.")
        )
    if identity is not None and identity in table.column_names:
        values = table.column(identity)
        if repeated := len(values) - pc.count_distinct(values, mode="all").as_py():
            notes.append(reading.Note("repeated_ids", identity, f"{repeated:,} rows repeat an id of another row."))
    elif identity is not None:
        notes.append(reading.Note("id_absent", identity, f"{identity} is not in this file; rows have no id."))
    return {"target": target, "id": identity, "task": task, "positive": positive}, notes


def _task(
    column: pa.ChunkedArray, target: str, task: Task | None, positive: Any
) -> tuple[Task | None, Label | None, list[reading.Note]]:
    """Tell the task by the values of the target, and check what was said about it."""
    labels = pc.unique(column.drop_null()).to_pylist()
    if not labels:
        return task, positive, [reading.Note("target_missing", target, f"{target} holds no value yet.")]
    kind = tables.type_of(column.type)
    if kind in ("date", "datetime"):
        raise DataError(f"{target!r} holds a {kind}; a target is a class or a number.", "Name another column.")
    numeric = kind in ("integer", "number")
    fractional = next((label for label in labels if numeric and not float(label).is_integer()), None)
    many = len(labels) > 2
    told: Task = "regression" if fractional or (numeric and many) else "multiclass" if many else "binary"
    task = task or told
    if task != "regression" and fractional:
        raise DataError(
            f"{target!r} holds {fractional!r}; classes are words or whole numbers.",
            f"Use --task regression, or read the column as words: --type {target}=text.",
        )
    if task == "regression" and not numeric:
        raise DataError(f"{target!r} holds {labels[0]!r}; regression needs numbers.", "Use --task multiclass.")
    if task == "binary" and many:
        raise DataError(f"{target!r} holds {len(labels)} classes; a binary task has two.", "Use --task multiclass.")
    notes = []
    if len(labels) == 1:
        notes.append(
            reading.Note("single_class", target, f"{target} holds only {labels[0]!r}; nothing can be learned.")
        )
    if task != "binary":
        return task, None, notes
    if positive is not None:
        spelled = next((label for label in labels if _spelling(label) == _spelling(positive)), None)
        if spelled is None and len(labels) == 1 and type(positive) is type(labels[0]):
            return task, positive, notes
        if spelled is None:
            raise DataError(
                f"The positive class {positive!r} is no value of {target!r}: {', '.join(map(repr, labels))}.",
                "Correct --positive.",
            )
        return task, spelled, notes
    known = [label for label in labels if _spelling(label).lower().rstrip(".") in _POSITIVE_WORDS]
    if len(known) == 1:
        return task, known[0], notes
    counts = {entry["values"]: entry["counts"] for entry in column.drop_null().value_counts().to_pylist()}
    rarer = min(sorted(labels, key=str), key=lambda label: counts[label])
    said = f"The rarer class {rarer!r} of {target} is taken as the positive one; --positive decides otherwise."
    return task, rarer, [*notes, reading.Note("positive_assumed", target, said)]


def _spelling(label: Label) -> str:
    """Return a label as people type it: true, 1 (also for 1.0), yes."""
    if isinstance(label, float) and label.is_integer():
        label = int(label)
    return str(label).lower() if isinstance(label, bool) else str(label)
