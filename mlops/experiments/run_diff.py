"""Everything that differs between two runs: what went in, which rows, what they answer, how good they are.

The causes stand first, the consequences after them. What cannot be compared - a run from elsewhere has no answers, two
targets have no common one - is named with the reason, never passed over.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pandas as pd

from mlops.base.errors import ConflictError, InvalidError, NotFoundError
from mlops.base.records import Record, plain, ref_of
from mlops.data import roles
from mlops.data.datasets import Datasets
from mlops.data.roles import Roles
from mlops.experiments import judged
from mlops.experiments.judged import Recorded
from mlops.experiments.runs import SPLITS, Run, Split
from mlops.models import scoring

if TYPE_CHECKING:
    from mlops.experiments.comparisons import Comparison

Part = Literal["data", "rows", "predictions", "luck"]


@dataclass(frozen=True)
class RunDiff(Record):
    """Every difference between two runs."""

    runs: tuple[str, str]
    differs: tuple[Mapping[str, Any], ...]
    """``{what, key, values}``, as in `comparisons.Comparison`: data, config, code, software, seed."""
    data: Mapping[str, Any] | None
    """Counts of rows, columns and cells, as in `changes.DatasetDiff`, and the roles that each learned with; None
    if content and roles are the same."""
    rows: Mapping[str, Mapping[str, int]] | None
    """``{before, after, shared}`` by split: how many rows each run has in it, and how many both."""
    predictions: Mapping[str, Any] | None
    """``{rows, changed, flipped, largest}`` of the validation rows of both: how many score differently, how many are
    decided differently (None for regression), and the largest change of a score."""
    metrics: tuple[Mapping[str, Any], ...]
    """``{metric, before, after, difference}`` by split and name; difference is after minus before."""
    luck: Mapping[str, Any] | None
    """The difference in the main metric with its interval: a `differences.Difference`."""
    not_applicable: Mapping[Part, str]
    """Why one of the four above is unknown."""


def diff(datasets: Datasets, before: Recorded, after: Recorded, compared: Comparison) -> RunDiff:
    """Name everything that differs between two runs.

    Parameters
    ----------
    before, after : Recorded
        The runs, with what they answered.
    compared : Comparison
        What went into them and came out, side by side.

    Returns
    -------
    RunDiff
        Differences are after minus before.
    """
    reasons: dict[Part, str] = {}

    def asked(part: Part, answer: Callable[[], Any]) -> Any:
        try:
            return answer()
        except (InvalidError, ConflictError, NotFoundError) as error:
            reasons[part] = error.message
            return None

    return RunDiff(
        runs=(before.run.run_id, after.run.run_id),
        differs=compared.differs,
        data=asked("data", lambda: _data(datasets, before.run, after.run)),
        rows=asked("rows", lambda: _rows(before, after)),
        predictions=asked("predictions", lambda: _predictions(before, after)),
        metrics=tuple(_metric(one["metric"], *one["values"]) for one in compared.metrics),
        luck=asked("luck", lambda: judged.difference(before, after).as_dict()),
        not_applicable=reasons,
    )


def _metric(name: str, before: float | None, after: float | None) -> dict[str, Any]:
    difference = None if before is None or after is None else after - before
    return {"metric": name, "before": before, "after": after, "difference": difference}


def _data(datasets: Datasets, before: Run, after: Run) -> dict[str, Any] | None:
    for run in (before, after):
        if not run.data:
            raise InvalidError(
                f"Run {run.run_id} does not say what it learned from.", "Compare runs that were trained here."
            )
    roles_changed = roles.changes(*(Roles.of(run.roles or {}) for run in (before, after)))
    if before.data["sha256"] == after.data["sha256"] and not roles_changed:
        return None
    found = datasets.diff(*(ref_of(run.data) for run in (before, after))).as_dict()
    return {key: found[key] for key in found if key not in ("changes", "distributions")} | {
        "roles_changed": plain(roles_changed)
    }


def _rows(before: Recorded, after: Recorded) -> dict[str, dict[str, int]]:
    counts: dict[str, dict[str, int]] = {}
    for split in SPLITS:
        mine, others = _named(before, after, split)
        counts[split] = {
            "before": len(mine),
            "after": len(others),
            "shared": len(mine.index.intersection(others.index)),
        }
    return counts


def _predictions(before: Recorded, after: Recorded) -> dict[str, Any]:
    tables, learned = _named(before, after, "validation"), before.signature
    if learned.question != after.signature.question:
        raise InvalidError(
            "The two runs predict different targets or classes, so their answers cannot be compared.",
            "Compare runs of one task.",
        )
    columns = [name for name in tables[0].columns if name.startswith(("probability", "prediction"))]
    both = tables[0].index.intersection(tables[1].index)
    scores = [table.loc[both, columns].to_numpy() for table in tables]
    moved = np.abs(scores[1] - scores[0]).max(axis=1)
    flipped = None
    if learned.task != "regression":
        flat = [one[:, 0] if learned.task == "binary" else one for one in scores]
        told = [scoring.decide(one, learned, run.threshold) for one, run in zip(flat, (before, after), strict=True)]
        flipped = sum(one != other for one, other in zip(*told, strict=True))
    return {
        "rows": len(both),
        "changed": int((moved > 0).sum()),
        "flipped": flipped,
        "largest": float(moved.max()) if len(both) else None,
    }


def _named(before: Recorded, after: Recorded, split: Split) -> list[pd.DataFrame]:
    """Return what each answered in a split by the names of rows: of those alike, the first, the second, the third."""
    old, new = before.run.data, after.run.data
    tables = [one.table[one.table["part"] == split] for one in (before, after)]
    if old["name"] != new["name"] and old["sha256"] != new["sha256"]:
        raise InvalidError(
            f"{old['name']} and {new['name']} are different datasets without common rows.",
            "Compare runs that learned from one dataset.",
        )
    return [table.set_index(["row_hash", table.groupby("row_hash").cumcount()]) for table in tables]
