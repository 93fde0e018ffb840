"""Monthly: what is known of each month in which a live model was asked.

Inputs are known at once, outcomes late, and until then there is an estimate. Nothing here is known later than now: in
the past a month is what a copy taken then would tell. Each part is made once in this process, by what it is made of:
what stands in the answers of a month, and in the outcomes of a day, never changes.
"""

from __future__ import annotations

from collections import ChainMap
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
import pyarrow as pa

from mlops.base.artifacts import Artifacts
from mlops.base.environments import Environment
from mlops.base.ledger import Ledger
from mlops.base.recent import Recent
from mlops.base.records import Record
from mlops.data.datasets import Datasets
from mlops.data.outcomes import OutcomeSet, known_sets, known_since, named
from mlops.data.versions import DatasetVersion
from mlops.experiments.judged import Judged, Recorded
from mlops.experiments.runs import Runs
from mlops.models import diagnostics, metrics
from mlops.production import cohorts, drift, estimate, performance
from mlops.production.cohorts import Cohort
from mlops.production.drift import Drift
from mlops.production.estimate import Estimate
from mlops.production.performance import Group, Performance
from mlops.release import answered
from mlops.release.answered import Block
from mlops.release.registry import Models, ModelVersion

_MADE: Recent[Any] = Recent(most=1024)


@dataclass(frozen=True)
class Month(Record):
    """What is known of one month."""

    month: str
    n: int
    """Answers that count: one for each id; see `cohorts`."""
    inputs: Mapping[str, Any] | None
    """``{verdict, why, psi, feature, drifted, new, news, few}`` of what was asked, held against what the model learned
    from (see `drift.Drift`); `drifted` has the index of each feature that differs, the largest first."""
    outcomes: Performance | None
    """How good the answers were; None as long as no outcome is known."""
    estimate: Estimate | None
    """What the AUC should be; None where scores alone cannot tell."""
    best: float | None
    """The best AUC that anybody could have reached, where a simulated company said so and outcomes are known."""
    reference: float | None
    """What the model reached on its test rows when it was released: AUC, or R2."""
    versions: tuple[Mapping[str, Any], ...]
    """``{version, n}`` of those that answered, most first; the first one is judged."""

    @property
    def ought(self) -> float | None:
        """What it ought to reach: the best achievable, or, where nobody knows that, what it reached at release."""
        return self.reference if self.best is None else self.best

    @property
    def lost(self) -> float | None:
        """How much less it reached than it ought to; None as long as nobody knows."""
        reached = self.outcomes.value if self.outcomes else None
        return None if self.ought is None or reached is None else self.ought - reached


@dataclass(frozen=True)
class MonthDetail(Record):
    """Everything that is known of one month."""

    month: Month
    against: str
    """The version of the data that the model learned from, which the inputs are held against."""
    drift: Drift
    groups: tuple[Group, ...]
    """Each group of the rows whose outcome is known, beside the same group at release; none before."""
    calibration: Mapping[str, Any]
    """By class what was predicted beside what happened, as of `diagnostics.calibration`; nothing before."""
    best_source: str | None
    """How the best achievable is known."""


