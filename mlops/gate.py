"""Gate: the question whether a model may go live, and the answer with its evidence.

Development and staging ask three things: are the files intact, are the model's inputs to be had today (callers of
the live model send them, or the newest data has them), is its config still valid. Production also asks for the
same version in staging before, and for evidence: rows that neither the candidate nor the live model has learned
from, scored by both.
An answer is pass, fail or inconclusive; inconclusive is not a pass.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd

from mlops import evaluation, scoring, tables
from mlops.artifacts import Artifacts
from mlops.configs import Schema
from mlops.datasets import Datasets, DatasetVersion
from mlops.environments import Environment
from mlops.errors import IntegrityError
from mlops.ledger import Ledger
from mlops.records import Record
from mlops.registry import LoadedModel, Models, ModelVersion
from mlops.runs import Runs

Outcome = Literal["pass", "fail", "inconclusive"]

MIN_ROWS = 200
"""Unseen rows below which a difference between two models means nothing."""

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
    detectable_difference: float | None
    """The smallest difference that this many rows could show; unknown for a point estimate."""
    rows: int | None
    """Rows that both models had never seen."""


@dataclass(frozen=True)
class Evidence:
    """Two models on the same unseen rows."""

    rows: int
    metric: str
    """``auc``, or ``r2`` for regression; higher is better."""
    candidate: float | None
    reference: float | None
    """The same metric of the live model, or of a baseline that does not look at the features."""
    against: str


class Gate:
    """The gate of one workspace."""

    def __init__(self, ledger: Ledger, artifacts: Artifacts) -> None:
        self._ledger = ledger
        self._artifacts = artifacts
        self._models = Models(ledger, artifacts)
        self._runs = Runs(ledger, artifacts)
        self._datasets = Datasets(ledger, artifacts)

    def evaluate(self, candidate: ModelVersion, live: ModelVersion | None, environment: Environment) -> GateReport:
        """Ask every question that an environment asks.

        Parameters
        ----------
        candidate : ModelVersion
            The version that wants to go live.
        live : ModelVersion or None
            What is live there now.
        environment : {"development", "staging", "production"}
            Where it wants to go.
        """
        checks = [self._integrity(candidate)]
        intact = checks[0].outcome == "pass"
        evidence = None
        if intact:
            checks += [self._schema(candidate, live), self._config(candidate)]
        if environment == "production":
            checks.append(self._staging(candidate))
            if intact:
                evidence = self.compare(candidate, live)
                checks += _judge(evidence, self._margin(candidate))
        outcomes = {check.outcome for check in checks}
        outcome: Outcome = "fail" if "fail" in outcomes else "inconclusive" if "inconclusive" in outcomes else "pass"
        return GateReport(
            model=candidate.identity,
            environment=environment,
            against=live.identity if live else None,
            outcome=outcome,
            checks=tuple(check.as_dict() for check in checks),
            detectable_difference=None,
            rows=evidence.rows if evidence else None,
        )

    def compare(self, candidate: ModelVersion, live: ModelVersion | None) -> Evidence:
        """Score the candidate's test rows, less every row the live model learned from, with both models."""
        rows = self._runs.predictions(candidate.run_id)
        rows = rows[rows["part"] == "test"]
        challenger = self._models.load(candidate)
        metric = "r2" if candidate.task == "regression" else "auc"
        reference = self._comparable(candidate, live)
        if reference is not None:
            seen = self._runs.predictions(reference.version.run_id)
            learned_from = seen[seen["part"] != "test"]["row_hash"]
            rows = rows[~rows["row_hash"].isin(learned_from)]
        rows = rows.reset_index(drop=True)
        truth = rows["label"].to_numpy()
        observed = self._score(challenger, candidate, rows, truth, metric)
        if reference is not None:
            standard = self._score(reference, candidate, rows, truth, metric)
            return Evidence(len(rows), metric, observed, standard, reference.version.ref)
        # An AUC of one half, or an R2 of nothing: what a model reaches that does not look at the features.
        return Evidence(len(rows), metric, observed, 0.0 if metric == "r2" else 0.5, "the dummy baseline")

    def _comparable(self, candidate: ModelVersion, live: ModelVersion | None) -> LoadedModel | None:
        """Return the live model if it is intact, predicts the same target, and can score the candidate's rows."""
        if live is None or (candidate.target, candidate.task) != (live.target, live.task):
            return None
        try:
            known = self._answerable(live, self._datasets.get(candidate.data_version))
            return self._models.load(live) if known == set(live.features) else None
        except IntegrityError:
            return None

    def _score(
        self, model: LoadedModel, candidate: ModelVersion, rows: pd.DataFrame, truth: np.ndarray, metric: str
    ) -> float | None:
        if len(rows) == 0:
            return None
        table = self._datasets.table(candidate.data_version).take(rows["row"].to_numpy())
        scores = scoring.probabilities(model.pipeline, tables.frame_of(table, model.signature.names), model.signature)
        return evaluation.metrics(truth, scores, model.signature, model.threshold)[metric]

    def _integrity(self, candidate: ModelVersion) -> Check:
        """Check that the files are what was recorded. Whether the model answers as trained is its health check."""
        if candidate.status == "rejected":
            return Check("integrity", "fail", "rejected", "candidate", f"{candidate.ref} was rejected.")
        wrong = [check for check in self._models.verify(candidate.ref)["checks"] if not check["equal"]]
        if wrong:
            why = f"The {wrong[0]['what']} of {candidate.ref} is not what was recorded."
            return Check("integrity", "fail", str(wrong[0]["observed"])[:12], str(wrong[0]["expected"])[:12], why)
        short = candidate.sha256[:12]
        return Check("integrity", "pass", short, short, "Its files, its run and its data are as recorded.")

    def _schema(self, candidate: ModelVersion, live: ModelVersion | None) -> Check:
        if live is None:
            return Check("schema", "pass", len(candidate.features), None, "Nothing is live, so any input will do.")
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
        columns = data.column_types
        inputs = self._models.metadata(model.ref)["signature"]["features"]
        takes = {"number": ("number", "integer")}
        return {i["name"] for i in inputs if columns.get(i["name"]) in takes.get(i["type"], (i["type"],))}

    def _config(self, candidate: ModelVersion) -> Check:
        """The run's config must still be a valid one, and be the one that the run recorded."""
        run = self._runs.get(candidate.run_id)
        try:
            import yaml

            values = yaml.safe_load(self._runs.text(run.run_id, "config.yaml"))
            Schema.model_validate(values)
        except (IntegrityError, ValueError) as error:
            return Check(
                "config", "fail", "invalid", "valid", f"The config of run {run.run_id} is no longer valid: {error}"
            )
        return Check(
            "config",
            "pass",
            str(run.config_sha256)[:12],
            str(run.config_sha256)[:12],
            "Its config is valid and recorded.",
        )

    def _staging(self, candidate: ModelVersion) -> Check:
        with self._ledger.read() as view:
            rehearsed = any(
                record["environment"] == "staging"
                and record["status"] == "live"
                and record["model"] == candidate.identity
                for record in view.records("deployment")
            )
        if rehearsed:
            return Check("staging", "pass", True, True, "The same version has been live in staging.")
        return Check("staging", "fail", False, True, f"{candidate.ref} has never been live in staging.")

    def _margin(self, candidate: ModelVersion) -> float:
        return float(self._runs.get(candidate.run_id).params.get("gate.margin", 0.02))


