"""A workspace of an older format: read as it is, brought up to date by one event, and answered as it always was."""

from __future__ import annotations

import hashlib
import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from mlops import Workspace
from tests import old_workspace
from tests.shell import Shell


@pytest.fixture
def old(tmp_path: Path) -> Workspace:
    """A workspace as the program of format 1 left it; see `old_workspace`."""
    return old_workspace.opened(tmp_path / "old")


def lacks(now: dict, then: dict) -> dict:
    """Return what an answer said then and does not say now; new keys are no difference."""
    return {key: (value, now.get(key)) for key, value in then.items() if now.get(key, "no such key") != value}


def changed_answers(ws: Workspace) -> dict[str, object]:
    """Return, by question, what is answered otherwise than by the program of format 1."""
    shell, found = Shell(ws.path), {}
    for question, then in old_workspace.answers().items():
        command = question.split(" ")
        if command[0] == "live-at":  # an instant may have a space in it
            command = ["live-at", " ".join(command[1:-2]), *command[-2:]]
        now = shell.get(*command)
        if isinstance(then, list):
            differs = [difference for one, other in zip(now, then, strict=True) if (difference := lacks(one, other))]
        else:
            differs = lacks(now, then)
        if differs:
            found[question] = differs
    return found


def formats(ws: Workspace) -> tuple[int, int]:
    """Return the format of the ledger and of the marker: an older program refuses either."""
    with closing(sqlite3.connect(ws.path / "ledger.db")) as connection:
        (ledger,) = connection.execute("PRAGMA user_version").fetchone()
    return ledger, json.loads((ws.path / "WORKSPACE.json").read_text())["format"]


def test_an_old_workspace_answers_as_before_and_reading_changes_nothing(old):
    """Names that replaced each other, roles changed in place, two targets, old margins: all of it is still so."""
    before = hashlib.sha256((old.path / "ledger.db").read_bytes()).hexdigest()

    assert changed_answers(old) == {}
    assert old.verify()["ok"]

    assert hashlib.sha256((old.path / "ledger.db").read_bytes()).hexdigest() == before
    assert formats(old) == (1, 1)
