"""Drift and harm on public sets: what a model learned early, held against what came late, and halves drawn by lot.

    python -m benchmarks.production.real_sets FOLDER
    python -m benchmarks.production.real_sets FOLDER --splits 200

FOLDER has the files that are named below, with the columns of their sources.
Bank marketing (UCI 222) and electricity (Elec2, OpenML 151) change and cost; bike sharing (UCI 275) costs with hardly
any change of an input. Of halves drawn by lot nothing changed: one p in twenty is below 0.05, and no verdict alarms.
"""

from __future__ import annotations

import argparse
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pyarrow as pa

from mlops import Workspace
from mlops.data import reading, tables
from mlops.data.reading import ReadOptions
from mlops.data.roles import Roles
from mlops.models import metrics, scoring
from mlops.production import drift


@dataclass(frozen=True)
class Set:
    """A set whose rows stand in the order of time."""

    file: str
    target: str
    metric: str
    """By which a model is judged; of both more is better."""
    without: tuple[str, ...] = ()
    """Columns that no model may look at: they give the answer away, or count on."""
    options: ReadOptions = field(default_factory=ReadOptions)
    early: float = 0.5
    """Share of the rows that a model learns from."""


TIMED = (
    Set("bank_marketing_full.csv.gz", "deposit", "auc", ("duration",)),
    Set("elec2.csv.gz", "class", "auc"),
    Set("bike_hourly.csv.gz", "cnt", "r2", ("instant", "dteday", "yr"), ReadOptions(dates="mdy"), 8645 / 17379),
)
MIXED = {"telco_churn.csv": "Churn", "mlc_churn.csv": "churn", "adult_leading_spaces.csv.gz": "income"}
CONFIG = "model: {{type: hist_gradient_boosting}}\nfeatures: {{exclude: [{}]}}\n"


def early_and_late(folder: Path, one: Set) -> None:
    """Print the verdict on what came late, and how a model of what came early does on it."""
    table = reading.read(folder / one.file, one.options)[0]
    rows = round(one.early * table.num_rows)
    early, late = table.slice(0, rows), table.slice(rows)
    found = drift.of_tables(early, late, roles=Roles(target=one.target))
    with tempfile.TemporaryDirectory() as place:
        ws = Workspace.open(Path(place) / "workspace")
        tables.write_parquet(early, str(csv := Path(place) / "early.parquet"))
        ws.datasets.add(csv, "early", target=one.target)
        run = ws.train(CONFIG.format(", ".join(one.without)))
        model = ws.models.load(ws.models.register(run, "model"))
        learned = model.signature
        scores = scoring.probabilities(model.pipeline, tables.frame_of(late, learned.names), learned)
        labels = np.array(late.column(one.target).to_pylist())
        reached = metrics.of(labels, scores, learned, model.threshold or 0.5)[one.metric].number
    print(
        f"{one.file}: {found.verdict}, {found.alarms} of {found.tested} beyond chance, {len(found.drifted)} that matter"
    )
    print(f"  {found.why}")
    tested = run.metrics["test"][one.metric]
    print(f"  {one.metric}: {tested:.3f} on test rows of the early ones, {reached:.3f} on the late ones")


def halves(folder: Path, file: str, target: str, options: ReadOptions, splits: int) -> None:
    """Print how often halves drawn by lot alarm: single p-values, any after the adjustment, the verdict."""
    table, random = reading.read(folder / file, options)[0], np.random.default_rng(0)
    found = []
    for _ in range(splits):
        rows = random.permutation(table.num_rows)
        sides = (table.take(pa.array(half)) for half in np.array_split(rows, 2))
        found.append(drift.of_tables(*sides, roles=Roles(target=target)))
    raw = sum(one.raw_alarms for one in found) / sum(one.tested for one in found)
    left = sum(one.alarms > 0 for one in found) / splits
    wrong = sum(one.verdict != "none" for one in found) / splits
    print(f"{file:<30} {splits} halves: {raw:.1%} of p below 0.05, {left:.1%} with one left, {wrong:.1%} verdicts")


def main() -> None:
    line = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    line.add_argument("folder", type=Path)
    line.add_argument("--splits", type=int, default=0)
    asked = line.parse_args()
    if not asked.splits:
        for one in TIMED:
            early_and_late(asked.folder, one)
        return
    for one in TIMED:
        halves(asked.folder, one.file, one.target, one.options, asked.splits)
    for file, target in MIXED.items():
        halves(asked.folder, file, target, ReadOptions(), asked.splits)


if __name__ == "__main__":
    main()
