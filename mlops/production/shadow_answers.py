"""Shadow answers: what a silent candidate says of rows that the live model has answered.

What is asked of it is what the live model took, as it was logged, and it answers like at any door. A row that it cannot
answer is no error of anybody: it is noted, with what was wrong. Of some rows both are timed: each alone, by one row
after the other in the same process, for how long the live model took while it was asked depends on what else was going
on. An answer to a request is a line of the candidate's own log; answers to a file are an artifact.
"""

from __future__ import annotations

import io
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import takewhile
from typing import Any

import numpy as np
import pyarrow as pa

from mlops.base.artifacts import Artifacts
from mlops.base.errors import DataError, MlopsError
from mlops.base.ledger import Ledger
from mlops.base.records import ref_of
from mlops.data import tables
from mlops.data.datasets import Datasets
from mlops.models import scoring
from mlops.models.signature import Intake, Signature, misfit
from mlops.release import answered, answering
from mlops.release.answered import Block
from mlops.release.registry import LoadedModel, Models
from mlops.release.request_log import RequestLog

TIMED = 10
"""Rows of a block on which both are timed."""

Entry = dict[str, Any]
"""A line of the candidate's log."""


@dataclass(frozen=True)
class FileAnswers:
    """What a candidate said of the rows of a file."""

    file: bytes
    """Parquet: scores and predictions, in the order of the rows; null where it could not answer."""
    facts: Mapping[str, Any]
    """``rows``, ``refused: [{field, expected, got, rows}]`` and ``took: [[live, candidate]]`` in seconds."""


def log(ledger: Ledger, artifacts: Artifacts) -> RequestLog:
    """Return the log of what silent candidates said of requests."""
    return RequestLog(ledger, artifacts, "shadow")


def path(shadow_id: str, batch_id: str) -> str:
    """Return where the answers to a file are kept, below the workspace."""
    return f"predictions/{shadow_id}-{batch_id}.parquet"


def of_shadow(ledger: Ledger, artifacts: Artifacts, shadow_id: str, began: int) -> Iterator[Entry]:
    """Yield what a candidate said of requests, newest first; nothing older than the event with which it began."""
    new = takewhile(lambda one: one.get("after", 0) >= began, iter(log(ledger, artifacts)))
    return (one for one in new if one["shadow_id"] == shadow_id)


