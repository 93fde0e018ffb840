"""Deployments: making a model live, and making an earlier version of it live again.

One version of each model name is live in an environment, and a deployment only ever replaces its own name. Both verbs
gather their evidence first, and then, under the write lock, make sure that it still holds: if somebody else deployed
in the meantime, the person is asked to look again. What was decided is a `Deployment`; what is live is asked of
`releases`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Literal

from mlops.base.artifacts import Artifacts, ReadOnce
from mlops.base.clock import parse_instant
from mlops.base.environments import Environment, check_environment
from mlops.base.errors import (
    ConflictError,
    IntegrityError,
    InvalidError,
    MlopsError,
    NotFoundError,
    RefusedError,
    shown,
)
from mlops.base.ledger import Ledger, Transaction, writes
from mlops.base.records import Record, check_text, new_id, ref_of
from mlops.base.view import View
from mlops.experiments.runs import Runs
from mlops.release import gate as gates
from mlops.release import registry, worlds
from mlops.release.gate_rules import rule_of
from mlops.release.predictions import Predictions
from mlops.release.registry import Models, ModelVersion
from mlops.release.releases import Deployment, earlier_of, live_of, stack_of, the_live
from mlops.release.replays import WhatIf


@dataclass(frozen=True)
class RollbackPreview(Record):
    """What a rollback would do; nothing was done."""

    environment: Environment
    current: Mapping[str, str]
    target: Mapping[str, str]
    compatible: bool
    """Whether the target is intact and takes the inputs of today's callers."""
    checks: tuple[Mapping[str, Any], ...]
    compared: int
    """Logged requests of this environment and model name that both versions can answer, whoever answered them then."""
    flipped: int
    """How many of them would get another prediction."""
    moves: tuple[Mapping[str, Any], ...]
    """``{from, to, requests}``: from which prediction to which; see `WhatIf`."""
    answers: tuple[Mapping[str, Any], ...]
    """The newest of them one by one, with what was sent and what both versions answer; see `WhatIf`."""
    metric_change: Mapping[str, Any] | None
    """``{metric, from, to, change, rows}`` on rows that neither has learned from."""


