"""Outcomes: what became known after the rows it belongs to.

A file of outcomes names rows by the dataset's id and says when each outcome was known. Training and
monitoring join only what was known at their own time; a later outcome for the same row wins. A set of outcomes is about
one id and one target, and is joined to versions with the same two only.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from mlops.base.artifacts import Artifacts
from mlops.base.clock import Instant, datetime_of, instant_of, parse_instant
from mlops.base.errors import DataError, InvalidError, shown
from mlops.base.ledger import Ledger, writes
from mlops.base.recent import Recent
from mlops.base.records import Record, check_input, new_id
from mlops.base.view import View
from mlops.data import ids, reading, tables
from mlops.data.versions import DatasetVersion, find, versions_of

KNOWN_AT = "known_at"
"""Column of an outcomes file that says when each outcome was known."""

ENOUGH = 0.5
"""Share of the ids of an outcomes file that are rows of the dataset; below, the file is of something else."""


@dataclass(frozen=True)
class OutcomeSet(Record):
    """One file of outcomes that was added."""

    labels_id: str
    dataset: str
    rows: int
    id: str
    """The column whose values name the rows."""
    target: str
    """The column that the outcomes are of."""
    matched: int | None
    """How many of them are about a row of the dataset, in any of its versions; None in a set of format 1."""
    known_from: Instant
    """When the first of its outcomes was known."""
    known_until: Instant
    """When the last of its outcomes was known."""
    added_at: Instant
    source: str
    sha256: str
    """Hash of the content: ids, outcomes and instants."""
    created: bool

    @property
    def path(self) -> str:
        """Where the snapshot lies, below the workspace."""
        return f"data/{self.dataset}/{self.labels_id}.parquet"


class Outcomes:
    """The outcomes of the datasets of one workspace."""

    def __init__(self, ledger: Ledger, artifacts: Artifacts) -> None:
        self._ledger = ledger
        self._artifacts = artifacts

    @writes
    def add(self, path: str | Path, dataset: str, known_at: str | None = None) -> OutcomeSet:
        """Keep a file of outcomes.

        Parameters
        ----------
        path : str or Path
            A table with the id, the target, and possibly ``known_at``.
        dataset : str
            The dataset, or a version of it: it tells which columns are id and target, and their types.
        known_at : str, optional
            When the outcomes without a ``known_at`` of their own were known; now if not given.

        Raises
        ------
        DataError
            If a column is missing, an id or outcome is missing, an id stands there twice, or fewer than half of the ids
            are rows of the dataset: then they are damaged, or of something else.
        """
        ledger, artifacts = self._ledger, self._artifacts
        with ledger.read() as view:
            version, path = find(view, dataset), check_input(path)
        if version.id is None or version.target is None:
            raise InvalidError(
                f"{version.ref} has no {'id' if version.id is None else 'target'}, so outcomes cannot find their rows.",
                f"Say which column it is: mlops data add FILE --name {version.name} --id C --target C.",
            )
        with ledger.read() as view:
            now, versions = view.now(), versions_of(view, version.name)
        # A version that waits for its outcomes has no target column; an earlier one tells its type.
        kinds = {name: kind for one in reversed(versions) for name, kind in one.column_types.items()}
        default = parse_instant(known_at) if known_at is not None else now
        table = _read(path, version.id, version.target, {**kinds, **version.column_types}, default)
        sha256 = tables.content_sha256(table)
        with ledger.read() as view:
            kept = _recorded(view, version.name, sha256)
        if kept is not None:
            return kept
        alike = [one for one in versions if (one.id, one.target) == (version.id, version.target)]
        matched = _matched(table.column(version.id), ids.of_versions(ledger, artifacts, alike), version.name, path.name)
        instants = pc.min_max(table.column(KNOWN_AT)).as_py()
        with artifacts.stage() as stage:
            with stage.writer("outcomes.parquet") as file:
                tables.write_parquet(table, file)
            with ledger.write() as tx:
                if (kept := _recorded(tx, version.name, sha256)) is not None:
                    return kept
                added = OutcomeSet(
                    labels_id=new_id("l"),
                    dataset=version.name,
                    rows=table.num_rows,
                    id=version.id,
                    target=version.target,
                    matched=matched,
                    known_from=_instant(instants["min"]),
                    known_until=_instant(instants["max"]),
                    added_at=tx.at,
                    source=Path(path).name,
                    sha256=sha256,
                    created=True,
                )
                tx.append("labels.add", added.labels_id, added.as_dict(), {added.path: file.staged})
        return added

    def known(self, dataset: str, at: str | None = None) -> dict[Any, Any]:
        """Return ``{id: outcome}`` of a dataset as known at an instant that has come; now if not given."""
        with self._ledger.read() as view:
            version = find(view, dataset)
            instant = view.past(parse_instant(at)) if at else view.now()
        return known_outcomes(self._ledger, self._artifacts, version, instant)


def known(ledger: Ledger, artifacts: Artifacts, version: DatasetVersion, at: Instant | None = None) -> dict[str, Any]:
    """Return which outcomes of a version are known at an instant, as a run records what it was given.

    Returns
    -------
    dict
        ``{known_until, sets: [{labels_id, sha256}], sha256}``: the instant, now if not given; the sets of which some
        outcome was known by then, as they were added; and the hash of these outcomes. `outcomes_of` reads them again.
    """
    with ledger.read() as view:
        asked = _asked(ledger, artifacts, version, at or view.now())
    return asked | {"sha256": sha256_of(ledger, artifacts, asked)}


def known_outcomes(ledger: Ledger, artifacts: Artifacts, version: DatasetVersion, at: Instant) -> dict[Any, Any]:
    """Return ``{id: outcome}`` of every outcome of a version that was known at an instant."""
    return outcomes_of(ledger, artifacts, _asked(ledger, artifacts, version, at))


def _asked(ledger: Ledger, artifacts: Artifacts, version: DatasetVersion, until: Instant) -> dict[str, Any]:
    sets = known_sets(ledger, artifacts, version, until)
    return {"known_until": until, "sets": [{"labels_id": one.labels_id, "sha256": one.sha256} for one in sets]}


def known_sets(ledger: Ledger, artifacts: Artifacts, version: DatasetVersion, at: Instant) -> list[OutcomeSet]:
    """Return the sets that belong to a version, of which some outcome was known at an instant, as they were added."""
    with ledger.read() as view:
        recorded = [one for one in reversed(view.records("labels")) if one["dataset"] == version.name]
    sets = [OutcomeSet.of(record) for record in recorded]
    known = [one if one.id else _with_names(ledger, artifacts, one) for one in sets if one.known_from <= at]
    return [one for one in known if (one.id, one.target) == (version.id, version.target)]


def outcomes_of(ledger: Ledger, artifacts: Artifacts, recorded: Mapping[str, Any]) -> dict[Any, Any]:
    """Return ``{id: outcome}`` of exactly the outcomes that `known` has named, whatever was added since.

    Ids of two types - numbers first, and later codes with letters - are all given as text.
    """
    known = _latest(ledger, artifacts, recorded)
    return {} if known is None else dict(zip(known["id"], known["outcome"], strict=True))


def known_since(
    ledger: Ledger, artifacts: Artifacts, version: DatasetVersion, at: Instant
) -> dict[str, tuple[Any, Instant]]:
    """Return ``{id: (outcome, since when it is known)}``, ids as text, of a version's outcomes known at an instant.

    Whoever looks each month looks at the same again, so the last of these are kept in this process: leave them as they
    are.
    """
    asked = _asked(ledger, artifacts, version, at)

    def make() -> dict[str, tuple[Any, Instant]]:
        known = _latest(ledger, artifacts, asked)
        if known is None:
            return {}
        names = ids.spelled(pa.chunked_array([pa.array(known["id"])])).to_pylist()
        since = known[KNOWN_AT].dt.strftime("%Y-%m-%dT%H:%M:%S.%fZ").tolist()
        return dict(zip(names, zip(known["outcome"].tolist(), since, strict=True), strict=True))

    return _SINCE.get(named(known_sets(ledger, artifacts, version, at), at), make)


def named(sets: Iterable[OutcomeSet], at: Instant) -> tuple[tuple[str, Instant], ...]:
    """Return what names the outcomes of sets that are known at an instant; until others come, it stays the same."""
    return tuple((one.sha256, min(one.known_until, at)) for one in sets)


_SINCE: Recent[dict[str, tuple[Any, Instant]]] = Recent(most=16)


def _latest(ledger: Ledger, artifacts: Artifacts, recorded: Mapping[str, Any]) -> pd.DataFrame | None:
    """Return the outcomes that `known` has named, those that became known last at the end; None if there are none."""
    if not recorded["sets"]:
        return None
    with ledger.read() as view:
        sets = [OutcomeSet.of(view.record("labels", one["labels_id"]) or {}) for one in recorded["sets"]]
    contents = [tables.kept(ledger, artifacts, one.path).rename_columns(["id", "outcome", KNOWN_AT]) for one in sets]
    if len({content.column("id").type for content in contents}) > 1:
        contents = [content.set_column(0, "id", ids.spelled(content.column("id"))) for content in contents]
    limit = pd.Timestamp(datetime_of(recorded["known_until"])).tz_localize(None)
    frames = (content.to_pandas() for content in contents)
    known = pd.concat([frame[frame[KNOWN_AT] <= limit] for frame in frames])
    return known.sort_values(KNOWN_AT, kind="stable")


def sha256_of(ledger: Ledger, artifacts: Artifacts, recorded: Mapping[str, Any]) -> str:
    """Return the hash of exactly the outcomes that `known` has named."""
    outcomes = outcomes_of(ledger, artifacts, recorded)
    return hashlib.sha256("\n".join(sorted(map(repr, outcomes.items()))).encode()).hexdigest()


def join(table: pa.Table, version: DatasetVersion, outcomes: Mapping[Any, Any]) -> pa.Table:
    """Fill the missing targets of a table with known outcomes; without a target column, make one.

    Ids are the same if they are spelled alike. Outcomes of another kind than the target - yes and no, where the target
    is 0 and 1 - are of another coding, and fill no gap.
    """
    if version.target is None or version.id not in table.column_names:
        return table
    own = table.column(version.target) if version.target in table.column_names else None
    if not outcomes or (own is not None and own.null_count == 0):
        return table
    column = _column_of(table.column(version.id), outcomes, own)
    if column.null_count == len(column):
        return table
    if own is None:
        return table.append_column(version.target, column)
    filled = pc.coalesce(own.cast(column.type), column) if own.null_count < len(own) else column
    return table.set_column(table.column_names.index(version.target), version.target, filled)


def _column_of(column: pa.ChunkedArray, outcomes: Mapping[Any, Any], own: pa.ChunkedArray | None) -> pa.ChunkedArray:
    """Return the outcome of each row, in the type of the target; without one, in that of most outcomes."""
    by_id, names = outcomes, column.to_pylist()
    if not {type(name) for name in names if name is not None} <= {type(name) for name in by_id}:
        known, own_names = ids.comparable(pa.chunked_array([list(by_id)]), column)
        by_id, names = dict(zip(known.to_pylist(), by_id.values(), strict=True)), own_names.to_pylist()
    found = [by_id.get(name) for name in names]
    typical = own.drop_null()[:1].to_pylist() if own is not None else []
    kinds = Counter(_kind(one) for one in typical or found if one is not None)
    kind = next((kind for kind, _ in kinds.most_common(1)), None)
    joined = pa.array([one if one is not None and _kind(one) is kind else None for one in found])
    if pa.types.is_string(joined.type):
        joined = joined.cast(tables.ARROW["text"])
    if own is not None and typical:
        with suppress(pa.ArrowInvalid):  # beside whole numbers a fraction stays one
            joined = joined.cast(own.type)
    return pa.chunked_array([joined])


def _kind(outcome: Any) -> type:
    """Return what an outcome is: whole or not, numbers are of one kind."""
    return float if isinstance(outcome, int) and not isinstance(outcome, bool) else type(outcome)


def _with_names(ledger: Ledger, artifacts: Artifacts, kept: OutcomeSet) -> OutcomeSet:
    """Return a set of format 1 with its id and target: its columns are named after them."""
    identity, target = tables.kept(ledger, artifacts, kept.path).column_names[:2]
    return replace(kept, id=identity, target=target)


def _recorded(view: View, dataset: str, sha256: str) -> OutcomeSet | None:
    """Return the set that holds the same outcomes, if there is one."""
    alike = (one for one in view.records("labels") if (one["dataset"], one["sha256"]) == (dataset, sha256))
    record = next(alike, None)
    return OutcomeSet.of(record | {"created": False}) if record else None


def _matched(column: pa.ChunkedArray, known: Iterable[pa.ChunkedArray], dataset: str, file: str) -> int:
    """Count the ids that are rows of the dataset; refuse damaged ones, and a file that is mostly about other rows."""
    found = ids.look_up(column, known)
    if found.is_damaged:
        raise DataError(f"{file}: {found.why}", "Correct the ids in the file; nothing was kept.")
    if found.matched < ENOUGH * found.total:
        raise DataError(
            f"{file}: of {found.total:,} ids, {found.matched:,} are rows of {dataset}, in any of its versions.",
            f"Keep their rows as a version of {dataset} first, or leave out the outcomes of other rows.",
        )
    return found.matched


def _read(path: str | Path, identity: str, target: str, kinds: Mapping[str, tables.Type], default: Instant) -> pa.Table:
    table, _ = reading.read(path, reading.ReadOptions(known=kinds))
    name = Path(path).name
    missing = [column for column in (identity, target) if column not in table.column_names]
    if missing:
        raise DataError(
            f"{name} has no column {shown(missing[0])}. Columns: {', '.join(table.column_names)}.",
            f"Outcomes need {shown(identity)} and {shown(target)}, and may have {shown(KNOWN_AT)}.",
        )
    for column in (identity, target):
        kind, values = tables.type_of(table.column(column).type), table.column(column)
        if kinds.get(column, kind) != kind:
            raise DataError(
                f"{shown(column)} is {kinds[column]} in the dataset, but {kind} in {name}.", "Correct the file."
            )
        if values.null_count:
            raise DataError(f"{name}: {values.null_count} rows have no {shown(column)}.", "Leave these rows out.")
    if pc.count_distinct(table.column(identity)).as_py() != table.num_rows:
        raise DataError(f"{name}: an id stands there more than once.", "Keep one outcome for each row.")
    moment = pa.scalar(pd.Timestamp(datetime_of(default)).tz_localize(None), pa.timestamp("us"))
    known_at = pa.chunked_array([pa.repeat(moment, table.num_rows)])
    if KNOWN_AT in table.column_names:
        own = table.column(KNOWN_AT)
        if tables.type_of(own.type) not in ("date", "datetime"):
            raise DataError(f"{name}: {shown(KNOWN_AT)} must hold dates or instants.", "Write 2024-01-31T23:59:00Z.")
        known_at = pc.coalesce(own.cast(pa.timestamp("us")), known_at)
    return pa.table({identity: table.column(identity), target: table.column(target), KNOWN_AT: known_at})


def _instant(moment: Any) -> Instant:
    return instant_of(pd.Timestamp(moment).tz_localize("UTC").to_pydatetime())
