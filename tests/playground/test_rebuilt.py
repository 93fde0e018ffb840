"""Packages of somebody's own build: really there, under their own version, and other in one line at most."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace
from importlib import metadata
from pathlib import Path

import pytest

from mlops.base.errors import MlopsError
from playground import rebuilt


@pytest.mark.parametrize("name", ["joblib", "threadpoolctl"])
def test_a_build_is_imported_from_its_folder_and_says_its_own_version(name, tmp_path):
    """A fresh process finds it before the one of the index, as in a second environment."""
    rebuilt.install(name, tmp_path)
    line = f"import {name}; from importlib import metadata as m; print({name}.__file__, m.version('{name}'))"
    environment = {**os.environ, "PYTHONPATH": str(tmp_path)}
    told = subprocess.run([sys.executable, "-c", line], env=environment, capture_output=True, text=True, check=True)
    where, version = told.stdout.split()
    assert Path(where).is_relative_to(tmp_path)
    assert version == rebuilt.version(name) == f"{metadata.version(name)}+ravi.1"
    assert metadata.version(name) != version, "the packages in use are as they were"


def test_of_five_packages_one_has_another_line_and_the_others_have_none(tmp_path):
    """What differs is that line, and the metadata that name the build."""
    patched = [name for name, build in rebuilt.BUILDS.items() if build.file]
    assert patched == ["scikit-learn"] and len(rebuilt.BUILDS) == 5
    rebuilt.install("scikit-learn", tmp_path)
    here = Path(str(metadata.distribution("scikit-learn").locate_file("")))
    other = [
        path.relative_to(tmp_path).as_posix()
        for path in tmp_path.rglob("*.py")
        if path.read_bytes() != (here / path.relative_to(tmp_path)).read_bytes()
    ]
    build = rebuilt.BUILDS["scikit-learn"]
    assert other == [build.file]
    lines = zip(
        (tmp_path / build.file).read_text().splitlines(), (here / build.file).read_text().splitlines(), strict=True
    )
    assert [one.strip() for one, before in lines if one != before] == [build.after]


def test_a_package_of_which_nobody_knows_the_files_is_not_built(tmp_path, monkeypatch):
    """As some systems install them: an empty folder would leave the package of the index in its place."""
    monkeypatch.setattr(metadata.Distribution, "files", None)
    with pytest.raises(MlopsError, match="joblib was installed without a list of its files"):
        rebuilt.install("joblib", tmp_path / "built")
    assert not (tmp_path / "built").exists()


def test_a_line_that_is_not_there_is_not_patched(tmp_path, monkeypatch):
    """Another release of the package: whoever built it would have had to look again."""
    build = replace(rebuilt.BUILDS["joblib"], file="joblib/__init__.py", before="no such line")
    monkeypatch.setattr(rebuilt, "BUILDS", {"joblib": build})
    with pytest.raises(MlopsError, match=r"joblib/__init__\.py has another line"):
        rebuilt.install("joblib", tmp_path)
