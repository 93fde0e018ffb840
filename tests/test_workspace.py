"""Workspace: a folder is ours or left alone."""

from __future__ import annotations

import pytest

from mlops import Workspace
from mlops.errors import ConflictError, StorageError


def test_a_workspace_that_lost_its_marker_is_never_cleared(trained):
    """What a crash left beside the marker is no licence to empty the folder later."""
    (trained.path / "WORKSPACE.lock").touch()
    Workspace.open(trained.path)
    (trained.path / "WORKSPACE.json").unlink()

    with pytest.raises(ConflictError, match="holds something that is no workspace"):
        Workspace.open(trained.path)
    assert (trained.path / "ledger.db").exists()


def test_a_path_that_cannot_be_is_refused_in_words(tmp_path):
    """Too long for this file system."""
    with pytest.raises(StorageError, match="too long"):
        Workspace.open(tmp_path / ("x" * 300))
