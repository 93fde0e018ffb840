"""Deployments: which model was live where, when, and why. The one home of these questions.

A deployment is a row of history, not a pointer. In an environment one version of each model name is live at a time; it
is live from its deployment's `since` until the next one of its name, the end not included. A rollback is a new
deployment of an earlier version. A deployment that failed its health check is recorded and was never live. This module
reads; `releases` acts.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from mlops.base.clock import Instant, parse_instant
from mlops.base.environments import Environment, check_environment
from mlops.base.errors import InvalidError, NotFoundError, shown
from mlops.base.ledger import Ledger, View
from mlops.base.records import Record


@dataclass(frozen=True)
class Deployment(Record):
    """One decision about what is live in an environment."""

    deployment_id: str
    action: Literal["deploy", "rollback"]
    environment: Environment
    model: Mapping[str, str]
    """``{name, version, sha256}``."""
    at: Instant
    since: Instant | None
    """When it went live; None if it failed."""
    until: Instant | None
    """When the next one of its name went live; None while it is live."""
    deployed_by: str
    reason: str
    status: Literal["live", "failed"]
    gate: Mapping[str, Any] | None
    """The gate's answer; None for a rollback."""
    override: str | None
    """Why staging or statistics were overruled, if they were."""
    replaced: Mapping[str, str] | None
    """The version that was live before under its name; in workspaces of format 1, under whatever name."""

    def held(self, at: Instant) -> bool:
        """Tell whether it was live at an instant."""
        return self.since is not None and self.since <= at and (self.until is None or at < self.until)


@dataclass(frozen=True)
class LiveAnswer(Record):
    """What was live in an environment at an instant, and the whole chain behind it."""

    environment: Environment
    at: Instant
    model: Mapping[str, str] | None
    since: Instant | None
    until: Instant | None
    deployed_by: str | None
    reason: str | None
    data: Mapping[str, Any] | None
    """``{name, version, sha256}`` it learned from."""
    config_sha256: str | None
    run_id: str | None


