"""Datasets: named tables whose every version is kept.

A *dataset* is a name; a *version* is one exact content under it, and what its columns are for, numbered 1, 2, 3. The
content's hash is its identity: adding the same content again, from whatever file, gives the version that is there.
Its *roles* - which column is the target, which identifies a row - are inherited by the next version. Other roles for
the same content are another version, for a version never changes: what a run learned from is what it names. How its
columns are *described* is no part of that: words about a version can be mended, and the history keeps the old ones.
"""

from __future__ import annotations

import gzip
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd
import pyarrow as pa

from mlops.base import outputs
from mlops.base.artifacts import Artifacts, Stage, Staged
from mlops.base.errors import InvalidError, shown
from mlops.base.ledger import Ledger, Transaction, writes
from mlops.base.notes import Note, each_once
from mlops.base.records import check_input, check_name, check_text, plain, readable_json
from mlops.base.tasks import Task
from mlops.data import described, ids, quality, reading, tables
from mlops.data import roles as role
from mlops.data.roles import Roles
from mlops.data.versions import DatasetVersion, find, versions_of

if TYPE_CHECKING:
    from mlops.data.changes import Cells, DatasetDiff
    from mlops.data.profiles import Profile
    from mlops.data.readiness import Readiness
    from mlops.data.recognised import Recognised
    from mlops.data.validation import Validation


