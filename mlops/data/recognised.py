"""Recognised: whether a file is a version that is kept, and if not, which one it is closest to.

Identity is content, so a file is recognised under any name and in any format; nothing of it is kept.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa

from mlops.base.errors import DataError
from mlops.base.records import Record
from mlops.data import tables
from mlops.data.changes import DatasetDiff, diff

if TYPE_CHECKING:
    from mlops.data.versions import DatasetVersion

MOST = 20
"""Versions that a file is compared with cell by cell, the newest first."""


@dataclass(frozen=True)
class Recognised(Record):
    """What a file is among the versions of a workspace."""

    file: str
    sha256: str | None
    """Hash of its content, read as `same` or `closest` was; None where nothing is kept to read it like."""
    same: tuple[str, ...]
    """The versions whose content it has, newest first."""
    closest: str | None
    """If it is none of them, the version with the fewest differences."""
    difference: DatasetDiff | None
    """From `closest` to the file."""


def recognise(
    path: Path,
    versions: Sequence[DatasetVersion],
    read_like: Callable[[DatasetVersion], pa.Table],
    content: Callable[[DatasetVersion], pa.Table],
) -> Recognised:
    """Hold a file against versions.

    Parameters
    ----------
    versions : sequence of DatasetVersion
        Newest first.
    read_like : callable
        Reads the file with the types and conventions of a version.
    content : callable
        Returns the content of a version.

    Raises
    ------
    DataError
        If it cannot be read like any of them.
    """
    newest = {version.name: version for version in reversed(versions)}
    read, refused = dict[str, pa.Table](), list[DataError]()
    for name, version in newest.items():
        try:
            read[name] = read_like(version)
        except DataError as error:
            refused.append(error)
    if refused and not read:
        raise refused[0]
    hashes = {name: tables.content_sha256(table) for name, table in read.items()}
    same = tuple(version.ref for version in versions if version.sha256 in hashes.values())
    if same:
        sha256 = next(version.sha256 for version in versions if version.ref == same[0])
        return Recognised(path.name, sha256, same, None, None)
    compared = [(one, diff(content(one), read[one.name], one.id)) for one in _alike(versions, read)]
    near = [(version, found) for version, found in compared if found.rows_added < read[version.name].num_rows]
    if not near:
        return Recognised(path.name, next(iter(hashes.values()), None), (), None, None)
    closest, difference = min(near, key=lambda pair: _size(pair[1], pair[0].columns))
    return Recognised(path.name, hashes[closest.name], (), closest.ref, difference)


def _alike(versions: Iterable[DatasetVersion], read: dict[str, pa.Table]) -> list[DatasetVersion]:
    """Return the versions that share most of their columns with the file."""
    known = (version for version in versions if version.name in read)
    shared = ((version, set(version.column_types) & set(read[version.name].column_names)) for version in known)
    return [version for version, columns in shared if 2 * len(columns) > version.columns][:MOST]


def _size(difference: DatasetDiff, columns: int) -> int:
    """Return about how many cells differ; a row or a column that is missing counts with all its cells."""
    rows = difference.rows_added + difference.rows_removed
    named = len(difference.columns_added) + len(difference.columns_removed)
    return sum(difference.cells_changed.values()) + rows * columns + named * columns
