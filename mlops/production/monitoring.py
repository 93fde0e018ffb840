"""Monitoring: month by month, what a live model was asked and how it did, as far as that is known now.

Inputs are known at once, outcomes late, and until then there is an estimate. Nothing here is known later than now: in
the past the report is the one that a copy taken then would give. What a month says is computed once in this process,
for what stands in its answers and its outcomes never changes.
"""

from __future__ import annotations

from collections import ChainMap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from mlops.base import months
from mlops.base.artifacts import Artifacts
from mlops.base.clock import Instant
from mlops.base.environments import check_environment
from mlops.base.errors import InvalidError, shown
from mlops.base.ledger import Ledger, writes
from mlops.base.recent import Recent
from mlops.base.records import Record, check_text
from mlops.data.outcomes import OutcomeSet, known_sets, known_since
from mlops.data.versions import DatasetVersion, versions_of
from mlops.experiments.judged import Recorded
from mlops.experiments.runs import Runs
from mlops.production import cohorts, estimate, performance
from mlops.production.cohorts import Cohort
from mlops.production.estimate import Estimate
from mlops.production.performance import Performance
from mlops.release import answered
from mlops.release.registry import Models, ModelVersion
from mlops.release.releases import check_known, the_live


@dataclass(frozen=True)
class Month(Record):
    """What is known of one month."""

    month: str
    n: int
    """Answers that count: one for each id; see `cohorts`."""
    inputs: Mapping[str, Any] | None
    """``{verdict, why, psi, feature, drifted, few}``: what was asked, beside what the model learned from."""
    outcomes: Performance | None
    """How good the answers were; None as long as no outcome is known."""
    estimate: Estimate | None
    """What the AUC should be; None where that cannot be told."""
    best: float | None
    """The best AUC that anybody could have reached, where a simulated company said so and outcomes are known."""
    reference: float | None
    """What the model reached on its test rows when it was released: the AUC, or R2."""
    versions: tuple[Mapping[str, Any], ...]
    """``{version, n}`` of those that answered, most first; the first one is what is judged."""


@dataclass(frozen=True)
class Monitoring(Record):
    """What is known of the months of a live model, newest first."""

    environment: str
    model: str
    months: tuple[Month, ...]
    alerts: tuple[Any, ...]
    """Those that are not resolved, newest first."""


class Monitor:
    """What is known of the live models of one workspace."""

    def __init__(self, ledger: Ledger, artifacts: Artifacts) -> None:
        self._ledger = ledger
        self._artifacts = artifacts

    def report(self, environment: str = "production", model: str | None = None) -> Monitoring:
        """Return what is known of each month in which a live model was asked.

        Parameters
        ----------
        model : str, optional
            Name of the model; the only one that is live if not given.

        Raises
        ------
        NotFoundError
            If nothing is live there, or there is no such model.
        """
        place = check_environment(environment)
        with self._ledger.read() as view:
            check_known(view, model)
            name = model or the_live(view, place).model["name"]
        watched = _Watched(self._ledger, self._artifacts, name)
        found = answered.blocks(self._ledger, self._artifacts, place, name)
        return Monitoring(place, name, tuple(watched.month(cohort) for cohort in cohorts.of(found)), ())

    @writes
    def record_best(self, month: str, auc: float, source: str) -> None:
        """Note the best AUC that anybody could have reached in a month, once its outcomes are known.

        A simulated company knows how likely each customer really was to leave; nobody else does.

        Parameters
        ----------
        source : str
            How it is known.
        """
        source = check_text(source, "source")
        if not isinstance(auc, float | int) or not 0 <= auc <= 1:
            raise InvalidError(f"{shown(auc)} is no AUC.", "Give a number from 0 to 1.")
        with self._ledger.write() as tx:
            said = {"best": float(auc), "source": source}
            if (tx.record("month", months.check(month, tx.now())) or {}) | said != tx.record("month", month):
                tx.append("month.best", month, said)


