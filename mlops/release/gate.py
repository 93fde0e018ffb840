"""Gate: the question whether a model may go live, and the answer with its evidence.

Development and staging ask three things: are the files intact, are the model's inputs to be had today (callers of
the live model send them, or the newest data has them), is its config still valid. Production also asks for the
same version in staging before, and for evidence: how candidate and live model do on rows from which neither has learned
(`evidence`), judged by the rule of the environment (`gate_rules`). The interval of their difference decides, not the
difference. Only where nothing is live under the model's name it is compared with who does not look at the features.
An answer is pass, fail or inconclusive; inconclusive is not a pass.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from statistics import NormalDist
from typing import Any, Literal

from mlops.base.artifacts import Artifacts
from mlops.base.environments import Environment
from mlops.base.errors import IntegrityError, InvalidError, MlopsError
from mlops.base.ledger import Ledger
from mlops.base.records import Record
from mlops.data.datasets import Datasets
from mlops.data.versions import DatasetVersion
from mlops.experiments import evidence, slices
from mlops.experiments.configs import Schema
from mlops.experiments.evidence import MIN_ROWS, Evidence
from mlops.experiments.runs import Runs
from mlops.experiments.slices import Slice
from mlops.models import metrics
from mlops.models.differences import Difference
from mlops.models.signature import Signature
from mlops.release import findings, health, worlds
from mlops.release.findings import Finding
from mlops.release.gate_rules import InForce, in_force, rule_of
from mlops.release.registry import Models, ModelVersion
from mlops.release.releases import was_live

Outcome = Literal["pass", "fail", "inconclusive"]

NOTICED = NormalDist().inv_cdf(0.95) + NormalDist().inv_cdf(0.80)
"""Standard errors by which two models must differ for 80 of 100 such comparisons to show it at 95 %."""

WAY_OUT = " Newer rows can be named: --data NAME@VERSION."
"""How the sentence about too few rows ends; a screen says it in its own words."""

REHEARSED = "live there before"
"""What production asks of staging, in words."""

NEVER_LIFTED = ("integrity", "schema", "config")
"""Checks that no override lifts."""


@dataclass(frozen=True)
class Check(Record):
    """One question of the gate."""

    name: str
    outcome: Outcome
    observed: Any
    threshold: Any
    why: str


@dataclass(frozen=True)
class GateReport(Record):
    """The gate's answer, with its evidence."""

    model: Mapping[str, str]
    environment: str
    against: Mapping[str, str] | None
    """The live model it was compared with."""
    outcome: Outcome
    checks: tuple[Mapping[str, Any], ...]
    rule: Mapping[str, Any] | None
    """``{require, margin}`` that counted; None where no models are compared."""
    data: str | None
    """The version whose rows were compared; None if they are the candidate's test rows."""
    detectable_difference: float | None
    """The smallest difference, in units of the metric, that 80 of 100 comparisons on so many rows would show."""
    rows: int | None
    """Rows that are new to both models."""
    rows_sha256: str | None
    """Which they are: equal ones are the same rows."""
    difference: Mapping[str, Any] | None
    """`differences.Difference` of the candidate to what it was compared with, also on too few rows."""
    slices: tuple[Mapping[str, Any], ...] | None
    """`slices.Slice` of each group of rows, those that get worse first; None where nothing was compared."""
    findings: tuple[Mapping[str, Any], ...]
    """`findings.Finding` of what else is worth knowing; none of them refuses."""
    newer_rows: tuple[Mapping[str, Any], ...]
    """``{data, rows}``: where the rows do not suffice for an answer, versions with more of them, the newest first."""


