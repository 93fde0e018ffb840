"""A workspace of an older format: read as it is, brought up to date by one event, and answered as it always was."""

from __future__ import annotations

import hashlib
import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from mlops import Workspace
from mlops.errors import NotFoundError
from mlops.ledger import FORMAT
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


def test_the_first_write_brings_it_up_to_date_with_one_event(old):
    """Nothing that was recorded changes; every answer stays; older programs refuse it from now on."""
    before = old.log()

    old.runs.note(before[5]["subject"], "noted by a newer program")

    upgrade, note = old.log(since=len(before))
    assert old.log()[: len(before)] == before
    assert (upgrade["kind"], upgrade["at"], upgrade["payload"]["changes"]) == (
        "workspace.upgrade", before[-1]["at"], {"format": FORMAT},
    )  # fmt: skip
    assert note["kind"] == "run.note" and old.verify()["ok"] and formats(old) == (FORMAT, FORMAT)
    assert all("note" in differs for differs in changed_answers(old).values())


def test_a_refused_write_leaves_it_as_old_as_it_was(old):
    """What is refused changes nothing, the format neither."""
    before = old.head()
    with pytest.raises(NotFoundError):
        old.runs.note("r-nobody", "x")
    assert old.head() == before and formats(old) == (1, 1)


def test_a_marker_that_fell_behind_follows_when_the_workspace_is_opened(old):
    """Who brought the ledger up to date may have died before the marker was written."""
    marker = (old.path / "WORKSPACE.json").read_bytes()
    old.set_clock("2024-06-01T00:00:00Z")
    (old.path / "WORKSPACE.json").write_bytes(marker)

    assert Workspace.open(old.path).id == old.id

    assert formats(old) == (FORMAT, FORMAT) and old.verify()["ok"]
    assert [event["kind"] for event in old.log()].count("workspace.upgrade") == 1


def test_a_fork_of_an_old_workspace_is_brought_up_to_date_by_itself(old, tmp_path):
    """The copy goes its own way; the original stays what it was."""
    fork = old.fork(tmp_path / "fork")
    fork.set_clock("2024-06-01T00:00:00Z")
    assert formats(fork) == (FORMAT, FORMAT) and fork.verify()["ok"] and formats(old) == (1, 1)
