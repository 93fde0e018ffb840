"""Everything that differs between two runs: what went in, which rows, what they answer, how good they are.

The causes stand first, the consequences after them. What cannot be compared - a run from elsewhere has no answers, two
targets have no common one - is named with the reason, never passed over.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd

from mlops.base.errors import ConflictError, InvalidError, NotFoundError
from mlops.base.records import Record, plain
from mlops.data import roles
from mlops.data.datasets import Datasets
from mlops.data.roles import Roles
from mlops.experiments import comparison
from mlops.experiments.runs import SPLITS, Run, Runs
from mlops.models import scoring

Part = Literal["data", "rows", "predictions", "luck"]


@dataclass(frozen=True)
class RunDiff(Record):
    """Every difference between two runs."""

    runs: tuple[str, str]
    differs: tuple[Mapping[str, Any], ...]
    """``{what, key, values}``, as in `comparison.Comparison`: data, config, code, software, seed."""
    data: Mapping[str, Any] | None
    """Counts of rows, columns and cells, as in `dataset_diff.DatasetDiff`, and the roles that each learned with; None
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


def diff(runs: Runs, datasets: Datasets, before: str, after: str) -> RunDiff:
    """Name everything that differs between two runs.

    Parameters
    ----------
    before, after : str
        Ids of runs.

    Returns
    -------
    RunDiff
        Differences are after minus before.
    """
    pair = runs.get(before), runs.get(after)
    ids = (pair[0].run_id, pair[1].run_id)
    reasons: dict[Part, str] = {}

    def asked(part: Part, answer: Callable[[], Any]) -> Any:
        try:
            return answer()
        except (InvalidError, ConflictError, NotFoundError) as error:
            reasons[part] = error.message
            return None

    found = comparison.compare(pair)
    return RunDiff(
        runs=ids,
        differs=found.differs,
        data=asked("data", lambda: _data(datasets, *pair)),
        rows=asked("rows", lambda: _rows(runs, *pair)),
        predictions=asked("predictions", lambda: _predictions(runs, *pair)),
        metrics=tuple(_metric(one["metric"], *one["values"]) for one in found.metrics),
        luck=asked("luck", lambda: comparison.difference(runs, *ids).as_dict()),
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
    found = datasets.diff(*(f"{run.data['name']}@{run.data['version']}" for run in (before, after))).as_dict()
    return {key: found[key] for key in found if key not in ("changes", "distributions")} | {
        "roles_changed": plain(roles_changed)
    }


def _rows(runs: Runs, before: Run, after: Run) -> dict[str, dict[str, int]]:
    old, new = _answers(runs, before, after)
    counts: dict[str, dict[str, int]] = {}
    for split in SPLITS:
        mine, others = old[old["part"] == split], new[new["part"] == split]
        shared = _named(mine).intersection(_named(others))
        counts[split] = {"before": len(mine), "after": len(others), "shared": len(shared)}
    return counts


def _predictions(runs: Runs, before: Run, after: Run) -> dict[str, Any]:
    old, new = (table[table["part"] == "validation"] for table in _answers(runs, before, after))
    judged = [comparison.judged(runs, run.run_id) for run in (before, after)]
    if judged[0].signature.question != judged[1].signature.question:
        raise InvalidError(
            "The two runs predict different targets or classes, so their answers cannot be compared.",
            "Compare runs of one task.",
        )
    columns = [name for name in old.columns if name.startswith(("probability", "prediction"))]
    both = _named(old).intersection(_named(new))
    scores = [table.set_index(_named(table))[columns].loc[both].to_numpy() for table in (old, new)]
    moved = np.abs(scores[1] - scores[0]).max(axis=1)
    signature = judged[0].signature
    flipped = None
    if signature.task != "regression":
        flat = [one[:, 0] if signature.task == "binary" else one for one in scores]
        told = [scoring.decide(one, signature, run.threshold) for one, run in zip(flat, judged, strict=True)]
        flipped = sum(one != other for one, other in zip(*told, strict=True))
    return {
        "rows": len(both),
        "changed": int((moved > 0).sum()),
        "flipped": flipped,
        "largest": float(moved.max()) if len(both) else None,
    }


def _answers(runs: Runs, before: Run, after: Run) -> tuple[pd.DataFrame, pd.DataFrame]:
    for run in (before, after):
        if run.predictions_sha256 is None:
            raise InvalidError(
                f"Run {run.run_id} is {run.status} and its rows and answers are not kept here.",
                "Compare runs that were trained here.",
            )
    if before.data["name"] != after.data["name"] and before.data["sha256"] != after.data["sha256"]:
        raise InvalidError(
            f"{before.data['name']} and {after.data['name']} are different datasets without common rows.",
            "Compare runs that learned from one dataset.",
        )
    return runs.predictions(before.run_id), runs.predictions(after.run_id)


def _named(table: pd.DataFrame) -> pd.MultiIndex:
    """Return the name of each row; of rows that are alike, the first, the second, the third."""
    return pd.MultiIndex.from_arrays([table["row_hash"], table.groupby("row_hash").cumcount()])
