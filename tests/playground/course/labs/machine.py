"""Works on my machine: ways that miss one goal and no other."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

from mlops import Workspace
from mlops.base import provenance
from playground import chain, rebuilt
from playground.course import acts, stop
from playground.course.labs.machine import answer_rows
from playground.course.mission import Step
from playground.parity import ROOT

SLOW = True


def _never_alone(ws: Workspace) -> None:
    """The two were compared, something else was released, and nobody asked which package it is."""
    steps = stop("machine").mission.solution
    acts.carry_out(ws, [step for step in steps if step.args.get("moved") != "scikit-learn"])


def _with_another_build(ws: Workspace) -> None:
    """What is live was trained with a joblib of somebody's own: it answers alike, and nobody else can install it."""
    with tempfile.TemporaryDirectory() as folder:
        rebuilt.install("joblib", Path(folder))
        line = [sys.executable, "-m", "mlops", "--workspace", str(ws.path), "train"]
        environment = {**provenance.one_thread(), "PYTHONPATH": os.pathsep.join([folder, str(ROOT)])}
        config = ["--config", str(chain.SAMPLE_CONFIG), "--data", "customers@1", "--note", "another build"]
        subprocess.run([*line, *config], cwd=ROOT, env=environment, check=True, stdout=subprocess.DEVNULL)
    acts.carry_out(
        ws,
        [
            Step(do="register", args={"run": "another build"}),
            Step(do="deploy", args={"environment": "staging", "reason": "rehearsal"}),
            Step(do="deploy", args={"environment": "production", "reason": "mine", "override": "mine"}),
        ],
    )
    answer_rows(ws)


def _never_proven(ws: Workspace) -> None:
    acts.carry_out(ws, stop("machine").mission.solution[:-1])


FROM_SOLVED = (_with_another_build,)

MUTANTS = {"isolated": _never_alone, "pinned": _with_another_build, "parity": _never_proven}