class Datasets:
    """The datasets of one workspace."""

    def __init__(self, ledger: Ledger, artifacts: Artifacts) -> None:
        self._ledger = ledger
        self._artifacts = artifacts

    @writes
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
        columns: str | Path | described.Said | None = None,
        message: str = "",
        options: reading.ReadOptions | None = None,
        on_progress: Callable[[int, int], None] | None = None,
    ) -> DatasetVersion:
        """Keep the content of a file as the next version of a dataset.

        Roles that are not given are those of the newest version that has them. Content that is already a version is
        not added again: without roles its newest version answers, and with roles the newest one that has them all.
        Other roles are another version of the same content; other descriptions are kept with the version that is there.

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
        columns : str, Path or mapping, optional
            Label, unit and meaning of columns, in a YAML file or as ``{column: {label, unit, meaning}}``; a column that
            is not in it is described as in the newest version that describes it.
        message : str, optional
            Why this version exists.
        options : reading.ReadOptions, optional
            How to read the file; what is left open is as for the latest version, else told from the content.
        on_progress : callable, optional
            Called with the bytes read so far and the bytes there are.

        Raises
        ------
        DataError
            If the file cannot be read without doubt, or a role or a description names no column of it.
        InvalidError
            If the name cannot be used.
        """
        check_name(name, "dataset")
        check_text(message, "message")
        path = check_input(path)
        with self._ledger.read() as view:
            parent = next(iter(versions_of(view, name)), None)
        found = reading.interpret(path, _read_like(parent, options), on_progress)
        given = {"target": target, "id": id, "time": time, "group": group, "task": task, "positive": positive}
        content = {
            "name": name,
            "sha256": tables.content_sha256(found.table),
            "rows": found.table.num_rows,
            "columns": found.table.num_columns,
            "source": Path(path).name,
            "schema": tables.schema_of(found.table),
            "reading": reading.conventions(found.options),
            "described": described.told(columns or {}, found.table.column_names),
            "message": message,
        }
        return self._keep(found.table, content, found.notes, given)

    @writes
    def join(self, refs: Sequence[str], name: str, *, message: str = "") -> DatasetVersion:
        """Keep the rows of several versions whose outcomes are known now as one version; see `joins`.

        Every row is there once: of one that stands in two versions, the newest counts. The version names its `parents`
        and the `outcomes` that were joined; roles are those of the newest parent.

        Parameters
        ----------
        refs : sequence of str
            The versions, in any order.
        name : str
            The dataset of the next version: that of the parents, or another.
        message : str, optional
            Why this version exists.

        Raises
        ------
        DataError
            If the versions have other columns, another id or target, or no outcome is known.
        """
        from mlops.data import joins

        check_name(name, "dataset")
        check_text(message, "message")
        found = {version.ref: version for version in map(self.get, refs)}
        versions = sorted(found.values(), key=lambda version: (version.created_at, version.version))
        if not versions:
            raise InvalidError("No version is named.", "Name those to join: customers@2 customers@3.")
        with self._ledger.read() as view:
            now = view.now()
        table, known, notes = joins.join(self._ledger, self._artifacts, versions, now)
        newest, refs = versions[-1], [version.ref for version in versions]
        content = {
            **{"name": name, "sha256": tables.content_sha256(table), "source": ", ".join(refs)},
            **{"rows": table.num_rows, "columns": table.num_columns, "schema": tables.schema_of(table)},
            **{"reading": newest.reading, "message": message, "parents": refs, "outcomes": known},
            "described": described.of_next({}, [one.described for one in reversed(versions)], table.column_names),
        }
        return self._keep(table, content, notes, newest.roles.as_dict())

    def _keep(
        self, table: pa.Table, content: Mapping[str, Any], about_file: Sequence[Note], given: Mapping[str, Any]
    ) -> DatasetVersion:
        """Record a table as the next version, with the roles that its dataset has at that moment."""
        while True:
            with self._ledger.read() as view:
                versions = versions_of(view, content["name"])
            same = [version for version in versions if version.sha256 == content["sha256"]]
            if same and all(value is None for value in given.values()):
                return self._describe(same[0], content["described"])
            decided, notes = role.decide(table, given, role.inherited(version.roles for version in versions))
            if there := next((version for version in same if version.roles == decided), None):
                return self._describe(there, content["described"])
            if not same:
                self._check_ids(table, decided, versions)
            notes = [*_as_before(same, decided), *about_file, *notes, *quality.check(table, decided)]
            origin = {"parents": same[0].parents, "outcomes": same[0].outcomes} if same else {}
            told = {**origin, **content, **decided.as_dict(), "warnings": [note.as_dict() for note in each_once(notes)]}
            with self._artifacts.stage() as stage:
                snapshot = self._kept(same) or _staged(stage, table)
                with self._ledger.write() as tx:
                    if len(versions_of(tx, content["name"])) == len(versions):
                        return _append(tx, stage, told, snapshot)
            # Another process added a version meanwhile, and roles are inherited from it as well: decide again.

    def _describe(self, version: DatasetVersion, given: described.Said) -> DatasetVersion:
        """Say what was given about the columns of a version that is there; nothing is written if that is known."""
        names = [*version.column_types]
        if described.of_next(given, [version.described], names) != version.described:
            with self._ledger.write() as tx:
                now = tx.record("dataset", version.ref) or {}
                said = described.of_next(given, [now.get("described")], names)
                tx.append("dataset.describe", version.ref, {"described": plain(said)})
            version = replace(version, described=said)
        return replace(version, created=False)

    @writes
    def make_newest(self, ref: str, message: str = "") -> DatasetVersion:
        """Make the content and roles of a version the newest again, as the next version.

        Parameters
        ----------
        message : str
            Why; that it is this version again, if not given.
        """
        version = self.get(ref)
        why = check_text(message, "message") or f"{version.ref} again"
        told = {**version.as_dict(), "described": {}, "message": why}
        with self._ledger.read() as view:
            sha256 = view.artifact(version.path)
        self._artifacts.read(version.path, sha256)  # a damaged one is no content to go back to
        with self._artifacts.stage() as stage, self._ledger.write() as tx:
            newest = versions_of(tx, version.name)[0]
            if (newest.sha256, newest.roles) == (version.sha256, version.roles):
                return replace(newest, created=False)
            return _append(tx, stage, told, self._artifacts.existing(version.path, sha256))

    def _kept(self, same: Sequence[DatasetVersion]) -> Staged | None:
        """Return the snapshot of one of several versions of the same content, if one is intact."""
        with self._ledger.read() as view:
            named = [(version.path, view.artifact(version.path)) for version in same]
        intact = (one for one in named if self._artifacts.hash(one[0]) == one[1])
        return next((self._artifacts.existing(path, sha256) for path, sha256 in intact), None)

    def get(self, ref: str) -> DatasetVersion:
        """Return the version that ``customers@1``, ``customers@v1``, ``customers@latest`` or ``customers`` means."""
        with self._ledger.read() as view:
            return find(view, ref)

    def table(self, ref: str | DatasetVersion) -> pa.Table:
        """Return the content of a version, after checking its bytes."""
        version = ref if isinstance(ref, DatasetVersion) else self.get(ref)
        return tables.kept(self._ledger, self._artifacts, version.path)

    def frame(self, ref: str | DatasetVersion) -> pd.DataFrame:
        """Return the content of a version as a DataFrame."""
        return self.table(ref).to_pandas()

    def diff(self, before: str, after: str) -> DatasetDiff:
        """Say what differs between two versions; rows are matched by the id that both have."""
        from mlops.data.changes import diff

        first, second = self.get(before), self.get(after)
        found = diff(self.table(first), self.table(second), _common_id(first, second))
        return replace(found, roles_changed=role.changes(first.roles, second.roles))

    def cells(self, before: str, after: str) -> list[Cells]:
        """Return every cell that changed between two versions, the most changed column first; see `changes.cells`."""
        from mlops.data.changes import cells

        first, second = self.get(before), self.get(after)
        return cells(self.table(first), self.table(second), _common_id(first, second))

    def recognise(self, path: str | Path, options: reading.ReadOptions | None = None) -> Recognised:
        """Say which version a file is, or which one it is closest to; see `recognised`. Nothing is kept."""
        from mlops.data.recognised import recognise

        def read_like(known: DatasetVersion) -> pa.Table:
            return reading.read(path, _read_like(known, options))[0]

        path = check_input(path)
        return recognise(path, self.list(), read_like, self.table)

    def profile(self, ref: str) -> Profile:
        """Describe every column of a version: what is missing, how values are distributed, a few of them."""
        from mlops.data.profiles import profile

        version = self.get(ref)
        return profile(self.table(version), version.roles)

    def notes(self, ref: str) -> list[Note]:
        """Say what is worth knowing before a model learns from a version."""
        from mlops.data.quality import check

        version = self.get(ref)
        return check(self.table(version), version.roles)

    def readiness(self, ref: str) -> Readiness:
        """Say whether a model may learn from a version today, or what that waits for; see `readiness`."""
        return next(self.readiness_of([self.get(ref)]))

    def readiness_of(self, versions: Iterable[DatasetVersion]) -> Iterator[Readiness]:
        """Yield the readiness of each of several versions."""
        from mlops.data import readiness

        return readiness.of(self._ledger, self._artifacts, versions)

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
        from mlops.data import validation

        if against is None and not _is_file(subject):
            version = self.get(str(subject))
            if version.parent is None:
                return validation.verdict(version.ref, None, [])
            against = f"{version.name}@{version.parent}"
        known = self.get(self._only() if against is None else against)
        called, current = self.held(subject, known, options)
        return validation.verdict(called, known.ref, validation.check(current, self.table(known), known.roles))

    def held(
        self, subject: str | Path, known: DatasetVersion, options: reading.ReadOptions | None = None
    ) -> tuple[str, pa.Table]:
        """Return what a version or a file is called, and its rows: a file read as the known version was."""
        if _is_file(subject):
            return Path(subject).name, reading.read(subject, _read_like(known, options))[0]
        version = self.get(str(subject))
        return version.ref, self.table(version)

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

    def _check_ids(self, table: pa.Table, roles: Roles, versions: Sequence[DatasetVersion]) -> None:
        """Refuse rows whose ids are damaged ones of rows that are known; see `ids`."""
        alike = [version for version in versions if version.id == roles.id]
        if alike and roles.id in table.column_names:
            known = ids.of_versions(self._ledger, self._artifacts, alike)
            ids.refuse_damaged(table.column(str(roles.id)), known, alike[0].name)

    def list(self) -> list[DatasetVersion]:
        """Return every version of every dataset, newest first."""
        with self._ledger.read() as view:
            return versions_of(view)