class _Watched:
    """A model name in one look: its versions, what each learned from, and which outcomes are known."""

    def __init__(self, ledger: Ledger, artifacts: Artifacts, name: str) -> None:
        self._ledger, self._artifacts, self._runs = ledger, artifacts, Runs(ledger, artifacts)
        with ledger.read() as view:
            self._now = view.now()
            self._best = {month: view.record("month", month) or {} for month in view.subjects("month")}
            self._versions = {one.ref: one for one in versions_of(view)}
        self._models = {one.version: one for one in Models(ledger, artifacts).list() if one.name == name}
        self._sets: dict[str, list[OutcomeSet]] = {}
        self._outcomes: dict[str, dict[str, tuple[Any, Instant]]] = {}

    def month(self, cohort: Cohort) -> Month:
        """Return what is known of a month; what can only change with its outcomes is made once."""
        model = self._models[next(iter(cohort.versions))]
        asked = self._asked(cohort, model)
        sets = [(one.sha256, min(one.known_until, self._now)) for version in asked for one in self._known_sets(version)]
        found = _FOUND.get((cohort.key, model.sha256, *sets), lambda: self._made(cohort, model, asked))
        best = self._best.get(cohort.month, {}).get("best") if found.outcomes else None
        return replace(found, best=best)

    def _made(self, cohort: Cohort, model: ModelVersion, asked: Sequence[DatasetVersion]) -> Month:
        recorded = Recorded(self._runs, self._runs.get(model.run_id))
        known, labels = cohort.known(ChainMap(*map(self._known, asked)), recorded.signature)
        found = self._performance(cohort, known, labels, recorded)
        guess = _FOUND.get((cohort.key, model.sha256, "estimate"), lambda: _estimate(cohort, recorded))
        return Month(
            month=cohort.month,
            n=cohort.table.num_rows,
            inputs=None,
            outcomes=found,
            estimate=guess and guess.beside(found),
            best=None,
            reference=model.metrics.get(performance.main_metric(model.task)),
            versions=tuple({"version": one, "n": n} for one, n in cohort.versions.items()),
        )

    def _performance(self, cohort: Cohort, known: np.ndarray, labels: np.ndarray, run: Recorded) -> Performance | None:
        if not known.any():
            return None
        judged = cohort.judged(known, labels, run.signature, run.threshold)
        question = cohort.key, known.tobytes(), labels.tobytes(), run.threshold
        return _FOUND.get(question, lambda: performance.of(judged, cohort.table.num_rows))

    def _asked(self, cohort: Cohort, model: ModelVersion) -> list[DatasetVersion]:
        """Return a version of each dataset whose rows a month can have asked about."""
        learned_from = self._versions[model.data_version]
        refs = dict.fromkeys(one.data_version or model.data_version for one in cohort.blocks)
        by_name = {self._versions[ref].name: self._versions[ref] for ref in refs}
        return [one for one in by_name.values() if (one.id, one.target) == (learned_from.id, learned_from.target)]

    def _known_sets(self, version: DatasetVersion) -> list[OutcomeSet]:
        if version.name not in self._sets:
            self._sets[version.name] = known_sets(self._ledger, self._artifacts, version, self._now)
        return self._sets[version.name]

    def _known(self, version: DatasetVersion) -> dict[str, tuple[Any, Instant]]:
        if version.name not in self._outcomes:
            self._outcomes[version.name] = known_since(self._ledger, self._artifacts, version, self._now)
        return self._outcomes[version.name]


def _estimate(cohort: Cohort, run: Recorded) -> Estimate | None:
    likely = _FOUND.get((run.run.predictions_sha256, "calibrated"), lambda: estimate.calibrated(run))
    return estimate.of(cohort.scores, likely(cohort.scores)) if likely else None


_FOUND: Recent[Any] = Recent(most=512)