class Deployments:
    """The acts of releasing in one workspace."""

    def __init__(self, ledger: Ledger, artifacts: Artifacts) -> None:
        self._ledger = ledger
        self._artifacts = artifacts

    @contextmanager
    def _desk(self) -> Iterator[tuple[Ledger, Models, gates.Gate]]:
        """Open a ledger, models and a gate for one decision: it takes one connection, and reads each file once."""
        files = ReadOnce(self._artifacts)
        with self._ledger.session() as ledger:
            yield ledger, Models(ledger, files), gates.Gate(ledger, files)

    def _config(self, ledger: Ledger, version: ModelVersion, environment: Environment) -> dict[str, Any]:
        """Return what would run, and what its config file says for the environment at this moment."""
        run = Runs(ledger, self._artifacts).get(version.run_id)
        return worlds.kept(self._artifacts.root, run, environment)

    @writes
    def gate(self, ref: str, environment: str, data: str | None = None) -> gates.GateReport:
        """Ask the gate, record its answer, and deploy nothing; see `Gate.evaluate`."""
        target = check_environment(environment)
        with self._desk() as (ledger, _, gate):
            with ledger.read() as view:
                candidate = registry.asked_for(self._artifacts, view, ref)
                live = _version(view, live_of(view, target, candidate.name))
            report = gate.evaluate(candidate, live, target, data)
            with ledger.write() as tx:
                tx.append("gate.evaluate", new_id("g"), report.as_dict())
        return report

    @writes
    def deploy(
        self,
        ref: str,
        environment: str,
        reason: str,
        *,
        override: str | None = None,
        data: str | None = None,
        expected: str | None = None,
    ) -> Deployment:
        """Make a model version live; it takes over from the version of its name that is live there.

        Parameters
        ----------
        ref : str
            The model version.
        environment : {"development", "staging", "production"}
            Where. Production needs the same version live in staging before, and a gate that passes.
        reason : str
            Why; it stays on record.
        override : str, optional
            Why staging or statistics are overruled. Integrity, schema and config never are.
        data : str, optional
            A dataset version on whose labelled rows the gate compares; the candidate's test rows if not given.
        expected : str, optional
            Id of the deployment the person saw as live under this name; another one in the meantime is a conflict.

        Raises
        ------
        RefusedError
            If the gate does not pass; its answer is on record.
        IntegrityError
            If the model fails its health check; the deployment is on record as failed.
        ConflictError
            If the version is live already, or somebody deployed, or set the rule of the gate, in the meantime.
        """
        target = check_environment(environment)
        _check_reason(reason)
        with self._desk() as (ledger, _, gate):
            with ledger.read() as view:
                candidate = registry.asked_for(self._artifacts, view, ref)
                head = live_of(view, target, candidate.name)
                live, rule = _version(view, head), rule_of(view, target)
            if live is not None and live.identity == candidate.identity:
                raise ConflictError(f"{candidate.ref} is live in {target} already.", "There is nothing to do.")
            # The evidence is gathered before the write lock is taken; the lock then makes sure it still holds.
            report = gate.evaluate(candidate, live, target, data)
            refused = _refusing(report, override)
            failure = None if refused else gate.ill(candidate)
            config = self._config(ledger, candidate, target)
            with ledger.write() as tx:
                _expect(tx, target, candidate.name, head, expected)
                if rule_of(tx, target) != rule:
                    raise ConflictError(f"Somebody else set the rule of {target} in the meantime.", "Ask again.")
                tx.append("gate.evaluate", new_id("g"), report.as_dict())
                if not refused:
                    deployment = _append(
                        tx, "deploy", target, candidate, reason, head, failure, config, report, override
                    )
        if refused:
            raise RefusedError(
                f"{candidate.ref} does not pass the gate of {target} ({report.outcome}): {refused[0]['why']}",
                _after_refusal(refused[0]["name"], candidate, target),
                refused,
            )
        return _healthy(deployment, failure)

    @writes
    def rollback(
        self,
        environment: str,
        reason: str,
        *,
        model: str | None = None,
        to: str | None = None,
        expected: str | None = None,
    ) -> Deployment:
        """Make an earlier version live again.

        Without `to`, the one that was live before the current one; a second rollback goes one further
        back, never to the one that was just left. Statistics are not asked; integrity and schema are.

        Parameters
        ----------
        model : str, optional
            Name of the model; the only one that is live if not given.
        to : str, optional
            A version that was live here before; with or without v, or NAME@VERSION.
        """
        target = check_environment(environment)
        _check_reason(reason)
        with self._desk() as (ledger, _, gate):
            with ledger.read() as view:
                head = _head(view, target, model, to)
                if expected is not None:
                    _same(target, head, expected)
                version, live = _earlier(view, target, head, to), _version(view, head)
            blocking = [check.as_dict() for check in gate.fit(version, live) if check.outcome == "fail"]
            if blocking:
                raise RefusedError(
                    f"{version.ref} cannot take over {target}: {blocking[0]['why']}",
                    "Choose another version with --to.",
                    blocking,
                )
            failure = gate.ill(version)
            config = self._config(ledger, version, target)
            with ledger.write() as tx:
                _expect(tx, target, version.name, head, expected)
                deployment = _append(tx, "rollback", target, version, reason, head, failure, config)
        return _healthy(deployment, failure)

    def preview(
        self, environment: str, *, model: str | None = None, to: str | None = None, since: str | None = None
    ) -> RollbackPreview:
        """Tell what a rollback would change; write nothing.

        Parameters
        ----------
        since : str, optional
            Look at the requests from this instant on; at the newest `predictions.WHAT_IF` if not given.
        model, to
            As for `rollback`.
        """
        target = check_environment(environment)
        with self._desk() as (ledger, models, gate):
            with ledger.read() as view:
                first = view.past(parse_instant(since)) if since is not None else None
                head = _head(view, target, model, to)
                version, live = _earlier(view, target, head, to), registry.find(view, ref_of(head.model))
            checks = gate.fit(version, live)
            compatible = all(check.outcome == "pass" for check in checks)
            asked = WhatIf(0, 0, (), ())
            change = None
            if compatible and gate.ill(live) is None:
                log = Predictions(ledger, self._artifacts)
                asked = log.what_if(models.load(live), models.load(version), target, first)
                difference = gate.compare(version, live).difference
                if difference is not None:
                    change = {
                        "metric": difference.metric,
                        "from": difference.baseline,
                        "to": difference.challenger,
                        "change": difference.difference,
                        "rows": difference.rows,
                    }
        return RollbackPreview(
            environment=target,
            current=head.model,
            target=version.identity,
            compatible=compatible,
            checks=tuple(check.as_dict() for check in checks),
            compared=asked.compared,
            flipped=asked.flipped,
            moves=asked.moves,
            answers=asked.answers,
            metric_change=change,
        )


def _version(view: View, deployment: Deployment | None) -> ModelVersion | None:
    return registry.find(view, ref_of(deployment.model)) if deployment else None