def _read_like(version: DatasetVersion | None, options: reading.ReadOptions | None) -> reading.ReadOptions:
    """Return how a file is read: what is left open is as for a version that is known."""
    options = options or reading.ReadOptions()
    return replace(options, known=version.column_types).following(version.reading) if version else options


def _common_id(first: DatasetVersion, second: DatasetVersion) -> str | None:
    return second.id if second.id == first.id else None


def _is_file(subject: str | Path) -> bool:
    try:
        return Path(subject).is_file()
    except (OSError, ValueError):  # too long, or with a NUL: no file has such a name
        return False


def _as_before(same: Sequence[DatasetVersion], roles: Roles) -> list[Note]:
    """Say that only roles differ from a version of the same content."""
    if not same:
        return []
    differs = role.changes(same[0].roles, roles).items()
    told = ", ".join(f"{what} is {_named(after)} (was {_named(before)})" for what, (before, after) in differs)
    return [Note("other_roles", None, f"The same rows as {same[0].ref}, other roles: {told}.")]


def _named(value: Any) -> str:
    return "none" if value is None else shown(value)


def _staged(stage: Stage, table: pa.Table) -> Staged:
    with stage.writer("snapshot.parquet") as file:
        tables.write_parquet(table, file)
    return file.staged


def _append(tx: Transaction, stage: Stage, told: Mapping[str, Any], snapshot: Staged) -> DatasetVersion:
    """Record the next version of a dataset; the same content is the same file under another name."""
    versions = versions_of(tx, told["name"])
    names = [column["name"] for column in told["schema"]]
    said = described.of_next(told["described"], [version.described for version in versions], names)
    newest = versions[0].version if versions else None
    numbered = {"version": (newest or 0) + 1, "parent": newest, "created_at": tx.at, "created": True}
    version = DatasetVersion.of({**told, **numbered, "described": said})
    metadata = stage.write("metadata.json", readable_json(version))
    files = {version.path: snapshot, version.path.replace(".parquet", ".json"): metadata}
    tx.append("dataset.add", version.ref, version.as_dict(), files)
    return version
