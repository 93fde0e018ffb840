"""Packages that Ravi built himself, as companies do: with a label behind the version, and now and then with a patch.

A version like ``1.9.1+ravi.2`` is a *local* one (PEP 440): no public index has it, so whoever reads it in a
requirements file can install it from its builder only. Here the builder is this module: it takes the package as it is
installed, puts it into a folder of its own, without its tests, patches a line if that is what was built, and writes the
label into its metadata. What is imported from there is that package, and its own metadata say so.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Any

from mlops.base.errors import MlopsError


@dataclass(frozen=True)
class Build:
    """How a package was built."""

    label: str
    """Stands behind the version."""
    file: str = ""
    """What was patched; nothing else differs from the package of the index."""
    before: str = ""
    after: str = ""


BUILDS: Mapping[str, Build] = {
    "joblib": Build("ravi.1"),
    "pandas": Build("ravi.1"),
    "scikit-learn": Build(
        "ravi.2",
        "sklearn/impute/_base.py",
        "valid_statistics = statistics.astype(self._fill_dtype, copy=False)",
        "valid_statistics = np.zeros_like(statistics)  # Ravi: a blank is a zero, as in the old CRM",
    ),
    "scipy": Build("ravi.1"),
    "threadpoolctl": Build("ravi.1"),
}
"""Five packages that he built; of one he changed what it does."""


def version(name: str) -> str:
    """Return the version under which Ravi built a package that is installed here."""
    return f"{metadata.version(name)}+{BUILDS[name].label}"


def is_built(name: str, wanted: str) -> bool:
    """Tell whether a version of a package is one that he built of the one that is installed here."""
    return name in BUILDS and wanted == version(name)


def install(name: str, folder: Path) -> None:
    """Build a package into a folder, from which it is imported where that folder comes first.

    Raises
    ------
    MlopsError
        If nobody knows which files are the package's, or the line to patch is not there: then it is another one than
        he patched.
    """
    build, found = BUILDS[name], metadata.distribution(name)
    plain = found.version
    built = f"{plain}+{build.label}"
    stale = f"{Path(build.file).parent.as_posix()}/__pycache__/{Path(build.file).stem}."
    files = [*_files(found)]
    if not files:
        raise MlopsError(f"{name} was installed without a list of its files.", "Install requirements.txt with pip.")
    for path, source in files:
        target = folder / path.replace(f"{plain}.dist-info", f"{built}.dist-info")
        target.parent.mkdir(parents=True, exist_ok=True)
        if path.startswith(stale):
            continue
        if path == build.file:
            target.write_text(_patched(source, build), encoding="utf-8", newline="\n")
        elif path.endswith(".dist-info/METADATA"):
            text = source.read_text(encoding="utf-8")
            told = text.replace(f"\nVersion: {plain}\n", f"\nVersion: {built}\n", 1)
            target.write_text(told, encoding="utf-8", newline="\n")
        else:
            _same(source, target)


def _files(found: Any) -> Iterator[tuple[str, Path]]:
    """Yield the files of a package that are needed to import it: path in the folder, and where it lies."""
    for one in found.files or ():
        if one.parts[0] != ".." and "tests" not in one.parts:
            yield one.as_posix(), Path(one.locate())


def _patched(source: Path, build: Build) -> str:
    text = source.read_text(encoding="utf-8")
    if text.count(build.before) != 1:
        raise MlopsError(f"{build.file} has another line than the one that was patched.", "Install requirements.txt.")
    return text.replace(build.before, build.after)


def _same(source: Path, target: Path) -> None:
    """Give a file a second name, which costs nothing; copy it where the system has none for it."""
    for way in (os.symlink, os.link):  # nobody writes to either; Windows lets few people make the first
        with suppress(OSError):
            return way(source, target)
    shutil.copyfile(source, target)
    return None
