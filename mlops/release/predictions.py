"""Predictions: one row, answered by a named version and remembered.

A row is checked against the model's signature before it is scored: what is missing or has the wrong type is refused,
what is merely surprising - an unknown column, a level never seen - is scored *and named*. Question and answer are
logged before the answer is given.

What is logged can be answered again: by the version that answered then, which gives the same digits (`replay`), or by
two versions, which tells whom a rollback would answer otherwise (`what_if`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import islice
from typing import Any

import numpy as np

from mlops.base.artifacts import Artifacts
from mlops.base.clock import Instant
from mlops.base.errors import DataError, NotFoundError, shown
from mlops.base.ledger import Ledger, writes
from mlops.base.records import Record, check_count, new_id, plain, ref_of
from mlops.models import scoring
from mlops.models.signature import Signature, misfit, refused
from mlops.release.registry import LoadedModel, Models, ModelVersion
from mlops.release.request_log import RequestLog

WHAT_IF = 10_000
"""Newest logged requests that `Predictions.what_if` looks at."""


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


@dataclass(frozen=True)
class Replay(Record):
    """A logged answer beside the one that the same version gives to the same row again."""

    prediction_id: str
    equal: bool
    """Whether the two are the same, to the last digit."""
    logged: Mapping[str, Any]
    """The answer as it was given."""
    recomputed: Mapping[str, Any]
    """The same record; score, prediction, threshold and version are what the model says now."""
    model: Mapping[str, str]
    """``{name, version, sha256}`` of the version that answered, whatever became of it since."""
    run_id: str
    data: Mapping[str, Any]
    """``{name, version, sha256}`` that the version learned from."""
    at: Instant
    """When it was asked."""


class Predictions:
    """The predictions of one workspace."""

    def __init__(self, ledger: Ledger, artifacts: Artifacts) -> None:
        self._ledger = ledger
        self._artifacts = artifacts
        self._log = RequestLog(ledger, artifacts)

    @writes
    def predict(self, model: LoadedModel, row: Mapping[str, Any], environment: str | None = None) -> Prediction:
        """Answer one row, and log question and answer first.

        Parameters
        ----------
        model : LoadedModel
            The model.
        row : mapping
            Features by name, as plain JSON values; id, target and other columns may come along.
        environment : str, optional
            Where the model answers, if it was asked as the live one.

        Raises
        ------
        DataError
            If a feature is missing, null where training had none, or of the wrong type; every one is named. Or if a
            number is larger than the model can hold.
        """
        learned = model.signature
        values, warnings = learned.row(row)
        score, computed = _computed(model, values, row)
        with self._ledger.read() as view:
            now = view.now()
        prediction = Prediction(
            identity=(learned.id, row.get(learned.id)) if learned.id else ("row", 0),
            prediction_id=new_id("p"),
            predicted_at=now,
            warnings=tuple(warnings),
            **computed,
        )
        self._log.append(
            {
                "prediction_id": prediction.prediction_id,
                "at": now,
                "environment": environment,
                "model": model.version.identity,
                "row": values,
                "id": prediction.identity[1] if learned.id else None,
                "score": score.tolist(),
                "answer": prediction.as_dict(),
            }
        )
        return prediction

    def get(self, prediction_id: str) -> dict[str, Any]:
        """Return the logged request with an id, or with the only id that begins so.

        Raises
        ------
        NotFoundError
            If there is none, or more than one.
        """
        alike: list[dict[str, Any]] = []
        for request in self._log:
            if prediction_id and request["prediction_id"].startswith(prediction_id):
                alike.append(request)
            if len(alike) > 1 or request["prediction_id"] == prediction_id:
                break
        if len(alike) == 1:
            return alike[0]
        with self._ledger.read() as view:
            file = view.record("batch", prediction_id)
        if file:
            raise NotFoundError(
                f"{shown(prediction_id)} is a scored file; only rows that were asked about one by one are logged.",
                f"Score the file again with {ref_of(file['model'])}: the digits are the same.",
            )
        how_many = "More than one logged prediction starts" if alike else "No logged prediction starts"
        newest = ", ".join(request["prediction_id"] for request in self.list(limit=5))
        raise NotFoundError(
            f"{how_many} with {shown(prediction_id)}. Latest: {newest or 'none yet'}.", "Use more of its id."
        )

    def replay(self, prediction_id: str) -> Replay:
        """Answer a logged request again, with exactly the version that answered it then; nothing is written.

        It does not matter whether that version is live, was rolled back or rejected: it is what it was.

        Parameters
        ----------
        prediction_id : str
            As the answer had it, or how it begins.

        Raises
        ------
        NotFoundError
            If no logged request goes by that id. The answers to a file are not logged one by one.
        IntegrityError
            If the file of the model is lost, or is not the one that was recorded.
        """
        request = self.get(prediction_id)
        models = Models(self._ledger, self._artifacts)
        model = models.load(ref_of(request["model"]))
        with self._ledger.read() as view:
            run = view.record("run", model.version.run_id) or {}
        computed = _computed(model, model.signature.row(request["row"])[0], request["row"])[1]
        recomputed = plain({**request["answer"], **computed.pop("scores"), **computed})
        return Replay(
            prediction_id=request["prediction_id"],
            equal=recomputed == request["answer"],
            logged=request["answer"],
            recomputed=recomputed,
            model=request["model"],
            run_id=model.version.run_id,
            data=run["data"],
            at=request["at"],
        )

    def what_if(
        self, current: LoadedModel, other: LoadedModel, environment: str | None = None, since: Instant | None = None
    ) -> tuple[int, int]:
        """Answer logged requests of a model name with two versions of it, whatever version answered them then.

        Parameters
        ----------
        environment : str, optional
            Where they were asked; anywhere if not given.
        since : Instant, optional
            The first instant that counts; the newest `WHAT_IF` requests if not given.

        Returns
        -------
        compared, flipped : int
            Requests that both can answer, and those that they answer differently.
        """
        asked = (
            request["row"]
            for request in self._log
            if request["model"]["name"] == current.version.name
            and environment in (None, request["environment"])
            and request["at"] >= (since or "")
        )
        rows, again = [], []
        for row in islice(asked, None if since else WHAT_IF):
            # What another version was asked may lack a feature of this one, or have it in another type.
            with suppress(DataError):
                now, then = current.signature.row(row)[0], other.signature.row(row)[0]
                rows.append(now)
                again.append(then)
        answers = zip(_decided(current, rows), _decided(other, again), strict=True)
        both = [(answer, another) for answer, another in answers if answer is not None and another is not None]
        return len(both), sum(answer != another for answer, another in both)

    def list(self, limit: int | None = None, model: str | None = None) -> list[dict[str, Any]]:
        """Return logged requests with their answers, of one model name if it is given, newest first."""
        asked = (request for request in self._log if model in (None, request["model"]["name"]))
        return [*islice(asked, check_count(limit, "limit"))]


def _decided(model: LoadedModel, rows: Sequence[Mapping[str, Any]]) -> list[Any]:
    """Return the predictions; None for a row with a number that this model cannot hold."""
    scores, beyond = scoring.answers(model.pipeline, model.signature.frame(rows), model.signature)
    decided = scoring.decide(scores, model.signature, model.threshold)
    return [None if row in beyond else one for row, one in enumerate(decided)]


def _computed(
    model: LoadedModel, values: Mapping[str, Any], row: Mapping[str, Any]
) -> tuple[np.ndarray, dict[str, Any]]:
    """Return a model's score of one row, and all that follows from it, by field of `Prediction`.

    Parameters
    ----------
    values : mapping
        The row as the model takes it.
    row : mapping
        The row as it came, for the message.
    """
    learned = model.signature
    scores, beyond = scoring.answers(model.pipeline, learned.frame([values]), learned)
    if beyond:
        raise refused([misfit(0, beyond[0], scoring.HELD, row[beyond[0]])], row)
    return scores[0], {
        "scores": _named(scores[0], learned),
        "prediction": scoring.decide(scores, learned, model.threshold)[0],
        "threshold": model.threshold if learned.task == "binary" else None,
        "model_version": model.version.version,
        "model_sha256": model.version.sha256,
    }


def _named(score: np.ndarray, learned: Signature) -> dict[str, Any]:
    """Return what a row was given, under the names that every door uses."""
    if learned.task == "multiclass":
        return {"probabilities": dict(zip(map(str, learned.labels), score.tolist(), strict=True))}
    return {} if learned.task == "regression" else {f"{learned.target}_probability": float(score)}


def live_environment(ref: str, version: ModelVersion) -> str | None:
    """Return the environment a reference asked for, if it asked for what is live there."""
    wanted = ref.partition("@")[2]
    return wanted if wanted in version.live_in else None
