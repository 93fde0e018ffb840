"""Versions: one exact content of a dataset, and what its columns are for.

A version is a record; `datasets` makes and reads them. It never changes once it exists.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from mlops.base.clock import Instant
from mlops.base.errors import NotFoundError, shown
from mlops.base.records import Record, choose_version, freeze, suggest_name
from mlops.base.tasks import Label, Task
from mlops.base.view import View
from mlops.data import tables
from mlops.data.roles import Roles


@dataclass(frozen=True)
class DatasetVersion(Record):
    """One exact content of a dataset, and what its columns are for."""

    name: str
    version: int
    sha256: str
    """Identity: hash of the content, not of the file."""
    rows: int
    columns: int
    created_at: Instant
    created: bool
    """False in the answer of an `add` that found content and roles already there."""
    source: str
    """Name of the file it came from."""
    schema: tuple[Mapping[str, Any], ...]
    """``{name, type, nullable}`` for each column."""
    target: str | None
    target_absent: bool
    """Whether the target is no column of this content: its outcomes are awaited."""
    id: str | None
    time: str | None
    """The column that tells when a row happened."""
    group: str | None
    """The column that tells which rows belong together: one customer, one household."""
    task: Task | None
    positive: Label | None
    """The class that is predicted, spelled as in the data; binary tasks only."""
    described: Mapping[str, Mapping[str, str | None]]
    """``{label, unit, meaning}`` of each column that somebody described."""
    parent: int | None
    """The version that was the latest when this one was added."""
    parents: tuple[str, ...] | None
    """The versions whose rows were joined to make it; None of one that came from a file."""
    outcomes: Mapping[str, Any] | None
    """``{known_until, sets, sha256}`` of the outcomes that were joined to them; None of one that came from a file."""
    message: str
    reading: Mapping[str, Any] | None
    """How values were read, as far as other files of this dataset are read the same way; see `reading.conventions`."""
    warnings: tuple[Mapping[str, Any], ...]
    """``{code, column, message, severity, next_step}`` for each thing to know about the content; see `notes`."""

    def __post_init__(self) -> None:
        super().__post_init__()
        # Told by its columns, for a version of format 1 says nothing of it.
        known = self.column_types if self.schema else {}
        object.__setattr__(self, "target_absent", self.target is not None and self.target not in known)
        object.__setattr__(self, "described", self.described or freeze({}))  # earlier programs wrote none

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


def versions_of(view: View, name: str | None = None) -> list[DatasetVersion]:
    """Return the versions of a dataset, or of all, newest first."""
    records = view.records("dataset")
    return [DatasetVersion.of(record) for record in records if name in (None, record["name"])]


def find(view: View, ref: str) -> DatasetVersion:
    """Return the version that ``customers@1``, ``customers@v1``, ``customers@latest`` or ``customers`` means."""
    name, _, wanted = ref.partition("@")
    versions = {str(version.version): version for version in reversed(versions_of(view, name))}
    if not versions:
        known = sorted({version.name for version in versions_of(view)})
        raise NotFoundError(
            f"No dataset is named {shown(name)}. Known: {', '.join(known) or 'none yet'}.",
            f"Add one: mlops data add FILE --name {suggest_name(name)}.",
        )
    return versions[choose_version(name, wanted, [*versions])]
