"""Other environments: really another interpreter with another version of one package, made without a network."""

from __future__ import annotations

import os
import shutil
import sysconfig
import venv
from pathlib import Path

HERE = Path(sysconfig.get_paths()["purelib"])
"""Where the packages of this environment lie."""


def with_other_threadpoolctl(folder: Path, version: str) -> Path:
    """Return the Python of a new environment: all packages of this one, and its own build of threadpoolctl."""
    venv.EnvBuilder(symlinks=os.name != "nt").create(folder)
    packages = Path(sysconfig.get_path("purelib", "venv", {"base": str(folder)}))
    (packages / "here.pth").write_text(f"{HERE}\n", encoding="utf-8")
    module = (HERE / "threadpoolctl.py").read_text(encoding="utf-8")
    (packages / "threadpoolctl.py").write_text(module, encoding="utf-8")
    [known] = HERE.glob("threadpoolctl-*.dist-info")
    installed = packages / f"threadpoolctl-{version}.dist-info"
    shutil.copytree(known, installed)
    told = (known / "METADATA").read_text(encoding="utf-8")
    was = known.name.removesuffix(".dist-info").rpartition("-")[2]
    (installed / "METADATA").write_text(told.replace(f"\nVersion: {was}\n", f"\nVersion: {version}\n"), "utf-8")
    return folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
