"""The folder of a workspace: made only where nothing is, whole or not at all, told from others, copied."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing

import pytest

from mlops import Workspace
from mlops import folder as folders
from mlops.base.errors import ConflictError, NotFoundError, StorageError
from mlops.base.formats import FORMAT
from tests.conftest import STUMP


def content(folder) -> dict[str, bytes]:
    """Every file below a folder with its bytes."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def mark(ws: Workspace, **changes) -> None:
    """Change the marker, as an editor would."""
    marker = ws.path / "WORKSPACE.json"
    marker.write_text(json.dumps(json.loads(marker.read_text()) | changes))


# Opening


@pytest.mark.parametrize("folder", ["missing", "a/b/c", "empty"])
def test_a_workspace_is_made_where_nothing_is(tmp_path, folder):
    """In a missing folder, with the folders above it, or in an empty one; opening it again finds the same one."""
    (tmp_path / "empty").mkdir()
    ws = Workspace.open(tmp_path / folder)
    assert {path.name for path in ws.path.iterdir()} == {"WORKSPACE.json", "ledger.db", ".gitignore"}
    assert Workspace.open(tmp_path / folder, create=False).id == ws.id and ws.verify()["ok"]


def test_a_folder_with_something_else_is_refused_untouched(tmp_path):
    """Not a byte is added, changed or removed."""
    (tmp_path / "home" / "letters").mkdir(parents=True)
    (tmp_path / "home" / "letters" / "dear.txt").write_text("dear")
    before = sorted(tmp_path.rglob("*"))
    for _ in range(2):
        with pytest.raises(ConflictError, match="holds something that is no workspace"):
            Workspace.open(tmp_path / "home")
    assert sorted(tmp_path.rglob("*")) == before and content(tmp_path) == {"home/letters/dear.txt": b"dear"}


def test_a_file_is_no_place_for_a_workspace(tmp_path):
    """It stays what it is."""
    (tmp_path / "notes.txt").write_text("notes")
    with pytest.raises(ConflictError, match="holds something that is no workspace"):
        Workspace.open(tmp_path / "notes.txt")
    assert content(tmp_path) == {"notes.txt": b"notes"}


def test_a_workspace_that_lost_its_marker_is_never_cleared(trained):
    """What a crash left beside the marker is no licence to empty the folder later."""
    (trained.path / "WORKSPACE.lock").touch()
    Workspace.open(trained.path)
    (trained.path / "WORKSPACE.json").unlink()

    with pytest.raises(ConflictError, match="holds something that is no workspace"):
        Workspace.open(trained.path)
    assert (trained.path / "ledger.db").exists()


def test_who_opened_a_workspace_that_gave_way_leaves_the_lock_of_the_next_one(trained, monkeypatch):
    """Between two looks another one is begun in its place; without its lock it would be cleared while it is filled."""
    place = trained.path

    def give_way(*_):
        place.rename(place.with_name("kept"))
        place.mkdir()
        (place / "WORKSPACE.lock").touch()

    monkeypatch.setattr(folders, "check_format", give_way)
    folders.identify(place)
    assert content(place) == {"WORKSPACE.lock": b""}


def test_a_path_that_cannot_be_is_refused_in_words(tmp_path):
    """Too long for this file system."""
    with pytest.raises(StorageError, match="too long"):
        Workspace.open(tmp_path / ("x" * 300))


def test_whoever_only_looks_makes_nothing(tmp_path):
    """A missing workspace is told, with the command that makes one."""
    with pytest.raises(NotFoundError, match="There is no workspace in .* mlops init"):
        Workspace.open(tmp_path / "missing", create=False)
    assert list(tmp_path.iterdir()) == []


def test_opening_writes_nothing(released):
    """A look leaves every byte as it is."""
    before = content(released.path)
    Workspace.open(released.path).models.list()
    assert content(released.path) == before


@pytest.mark.parametrize("where", ["marker", "ledger"])
def test_a_newer_format_is_refused_untouched(ws, where):
    """An old program does not guess what a new one meant."""
    if where == "marker":
        mark(ws, format=99)
    else:
        with closing(sqlite3.connect(ws.path / "ledger.db")) as connection:
            connection.execute("PRAGMA user_version = 99")
    before = content(ws.path)
    with pytest.raises(StorageError, match=rf"has format 99; this program knows {FORMAT}\. Update this program"):
        Workspace.open(ws.path)
    assert content(ws.path) == before


