"""Labels: outcomes that become known after the rows they belong to.

A file of outcomes names rows by the dataset's id and says when each outcome was known. Training and
monitoring join only what was known at their own time; a later outcome for the same row wins.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from mlops import reading, tables
from mlops.artifacts import Artifacts
from mlops.clock import Instant, datetime_of, instant_of, parse_instant
from mlops.datasets import DatasetVersion
from mlops.errors import DataError, InvalidError
from mlops.ledger import Ledger, View
from mlops.records import Record, check_input, new_id

KNOWN_AT = "known_at"
"""Column of an outcomes file that says when each outcome was known."""


@dataclass(frozen=True)
class LabelSet(Record):
    """One file of outcomes that was added."""

    labels_id: str
    dataset: str
    rows: int
    known_from: Instant
    """When the first of its outcomes was known."""
    known_until: Instant
    """When the last of its outcomes was known."""
    added_at: Instant
    source: str
    sha256: str
    """Hash of the content: ids, labels and instants."""
    created: bool

    @property
    def path(self) -> str:
        """Where the snapshot lies, below the workspace."""
        return f"data/{self.dataset}/{self.labels_id}.parquet"


def add(
    ledger: Ledger, artifacts: Artifacts, version: DatasetVersion, path: str | Path, known_at: str | None = None
) -> LabelSet:
    """Keep a file of outcomes.

    Parameters
    ----------
    version : DatasetVersion
        A version of the dataset; it tells which columns are id and target, and their types.
    path : str or Path
        A table with the id, the target, and possibly ``known_at``.
    known_at : str, optional
        When the outcomes without a ``known_at`` of their own were known; now if not given.

    Raises
    ------
    DataError
        If a column is missing, an id or outcome is missing, or an id stands there twice.
    """
    path = check_input(path)
    if version.id is None or version.target is None:
        raise InvalidError(
            f"{version.ref} has no {'id' if version.id is None else 'target'}, so outcomes cannot find their rows.",
            f"Say which column it is: mlops data add FILE --name {version.name} --id C --target C.",
        )
    with ledger.read() as view:
        now = view.now()
        # A version that waits for its outcomes has no target column; an earlier one tells its type.
        schemas = [record["schema"] for record in view.records("dataset") if record["name"] == version.name]
    kinds = {column["name"]: column["type"] for schema in reversed(schemas) for column in schema}
    default = parse_instant(known_at) if known_at is not None else now
    table = _read(path, version.id, version.target, {**kinds, **version.column_types}, default)
    sha256 = tables.content_sha256(table)
    instants = pc.min_max(table.column(KNOWN_AT)).as_py()
    with artifacts.stage() as stage:
        with stage.writer("labels.parquet") as file:
            tables.write_parquet(table, file)
        with ledger.write() as tx:
            for record in tx.records("labels"):
                if (record["dataset"], record["sha256"]) == (version.name, sha256):
                    return LabelSet.of(record | {"created": False})
            labels = LabelSet(
                labels_id=new_id("l"),
                dataset=version.name,
                rows=table.num_rows,
                known_from=_instant(instants["min"]),
                known_until=_instant(instants["max"]),
                added_at=tx.at,
                source=Path(path).name,
                sha256=sha256,
                created=True,
            )
            tx.append("labels.add", labels.labels_id, labels.as_dict(), {labels.path: file.staged})
    return labels


def known(ledger: Ledger, artifacts: Artifacts, dataset: str, at: Instant | None = None) -> dict[str, Any]:
    """Return which outcomes of a dataset are known at an instant, as a run records what it was given.

    Returns
    -------
    dict
        ``{known_until, sets: [{labels_id, sha256}], sha256}``: the instant, now if not given; the sets of which some
        outcome was known by then, as they were added; and the hash of these outcomes. `outcomes_of` reads them again.
    """
    with ledger.read() as view:
        until = at or view.now()
        sets = [{"labels_id": one.labels_id, "sha256": one.sha256} for one in known_sets(view, dataset, until)]
    asked = {"known_until": until, "sets": sets}
    return asked | {"sha256": _outcomes_sha256(outcomes_of(ledger, artifacts, dataset, asked))}


def known_outcomes(ledger: Ledger, artifacts: Artifacts, dataset: str, at: Instant) -> dict[Any, Any]:
    """Return ``{id: label}`` of every outcome of a dataset that was known at an instant."""
    return outcomes_of(ledger, artifacts, dataset, known(ledger, artifacts, dataset, at))


def known_sets(view: View, dataset: str, at: Instant) -> list[LabelSet]:
    """Return the sets of a dataset of which some outcome was known at an instant, as they were added."""
    sets = [LabelSet.of(record) for record in reversed(view.records("labels")) if record["dataset"] == dataset]
    return [labels for labels in sets if labels.known_from <= at]


def outcomes_of(ledger: Ledger, artifacts: Artifacts, dataset: str, recorded: Mapping[str, Any]) -> dict[Any, Any]:
    """Return ``{id: label}`` of exactly the outcomes that `known` has named, whatever was added since."""
    if not recorded["sets"]:
        return {}
    with ledger.read() as view:
        sets = [LabelSet.of(view.record("labels", one["labels_id"]) or {}) for one in recorded["sets"]]
        named = [(labels, view.artifact(labels.path)) for labels in sets]
    limit = pd.Timestamp(datetime_of(recorded["known_until"])).tz_localize(None)
    parts = []
    for labels, sha256 in named:
        frame = tables.read_snapshot(artifacts.read(labels.path, sha256)).to_pandas()
        frame.columns = pd.Index(["id", "label", KNOWN_AT])
        parts.append(frame[frame[KNOWN_AT] <= limit])
    outcomes = pd.concat(parts).sort_values(KNOWN_AT, kind="stable")
    return dict(zip(outcomes["id"], outcomes["label"], strict=True))


def _outcomes_sha256(outcomes: Mapping[Any, Any]) -> str:
    return hashlib.sha256("\n".join(sorted(map(repr, outcomes.items()))).encode()).hexdigest()


def join(table: pa.Table, version: DatasetVersion, outcomes: Mapping[Any, Any]) -> pa.Table:
    """Fill the missing targets of a table with known outcomes; without a target column, make one."""
    if version.target is None or version.id not in table.column_names:
        return table
    own = table.column(version.target) if version.target in table.column_names else None
    if not outcomes or (own is not None and own.null_count == 0):
        return table
    found = [outcomes.get(identity) for identity in table.column(version.id).to_pylist()]
    column = pa.chunked_array([pa.array(found, own.type if own is not None else None)])
    if own is None:
        text = pa.types.is_string(column.type)
        return table.append_column(version.target, column.cast(tables.ARROW["text"]) if text else column)
    return table.set_column(table.column_names.index(version.target), version.target, pc.coalesce(own, column))


def _read(path: str | Path, identity: str, target: str, kinds: Mapping[str, tables.Type], default: Instant) -> pa.Table:
    table, _ = reading.read(path, reading.ReadOptions(known=kinds))
    name = Path(path).name
    missing = [column for column in (identity, target) if column not in table.column_names]
    if missing:
        raise DataError(
            f"{name} has no column {missing[0]!r}. Columns: {', '.join(table.column_names)}.",
            f"Outcomes need {identity!r} and {target!r}, and may have {KNOWN_AT!r}.",
        )
    for column in (identity, target):
        kind, values = tables.type_of(table.column(column).type), table.column(column)
        if kinds.get(column, kind) != kind:
            raise DataError(f"{column!r} is {kinds[column]} in the dataset, but {kind} in {name}.", "Correct the file.")
        if values.null_count:
            raise DataError(f"{name}: {values.null_count} rows have no {column!r}.", "Leave these rows out.")
    if pc.count_distinct(table.column(identity)).as_py() != table.num_rows:
        raise DataError(f"{name}: an id stands there more than once.", "Keep one outcome for each row.")
    moment = pa.scalar(pd.Timestamp(datetime_of(default)).tz_localize(None), pa.timestamp("us"))
    known_at = pa.chunked_array([pa.repeat(moment, table.num_rows)])
    if KNOWN_AT in table.column_names:
        own = table.column(KNOWN_AT)
        if tables.type_of(own.type) not in ("date", "datetime"):
            raise DataError(f"{name}: {KNOWN_AT!r} must hold dates or instants.", "Write 2024-01-31T23:59:00Z.")
        known_at = pc.coalesce(own.cast(pa.timestamp("us")), known_at)
    return pa.table({identity: table.column(identity), target: table.column(target), KNOWN_AT: known_at})


def _instant(moment: Any) -> Instant:
    return instant_of(pd.Timestamp(moment).tz_localize("UTC").to_pydatetime())
