"""Provenance: where a run comes from is asked without keeping anybody waiting."""

from __future__ import annotations

import sys

import pytest

from tests.conftest import STUMP


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
