"""What the notebook becomes: each cell is a step of the pipeline and a key of the config, or nothing at all.

The config is trained by the ordinary command in a workspace that is thrown away, so the number beside each number of
the notebook is one that anybody gets again.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from mlops import Workspace
from mlops.base.errors import RefusedError
from playground.notebook.running import DATA

ROOT = Path(__file__).resolve().parents[2]
SECONDS = 120.0

FILE = "churn_from_notebook.yaml"

CONFIG = """\
name: churn_from_notebook

# load: a version with a hash, not whatever the file holds today
data:
  name: customers

# features: customer_id and churn never are features
features:
  exclude: [month]

# model: nothing is copied, so nothing leaks
model:
  type: random_forest
  n_estimators: 60

# gain: one split for everybody who compares
training:
  test_size: 0.2
  random_state: 42

# recall: the cell that was deleted, written down
thresholds:
  churn: 0.35
"""

COMMANDS = """\
mlops data add sample_data/customers_2023.csv --name customers --target churn --id customer_id
mlops train --config churn_from_notebook.yaml
mlops train --config churn_from_notebook.yaml --set "features.exclude=[month, usage_trend_pct]"
mlops runs compare RUN RUN"""


@dataclass(frozen=True)
class Place:
    """Where a cell goes."""

    step: str
    """A step of the pipeline, or the act that replaces the cell; empty: the cell is dropped."""
    key: str
    """Key of the config, empty if none decides it."""
    how: str


PLACES = {
    "imports": Place("", "", "The package brings its own; requirements.txt pins them."),
    "load": Place("load", "data.name", "A dataset version: its hash is recorded with every run."),
    "rate": Place("validate", "", "Seen in the profile of every version of the data."),
    "contract": Place("validate", "", "A look at the data, on the Data screen; no model needs it."),
    "fee": Place("", "", "Dropped: a constant factor moves no tree. A step never changes its own input."),
    "leavers": Place("validate", "", "Counted on a version, whose rows nobody can take away."),
    "features": Place("prepare", "features.exclude", "Learned from the training rows and kept in the model."),
    "balance": Place("", "thresholds.churn", "Dropped: it was the leak. The threshold says how sure is sure enough."),
    "model": Place("train", "model.type", "Split, fit and evaluate are three steps; the split comes first."),
    "recall": Place("evaluate", "thresholds.churn", "The cutoff stands in the config and travels with the model."),
    "gain": Place("evaluate", "training.random_state", "Two runs that differ in one key, on the same rows."),
    "newcomers": Place("validate", "", "Another choice of rows is another version of the data, with a message."),
    "importance": Place("evaluate", "", "A look at one run, on its page."),
    "save": Place("package", "", "A registered version with a number, a hash and a paper trail."),
}  # fmt: skip
"""Id of each code cell -> its place."""


def numbers() -> dict[str, str]:
    """Train the config by the command line and return, for each cell that told a number, the one of the pipeline.

    Raises
    ------
    RefusedError
        A command did not succeed.
    """
    with tempfile.TemporaryDirectory(prefix="script-", ignore_cleanup_errors=True) as folder:
        workspace, config = Path(folder) / "workspace", Path(folder) / FILE
        config.write_text(CONFIG, encoding="utf-8")
        _mlops(workspace, "data", "add", DATA, "--name", "customers", "--target", "churn", "--id", "customer_id")
        run = _mlops(workspace, "train", "--config", config)
        poorer = _mlops(workspace, "train", "--config", config, "--set", "features.exclude=[month, usage_trend_pct]")
        ws = Workspace.open(workspace, create=False)
        return {**_of_data(ws.datasets.frame("customers@1")), **_of_runs(ws, run, poorer["run_id"])}


def _of_data(frame: pd.DataFrame) -> dict[str, str]:
    left = frame["churn"].astype(int)
    return {
        "rate": f"{left.mean():.3f}",
        "contract": f"{left[frame['contract'] == 'monthly'].mean():.3f}",
        "fee": f"{frame['monthly_fee'].mean() / 1.19:.2f}",
        "leavers": f"{left.sum():,}",
    }


def _of_runs(ws: Workspace, run: dict[str, Any], poorer: str) -> dict[str, str]:
    found, ends = run["metrics"]["validation"], run["intervals"]["validation"]
    gain = ws.comparisons.difference(poorer, run["run_id"], "auc")
    return {
        "model": _with_interval(".3f", found["auc"], *ends["auc"]),
        "recall": _with_interval(".3f", found["recall"], *ends["recall"]),
        "gain": _with_interval("+.4f", gain.difference, gain.low, gain.high),
    }


def _with_interval(form: str, value: float, low: float, high: float) -> str:
    return f"{value:{form}} ({low:{form}} to {high:{form}})"


def _mlops(workspace: Path, *arguments: object) -> Any:
    command = [sys.executable, "-m", "mlops", "--workspace", str(workspace), "--json", *map(str, arguments)]
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    try:
        done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, timeout=SECONDS, check=True)
    except subprocess.TimeoutExpired:
        raise RefusedError(f"The pipeline took more than {SECONDS:g} s and was stopped.", _AGAIN) from None
    except subprocess.CalledProcessError as problem:
        raise RefusedError(f"The pipeline ended with {problem.returncode}.", _AGAIN) from None
    return json.loads(done.stdout)


_AGAIN = "Try again, or run its commands in a terminal."
