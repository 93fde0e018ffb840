"""Datasets: named tables whose every version is kept.

A *dataset* is a name; a *version* is one exact content under it, numbered 1, 2, 3. The content's hash is
its identity: adding the same content again, from whatever file, gives the version that is there.
A version has *roles* - which column is the target, which identifies a row - which the next version inherits.
"""

from __future__ import annotations

import gzip
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd
import pyarrow as pa

from mlops import outputs, quality, reading, tables
from mlops import roles as role
from mlops.artifacts import Artifacts
from mlops.clock import Instant
from mlops.errors import InvalidError, NotFoundError, shown
from mlops.ledger import Ledger, View
from mlops.notes import each_once
from mlops.records import Record, check_input, check_name, check_text, readable_json, suggest_name
from mlops.roles import Roles
from mlops.tasks import Label, Task

if TYPE_CHECKING:
    from mlops.dataset_diff import DatasetDiff
    from mlops.notes import Note
    from mlops.profiles import Profile
    from mlops.validation import Validation


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
    time: str | None
    """The column that tells when a row happened."""
    group: str | None
    """The column that tells which rows belong together: one customer, one household."""
    task: Task | None
    positive: Label | None
    """The class that is predicted, spelled as in the data; binary tasks only."""
    parent: int | None
    """The version that was the latest when this one was added."""
    message: str
    reading: Mapping[str, Any] | None
    """How values were read, as far as other files of this dataset are read the same way; see `reading.conventions`."""
    warnings: tuple[Mapping[str, Any], ...]
    """``{code, column, message, severity, next_step}`` for each thing to know about the content; see `notes`."""

    @property
    def ref(self) -> str:
        """The version as people write it: ``customers@1``."""
        return f"{self.name}@{self.version}"

    @property
    def roles(self) -> Roles:
        """What its columns are for."""
        return Roles.of(vars(self))

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
        time: str | None = None,
        group: str | None = None,
        task: Task | None = None,
        positive: str | None = None,
        message: str = "",
        options: reading.ReadOptions | None = None,
        on_progress: Callable[[int, int], None] | None = None,
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
        time, group : str, optional
            Column that tells when a row happened; column that tells which rows belong together.
        task : {"binary", "multiclass", "regression"}, optional
            What to learn; told by the target's values if not given.
        positive : str, optional
            For binary tasks, the class whose probability is predicted.
        message : str, optional
            Why this version exists.
        options : reading.ReadOptions, optional
            How to read the file; what is left open is as for the latest version, else told from the content.
        on_progress : callable, optional
            Called with the bytes read so far and the bytes there are.

        Raises
        ------
        DataError
            If the file cannot be read without doubt, or a role names no column of it.
        InvalidError
            If the name cannot be used.
        """
        check_name(name, "dataset")
        check_text(message, "message")
        path = check_input(path)
        versions = self._versions(name)
        parent = versions[0] if versions else None
        known = parent.column_types if parent else {}
        options = replace(options or reading.ReadOptions(), known=known).following(parent.reading if parent else None)
        found = reading.interpret(path, options, on_progress)
        table, notes = found.table, list(found.notes)
        given = {"target": target, "id": id, "time": time, "group": group, "task": task, "positive": positive}
        sha256 = tables.content_sha256(table)
        same = next((version for version in versions if version.sha256 == sha256), None)
        if same is not None:
            return self._added_again(same, table, given)
        decided, role_notes = role.decide(table, given, parent.roles if parent else Roles())
        record = {
            "name": name,
            "sha256": sha256,
            "rows": table.num_rows,
            "columns": table.num_columns,
            "created": True,
            "source": Path(path).name,
            "schema": tables.schema_of(table),
            **decided.as_dict(),
            "reading": reading.conventions(found.options),
            "message": message,
            "warnings": [note.as_dict() for note in each_once(notes + role_notes + quality.check(table, decided))],
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
                f"No dataset is named {shown(name)}. Known: {', '.join(known) or 'none yet'}.",
                f"Add one: mlops data add FILE --name {suggest_name(name)}.",
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

    def profile(self, ref: str) -> Profile:
        """Describe every column of a version: what is missing, how values are distributed, a few of them."""
        from mlops.profiles import profile

        version = self.get(ref)
        return profile(self.table(version), version.roles)

    def notes(self, ref: str) -> list[Note]:
        """Say what is worth knowing before a model learns from a version, with the roles that it has now."""
        from mlops.quality import check

        version = self.get(ref)
        return check(self.table(version), version.roles)

    def validate(
        self, subject: str | Path, against: str | None = None, options: reading.ReadOptions | None = None
    ) -> Validation:
        """Hold a version, or a file before it is used, against a version that is known; see `validation`.

        Parameters
        ----------
        subject : str or Path
            A version (``customers@2``) or a file.
        against : str, optional
            The known version; for a version the one before it, for a file the latest of the only dataset.
        options : reading.ReadOptions, optional
            How to read a file; what is left open is as for the known version.
        """
        from mlops import validation

        if _is_file(subject):
            known = self.get(against or self._only())
            asked = replace(options or reading.ReadOptions(), known=known.column_types).following(known.reading)
            current, shown = reading.read(subject, asked)[0], Path(subject).name
        else:
            version = self.get(str(subject))
            before = f"{version.name}@{version.parent}" if version.parent else None
            if against is None and before is None:
                return validation.verdict(version.ref, None, [])
            known, current, shown = self.get(against or str(before)), self.table(version), version.ref
        return validation.verdict(shown, known.ref, validation.check(current, self.table(known), known.roles))

    def _only(self) -> str:
        names = sorted({version.name for version in self.list()})
        if len(names) != 1:
            raise InvalidError(
                f"This workspace has {len(names)} datasets: {', '.join(names) or 'none'}.",
                "Say --against NAME@VERSION.",
            )
        return names[0]

    def checkout(self, ref: str, path: str | Path) -> Path:
        """Write a version back to a file: CSV, or parquet or csv.gz if the name says so. Adding it gives the same hash.

        An existing file is replaced, whole or not at all; ``-`` is standard output.
        """
        path = outputs.check(path)
        table = self.table(ref)
        if path.suffix == ".parquet":
            sink = pa.BufferOutputStream()
            tables.write_parquet(table, sink)
            data = sink.getvalue().to_pybytes()
        else:
            data = tables.write_csv(table)
            if path.suffix == ".gz":
                data = gzip.compress(data, mtime=0)  # the same content gives the same bytes
        outputs.write(path, data)
        return path

    def _versions(self, name: str) -> list[DatasetVersion]:
        with self._ledger.read() as view:
            return [DatasetVersion.of(record) for record in _records(view, name)]

    def _added_again(self, version: DatasetVersion, table: pa.Table, given: dict[str, Any]) -> DatasetVersion:
        """Record roles that were given for content that is there, and what they let one see; else nothing happens."""
        decided, notes = role.decide(table, given, version.roles)
        if any(value is not None for value in given.values()) and decided != version.roles:
            judged = {*role.CODES, *(check.code for check in quality.CHECKS)}
            about_file = [note for note in version.as_dict()["warnings"] if note["code"] not in judged]
            found = [note.as_dict() for note in notes + quality.check(table, decided)]
            changes = {**decided.as_dict(), "warnings": about_file + found}
            with self._ledger.write() as tx:
                tx.append("dataset.roles", version.ref, changes)
            version = replace(version, **changes)
        return replace(version, created=False)

    def list(self) -> list[DatasetVersion]:
        """Return every version of every dataset, newest first."""
        with self._ledger.read() as view:
            return [DatasetVersion.of(record) for record in view.records("dataset")]


def _is_file(subject: str | Path) -> bool:
    try:
        return Path(subject).is_file()
    except (OSError, ValueError):  # too long, or with a NUL: no file has such a name
        return False


def _records(view: View, name: str) -> list[dict[str, Any]]:
    return [record for record in view.records("dataset") if record["name"] == name]
