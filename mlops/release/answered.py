"""Answered: what a live model answered, row by row, whether it was asked for one row or for a file of them.

Requests stand in the request log, the answers to a file in an artifact beside it; here both are tables of the same
columns: ``id`` as text, ``score`` (``score_0``... where there are several classes), ``prediction``, and ``asked.NAME``
for each feature as the model took it. A *block* is such a table: answers of one version of a model about one month,
from one file or from one piece of the log. What stands in a block never changes, so what is made of it can be kept.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyarrow as pa

from mlops.base import months
from mlops.base.artifacts import Artifacts
from mlops.base.clock import Instant
from mlops.base.environments import Environment
from mlops.base.ledger import Ledger
from mlops.base.recent import Recent
from mlops.base.records import ref_of, sha256_of
from mlops.base.view import View
from mlops.data import ids, tables
from mlops.models.signature import Signature
from mlops.release.registry import Models
from mlops.release.request_log import Piece, RequestLog

ASKED = "asked."
"""How the columns of answers begin that hold what was asked."""


@dataclass(frozen=True, eq=False)
class Block:
    """Answers of one version of a model about one month."""

    environment: str | None
    """Where it was asked as the live one; None where it was asked by its version."""
    model: Mapping[str, str]
    """``{name, version, sha256}`` of who answered."""
    month: str
    at: Instant
    """When the first of them was given."""
    batch_id: str | None
    """The file that was asked about; None for requests, which came one by one."""
    data_version: str | None
    """The version of a dataset whose rows were asked about, if it was one."""
    rows: int
    key: str
    """Hash that names what stands in it."""
    read: Callable[[], pa.Table] = field(repr=False)

    @property
    def table(self) -> pa.Table:
        """The answers, in the order in which they were given."""
        return _TABLES.get(self.key, self.read)


_TABLES: Recent[pa.Table] = Recent(most=32)
_SORTED: Recent[Mapping[Sort, Mapping[str, Any]]] = Recent(most=64)


def path(batch_id: str) -> str:
    """Return where the answers to a file are kept, below the workspace."""
    return f"predictions/{batch_id}.parquet"


def table(rows: pa.Table, taken: pa.Table, scores: np.ndarray, decided: Sequence[Any], learned: Signature) -> pa.Table:
    """Return answers in the columns in which they are kept.

    Parameters
    ----------
    rows : pyarrow.Table
        The rows as they came, with their id if they have one.
    taken : pyarrow.Table
        Their features as the model took them.
    scores : ndarray
        As `scoring.probabilities` returns them.
    decided : sequence
        As `scoring.decide` returns them.
    """
    named = learned.id in rows.column_names
    kind = prediction_type(learned)
    several = {f"score_{place}": scores[:, place] for place in range(scores.shape[1] if scores.ndim > 1 else 0)}
    return pa.table(
        {
            "id": ids.spelled(rows.column(learned.id)) if named else pa.nulls(rows.num_rows, pa.large_string()),
            **(several or {"score": scores}),
            "prediction": pa.array(decided, kind),
            **{
                f"{ASKED}{one['name']}": taken.column(one["name"]).cast(tables.ARROW[one["type"]], safe=False)
                for one in learned.features
            },
        }
    )


def prediction_type(learned: Signature) -> pa.DataType:
    """Return the type of predictions: that of the labels, for a table in which no row could be used has none."""
    kind = pa.array(learned.labels or (0.0,)).type
    return pa.large_string() if pa.types.is_string(kind) else kind


def blocks(ledger: Ledger, artifacts: Artifacts, environment: Environment | None, model: str) -> list[Block]:
    """Return what was answered under a model name in an environment, or anywhere, in the order in which it came.

    Files are told by their records, and each piece of the log is looked through once in this process. Files of which
    the workspace keeps no answers are not among them: those that a version was asked for by its number, or long ago.
    """
    with ledger.read() as view:
        batches = files(view)
    found = [of_file(ledger, artifacts, one) for one in batches]
    models = Models(ledger, artifacts)
    for piece in RequestLog(ledger, artifacts).pieces():
        found += _of_piece(models, piece)
    asked = [one for one in found if one.model["name"] == model and environment in (None, one.environment)]
    return sorted(asked, key=lambda block: block.at)


def files(view: View, after: int = 0) -> Iterator[dict[str, Any]]:
    """Return the records of the files of which answers are kept, newest first: all, or those after an event."""
    query = "SELECT record FROM records WHERE noun = 'batch' AND seq > ? ORDER BY seq DESC"
    found = (json.loads(record) for (record,) in view.select("batch", query, (after,)).fetchall())
    return (one for one in found if one.get("answers_sha256"))


def of_file(ledger: Ledger, artifacts: Artifacts, batch: Mapping[str, Any]) -> Block:
    """Return the answers to a file, by its record."""

    def read() -> pa.Table:
        return tables.kept(ledger, artifacts, path(batch["batch_id"]))

    facts = {fact: batch[fact] for fact in ("environment", "model", "month", "batch_id", "data_version", "rows")}
    return Block(**facts, at=batch["predicted_at"], key=batch["answers_sha256"], read=read)


Sort = tuple[str | None, str, str]
"""What the requests of a block have in common: environment, version of the model, month."""


def _sort(request: Mapping[str, Any]) -> Sort:
    return request["environment"], ref_of(request["model"]), months.of(request["at"])


def _of_piece(models: Models, piece: Piece) -> Iterator[Block]:
    """Yield the requests of a piece of the log, by what they have in common."""
    # Of a sealed piece, which stays as it is, only this is remembered; its requests are read again when asked for.
    requests = None if piece.sha256 else [*piece.read()]
    sorts = _summed(requests) if requests is not None else _SORTED.get(piece.sha256, lambda: _summed(piece.read()))
    for sort, facts in sorts.items():

        def read(sort: Sort = sort) -> pa.Table:
            same = [one for one in (piece.read() if requests is None else requests) if _sort(one) == sort]
            return table_of(models, sort[1], same[::-1])

        yield Block(sort[0], facts["model"], sort[2], facts["at"], None, None, facts["rows"], facts["key"], read)


def _summed(requests: Iterable[Mapping[str, Any]]) -> Mapping[Sort, Mapping[str, Any]]:
    """Return what is to be known of each sort of requests without reading them again."""
    sorts: dict[Sort, list[Mapping[str, Any]]] = {}
    for one in requests:
        sorts.setdefault(_sort(one), []).append(one)
    return {
        sort: {
            "model": same[-1]["model"],
            "at": same[-1]["at"],
            "rows": len(same),
            "key": sha256_of([one["prediction_id"] for one in same]),
        }
        for sort, same in sorts.items()
    }


def asked_of(answers: pa.Table) -> pa.Table:
    """Return what was asked in a table of answers: the features by their names."""
    names = [name for name in answers.column_names if name.startswith(ASKED)]
    return answers.select(names).rename_columns([name.removeprefix(ASKED) for name in names])


def table_of(models: Models, ref: str, asked: Sequence[Mapping[str, Any]]) -> pa.Table:
    """Return requests that were asked of one version, oldest first, as a table of answers."""
    learned = Signature.of(models.metadata(ref)["signature"])
    schema = pa.schema([(one["name"], tables.ARROW[one["type"]]) for one in learned.features])
    named = pa.array([None if one["id"] is None else str(one["id"]) for one in asked], pa.large_string())
    taken = pa.Table.from_pylist([one["row"] for one in asked], schema)
    decided, scores = [one["answer"]["prediction"] for one in asked], np.array([one["score"] for one in asked])
    return table(pa.table({str(learned.id): named}), taken, scores, decided, learned)
