"""Replays: logged requests, answered again.

By the version that answered then, which gives the same digits (`replay`); or by two versions, which tells whom a
rollback would answer otherwise (`what_if`). Nothing is written.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from mlops.base.artifacts import Artifacts
from mlops.base.clock import Instant
from mlops.base.errors import DataError
from mlops.base.ledger import Ledger
from mlops.base.records import Record, plain, ref_of
from mlops.models import scoring
from mlops.models.matrix import Cells
from mlops.release import answering
from mlops.release.registry import LoadedModel, Models

SHOWN = 200
"""So many of the requests that were compared are named one by one, the newest."""


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


@dataclass(frozen=True)
class WhatIf(Record):
    """Logged requests, and what two versions of a model answer to them."""

    compared: int
    """Requests that both can answer."""
    flipped: int
    """Those that they answer differently."""
    moves: tuple[Mapping[str, Any], ...]
    """``{from, to, requests}``: how many go from which prediction to which, or stay, most first. None for a regression:
    there each number is its own."""
    answers: tuple[Mapping[str, Any], ...]
    """The newest `SHOWN` of them: ``{prediction_id, id, at, sent, current, target}``. The last three are scores,
    prediction and ``model_version``: what was answered then, and what the two versions answer."""


def replay(ledger: Ledger, artifacts: Artifacts, request: Mapping[str, Any]) -> Replay:
    """Answer a logged request again; see `Predictions.replay`."""
    model = Models(ledger, artifacts).load(ref_of(request["model"]))
    with ledger.read() as view:
        run = view.record("run", model.version.run_id) or {}
    [said] = answering.certain(model, [model.signature.row(request["row"])[0]], [request["row"]])
    recomputed = plain({**request["answer"], **said.pop("scores"), **said, **model.told})
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


def what_if(current: LoadedModel, target: LoadedModel, asked: Iterable[Mapping[str, Any]]) -> WhatIf:
    """Answer logged requests with two versions; see `Predictions.what_if`."""
    requests, rows, again = [], [], []
    for request in asked:
        # What another version was asked may lack a feature of this one, or have it in another type.
        with suppress(DataError):
            now, then = current.signature.row(request["row"])[0], target.signature.row(request["row"])[0]
            requests.append(request)
            rows.append(now)
            again.append(then)
    before, after = _Answered(current, rows), _Answered(target, again)
    both = [at for at in range(len(requests)) if at not in before.beyond and at not in after.beyond]
    pairs = Counter((before.decided[at], after.decided[at]) for at in both)
    moves = [{"from": one, "to": other, "requests": many} for (one, other), many in pairs.most_common()]
    return WhatIf(
        compared=len(both),
        flipped=sum(many for (one, other), many in pairs.items() if one != other),
        moves=() if current.signature.task == "regression" else tuple(moves),
        answers=tuple(_told(requests[at], before.said(at), after.said(at)) for at in both[:SHOWN]),
    )


class _Answered:
    """Rows and what one version says about each."""

    def __init__(self, model: LoadedModel, rows: Sequence[Mapping[str, Any]]) -> None:
        self._model = model
        self._scores, self.beyond = scoring.answers(
            model.pipeline, Cells.of_rows(rows, model.signature), model.signature
        )
        """Rows with a number that this version cannot hold are beyond it."""
        self.decided = scoring.decide(self._scores, model.signature, model.threshold)

    def said(self, at: int) -> dict[str, Any]:
        scores = answering.named(self._scores[at], self._model.signature)
        return {**scores, "prediction": self.decided[at], "model_version": self._model.version.version}


def _told(request: Mapping[str, Any], current: Mapping[str, Any], target: Mapping[str, Any]) -> dict[str, Any]:
    who = {key: request[key] for key in ("prediction_id", "id", "at")}
    sent = {key: request["answer"].get(key) for key in current}
    return {**who, "sent": sent, "current": current, "target": target}