class Gate:
    """The gate of one workspace."""

    def __init__(self, ledger: Ledger, artifacts: Artifacts) -> None:
        self._ledger = ledger
        self._artifacts = artifacts
        self._models = Models(ledger, artifacts)
        self._runs = Runs(ledger, artifacts)
        self._datasets = Datasets(ledger, artifacts)

    def evaluate(
        self, candidate: ModelVersion, live: ModelVersion | None, environment: Environment, data: str | None = None
    ) -> GateReport:
        """Ask every question that an environment asks.

        Parameters
        ----------
        candidate : ModelVersion
            The version that wants to go live.
        live : ModelVersion or None
            What is live there now under the candidate's name.
        environment : {"development", "staging", "production"}
            Where it wants to go.
        data : str, optional
            A dataset version whose labelled rows are compared; the candidate's test rows if not given.

        Raises
        ------
        InvalidError
            If the candidate cannot be judged on `data`.
        """
        version = self._datasets.get(data) if data is not None else None
        checks = self.fit(candidate, live)
        found = rule = groups = None
        noted: list[Finding] = []
        newer: list[tuple[str, int]] = []
        if checks[0].outcome == "pass":
            config, own = self._config(candidate)
            checks.append(config)
        if environment == "production":
            checks.append(self._staging(candidate))
            if checks[0].outcome == "pass":
                with self._ledger.read() as view:
                    rule = in_force(rule_of(view, environment), own)
                found = self.compare(candidate, live, version)
                judged = [*_judge(found, live, rule, environment)]
                checks += judged
                groups = slices.of(found.answers) if found.answers and live else None
                if any(check.outcome == "inconclusive" for check in judged):
                    newer = self._newer(candidate, live, found.rows or 0)
            noted = self._findings(candidate, live, environment, found, groups)
        outcomes = {check.outcome for check in checks}
        outcome: Outcome = "fail" if "fail" in outcomes else "inconclusive" if "inconclusive" in outcomes else "pass"
        difference = found.difference if found else None
        return GateReport(
            model=candidate.identity,
            environment=environment,
            against=live.identity if live else None,
            outcome=outcome,
            checks=tuple(check.as_dict() for check in checks),
            rule={"require": rule.require, "margin": rule.margin} if rule else None,
            data=version.ref if version and found else None,
            detectable_difference=NOTICED * difference.standard_error if difference else None,
            rows=found.rows if found else None,
            rows_sha256=found.rows_sha256 if found else None,
            difference=difference.as_dict() if difference else None,
            slices=tuple(one.as_dict() for one in groups) if groups is not None else None,
            findings=tuple(one.as_dict() for one in noted),
            newer_rows=tuple({"data": data, "rows": rows} for data, rows in newer),
        )

    def _findings(
        self,
        candidate: ModelVersion,
        live: ModelVersion | None,
        environment: Environment,
        found: Evidence | None,
        groups: tuple[Slice, ...] | None,
    ) -> list[Finding]:
        run = self._runs.get(candidate.run_id)
        intended = worlds.judged(self._artifacts.root, candidate, run, environment)
        with self._ledger.read() as view:
            tried = findings.attempts(view, candidate, environment, found.rows_sha256 if found else None)
        return [
            findings.reproduced(run),
            findings.leaks(run),
            findings.config(intended),
            tried,
            findings.slices(groups, live),
            findings.card(candidate),
        ]

    def _newer(self, candidate: ModelVersion, live: ModelVersion | None, than: int) -> list[tuple[str, int]]:
        """Look for more rows that are new to both, where those that were asked for do not suffice."""
        models = [self._judged(one) for one in (candidate, live) if one]
        with suppress(IntegrityError, InvalidError):  # of a damaged run nobody knows which rows it has seen
            return [one for one in evidence.elsewhere(self._ledger, self._artifacts, models) if one[1] > than]
        return []

    def fit(self, candidate: ModelVersion, live: ModelVersion | None) -> list[Check]:
        """Ask what even a rollback must answer: are the files intact, and if so, are the model's inputs to be had."""
        intact = self._integrity(candidate)
        return [intact, self._schema(candidate, live)] if intact.outcome == "pass" else [intact]

    def ill(self, version: ModelVersion) -> MlopsError | None:
        """Load a model aside and let it answer, before anybody relies on it; return what is wrong with it."""
        try:
            health.check(self._models.load(version))
        except MlopsError as error:
            return error
        return None

    def compare(
        self, candidate: ModelVersion, live: ModelVersion | None, data: DatasetVersion | None = None
    ) -> Evidence:
        """Judge a model beside the live one, or beside who does not look at the features; see `evidence.compare`."""
        models = (self._judged(candidate), self._judged(live) if live else None)
        return evidence.compare(self._ledger, self._artifacts, *models, data)

    def _judged(self, model: ModelVersion) -> evidence.Model:
        threshold = 0.5 if model.threshold is None else model.threshold
        run = self._runs.get(model.run_id)
        return evidence.Model(model.ref, run, threshold, lambda: self._models.load(model).pipeline)

    def _integrity(self, candidate: ModelVersion) -> Check:
        """Check that the files are what was recorded. Whether the model answers as trained is its health check."""
        if candidate.status == "rejected":
            return Check("integrity", "fail", "rejected", "candidate", f"{candidate.ref} was rejected.")
        wrong = [check for check in self._models.verify(candidate)["checks"] if not check["equal"]]
        if wrong:
            why = f"The {wrong[0]['what']} of {candidate.ref} is not what was recorded."
            return Check("integrity", "fail", str(wrong[0]["observed"])[:12], str(wrong[0]["expected"])[:12], why)
        short = candidate.sha256[:12]
        return Check("integrity", "pass", short, short, "Its files, its run and its data are as recorded.")

    def _schema(self, candidate: ModelVersion, live: ModelVersion | None) -> Check:
        if live is None:
            return Check(
                "schema", "pass", len(candidate.features), None, f"No {candidate.name} is live, so any input will do."
            )
        sent = self._answerable(candidate, self._datasets.get(live.data_version)) & set(live.features)
        new = [name for name in candidate.features if name not in sent]
        today = self._datasets.get(candidate.data_version.partition("@")[0])
        if nowhere := [name for name in new if name not in self._answerable(candidate, today)]:
            why = f"It needs what neither callers of {live.ref} send nor {today.ref} has: {', '.join(nowhere)}."
            return Check("schema", "fail", sorted(candidate.features), sorted(live.features), why)
        why = f"Callers of {live.ref} send all it needs."
        if new:
            why = f"Callers must now send, or send as another type: {', '.join(new)}."
        if candidate.target != live.target:
            why += f" It predicts {candidate.target}; {live.ref} predicts {live.target}."
        return Check("schema", "pass", len(candidate.features), len(live.features), why)

    def _answerable(self, model: ModelVersion, data: DatasetVersion) -> set[str]:
        """Return the inputs of a model that a dataset version has, with a type that it takes."""
        return Signature.of(self._models.metadata(model)["signature"]).found_in(data.column_types)

    def _config(self, candidate: ModelVersion) -> tuple[Check, Mapping[str, Any]]:
        """The run's config must still be valid, and the one that the run recorded; also return its own rule."""
        run = self._runs.get(candidate.run_id)
        try:
            import yaml

            valid = Schema.model_validate(yaml.safe_load(self._runs.text(run.run_id, "config.yaml")))
        except (IntegrityError, ValueError) as error:
            why = f"The config of run {run.run_id} is no longer valid: {error}"
            return Check("config", "fail", "invalid", "valid", why), {}
        short = str(run.config_sha256)[:12]
        said = valid.gate.model_dump(exclude_unset=True)
        return Check("config", "pass", short, short, "Its config is valid and recorded."), said

    def _staging(self, candidate: ModelVersion) -> Check:
        with self._ledger.read() as view:
            rehearsed = was_live(view, "staging", candidate.identity)
        if rehearsed:
            return Check("staging", "pass", REHEARSED, REHEARSED, "The same version has been live in staging.")
        return Check(
            "staging", "fail", "never live there", REHEARSED, f"{candidate.ref} has never been live in staging."
        )


