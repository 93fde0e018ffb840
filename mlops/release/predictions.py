"""Predictions: one row or many requests, answered by a named version and remembered.

A row is checked against the model's signature before it is scored: what is missing or has the wrong type is refused,
what is merely surprising - an unknown column, a level never seen - is scored *and named*. Question and answer are
logged before the answer is given.

What is logged can be answered again: see `replays`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import islice
from typing import Any, Literal

from mlops.base.artifacts import Artifacts
from mlops.base.clock import Instant
from mlops.base.environments import check_environment, place_of
from mlops.base.errors import MlopsError, NotFoundError, shown
from mlops.base.ledger import Ledger, writes
from mlops.base.records import check_count, new_id, ref_of
from mlops.experiments.judged import Recorded
from mlops.experiments.runs import Runs
from mlops.release import answered, answering, replays
from mlops.release.answered import Block
from mlops.release.answering import Answerer, Prediction, Scored
from mlops.release.registry import LoadedModel, Models, ModelVersion
from mlops.release.replays import Replay, WhatIf
from mlops.release.request_log import RequestLog

WHAT_IF = 10_000
"""Newest logged requests that `Predictions.what_if` looks at."""


Door = Literal["row", "rest"]
"""How a request came: one row by form, command or Python, or over HTTP."""


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
        [answer] = self.answer(model, [[row]], environment, "row")
        if isinstance(answer, MlopsError):
            raise answer
        return answer[0]

    @writes
    def answer(
        self,
        model: LoadedModel,
        asked: Sequence[Sequence[Mapping[str, Any]]],
        environment: str | None = None,
        door: Door = "rest",
    ) -> list[list[Prediction] | MlopsError]:
        """Answer requests, each of one row or of many: all are scored in one pass and logged by one append.

        Parameters
        ----------
        model : LoadedModel
            The model.
        asked : sequence of sequence of mapping
            The rows of each request, as `predict` takes them.
        environment : str, optional
            Where the model answers, if it was asked as the live one.
        door : str
            How they came, as the log says.

        Returns
        -------
        list
            For each request the answers to all of its rows; or why it is refused, which keeps no other one waiting.
        """
        found = answering.scored(model, asked)
        if all(isinstance(one, MlopsError) for one in found):
            return [one for one in found if isinstance(one, MlopsError)]
        given: list[list[Prediction] | MlopsError] = []
        requests: list[dict[str, Any]] = []
        with self._log.turn() as turn:
            for one in found:
                if isinstance(one, MlopsError):
                    given.append(one)
                    continue
                answers = [_told(model, row, number, turn.at) for number, row in enumerate(one)]
                given.append(answers)
                requests += [
                    _logged(model, row, answer, environment, door) for row, answer in zip(one, answers, strict=True)
                ]
            turn.append(requests)
        return given

    def sync(self) -> None:
        """Return when every answer that this process gave outlives a power cut; see `RequestLog.sync`."""
        self._log.sync()

    def suppose(
        self, who: str, row: Mapping[str, Any], instead: Sequence[tuple[str, Any]] = ()
    ) -> list[dict[str, Any]]:
        """Answer a row that nobody asked about - what if? - exactly as `predict` would; nothing is logged.

        Parameters
        ----------
        who : str
            A version of a model, ``churn_model@1.2.0``, or the id of a finished run.
        row : mapping
            As `predict` takes it.
        instead : sequence of (str, value)
            Other values, each of one feature: what if the row had that one? All are answered in one go, which costs
            hardly more than the row alone.

        Returns
        -------
        list of dict
            For the row, then for each of the others: the score by its name, ``prediction`` and ``threshold``, and the
            ``warnings`` about the row.

        Raises
        ------
        DataError
            If one of them would be refused.
        """
        model: Answerer
        if "@" in who:
            model = Models(self._ledger, self._artifacts).load(who)
        else:
            runs = Runs(self._ledger, self._artifacts)
            model = Recorded(runs, runs.get(who))
        values, warnings = model.signature.row(row)
        rows = [row, *({**row, name: value} for name, value in instead)]
        taken = [values, *({**values, **model.signature.value(name, value)} for name, value in instead)]
        answers = answering.certain(model, taken, rows)
        return [{**said.pop("scores"), **said, "warnings": warnings} for said in answers]

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
        return replays.replay(self._ledger, self._artifacts, self.get(prediction_id))

    def what_if(
        self, current: LoadedModel, target: LoadedModel, environment: str | None = None, since: Instant | None = None
    ) -> WhatIf:
        """Answer logged requests of a model name with two versions of it, whatever version answered them then.

        Parameters
        ----------
        environment : str, optional
            Where they were asked; anywhere if not given.
        since : Instant, optional
            The first instant that counts; the newest `WHAT_IF` requests if not given.
        """
        asked = (
            request
            for request in self._log
            if request["model"]["name"] == current.version.name
            and environment in (None, request["environment"])
            and request["at"] >= (since or "")
        )
        return replays.what_if(current, target, islice(asked, None if since else WHAT_IF))

    def answered(self, environment: str | None, model: str, since: Instant | None = None) -> list[Block]:
        """Return what was answered under a model name, to requests and to files alike, oldest first; see `answered`.

        Parameters
        ----------
        environment : str or None
            Where the model was asked as the live one; None is anywhere.
        since : Instant, optional
            Leave out blocks whose first answer is older.
        """
        place = None if environment is None else check_environment(environment)
        found = answered.blocks(self._ledger, self._artifacts, place, model)
        return [block for block in found if block.at >= (since or "")]

    def list(self, limit: int | None = None, model: str | None = None) -> list[dict[str, Any]]:
        """Return logged requests with their answers, of one model name if it is given, newest first."""
        asked = (request for request in self._log if model in (None, request["model"]["name"]))
        return [*islice(asked, check_count(limit, "limit"))]


def live_environment(ref: str, version: ModelVersion) -> str | None:
    """Return the environment a reference asked for, if it asked for what is live there."""
    place = place_of(ref.partition("@")[2])
    return place if place in version.live_in else None


def _told(model: LoadedModel, row: Scored, number: int, at: Instant) -> Prediction:
    """Return the answer to a row, the `number`-th of its request."""
    identity = model.signature.id
    return Prediction(
        identity=(identity, row.row.get(identity)) if identity else ("row", number),
        prediction_id=new_id("p"),
        predicted_at=at,
        warnings=tuple(row.warnings),
        **row.said,
        **model.told,
    )


def _logged(model: LoadedModel, row: Scored, answer: Prediction, environment: str | None, door: Door) -> dict[str, Any]:
    """Return an answered row as the log keeps it."""
    return {
        "prediction_id": answer.prediction_id,
        "at": answer.predicted_at,
        "environment": environment,
        "door": door,
        "model": model.version.identity,
        "row": row.values,
        "id": answer.identity[1] if model.signature.id else None,
        "score": row.score.tolist(),
        "answer": answer.as_dict(),
    }
