"""Monitoring: month by month, what a live model was asked and how it did, as far as that is known now.

Inputs are known at once, outcomes late, and until then there is an estimate. Nothing here is known later than now: in
the past the report is the one that a copy taken then would give. What a month says is computed once in this process,
for what stands in its answers and its outcomes never changes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from mlops.base import months
from mlops.base.artifacts import Artifacts
from mlops.base.environments import check_environment
from mlops.base.errors import InvalidError, shown
from mlops.base.ledger import Ledger, writes
from mlops.base.recent import Recent
from mlops.base.records import Record, check_text, sha256_of
from mlops.data import outcomes
from mlops.data.datasets import Datasets, DatasetVersion
from mlops.experiments.judged import Recorded
from mlops.experiments.runs import Runs
from mlops.models.signature import Signature
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
    """The versions of a model, and what each learned from."""

    def __init__(self, ledger: Ledger, artifacts: Artifacts, name: str) -> None:
        self._ledger, self._artifacts = ledger, artifacts
        self._datasets, self._runs = Datasets(ledger, artifacts), Runs(ledger, artifacts)
        with ledger.read() as view:
            self._now = view.now()
            self._best = {month: view.record("month", month) for month in view.subjects("month")}
        self._versions = {one.version: one for one in Models(ledger, artifacts).list() if one.name == name}
        self._outcomes: dict[str, pd.DataFrame | None] = {}
        self._recorded: dict[str, Recorded] = {}

    def month(self, cohort: Cohort) -> Month:
        """Return what is known of a month."""
        version = self._versions[next(iter(cohort.versions))]
        recorded = self._run(version)
        learned = recorded.signature
        known, labels = cohort.known(self._known(cohort, version), learned)
        found = self._performance(cohort, known, labels, learned, recorded.threshold)
        main = performance.main_metric(learned.task)
        best = self._best.get(cohort.month) if found else None
        guess = self._estimate(cohort, recorded)
        return Month(
            month=cohort.month,
            n=cohort.table.num_rows,
            inputs=None,
            outcomes=found,
            estimate=guess and guess.beside(found),
            best=best["best"] if best else None,
            reference=version.metrics.get(main),
            versions=tuple({"version": one, "n": n} for one, n in cohort.versions.items()),
        )

    def _performance(
        self, cohort: Cohort, known: np.ndarray, labels: np.ndarray, learned: Signature, threshold: float
    ) -> Performance | None:
        if not known.any():
            return None
        judged = cohort.judged(known, labels, learned, threshold)
        question = cohort.key, known.tobytes(), sha256_of(labels.tolist()), threshold
        return _FOUND.get(question, lambda: performance.of(judged, cohort.table.num_rows))

    def _estimate(self, cohort: Cohort, run: Recorded) -> Estimate | None:
        def make() -> Estimate | None:
            likely = estimate.calibrated(run)
            return estimate.of(cohort.scores, likely(cohort.scores), run.signature) if likely else None

        found: Estimate | None = _FOUND.get((cohort.key, run.run.predictions_sha256), make)
        return found

    def _run(self, version: ModelVersion) -> Recorded:
        if version.version not in self._recorded:
            self._recorded[version.version] = Recorded(self._runs, self._runs.get(version.run_id))
        return self._recorded[version.version]

    def _known(self, cohort: Cohort, version: ModelVersion) -> pd.DataFrame | None:
        """Return the outcomes of the datasets whose rows a month asked about: as far as that is known, all of them."""
        learned_from = self._datasets.get(version.data_version)
        asked = dict.fromkeys(one.data_version or version.data_version for one in cohort.blocks)
        frames = [self._of_dataset(ref, learned_from) for ref in asked]
        found = [frame for frame in frames if frame is not None]
        return pd.concat(found).drop_duplicates("id", keep="last") if found else None

    def _of_dataset(self, ref: str, learned_from: DatasetVersion) -> pd.DataFrame | None:
        version = self._datasets.get(ref)
        if version.name not in self._outcomes:
            same = (version.id, version.target) == (learned_from.id, learned_from.target)
            known = outcomes.known_frame(self._ledger, self._artifacts, version, self._now) if same else None
            self._outcomes[version.name] = known
        return self._outcomes[version.name]


_FOUND: Recent[Any] = Recent(most=512)
