"""Deployments: which model was live where, when, and why.

A deployment is a row of history, not a pointer. One model is live in an environment at a time; it is live from its
deployment's `since` until the next one's, the end not included. A rollback is a new deployment of an earlier model. A
deployment that failed its health check is recorded and was never live. This module reads; `releases` acts.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from mlops.clock import Instant, parse_instant
from mlops.environments import Environment, check_environment
from mlops.ledger import Ledger, View
from mlops.records import Record


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
    """When the next one went live; None while it is live."""
    deployed_by: str
    reason: str
    status: Literal["live", "failed"]
    gate: Mapping[str, Any] | None
    """The gate's answer; None for a rollback."""
    override: str | None
    """Why staging or statistics were overruled, if they were."""
    replaced: Mapping[str, str] | None
    """The model that was live before."""


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

    def timeline(self, environment: str) -> list[Deployment]:
        """Return every deployment of an environment, oldest first, failed ones included."""
        target = check_environment(environment)
        with self._ledger.read() as view:
            return timeline_of(view, target)

    def live(self, environment: str) -> Deployment | None:
        """Return the deployment that is live now."""
        went_live = [deployment for deployment in self.timeline(environment) if deployment.status == "live"]
        return went_live[-1] if went_live else None

    def live_at(self, time: str, environment: str, zone: str | None = None) -> LiveAnswer:
        """Answer what was live at an instant.

        Parameters
        ----------
        time : str
            As `clock.parse_instant` reads it: an offset in it wins, then `zone`, then UTC.
        zone : str, optional
            IANA time zone.

        Returns
        -------
        LiveAnswer
            With `model` None if nothing was live.
        """
        target, at = check_environment(environment), parse_instant(time, zone)
        with self._ledger.read() as view:
            then = [
                deployment
                for deployment in timeline_of(view, target)
                if deployment.since is not None and deployment.since <= at
            ]
            if not then:
                return LiveAnswer.of({"environment": target, "at": at})
            found = then[-1]
            model = view.record("model", f"{found.model['name']}@{found.model['version']}") or {}
            run = view.record("run", model["run_id"]) or {}
        return LiveAnswer(
            environment=target,
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


def release_stack(timeline: Sequence[Deployment]) -> list[Mapping[str, str]]:
    """Return the models under the live one, oldest first, as rollbacks see them; the last one is live.

    A deploy puts a model on top. A rollback takes models off until the one it names is on top; naming one
    that is no longer there puts it on top again.

    Parameters
    ----------
    timeline : sequence of Deployment
        One environment, oldest first.
    """
    stack: list[Mapping[str, str]] = []
    for deployment in timeline:
        if deployment.status != "live":
            continue
        if deployment.action == "rollback" and deployment.model in stack[:-1]:
            stack.pop()
            while stack[-1] != deployment.model:
                stack.pop()
        else:
            stack.append(deployment.model)
    return stack


def timeline_of(view: View, environment: Environment) -> list[Deployment]:
    """Return the deployments of an environment, oldest first; `until` of one is `since` of the next that went live."""
    records = [record for record in reversed(view.records("deployment")) if record["environment"] == environment]
    until: Instant | None = None
    deployments = []
    for record in reversed(records):
        deployments.append(Deployment.of({**record, "until": until if record["status"] == "live" else None}))
        if record["status"] == "live":
            until = record["since"]
    return deployments[::-1]


def ref_of(model: Mapping[str, str]) -> str:
    """Return a recorded model as people write it: ``churn_model@1.2.0``."""
    return f"{model['name']}@{model['version']}"
