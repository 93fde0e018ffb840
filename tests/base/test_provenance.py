"""Provenance: where a run comes from - commit, source and packages - asked without keeping anybody waiting."""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
import sys
from importlib import metadata
from pathlib import Path

import pytest

from mlops.base import provenance
from tests.conftest import STUMP

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def project(tmp_path):
    """A folder under git with one committed file."""
    folder = tmp_path / "project"
    folder.mkdir()
    (folder / "train.py").write_text("print('hello')\n")
    who = ["-c", "user.name=ada", "-c", "user.email=ada@example.org"]
    for command in (["init", "-q"], ["add", "train.py"], [*who, "commit", "-q", "-m", "first"]):
        subprocess.run(["git", *command], cwd=folder, check=True)
    return folder


def test_a_project_under_git_is_named_by_its_commit(project):
    """Clean is clean, and an untracked file - a workspace, say - does not make it dirty."""
    (project / "notes.txt").write_text("mine")
    state = provenance.code_state(project)
    head = subprocess.run(["git", "rev-parse", "HEAD"], cwd=project, capture_output=True, text=True, check=True)
    assert (state["git_commit"], state["dirty"]) == (head.stdout.strip(), False)


def test_a_changed_file_makes_the_project_dirty(project):
    """The commit alone would not bring this code back."""
    (project / "train.py").write_text("print('changed')\n")
    assert provenance.code_state(project)["dirty"] is True


def test_outside_a_repository_commit_and_dirty_are_unknown(tmp_path, monkeypatch):
    """Unknown is None, never a guess; the hash of the package itself is always there."""
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    state = provenance.code_state(tmp_path)
    assert (state["git_commit"], state["dirty"]) == (None, None) and len(state["source_sha256"]) == 64


def test_the_hash_of_the_package_covers_every_file_of_it(tmp_path):
    """A check of the data in a folder below is part of a training, and of what is kept for the next one."""
    shutil.copytree(ROOT / "mlops", tmp_path / "mlops", ignore=shutil.ignore_patterns("__pycache__"))
    program = [sys.executable, "-c", "from mlops.base import provenance; print(provenance.source_sha256())"]
    hashes = [subprocess.run(program, cwd=tmp_path, capture_output=True, check=True).stdout]
    for file in sorted((tmp_path / "mlops" / "data" / "quality").glob("*.py")):
        file.write_text(file.read_text("utf-8") + "\n# changed\n", "utf-8")
        hashes.append(subprocess.run(program, cwd=tmp_path, capture_output=True, check=True).stdout)
    assert len(set(hashes)) == len(hashes) > 2 and hashes[0].decode().strip() == provenance.source_sha256()


def test_without_git_nothing_breaks(project, tmp_path, monkeypatch):
    """A machine without git trains as well."""
    monkeypatch.setenv("PATH", str(tmp_path))
    assert provenance.code_state(project)["git_commit"] is None


def test_a_run_names_the_packages_that_a_training_needs(trained):
    """What the run records is what is installed, and its requirements file says the same."""
    run = trained.runs.list()[0]
    assert run.software["packages"] == {name: metadata.version(name) for name in provenance.PACKAGES}
    assert run.software["python"] == platform.python_version()
    lines = trained.runs.text(run.run_id, "requirements.txt").splitlines()
    assert {*lines} == {f"{name}=={version}" for name, version in run.software["packages"].items()}


@pytest.mark.skipif(sys.platform == "win32", reason="a script that stands in for git")
def test_nobody_waits_while_git_is_asked(trained, tmp_path, monkeypatch):
    """A slow git would hold up every other writer, if it were asked under the write lock."""
    git = tmp_path / "git"
    git.write_text(
        f"#!{sys.executable}\nimport sqlite3\n"
        f"sqlite3.connect({str(trained.path / 'ledger.db')!r}, timeout=0).execute('BEGIN IMMEDIATE')\nprint('free')\n"
    )
    git.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    assert trained.train(STUMP).code["git_commit"] == "free"
