"""Where a run comes from: the code and the software it ran on.

The source is kept as well, so that a later program can say what has changed since.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import platform
import subprocess
import sys
import zipfile
from collections.abc import Mapping
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import Any

COMPUTING = ("joblib", "numpy", "pandas", "pyarrow", "scikit-learn", "scipy", "threadpoolctl")
"""The packages whose version can change a model."""

PACKAGES = (*COMPUTING, "click", "filelock", "pydantic", "PyYAML")
"""All that a training imports: with these, and what they bring along, it can be done again elsewhere."""

THREADS = 1
"""Threads in which a model is fitted: the order of additions, and so the last digit, must not depend on the machine."""

THREADS_SAID = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS")
"""Variables by which people tell the libraries below numpy and scikit-learn how many threads they may use."""

_TOLD = "MLOPS_THREADS_SAID"
"""Tells a process that is held to one thread what was said before it was."""


# The code


def code_state(folder: Path) -> dict[str, Any]:
    """Return ``{git_commit, dirty, source_sha256}`` of the project in a folder and of this package.

    Without git, or outside a repository, the first two are None.
    """
    commit = _git(folder, "rev-parse", "HEAD")
    changes = _git(folder, "status", "--porcelain", "--untracked-files=no") if commit else None
    return {"git_commit": commit or None, "dirty": bool(changes) if commit else None, "source_sha256": source_sha256()}


@cache
def source() -> Mapping[str, bytes]:
    """Return this package's own source files by their path in it, with the line ends of Unix, as they are now."""
    folder = Path(__file__).parents[1]
    paths = sorted(folder.rglob("*.py"))
    return {path.relative_to(folder).as_posix(): path.read_bytes().replace(b"\r\n", b"\n") for path in paths}


@cache
def source_sha256() -> str:
    """Return the hash of this package's own source files."""
    digest = hashlib.sha256()
    for name, text in source().items():
        digest.update(name.encode() + b"\0" + text + b"\0")
    return digest.hexdigest()


@cache
def packed_source() -> bytes:
    """Return this package's own source files as a zip."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as file:
        for name, text in source().items():
            entry = zipfile.ZipInfo(f"mlops/{name}")  # dated 1980: when it was packed is nobody's business
            entry.create_system, entry.external_attr = 3, 0o644 << 16
            file.writestr(entry, text, zipfile.ZIP_DEFLATED)
    return buffer.getvalue()


def unpacked_source(data: bytes) -> dict[str, str]:
    """Return the text of each file in a source that was packed.

    Examples
    --------
    >>> "mlops/base/provenance.py" in unpacked_source(packed_source())
    True
    """
    with zipfile.ZipFile(io.BytesIO(data)) as file:
        return {name: file.read(name).decode() for name in file.namelist()}


# The software


@cache
def software() -> dict[str, Any]:
    """Return ``{python, platform, packages, blas, threads}`` of this process.

    `blas` is the code that the library below numpy has chosen for this processor, where it tells: another one adds in
    another order. `threads` has `fit`, the threads of a fit, and what `THREADS_SAID` said.
    """
    import numpy  # noqa: F401 - what threadpoolctl sees are the libraries that are loaded
    import threadpoolctl

    loaded = [one for one in threadpoolctl.threadpool_info() if one["user_api"] == "blas"]
    chosen = sorted({f"{one['internal_api']} {one.get('architecture') or ''}".strip() for one in loaded})
    return {
        "python": platform.python_version(),
        "platform": f"{sys.platform} {platform.machine()}",
        "packages": {name: metadata.version(name) for name in PACKAGES},
        "blas": ", ".join(chosen) or None,
        "threads": {"fit": THREADS, **threads_said()},
    }


def threads_said() -> dict[str, str | None]:
    """Return what was said about threads to whoever started this process, or the one that holds it to one thread."""
    if _TOLD in os.environ:
        told = json.loads(os.environ[_TOLD])
        return {name: told.get(name) for name in THREADS_SAID}
    return {name: os.environ.get(name) for name in THREADS_SAID}


def one_thread() -> dict[str, str]:
    """Return the environment of a process that trains beside others: this one's, and held to one thread."""
    return {**os.environ, **dict.fromkeys(THREADS_SAID, "1"), _TOLD: json.dumps(threads_said())}


def _git(folder: Path, *arguments: str) -> str | None:
    try:
        answer = subprocess.run(
            ["git", *arguments],
            cwd=folder,
            capture_output=True,
            encoding="utf-8",
            errors="replace",
            timeout=10,
            check=False,
            stdin=subprocess.DEVNULL,
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return answer.stdout.strip() if answer.returncode == 0 else None