class Deployments:
    """The history of releases of one workspace."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger

    def timeline(self, environment: str, model: str | None = None) -> list[Deployment]:
        """Return every deployment of an environment, or of one model name there, oldest first, failed ones included."""
        target = check_environment(environment)
        with self._ledger.read() as view:
            return timeline_of(view, target, model)

    def all_live(self, environment: str) -> list[Deployment]:
        """Return what is live now: one deployment for each model name, oldest first."""
        target = check_environment(environment)
        with self._ledger.read() as view:
            return live_in(view, target)

    def live(self, environment: str, model: str | None = None) -> Deployment | None:
        """Return the deployment of a model name that is live now; without a name, of the only one that is.

        Raises
        ------
        InvalidError
            If several names are live and none was given.
        """
        target = check_environment(environment)
        with self._ledger.read() as view:
            check_known(view, model)
            return only(live_in(view, target), f"are live in {target}", model)

    def live_at(self, time: str, environment: str, zone: str | None = None, model: str | None = None) -> LiveAnswer:
        """Answer what was live at an instant.

        Parameters
        ----------
        time : str
            As `clock.parse_instant` reads it: an offset in it wins, then `zone`, then UTC.
        zone : str, optional
            IANA time zone.
        model : str, optional
            Name of the model; the only one that was live then if not given.

        Returns
        -------
        LiveAnswer
            With `model` None if nothing was live.

        Raises
        ------
        InvalidError
            If the instant has not come yet, or several names were live then and none was given.
        """
        target, at = check_environment(environment), parse_instant(time, zone)
        with self._ledger.read() as view:
            at = view.past(at, zone)
            then = [one for one in timeline_of(view, target, model) if one.held(at)]
            found = only(then, f"were live in {target} at {at}", model)
            return _answer(view, found, at) if found else LiveAnswer.of({"environment": target, "at": at})

    def all_live_at(self, time: str, environment: str, zone: str | None = None) -> list[LiveAnswer]:
        """Answer what was live at an instant: one answer for each model name, oldest first; see `live_at`."""
        target, at = check_environment(environment), parse_instant(time, zone)
        with self._ledger.read() as view:
            at = view.past(at, zone)
            return [_answer(view, one, at) for one in timeline_of(view, target) if one.held(at)]


def timeline_of(view: View, environment: Environment, model: str | None = None) -> list[Deployment]:
    """Return the deployments of an environment, or of one model name there, oldest first."""
    check_known(view, model)
    return [
        Deployment.of(record)
        for record in _ended(view)
        if record["environment"] == environment and model in (None, record["model"]["name"])
    ]


def all_live(view: View) -> list[Deployment]:
    """Return what is live now in any environment, oldest first."""
    return [Deployment.of(record) for record in _ended(view) if record["status"] == "live" and not record["until"]]


def live_in(view: View, environment: Environment) -> list[Deployment]:
    """Return what is live now in an environment: one deployment for each model name, oldest first."""
    return [one for one in all_live(view) if one.environment == environment]


def the_live(view: View, environment: Environment, model: str | None = None) -> Deployment:
    """Return what is live in an environment under a name; without a name, the only one that is.

    Raises
    ------
    NotFoundError
        If nothing is live there, or not under that name.
    InvalidError
        If several names are live and none was given.
    """
    live = live_in(view, environment)
    if not live:
        raise NotFoundError(
            f"Nothing is live in {environment}.",
            f"Deploy a model: mlops deploy NAME@V --env {environment} --reason TEXT.",
        )
    found = only(live, f"are live in {environment}", model)
    if found is None:
        there = f"{_listed(live)} {'is' if len(live) == 1 else 'are'}"
        raise NotFoundError(
            f"{shown(model)} is not live in {environment}; {there}.", f"Use {live[-1].model['name']}@{environment}."
        )
    return found


def only(live: Sequence[Deployment], said: str, model: str | None) -> Deployment | None:
    """Return the deployment of a name among those that are live together; without a name, the only one."""
    found = [one for one in live if model in (None, one.model["name"])]
    if len(found) > 1:
        raise InvalidError(
            f"Several models {said}: {_listed(found)}.",
            f"Say which: --model {found[0].model['name']}, or {found[0].model['name']}@{found[0].environment}.",
        )
    return found[0] if found else None


def check_known(view: View, model: str | None) -> None:
    """Refuse a name under which nothing is registered; None is no name."""
    known = {record["name"] for record in view.records("model")} if model is not None else set()
    if model is not None and model not in known:
        raise NotFoundError(
            f"No model is named {shown(model)}. Registered: {', '.join(sorted(known)) or 'none yet'}.",
            "Register a finished run first: mlops models register RUN --name NAME.",
        )


def release_stack(timeline: Sequence[Deployment], model: str) -> list[Mapping[str, str]]:
    """Return the versions under the live one of a name, oldest first, as rollbacks see them; the last one is live.

    A deploy puts a version on top. A rollback takes versions off until the one it names is on top; naming one
    that is no longer there puts it on top again.

    Parameters
    ----------
    timeline : sequence of Deployment
        One environment, oldest first.
    model : str
        Name of the model.
    """
    stack: list[Mapping[str, str]] = []
    for deployment in timeline:
        if deployment.status != "live":
            continue
        if deployment.model["name"] != model:
            # In format 1 a rollback could leave a version for one of another name, and for good as well.
            if deployment.action == "rollback" and stack and deployment.replaced == stack[-1]:
                stack.pop()
        elif deployment.action == "rollback" and deployment.model in stack[:-1]:
            stack.pop()
            while stack[-1] != deployment.model:
                stack.pop()
        else:
            stack.append(deployment.model)
    return stack


def ref_of(model: Mapping[str, str]) -> str:
    """Return a recorded model as people write it: ``churn_model@1.2.0``."""
    return f"{model['name']}@{model['version']}"


def _ended(view: View) -> list[dict[str, Any]]:
    """Return the record of every deployment, oldest first, with the instant `until` which it was live.

    A deployment ends the earlier one of its own name, and the one that its `replaced` names. New ones replace their own
    name only; those of format 1 replaced whatever was live, and what was live then stays true.
    """
    until: dict[tuple[str, str], Instant] = {}
    records = []
    for record in view.records("deployment"):
        place, name, live = record["environment"], record["model"]["name"], record["status"] == "live"
        records.append({**record, "until": until.get((place, name)) if live else None})
        if live:
            replaced = record.get("replaced") or record["model"]
            until[place, name] = until[place, replaced["name"]] = record["since"]
    return records[::-1]


def _listed(live: Sequence[Deployment]) -> str:
    return ", ".join(f"{one.model['name']} {one.model['version']}" for one in live)


def _answer(view: View, found: Deployment, at: Instant) -> LiveAnswer:
    model = view.record("model", ref_of(found.model)) or {}
    run = view.record("run", model["run_id"]) or {}
    return LiveAnswer(
        environment=found.environment,
        at=at,
        model=found.model,
        since=found.since,
        until=found.until,
        deployed_by=found.deployed_by,
        reason=found.reason,
        data=run.get("data"),
        config_sha256=run.get("config_sha256"),
        run_id=run.get("run_id"),
    )