@pytest.mark.parametrize("version", [0, -1])
@pytest.mark.parametrize("where", ["marker", "ledger"])
def test_a_format_that_never_was_is_refused_untouched(ws, where, version):
    """Whoever wrote it was none of our programs."""
    if where == "marker":
        mark(ws, format=version)
    else:
        with closing(sqlite3.connect(ws.path / "ledger.db")) as connection:
            connection.execute(f"PRAGMA user_version = {version}")
    before = content(ws.path)
    with pytest.raises(StorageError, match=rf"has format {version}; the first one was 1\. Restore it"):
        Workspace.open(ws.path)
    assert content(ws.path) == before


@pytest.mark.parametrize("version", [True, 1.0, "1", None, [1]])
def test_a_format_that_is_no_whole_number_is_damage(ws, version):
    """Also where Python would take it for one."""
    mark(ws, format=version)
    with pytest.raises(StorageError, match=r"WORKSPACE\.json in .* cannot be read"):
        Workspace.open(ws.path)


@pytest.mark.parametrize("text", ["", "{", "[]", "7", '{"format": "one", "id": "w1"}', '{"format": 1}', "\udcff"])
def test_a_marker_that_cannot_be_read_is_damage_not_an_empty_folder(ws, text):
    """Nothing is made anew over what is there."""
    (ws.path / "WORKSPACE.json").write_bytes(text.encode("utf-8", "surrogateescape"))
    before = content(ws.path)
    with pytest.raises(StorageError, match=r"WORKSPACE\.json in .* cannot be read"):
        Workspace.open(ws.path)
    assert content(ws.path) == before


def test_a_ledger_that_is_gone_is_damage(ws):
    """A marker without its ledger is refused, and no empty ledger takes its place."""
    (ws.path / "ledger.db").unlink()
    with pytest.raises(StorageError, match="could not be used"):
        Workspace.open(ws.path)
    assert not (ws.path / "ledger.db").exists()


# Forks


def test_a_fork_has_everything_and_verifies(released, tmp_path):
    """Records, files, requests and history are those of the original; only the id is its own."""
    released.predict("@production", released.models.metadata("@production")["examples"][0]["row"])
    fork = released.fork(tmp_path / "fork")
    assert fork.log() == released.log() and fork.predictions.list() == released.predictions.list()
    assert fork.models.list() == released.models.list() and fork.now() == released.now()
    assert fork.id != released.id and fork.verify() == released.verify() and fork.verify()["ok"]


def test_a_fork_and_its_original_go_their_own_ways(released, tmp_path):
    """What happens in one does not happen in the other, in either direction."""
    row = released.models.metadata("@production")["examples"][0]["row"]
    fork, before = released.fork(tmp_path / "fork"), content(released.path)
    fork.rollback("production", "what if")
    fork.predict("@production", row)
    fork.models.register(fork.train(STUMP), "other")
    assert content(released.path) == before
    released.runs.log("only here", {}, {})
    assert "only here" not in [run.name for run in fork.runs.list()]
    assert fork.verify()["ok"] and released.verify()["ok"]


def test_a_fork_of_a_damaged_workspace_is_as_damaged(released, tmp_path):
    """Copying washes nothing clean."""
    (released.path / released.models.get("@production").path).unlink()
    fork = released.fork(tmp_path / "fork")
    assert fork.verify()["problems"] == released.verify()["problems"] != []


def test_a_fork_goes_only_where_nothing_is(released, ws):
    """Neither over another workspace nor into a folder of something else."""
    (ws.path.parent / "full").mkdir()
    (ws.path.parent / "full" / "file").touch()
    for place, said in ((ws.path, "is a workspace already"), (ws.path.parent / "full", "is no workspace")):
        with pytest.raises(ConflictError, match=said):
            released.fork(place)
    assert ws.head() == 0 and [path.name for path in (ws.path.parent / "full").iterdir()] == ["file"]


def test_a_fork_inside_its_original_is_no_part_of_it(ws):
    """A careless place is an allowed one: both verify, and a fork of the original does not copy it."""
    fork = ws.fork(ws.path / "inside")
    fork.runs.log("r", {}, {})
    assert ws.head() == 0 and ws.verify()["ok"] and fork.verify()["ok"]
