"""Answers: what a version of a model says about rows, in the words of every door.

One row or many requests: they are checked one by one and scored in one pass (`scored`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from mlops.base.clock import Instant
from mlops.base.errors import DataError
from mlops.experiments.judged import Recorded
from mlops.models import scoring
from mlops.models.matrix import Cells
from mlops.models.signature import Signature, misfit, refused
from mlops.release.registry import LoadedModel

MOST_MISFITS = 1000
"""So many misfits of a request are named; the rows after them are not looked at."""


@dataclass(frozen=True)
class Prediction:
    """The answer to one row."""

    identity: tuple[str, Any]
    """Name and value of the id column; ``("row", 0)`` where there is none."""
    scores: Mapping[str, Any]
    """``<target>_probability``, or ``probabilities`` by class, or nothing for regression."""
    prediction: Any
    """The predicted label in the target's own type, or the predicted number."""
    threshold: float | None
    model_version: str
    model_sha256: str
    prediction_id: str
    predicted_at: Instant
    warnings: tuple[str, ...]

    def as_dict(self) -> dict[str, Any]:
        """Return the answer as every door gives it."""
        facts = {key: value for key, value in vars(self).items() if key not in ("identity", "scores")}
        return {self.identity[0]: self.identity[1], **self.scores, **facts, "warnings": list(self.warnings)}


Answerer = LoadedModel | Recorded
"""Who answers: a version of a model, or a run that has none yet."""


@dataclass(frozen=True)
class Scored:
    """A row that a model has answered; as a `Prediction` it has an id and a time as well."""

    row: Mapping[str, Any]
    """As it came."""
    values: Mapping[str, Any]
    """As the model took it."""
    warnings: Sequence[str]
    score: np.ndarray
    said: Mapping[str, Any]
    """What follows from the score, by field of `Prediction`."""


def scored(model: Answerer, asked: Sequence[Sequence[Mapping[str, Any]]]) -> list[list[Scored] | DataError]:
    """Answer requests, each of one row or of many, in one pass.

    Returns
    -------
    list
        For each request its rows, all answered; or why it is refused, with the misfits of all rows in the details.
    """
    taken = [_taken(model.signature, rows) for rows in asked]
    fitting = [request for request in taken if not isinstance(request, DataError)]
    scores, said, beyond = computed(model, [values for request in fitting for values, _ in request])
    found: list[list[Scored] | DataError] = []
    begin = 0
    for rows, request in zip(asked, taken, strict=True):
        if isinstance(request, DataError):
            found.append(request)
            continue
        places = range(begin, begin := begin + len(rows))
        if wrong := {number: beyond[at] for number, at in enumerate(places) if at in beyond}:
            found.append(not_held(wrong, rows))
            continue
        each = zip(places, rows, request, strict=True)
        found.append([Scored(row, *checked, scores[at], said[at]) for at, row, checked in each])
    return found


def computed(
    model: Answerer, values: Sequence[Mapping[str, Any]]
) -> tuple[np.ndarray, list[dict[str, Any]], dict[int, str]]:
    """Return the scores of rows, for each row what follows from its score, and the rows beyond the model.

    Parameters
    ----------
    values : sequence of mapping
        The rows as the model takes them.

    Returns
    -------
    scores, beyond
        As `scoring.answers` returns them.
    said : list of dict
        By field of `Prediction`.
    """
    learned = model.signature
    scores, beyond = scoring.answers(model.pipeline, Cells.of_rows(values, learned), learned)
    threshold = model.threshold if learned.task == "binary" else None
    decided = zip(scores, scoring.decide(scores, learned, model.threshold), strict=True)
    said = [{"scores": named(score, learned), "prediction": label, "threshold": threshold} for score, label in decided]
    return scores, said, beyond


def certain(
    model: Answerer, values: Sequence[Mapping[str, Any]], rows: Sequence[Mapping[str, Any]]
) -> list[dict[str, Any]]:
    """Return what a model says about rows, as `computed` does; refuse all if one of them is beyond the model.

    Parameters
    ----------
    rows : sequence of mapping
        The rows as they came, for the message.
    """
    _, said, beyond = computed(model, values)
    if beyond:
        raise not_held(beyond, rows)
    return said


def named(score: np.ndarray, learned: Signature) -> dict[str, Any]:
    """Return what a row was given, under the names that every door uses."""
    if learned.task == "multiclass":
        return {"probabilities": dict(zip(map(str, learned.labels), score.tolist(), strict=True))}
    return {} if learned.task == "regression" else {f"{learned.target}_probability": float(score)}


def not_held(beyond: Mapping[int, str], rows: Sequence[Mapping[str, Any]]) -> DataError:
    """Return the error about rows with a number that is beyond the model; see `scoring.answers`."""
    return _refused([misfit(at, name, scoring.HELD, rows[at][name]) for at, name in beyond.items()], rows)


Checked = tuple[dict[str, Any], list[str]]
"""Values and warnings of a row; see `Signature.row`."""


def _taken(learned: Signature, rows: Sequence[Mapping[str, Any]]) -> list[Checked] | DataError:
    """Check the rows of a request, until `MOST_MISFITS` are known."""
    taken: list[Checked] = []
    wrong: list[dict[str, Any]] = []
    for number, row in enumerate(rows):
        try:
            taken.append(learned.row(row))
        except DataError as error:
            if not error.details:  # it is no row at all
                return _in_row(number, rows, error)
            wrong += [{**one, "row": number} for one in error.details]
        if len(wrong) >= MOST_MISFITS:
            break
    return _refused(wrong, rows) if wrong else taken


def _refused(misfits: Sequence[Mapping[str, Any]], rows: Sequence[Mapping[str, Any]]) -> DataError:
    number = misfits[0]["row"]
    return _in_row(number, rows, refused(misfits, rows[number]))


def _in_row(number: int, rows: Sequence[Mapping[str, Any]], error: DataError) -> DataError:
    """Return an error about a row of a request; where there are many, it says which one."""
    return DataError(f"Row {number}: {error.message}", error.next_step, error.details) if len(rows) > 1 else error