def verdict(difference: Difference, rule: InForce, first: bool) -> Outcome:
    """Tell whether the interval of a difference is on the right side of what is asked.

    Parameters
    ----------
    difference : differences.Difference
        Of the candidate to what it is compared with, in a metric of which more is better.
    rule : InForce
        What is asked beside a live model.
    first : bool
        Whether nothing is live: then it must be better than who does not look at the features.
    """
    gain = first or rule.require == "better"
    bar = 0.0 if gain else -rule.margin
    if difference.too_few is not None:
        return "inconclusive"
    if difference.lower > bar:
        return "pass"
    return "fail" if difference.upper < bar or (gain and difference.upper == bar) else "inconclusive"


def _judge(found: Evidence, live: ModelVersion | None, rule: InForce, environment: str) -> Iterator[Check]:
    enough: Outcome = "pass" if found.rows is not None and found.rows >= MIN_ROWS else "inconclusive"
    yield Check("rows", enough, found.rows, MIN_ROWS, _why_rows(found, live))
    if found.rows is None:
        yield Check(
            "performance", "inconclusive", None, None, "Without rows that are new to both there is no evidence."
        )
        return
    if found.difference is None:
        yield Check("performance", "inconclusive", None, None, found.reason)
        return
    difference = found.difference
    # What few rows say is shown, and decides nothing.
    outcome = verdict(difference, rule, first=live is None) if enough == "pass" else enough
    floor = difference.baseline - (rule.margin if live and rule.require == "not_worse" else 0.0)
    why = _why_performance(difference, live, rule, environment)
    yield Check("performance", outcome, difference.challenger, floor, why)


def _why_rows(found: Evidence, live: ModelVersion | None) -> str:
    if found.rows is None:
        return found.reason
    why = f"{found.rows + found.unfit:,} of {found.asked:,} rows are new to {'both models' if live else 'the model'}."
    if found.unfit:
        why += f" {found.unfit:,} of them hold what {'one of them' if live else 'it'} does not take, and are left out."
    if found.copies:
        who = "one of them" if live else "it"
        why += f" {found.copies:,} of the others are copies of rows that {who} has learned from."
    return why if found.rows >= MIN_ROWS else f"{why} Under {MIN_ROWS} a comparison means nothing.{WAY_OUT}"


def _why_performance(difference: Difference, live: ModelVersion | None, rule: InForce, environment: str) -> str:
    said = (
        f"{metrics.title(difference.metric)} {difference.challenger:.3f} against {difference.baseline:.3f} of "
        f"{live.ref if live else 'the dummy baseline'} on the same {difference.rows:,} rows. "
    )
    if difference.too_few is not None:
        return said + difference.too_few
    said += (
        f"The difference is {difference.difference:+.3f}; with 95 % certainty it is above {difference.lower:+.3f}, and "
        f"with as much below {difference.upper:+.3f}. "
    )
    if live is None:
        return said + "As nothing is live under its name, it must be above 0."
    asked = "it must be above 0" if rule.require == "better" else f"it may lose at most {rule.margin:g}"
    return f"{said}In {environment} {asked}{'; ' if rule.notes else ''}{'; '.join(rule.notes)}."
