"""Joins: rows of several versions as one table, each with the outcome that is known of it today.

A month's customers and what became of them lie apart; what a model is to learn from next - the last months, as far as
they are known - is put together here, and is a version like any other. It names the versions it came from, and the
outcomes.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from mlops.base.artifacts import Artifacts
from mlops.base.clock import Instant
from mlops.base.errors import DataError
from mlops.base.ledger import Ledger
from mlops.base.notes import Note
from mlops.data import ids, outcomes, tables
from mlops.data.versions import DatasetVersion


def join(
    ledger: Ledger, artifacts: Artifacts, versions: Sequence[DatasetVersion], now: Instant
) -> tuple[pa.Table, Mapping[str, Any], list[Note]]:
    """Put the rows of versions together whose outcome was known at an instant.

    A row that stands in several versions is there once, as the newest has it.

    Parameters
    ----------
    versions : sequence of DatasetVersion
        Each once, the oldest first. All have the same columns, id and target.

    Returns
    -------
    table : pyarrow.Table
        The rows in the order of the versions; the target last, if the newest version came without.
    known : dict
        ``{known_until, sets, sha256}``: the outcomes that were joined, as a run records them.
    notes : list of Note
        What was left out.

    Raises
    ------
    DataError
        If the versions have other columns, or no outcome was known.
    """
    target = _check_alike(versions)
    known = _known(ledger, artifacts, versions, now)
    parts, notes = list[pa.Table](), list[Note]()
    for version in versions:
        by_id = outcomes.known_outcomes(ledger, artifacts, version, now)
        table = outcomes.join(tables.kept(ledger, artifacts, version.path), version, by_id)
        valid = table.filter(pc.is_valid(table.column(target))) if target in table.column_names else table.slice(0, 0)
        if without := table.num_rows - valid.num_rows:
            said = f"{without:,} of {table.num_rows:,} rows of {version.ref} have no known {target} and were left out."
            notes.append(Note("unlabelled_rows", target, said))
        parts.append(valid)
    parts, repeated = _each_row_once([part for part in parts if part.num_rows], str(versions[-1].id))
    if not parts:
        raise DataError(
            f"No {target} of {', '.join(version.ref for version in versions)} is known on this date.",
            f"Add outcomes (mlops labels add FILE --dataset {versions[-1].name}) or wait for them.",
        )
    if repeated:
        said = f"{repeated:,} rows stand in more than one of these versions; the newest one counts."
        notes.append(Note("repeated_rows", versions[-1].id, said))
    names = [*versions[-1].column_types, *([target] if versions[-1].target_absent else [])]
    try:
        return pa.concat_tables([part.select(names) for part in parts], promote_options="permissive"), known, notes
    except (pa.ArrowInvalid, pa.ArrowTypeError) as error:
        raise DataError(f"The versions do not fit together: {error}.", "Join versions of the same columns.") from error


def _check_alike(versions: Sequence[DatasetVersion]) -> str:
    """Refuse versions that are not about the same; return their target."""
    newest = versions[-1]
    if newest.target is None or newest.id is None:
        missing = "target" if newest.target is None else "id"
        raise DataError(
            f"{newest.ref} has no {missing}: a join takes rows that have a name, and an outcome.",
            f"Name it: mlops data add FILE --name {newest.name} --{missing} COLUMN.",
        )
    for version in versions:
        if (version.id, version.target) != (newest.id, newest.target):
            raise DataError(
                f"{version.ref} is about {version.target} by {version.id}, {newest.ref} about {newest.target} by "
                f"{newest.id}.",
                "Join versions with the same id and target.",
            )
        if other := ({*version.column_types} ^ {*newest.column_types}) - {newest.target}:
            raise DataError(
                f"{version.ref} and {newest.ref} do not have the same columns: {', '.join(sorted(other))}.",
                "Join versions of the same columns.",
            )
    return newest.target


def _known(ledger: Ledger, artifacts: Artifacts, versions: Iterable[DatasetVersion], now: Instant) -> Mapping[str, Any]:
    """Return which outcomes of all these versions were known, in one record."""
    found = [one for version in versions for one in outcomes.known_sets(ledger, artifacts, version, now)]
    sets = list({one.labels_id: {"labels_id": one.labels_id, "sha256": one.sha256} for one in found}.values())
    known = {"known_until": now, "sets": sets}
    return known | {"sha256": outcomes.sha256_of(ledger, artifacts, known)}


def _each_row_once(parts: Sequence[pa.Table], identity: str) -> tuple[list[pa.Table], int]:
    """Leave out of each part the rows whose id stands in a later one; return how many these were."""
    once, repeated, later = list[pa.Table](), 0, pa.array([], pa.large_string())
    for part in reversed(parts):
        names = ids.spelled(part.column(identity))
        kept = part.filter(pc.invert(pc.is_in(names, value_set=later)))
        repeated += part.num_rows - kept.num_rows
        once.insert(0, kept)
        later = pa.concat_arrays([later, *names.drop_null().chunks])
    return once, repeated
