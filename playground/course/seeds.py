"""Five seeds, one recipe: what five real trainings came to, and how much of their spread is training.

Each seed divides the rows anew, so each model sits an exam of its own. Judged again on the same customers, the next
month's, the five hardly differ: most of the spread is who sits the exam. To train five takes longer than a stop has,
so what came out lies beside this file.

    python -m playground.course.seeds        train the five anew, and keep what came out
"""

from __future__ import annotations

import json
import tempfile
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path

from mlops import Workspace, sample
from playground import chain

PREPARED = Path(__file__).with_name("seeds.json")

SEEDS = (1, 2, 3, 4, 5)
MONTH = "2023-12"
"""The customers whom none of the five has seen."""


@dataclass(frozen=True)
class Seeds:
    """The AUC of each seed, on rows of its own and on the same rows."""

    seeds: tuple[int, ...]
    own: tuple[float, ...]
    """On the validation rows that it drew."""
    own_rows: int
    same: tuple[float, ...]
    """On the customers of `MONTH`, the same for all."""
    same_rows: int

    @property
    def wider(self) -> int:
        """How many times as wide the numbers lie apart on rows of their own as on the same ones."""
        return round((max(self.own) - min(self.own)) / (max(self.same) - min(self.same)))


@cache
def prepared() -> Seeds:
    """Return what the five came to.

    Examples
    --------
    >>> prepared().seeds, prepared().same_rows
    ((1, 2, 3, 4, 5), 3000)
    """
    kept = json.loads(PREPARED.read_text("utf-8"))
    return Seeds(**{name: tuple(value) if isinstance(value, list) else value for name, value in kept.items()})


def train(seeds: tuple[int, ...] = SEEDS) -> Seeds:
    """Train the config of the sample with each seed, and judge all of them on the same rows."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        ws = Workspace.open(Path(folder) / "workspace")
        data = sample.add(ws)
        runs = [ws.train(chain.SAMPLE_CONFIG, seed=seed, data=data.ref) for seed in seeds]
        month = _month(Path(folder) / "month.csv")
        known = ws.datasets.add(month, "month", target=data.target, id=data.id, message=f"renewals of {MONTH}")
        again = ws.comparisons.reevaluate([run.run_id for run in runs], known.ref)
        rows = ws.comparisons.judged(runs[0].run_id)
        return Seeds(
            seeds=seeds,
            own=tuple(round(run.metrics["validation"]["auc"] or 0, 4) for run in runs),
            own_rows=len(rows.rows),
            same=tuple(round(again.metrics[run.run_id]["auc"] or 0, 4) for run in runs),
            same_rows=again.rows,
        )


def _month(file: Path) -> Path:
    """Write the customers of a month with what became of them."""
    import pandas as pd

    rows, known = (
        pd.read_csv(sample.FILE.with_name(f"{what}_{MONTH}.csv"), dtype=str, keep_default_na=False)
        for what in ("customers", "outcomes")
    )
    rows.merge(known[["customer_id", "churn"]], on="customer_id").to_csv(file, index=False)
    return file


if __name__ == "__main__":
    PREPARED.write_text(json.dumps(asdict(train())) + "\n", encoding="utf-8", newline="\n")
    print(f"{PREPARED.name}: trained anew")