def _head(view: View, environment: Environment, model: str | None, to: str | None) -> Deployment:
    """Return the deployment to go back from: of the name given, or in `to`, or of the only one that is live."""
    named = (to or "").rpartition("@")[0]
    known = named and live_of(view, environment, named)
    return the_live(view, environment, model or (named if known else None))


def _earlier(view: View, environment: Environment, head: Deployment, to: str | None) -> ModelVersion:
    """Return the version to go back to."""
    name = head.model["name"]
    stack = stack_of(view, environment, name)
    if to is None:
        # The live model can lie deeper in the stack as well, with nothing but rejected ones in between.
        for model in reversed(stack[:-1]):
            if model != stack[-1] and (version := registry.find(view, ref_of(model))).status != "rejected":
                return version
        left = sorted({model["version"] for model in stack if model != stack[-1]})
        why = f"All that was live in {environment} before is rejected ({', '.join(left)})"
        raise RefusedError(
            f"{why if left else f'Nothing earlier was live in {environment} as {name}'}, "
            "so there is nothing to roll back to.",
            "Deploy another version instead.",
        )
    other, _, number = to.rpartition("@")
    wanted, were_live = number.removeprefix("v"), [one.model for one in earlier_of(view, environment, name)]
    if other in ("", name) and wanted == head.model["version"]:
        raise ConflictError(f"{ref_of(head.model)} is live in {environment} already.", "There is nothing to do.")
    for model in were_live:
        if other in ("", name) and model["version"] == wanted:
            return registry.find(view, ref_of(model))
    known = ", ".join(model["version"] for model in (*reversed(were_live), head.model))
    raise NotFoundError(f"{shown(to)} was never live in {environment}. These were: {known}.", "Choose one of them.")


def _healthy(deployment: Deployment, failure: MlopsError | None) -> Deployment:
    """Return a deployment that is live; one that failed is on record, and an error."""
    if failure is not None:
        raise IntegrityError(
            f"{ref_of(deployment.model)} failed its health check and never went live: {failure.message}",
            failure.next_step,
        )
    return deployment


def _expect(view: View, environment: Environment, name: str, head: Deployment | None, expected: str | None) -> None:
    """Refuse if another version of a name went live since the evidence was gathered, or since the person looked."""
    _same(environment, live_of(view, environment, name), expected or (head.deployment_id if head else None))


def _same(environment: Environment, head: Deployment | None, expected: str | None) -> None:
    if (head.deployment_id if head else None) != expected:
        there = ref_of(head.model) if head else "nothing"
        raise ConflictError(
            f"Somebody else changed {environment} in the meantime: {there} is live now.",
            "Look at it, then decide again.",
        )


def _append(
    tx: Transaction,
    action: Literal["deploy", "rollback"],
    environment: Environment,
    version: ModelVersion,
    reason: str,
    head: Deployment | None,
    failure: MlopsError | None,
    config: Mapping[str, Any],
    report: gates.GateReport | None = None,
    override: str | None = None,
) -> Deployment:
    if registry.find(tx, version.ref).status == "rejected":
        raise RefusedError(f"{version.ref} was rejected in the meantime.", "Choose another version.")
    deployment_id = new_id("d")
    deployment = {
        "deployment_id": deployment_id,
        "action": action,
        "environment": environment,
        "model": version.identity,
        "at": tx.at,
        "since": None if failure else tx.at,  # until when, the next deployment tells
        "deployed_by": tx.actor,
        "reason": reason,
        "status": "failed" if failure else "live",
        "gate": report.as_dict() if report else None,
        "override": override,
        "replaced": head.model if head else None,
        "config": config,
    }
    return Deployment.of(tx.append(f"deployment.{action}", deployment_id, deployment))


def _refusing(report: gates.GateReport, override: str | None) -> list[dict[str, Any]]:
    """Return the checks that stand in the way; an override lifts staging and statistics only."""
    if override is not None:
        _check_reason(override)
    checks = report.as_dict()["checks"]
    return [
        check
        for check in checks
        if check["outcome"] != "pass" and (override is None or check["name"] in gates.NEVER_LIFTED)
    ]


def _after_refusal(name: str, candidate: ModelVersion, environment: Environment) -> str:
    steps = {
        "staging": f"Deploy it to staging first: mlops deploy {candidate.ref} --env staging --reason TEXT.",
        "rows": "Compare on newer rows: --data NAME@VERSION. Or say why it must go live: --override TEXT.",
        "performance": "Train a better one, or say why it must go live: --override TEXT.",
    }
    return steps.get(name, f"Nothing changed in {environment}. Train and register another version.")


def _check_reason(reason: str) -> None:
    if not check_text(reason, "reason").strip():
        raise InvalidError("A release without a reason cannot be explained later.", "Say why: --reason TEXT.")
