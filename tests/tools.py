"""The usual tools - git, DVC, MLflow, Optuna - in an environment of their own, made once and kept between runs."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import venv
from pathlib import Path

import pytest
from filelock import FileLock

PINNED = ("dvc==3.67.1", "mlflow==3.17.2", "optuna==5.0.0", "plotly==7.1.0")
"""What a learner would install today; none of it is installed beside our own packages."""

CALM = {"DO_NOT_TRACK": "true", "DVC_NO_ANALYTICS": "true", "MLFLOW_DISABLE_TELEMETRY": "true", "GIT_EDITOR": "true"}


def _kept() -> Path:
    """Return where the environment of exactly these versions lies; ``MLOPS_TOOLS`` names the folder around it."""
    name = hashlib.sha256(" ".join((sys.version, *PINNED)).encode()).hexdigest()[:12]
    return Path(os.environ.get("MLOPS_TOOLS") or Path.home() / ".cache" / "mlops-playground") / f"tools-{name}"


def environment() -> dict[str, str]:
    """Return the environment variables under which the tools are found; make the environment where it is not yet.

    Skips the test where git is missing or no registry answers.
    """
    if shutil.which("git") is None:
        pytest.skip("git is not installed")
    folder = _kept()
    scripts = folder / ("Scripts" if os.name == "nt" else "bin")
    folder.parent.mkdir(parents=True, exist_ok=True)
    with FileLock(f"{folder}.lock"):
        if not (folder / "whole").exists():
            shutil.rmtree(folder, ignore_errors=True)
            venv.create(folder, with_pip=True)
            install = [str(scripts / "python"), "-m", "pip", "install", "-q", "--retries", "1", *PINNED]
            done = subprocess.run(install, capture_output=True, text=True)
            if done.returncode:
                shutil.rmtree(folder, ignore_errors=True)
                pytest.skip(f"no registry answers with the usual tools: {done.stderr.strip().splitlines()[-1]}")
            (folder / "whole").touch()
    return os.environ | CALM | {"PATH": os.pathsep.join((str(scripts), os.environ["PATH"]))}
