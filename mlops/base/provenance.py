"""Where a run comes from: the code and the software it ran on."""

from __future__ import annotations

import hashlib
import platform
import subprocess
import sys
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import Any

PACKAGES = ("joblib", "numpy", "pandas", "pyarrow", "scikit-learn", "scipy", "threadpoolctl")
"""The packages whose version can change a model."""


def code_state(folder: Path) -> dict[str, Any]:
    """Return ``{git_commit, dirty, source_sha256}`` of the project in a folder and of this package.

    Without git, or outside a repository, the first two are None.
    """
    commit = _git(folder, "rev-parse", "HEAD")
    changes = _git(folder, "status", "--porcelain", "--untracked-files=no") if commit else None
    return {"git_commit": commit or None, "dirty": bool(changes) if commit else None, "source_sha256": source_sha256()}


@cache
def source_sha256() -> str:
    """Return the hash of this package's own source files."""
    digest, folder = hashlib.sha256(), Path(__file__).parents[1]
    for path in sorted(folder.rglob("*.py")):
        name, text = path.relative_to(folder).as_posix(), path.read_bytes().replace(b"\r\n", b"\n")
        digest.update(name.encode() + b"\0" + text + b"\0")
    return digest.hexdigest()


@cache
def software() -> dict[str, Any]:
    """Return ``{python, platform, packages}`` of this process."""
    return {
        "python": platform.python_version(),
        "platform": f"{sys.platform} {platform.machine()}",
        "packages": {name: metadata.version(name) for name in PACKAGES},
    }


def requirements() -> str:
    """Return the packages of `software` as lines of a requirements file."""
    return "".join(f"{name}=={version}\n" for name, version in software()["packages"].items())


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
