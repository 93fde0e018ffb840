"""Runs: what was logged elsewhere is kept as JSON has it, and a training never keeps others waiting."""

from __future__ import annotations

import sys

import numpy as np
import pytest

from mlops.errors import InvalidError
from tests.conftest import STUMP


def test_numbers_of_numpy_are_numbers_and_nan_is_unknown(ws):
    """As every document of this package has it."""
    run = ws.runs.log("elsewhere", {"depth": np.int64(3)}, {"test": {"auc": np.float32(0.5), "f1": float("nan")}})
    assert ws.runs.get(run.run_id) == run
    assert (run.params["depth"], dict(run.metrics["test"])) == (3, {"auc": 0.5, "f1": None})


def test_what_is_no_scalar_is_refused_before_anything_is_recorded(ws):
    """A list among the parameters could not be searched."""
    with pytest.raises(InvalidError, match="layers is .* no number, text, true or false"):
        ws.runs.log("elsewhere", {"layers": [1, 2]}, {})
    assert ws.log() == []


@pytest.mark.skipif(sys.platform == "win32", reason="a script that stands in for git")
def test_nobody_waits_while_git_is_asked(trained, tmp_path, monkeypatch):
    """A slow git would hold up every other writer, if it were asked under the write lock."""
    git = tmp_path / "git"
    git.write_text(
        f"#!{sys.executable}\nimport sqlite3\n"
        f"sqlite3.connect({str(trained.path / 'ledger.db')!r}, timeout=0).execute('BEGIN IMMEDIATE')\nprint('free')\n"
    )
    git.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    assert trained.train(STUMP).code["git_commit"] == "free"
