"""Shadow: a silent candidate, which answers whatever the live model was asked, and which nobody hears.

It answers after the answer has gone out, from what is logged: so whoever asked - REST, a form, the command line, a file
of customers - never waits for it, never hears of its errors, and gets the same bytes as without it. What it said of
requests is a log of its own; what it said of a file is an artifact. Whoever follows goes on after the last answer, by a
lock that one process holds at a time: nothing is answered twice, and a process that is killed loses nothing.

What both said, and which of them was right, `shadow_report` tells. Only the release check decides what goes live.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import groupby, islice
from typing import Any

import pyarrow as pa

from mlops.base import locks
from mlops.base.artifacts import Artifacts, disk_errors
from mlops.base.clock import Instant
from mlops.base.environments import Environment, check_environment
from mlops.base.errors import ConflictError, NotFoundError, RefusedError, some
from mlops.base.ledger import Ledger, Transaction, writes
from mlops.base.records import Record, check_text, new_id, ref_of
from mlops.base.view import View
from mlops.models.signature import Signature
from mlops.production import shadow_answers, shadow_report
from mlops.production.shadow_answers import Candidate, Entry
from mlops.production.shadow_report import ShadowReport
from mlops.release import answered
from mlops.release.registry import LoadedModel, Models, find
from mlops.release.releases import Deployment, live_model, the_live, the_watched
from mlops.release.request_log import RequestLog

BLOCK = 500
"""Requests that a candidate answers at a time: so many are answered again, at most, by who was killed meanwhile."""

NEWEST = 2_000
"""Answers among which the newest request that was followed is looked for: a power cut may take the last 200 ms of the
requests, while what was said of them is still there."""


@dataclass(frozen=True)
class Shadow(Record):
    """A silent candidate at its place."""

    shadow_id: str
    environment: Environment
    model: str
    """The name under which something is live there."""
    candidate: Mapping[str, str]
    """``{name, version, sha256}``."""
    since: Instant
    started_by: str
    event: int
    """Number of the event with which it began."""
    after: int
    """Number of the event after which it answers what was asked: that one, or 0 for all that was ever asked."""
    until: Instant | None
    """When it ended; None while it answers."""
    stopped_by: str | None
    reason: str | None
    """Why it ended."""


class Shadows:
    """The silent candidates of one workspace."""

    def __init__(self, ledger: Ledger, artifacts: Artifacts) -> None:
        self._ledger = ledger
        self._artifacts = artifacts
        self._models = Models(ledger, artifacts)

    @writes
    def start(
        self, candidate: str, environment: str = "production", model: str | None = None, *, back: bool = False
    ) -> Shadow:
        """Let a version answer silently whatever the live one is asked from now on, in place of another candidate.

        If it does that already, it goes on, and that is the answer.

        Parameters
        ----------
        candidate : str
            A version of the live model's name: ``churn_model@1.2.0``.
        environment : {"development", "staging", "production"}
            Where the live model is asked.
        model : str, optional
            Name of the live model; the only one that is live if not given.
        back : bool
            Also answer what was asked under that name before: all that is logged.

        Raises
        ------
        RefusedError
            If it cannot answer: it is live itself, rejected, stands for another question, or needs what requests do not
            hold.
        """
        place = check_environment(environment)
        with self._ledger.read() as view:
            live = the_live(view, place, model)
        loaded = self._models.load(candidate)
        _check(loaded, live, Signature.of(self._models.metadata(ref_of(live.model))["signature"]))
        with self._ledger.write() as tx:
            if live_model(tx, place, live.model["name"]) != live.model:
                raise ConflictError(f"Another version went live in {place} just now.", "Look at it, then begin again.")
            if find(tx, loaded.version).status == "rejected":
                raise RefusedError(f"{loaded.version.ref} is rejected.", "Choose another version.")
            before = _under_way(tx, place, live.model["name"])
            if before and before.candidate == loaded.version.identity and not (back and before.after):
                return before
            if before:
                _end(tx, before, f"{loaded.version.ref} answers instead")
            event = tx.head()[0] + 1
            began = Shadow.of(
                {
                    "shadow_id": new_id("q"),
                    "environment": place,
                    "model": live.model["name"],
                    "candidate": loaded.version.identity,
                    "since": tx.at,
                    "started_by": tx.actor,
                    "event": event,
                    "after": 0 if back else event,
                }
            )
            tx.append("shadow.start", began.shadow_id, began.as_dict())
        return began

    @writes
    def stop(self, environment: str = "production", model: str | None = None, *, reason: str = "") -> Shadow:
        """End the silent candidate of a place; what it said stays.

        Raises
        ------
        NotFoundError
            If none answers there.
        """
        place = check_environment(environment)
        check_text(reason, "reason")
        with self._ledger.write() as tx:
            return _end(tx, _the_one(tx, place, the_watched(tx, place, model)), reason)

    def now(self, environment: str = "production", model: str | None = None) -> Shadow | None:
        """Return the candidate that answers silently at a place; None if none does."""
        place = check_environment(environment)
        with self._ledger.read() as view:
            return _under_way(view, place, the_watched(view, place, model))

    def list(self, environment: str | None = None, model: str | None = None) -> list[Shadow]:
        """Return the silent candidates there were, newest first: all, or those of an environment or a model."""
        with self._ledger.read() as view:
            found = [Shadow.of(record) for record in view.records("shadow")]
        return [one for one in found if environment in (None, one.environment) and model in (None, one.model)]

    @writes
    def follow(
        self,
        environment: str = "production",
        model: str | None = None,
        on_answers: Callable[[int], None] = lambda answers: None,
    ) -> int:
        """Let the silent candidate answer what it has not answered yet, files and requests, and return how many rows.

        One process at a time does that; whoever comes second has nothing to do. A candidate that went live meanwhile
        ends, once it has answered what was asked before.

        Parameters
        ----------
        on_answers : callable, optional
            Called after each block with how many rows have been answered. What it raises ends it; what was said stays.
        """
        place = check_environment(environment)
        with self._ledger.read() as view:
            shadow = _the_one(view, place, the_watched(view, place, model))
        answers = 0
        with _alone(self._artifacts, shadow) as alone:
            for some_rows in self._blocks(shadow) if alone else ():
                answers += some_rows
                on_answers(answers)
            if alone and self._went_live(shadow):
                with self._ledger.write() as tx:
                    _end(tx, shadow, f"{ref_of(shadow.candidate)} went live")
        return answers

    def report(self, environment: str = "production", model: str | None = None) -> ShadowReport:
        """Tell what the newest silent candidate of a place said beside the live model, whether it answers still or not.

        Raises
        ------
        NotFoundError
            If there never was one.
        """
        shadow = self._newest(environment, model)
        return shadow_report.of(self._ledger, self._artifacts, shadow, 0 if shadow.until else self._waiting(shadow))

    def pairs(self, environment: str = "production", model: str | None = None) -> pa.Table:
        """Return every row that both answered, oldest first; see `shadow_report.table`."""
        return shadow_report.table(self._ledger, self._artifacts, self._newest(environment, model))

    def _newest(self, environment: str, model: str | None) -> Shadow:
        place = check_environment(environment)
        with self._ledger.read() as view:
            name = the_watched(view, place, model)
        found = next(iter(self.list(place, name)), None)
        if found is None:
            raise NotFoundError(
                f"No silent candidate ever answered for {name} in {place}.",
                f"Begin with one: mlops shadow --env {place} --model {name} --start {name}@VERSION.",
            )
        return found

    def _waiting(self, shadow: Shadow) -> int:
        return sum(one["rows"] for one in self._batches(shadow)) + sum(1 for _ in self._requests(shadow))

    def _blocks(self, shadow: Shadow) -> Iterator[int]:
        """Answer block by block, oldest first, and yield how many rows that were."""
        candidate = None
        log = shadow_answers.log(self._ledger, self._artifacts)
        for batch in [*self._batches(shadow)][::-1]:
            candidate = candidate or Candidate(self._ledger, self._artifacts, shadow.candidate)
            answers = candidate.answer_file(answered.of_file(self._ledger, self._artifacts, batch))
            names = {"shadow_id": shadow.shadow_id, "batch_id": batch["batch_id"]}
            with self._artifacts.stage() as stage:
                files = {shadow_answers.path(**names): stage.write("answers", answers.file)}
                with self._ledger.write() as tx:
                    facts = {**names, "at": tx.at, **answers.facts}
                    tx.append("shadow_batch.answer", ".".join(names.values()), facts, files)
            yield batch["rows"]
        asked = [*self._requests(shadow)][::-1]
        for begin in range(0, len(asked), BLOCK):
            block = asked[begin : begin + BLOCK]
            candidate = candidate or Candidate(self._ledger, self._artifacts, shadow.candidate)
            said: list[Entry] = []
            for ref, same in groupby(block, key=lambda request: ref_of(request["model"])):
                said += candidate.answer_requests(ref, [*same])
            with log.turn() as turn:
                turn.append([{**one, "shadow_id": shadow.shadow_id, "at": turn.at} for one in said])
            yield len(block)

    def _batches(self, shadow: Shadow) -> Iterator[dict[str, Any]]:
        """Return the files that the live model answered and the candidate did not yet, newest first."""
        with self._ledger.read() as view:
            done = set(view.subjects("shadow_batch", f"{shadow.shadow_id}."))
            files = answered.files(view, shadow.after)
        for one in files:
            if _is_asked(shadow, one) and f"{shadow.shadow_id}.{one['batch_id']}" not in done:
                yield one

    def _requests(self, shadow: Shadow) -> Iterator[dict[str, Any]]:
        """Return the requests that the live model answered and the candidate did not yet, newest first."""
        said = shadow_answers.of_shadow(self._ledger, self._artifacts, shadow.shadow_id, shadow.event)
        done = {one["prediction_id"] for one in islice(said, 1)}
        for one in RequestLog(self._ledger, self._artifacts):
            if len(done) == 1 and one["prediction_id"] not in done:  # most looks end before: nothing is new
                done |= {older["prediction_id"] for older in islice(said, NEWEST)}
            if one["prediction_id"] in done or one.get("after", 0) < shadow.after:
                return
            if _is_asked(shadow, one):
                yield one

    def _went_live(self, shadow: Shadow) -> bool:
        with self._ledger.read() as view:
            return live_model(view, shadow.environment, shadow.model) == shadow.candidate


@contextmanager
def _alone(artifacts: Artifacts, shadow: Shadow) -> Iterator[bool]:
    """Tell whether nobody else follows for this candidate, and keep others from it meanwhile."""
    path = artifacts.tmp / f"{shadow.shadow_id}.lock"
    with disk_errors(path):
        path.parent.mkdir(exist_ok=True)
        lock = locks.take(path)
    try:
        yield lock is not None
    finally:
        if lock:
            locks.drop(lock, path)


def _under_way(view: View, environment: Environment, model: str) -> Shadow | None:
    """Return the candidate that answers silently at a place."""
    found = (one for one in view.each("shadow") if (one["environment"], one["model"]) == (environment, model))
    newest = next(found, None)
    return Shadow.of(newest) if newest and newest["until"] is None else None


def _the_one(view: View, environment: Environment, model: str) -> Shadow:
    if (found := _under_way(view, environment, model)) is None:
        raise NotFoundError(
            f"No silent candidate answers for {model} in {environment} now.",
            f"Begin with one: mlops shadow --env {environment} --model {model} --start {model}@VERSION.",
        )
    return found


def _is_asked(shadow: Shadow, answer: Mapping[str, Any]) -> bool:
    """Tell whether a request or a file was answered by the live model beside which a candidate answers silently."""
    place = answer["environment"], answer["model"]["name"]
    return place == (shadow.environment, shadow.model) and answer["model"] != shadow.candidate


def _end(tx: Transaction, shadow: Shadow, reason: str) -> Shadow:
    changes = {"until": tx.at, "stopped_by": tx.actor, "reason": reason}
    return Shadow.of(tx.append("shadow.stop", shadow.shadow_id, changes))


def _check(candidate: LoadedModel, live: Deployment, asked: Signature) -> None:
    """Refuse a candidate that could not answer what the live model is asked, or not in its place."""
    version, name, who = candidate.version, live.model["name"], ref_of(live.model)
    if version.name != name:
        raise RefusedError(
            f"{version.ref} is no version of {name}, which is live in {live.environment}: it could not take its place.",
            f"Register its run as a version of {name}.",
        )
    if version.identity == live.model:
        raise RefusedError(f"{version.ref} is live in {live.environment} itself.", "Name another version.")
    candidate.signature.check_question(version.ref, who, asked)
    held = candidate.signature.found_in({one["name"]: one["type"] for one in asked.features})
    if lacking := [one for one in candidate.signature.names if one not in held]:
        raise RefusedError(
            f"{version.ref} needs {some(lacking)}, and requests to {who} are kept without: of a row only what the live "
            "model takes is.",
            "Compare the two by the release check, on rows that have it.",
        )