def check_health(model: LoadedModel) -> None:
    """Let a loaded model answer its examples.

    Raises
    ------
    IntegrityError
        If one answer differs, in any digit, from the one it gave when it was trained.
    """
    frame = examples_frame(model)
    expected = [example["answer"] for example in model.metadata["examples"]]
    observed = scoring.probabilities(model.pipeline, frame, model.signature).tolist()
    if observed != expected:
        raise IntegrityError(
            f"{model.version.ref} answers {observed} to its examples, but answered {expected} when it was trained.",
            "Check the installed packages against requirements.txt of its run.",
        )


def examples_frame(model: LoadedModel) -> pd.DataFrame:
    """Return the features of a model's examples as the model takes them."""
    rows = [example["row"] for example in model.metadata["examples"]]
    return scoring.frame_of_rows(rows, model.signature)


def _judge(evidence: Evidence, margin: float) -> Iterator[Check]:
    enough: Outcome = "pass" if evidence.rows >= MIN_ROWS else "inconclusive"
    why = f"{evidence.rows:,} test rows are new to both models."
    if enough != "pass":
        why += f" Under {MIN_ROWS} a comparison means nothing: evaluate on newer data."
    yield Check("rows", enough, evidence.rows, MIN_ROWS, why)
    if evidence.candidate is None or evidence.reference is None:
        yield Check("performance", "inconclusive", None, None, "The metric is undefined on these rows.")
        return
    floor = evidence.reference - (margin if evidence.against != "the dummy baseline" else 0)
    passed = evidence.candidate >= floor if evidence.against != "the dummy baseline" else evidence.candidate > floor
    said = (
        f"{evidence.metric} {evidence.candidate:.4f} against {evidence.reference:.4f} of {evidence.against} "
        f"on the same {evidence.rows:,} rows; a point estimate."
    )
    verdict: Outcome = "pass" if passed else "fail"
    # What few rows say is shown, and decides nothing.
    yield Check("performance", verdict if enough == "pass" else enough, evidence.candidate, floor, said)