class Candidate:
    """A version that answers silently."""

    def __init__(self, ledger: Ledger, artifacts: Artifacts, model: Mapping[str, str]) -> None:
        self._models, self._datasets = Models(ledger, artifacts), Datasets(ledger, artifacts)
        self.loaded = self._models.load(ref_of(model))
        self._warm = set[str]()

    def answer_requests(self, ref: str, asked: Sequence[Mapping[str, Any]]) -> list[Entry]:
        """Answer requests that one version has answered.

        Parameters
        ----------
        ref : str
            That version.
        asked : sequence of mapping
            Logged requests.

        Returns
        -------
        list of dict
            For each ``prediction_id, asked_at, id``; ``live: {version, score, prediction}`` as it was answered;
            ``score`` and ``prediction`` of the candidate, or why it is ``refused: {field, expected, got}``; and of the
            first ones ``took: [live, candidate]`` in seconds.
        """
        said = self._answers(ref, answered.table_of(self._models, ref, asked))
        took = self._took(ref, [one["row"] for one, wrong in zip(asked, said.refused, strict=True) if not wrong])
        return [
            {
                "prediction_id": one["prediction_id"],
                "asked_at": one["at"],
                "id": one["id"],
                "live": {
                    "version": one["model"]["version"],
                    "score": one["score"],
                    "prediction": one["answer"]["prediction"],
                },
                "score": None if wrong else score.tolist(),
                "prediction": None if wrong else decided,
                "refused": wrong,
                "took": took.pop(0) if took and not wrong else None,
            }
            for one, score, decided, wrong in zip(asked, said.scores, said.decided, said.refused, strict=True)
        ]

    def answer_file(self, block: Block) -> FileAnswers:
        """Answer a file that a version has answered."""
        ref, rows = ref_of(block.model), block.table
        parts = [
            self._answers(ref, rows.slice(at, tables.GROUP_ROWS)) for at in range(0, rows.num_rows, tables.GROUP_ROWS)
        ]
        refused = [wrong for part in parts for wrong in part.refused]
        scores = np.concatenate([part.scores for part in parts]) if parts else np.empty(0)
        decided = [one for part in parts for one in part.decided]
        kind = answered.prediction_type(self.loaded.signature)
        kept = {name: pa.array(column, from_pandas=True) for name, column in columns("score", scores).items()}
        tables.write_parquet(pa.table({**kept, "prediction": pa.array(decided, kind)}), file := io.BytesIO())
        wrong = [(one, 1) for one in refused if one]
        good = answered.asked_of(rows).take(
            pa.array([at for at, wrong in enumerate(refused) if not wrong][:TIMED], pa.int64())
        )
        took = self._took(ref, good.to_pylist())
        return FileAnswers(file.getvalue(), {"rows": rows.num_rows, "refused": counted(wrong), "took": took})

    def _answers(self, ref: str, rows: pa.Table) -> _Answers:
        """Answer rows that a version has answered."""
        model, learned = self.loaded, self.loaded.signature
        if learned.question != (other := Signature.of(self._models.metadata(ref)["signature"])).question:
            wrong = misfit(None, learned.target, _question(learned), f"{_question(other)}, asked of {ref}")
            return _Answers.none(rows.num_rows, learned, wrong)
        intake = Intake(learned, lambda: self._datasets.table(model.version.data_version))
        try:
            scores, unusable = scoring.answered(model.pipeline, answered.asked_of(rows), intake)
        except DataError as error:  # of another schema: then none of them
            return _Answers.none(rows.num_rows, learned, error.details[0])
        good = np.setdiff1d(np.arange(rows.num_rows), [*unusable])
        decided = dict(zip(good.tolist(), scoring.decide(scores[good], learned, model.threshold), strict=True))
        every = range(rows.num_rows)
        return _Answers(scores, [decided.get(at) for at in every], [_plain(unusable.get(at)) for at in every])

    def _took(self, ref: str, rows: Sequence[Mapping[str, Any]]) -> list[list[float] | None]:
        """Time both on the first of some rows, in seconds: live, candidate; None where the live one cannot be asked."""
        try:
            live = self._models.load(ref)
        except MlopsError:
            return []
        took: list[list[float] | None] = []
        for number, row in enumerate(rows[:TIMED]):
            for model in (live, self.loaded) if ref not in self._warm else ():
                _seconds(model, row)  # the first time costs more than any other
            self._warm.add(ref)
            pair = [live, self.loaded][:: -1 if number % 2 else 1]
            spent = [_seconds(model, row) for model in pair][:: -1 if number % 2 else 1]
            took.append(None if None in spent else [one or 0.0 for one in spent])
        return took


@dataclass(frozen=True, eq=False)
class _Answers:
    """What a candidate said of rows, in their order."""

    scores: np.ndarray
    decided: list[Any]
    refused: list[dict[str, Any] | None]
    """Of each row why it could not be answered; None if it was."""

    @classmethod
    def none(cls, rows: int, learned: Signature, wrong: Mapping[str, Any]) -> _Answers:
        several = (len(learned.labels),) if learned.task == "multiclass" else ()
        return cls(np.full((rows, *several), np.nan), [None] * rows, [_plain(wrong)] * rows)


def counted(wrong: Iterable[tuple[Mapping[str, Any], int]]) -> list[dict[str, Any]]:
    """Return why rows could not be answered, most first: ``{field, expected, got, rows}``, the value as an example.

    Parameters
    ----------
    wrong : iterable of (mapping, int)
        ``{field, expected, got}``, and how many rows.
    """
    rows, examples = Counter[tuple[str, str]](), dict[tuple[str, str], Any]()
    for one, many in wrong:
        kind = one["field"], one["expected"]
        rows[kind] += many
        examples.setdefault(kind, one["got"])
    return [
        {"field": kind[0], "expected": kind[1], "got": examples[kind], "rows": many}
        for kind, many in rows.most_common()
    ]


def columns(name: str, scores: np.ndarray) -> dict[str, np.ndarray]:
    """Return scores as columns of a table: one, or one for each class."""
    if scores.ndim == 1:
        return {name: scores}
    return {f"{name}_{place}": scores[:, place] for place in range(scores.shape[1])}


def _plain(wrong: Mapping[str, Any] | None) -> dict[str, Any] | None:
    if wrong is None:
        return None
    return {"field": wrong["field"], "expected": wrong["expected"], "got": tables.plain(wrong["got"])}


def _question(learned: Signature) -> str:
    return f"{learned.target} ({learned.task}{''.join(f', {label}' for label in learned.labels)})"


def _seconds(model: LoadedModel, row: Mapping[str, Any]) -> float | None:
    """Return how long a version takes to answer a row as a door does; None if it does not take it."""
    begun = time.perf_counter()
    with suppress(DataError):
        answering.certain(model, [model.signature.row(row)[0]], [row])
        return round(time.perf_counter() - begun, 6)
    return None