class Months:
    """The months of one model name in one look: its versions, what they learned from, which outcomes are known."""

    def __init__(
        self,
        ledger: Ledger,
        artifacts: Artifacts,
        environment: Environment,
        model: str,
        blocks: Sequence[Block] | None = None,
    ) -> None:
        self._ledger, self._artifacts = ledger, artifacts
        self._runs, self._datasets = Runs(ledger, artifacts), Datasets(ledger, artifacts)
        with ledger.read() as view:
            self._now = view.now()
            self._best = {month: view.record("month", month) or {} for month in view.subjects("month")}
        self._models = {one.version: one for one in Models(ledger, artifacts).list() if one.name == model}
        asked = answered.blocks(ledger, artifacts, environment, model) if blocks is None else blocks
        self._cohorts = [*cohorts.of(asked)]
        self._recorded: dict[str, Recorded] = {}
        self._versions: dict[str, DatasetVersion] = {}
        self._sets: dict[str, Sequence[OutcomeSet]] = {}

    @cached_property
    def all(self) -> tuple[Month, ...]:
        """Every month, the newest first."""
        return tuple(map(self._month, self._cohorts))

    @property
    def known(self) -> int:
        """Answers that count and whose outcome is known."""
        return sum(int(self._truth(cohort)[0].sum()) for cohort in self._cohorts)

    def truths(self) -> Iterator[tuple[Cohort, np.ndarray, np.ndarray]]:
        """Yield each month with of which answers that count the outcome is known, and what it is."""
        return ((cohort, *self._truth(cohort)) for cohort in self._cohorts)

    def detail(self, month: str) -> MonthDetail | None:
        """Return everything about a month; None if nothing was asked in it."""
        cohort = next((one for one in self._cohorts if one.month == month), None)
        if cohort is None:
            return None
        model = self._model(cohort)
        run, judged = self._run(model), self._judged(cohort)
        calibration = diagnostics.calibration(judged.labels, judged.scores, judged.signature) if judged else {}
        return MonthDetail(
            month=self._month(cohort),
            against=model.data_version,
            drift=self._drift(cohort),
            groups=self._groups(cohort, judged, run) if judged else (),
            calibration=calibration,
            best_source=self._best.get(month, {}).get("source") if judged else None,
        )

    def _month(self, cohort: Cohort) -> Month:
        model = self._model(cohort)
        before = self._before(cohort)
        question = cohort.key, before and before.key, model.sha256, *self._outcomes(cohort)
        made: Month = _MADE.get(question, lambda: self._made(cohort))
        return replace(made, best=self._best.get(cohort.month, {}).get("best") if made.outcomes else None)

    def _made(self, cohort: Cohort) -> Month:
        model, judged, found = self._model(cohort), self._judged(cohort), self._drift(cohort)
        known = performance.of(judged, cohort.table.num_rows) if judged else None
        guess: Estimate | None = _MADE.get((cohort.key, model.sha256, "estimate"), lambda: self._estimate(cohort))
        inputs = {name: getattr(found, name) for name in ("verdict", "why", "psi", "feature", "new", "few", "news")}
        return Month(
            month=cohort.month,
            n=cohort.table.num_rows,
            inputs={**inputs, "drifted": {name: found.features[name]["psi"] for name in found.drifted}},
            outcomes=known,
            estimate=guess and guess.beside(known),
            best=None,
            reference=model.metrics.get(metrics.main(model.task)),
            versions=tuple({"version": one, "n": n} for one, n in cohort.versions.items()),
        )

    # What it is made of

    def _drift(self, cohort: Cohort) -> Drift:
        model, before = self._model(cohort), self._before(cohort)

        def make() -> Drift:
            run = self._run(model)
            scores = (run.not_learned().scores, cohort.scores) if run.signature.task != "multiclass" else None
            earlier = before.inputs(run.signature) if before else None
            table = self._datasets.table(model.data_version)
            return drift.of_tables(table, cohort.inputs(run.signature), run.signature, scores, before=earlier)

        found: Drift = _MADE.get((cohort.key, before and before.key, model.sha256, "drift"), make)
        return found

    def _estimate(self, cohort: Cohort) -> Estimate | None:
        run = self._run(self._model(cohort))
        likely = _MADE.get((run.run.predictions_sha256, "calibrated"), lambda: estimate.calibrated(run.not_learned()))
        enough = cohort.table.num_rows >= estimate.ENOUGH
        return estimate.of(cohort.scores, likely(cohort.scores)) if likely and enough else None

    def _judged(self, cohort: Cohort) -> Judged | None:
        """Return the answers whose outcome is known, with the truth; None if there are none."""
        run = self._run(self._model(cohort))
        known, labels = self._truth(cohort)
        return cohort.judged(known, labels, run.signature, run.threshold) if known.any() else None

    def _groups(self, cohort: Cohort, judged: Judged, run: Recorded) -> tuple[Group, ...]:
        release = run.not_learned()
        known = cohort.asked.take(pa.array(judged.rows))
        table = self._datasets.table(self._model(cohort).data_version)
        return performance.groups(judged, known, release, table.take(pa.array(release.rows)))

    def _before(self, cohort: Cohort) -> Cohort | None:
        """Return the month before, as far as there is one."""
        return next((one for one in self._cohorts if one.month < cohort.month), None)

    def _model(self, cohort: Cohort) -> ModelVersion:
        return self._models[next(iter(cohort.versions))]

    def _run(self, model: ModelVersion) -> Recorded:
        if model.run_id not in self._recorded:
            self._recorded[model.run_id] = Recorded(self._runs, self._runs.get(model.run_id))
        return self._recorded[model.run_id]

    # Which outcomes are known

    def _truth(self, cohort: Cohort) -> tuple[np.ndarray, np.ndarray]:
        """Tell of which answers the outcome is known, and what it is."""

        def make() -> tuple[np.ndarray, np.ndarray]:
            told = [known_since(self._ledger, self._artifacts, one, self._now) for one in self._asked(cohort)]
            return cohort.known(ChainMap(*told), self._run(self._model(cohort)).signature)

        found: tuple[np.ndarray, np.ndarray] = _MADE.get((cohort.key, "truth", *self._outcomes(cohort)), make)
        return found

    def _outcomes(self, cohort: Cohort) -> tuple[Any, ...]:
        """Return what names the outcomes that are known of a month."""
        return tuple(named(self._known(version), self._now) for version in self._asked(cohort))

    def _asked(self, cohort: Cohort) -> list[DatasetVersion]:
        """Return a version of each dataset whose rows a month can have asked about."""
        learned_from = self._version(self._model(cohort).data_version)
        refs = [learned_from.ref, *(learned_from.parents or ()), *(one.data_version for one in cohort.blocks)]
        names = {ref.partition("@")[0]: ref for ref in reversed(refs) if ref}
        found = [self._version(ref) for ref in names.values()]
        return [one for one in found if (one.id, one.target) == (learned_from.id, learned_from.target)]

    def _version(self, ref: str) -> DatasetVersion:
        if ref not in self._versions:
            with self._ledger.read() as view:
                self._versions[ref] = DatasetVersion.of(view.record("dataset", ref) or {})
        return self._versions[ref]

    def _known(self, version: DatasetVersion) -> Sequence[OutcomeSet]:
        if version.name not in self._sets:
            self._sets[version.name] = known_sets(self._ledger, self._artifacts, version, self._now)
        return self._sets[version.name]
