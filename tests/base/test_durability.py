"""What was acknowledged outlives a power cut: it is synced - bytes, names, and the folders around them - before that."""

from __future__ import annotations

import errno
import json
import os
import sys
import time
from pathlib import Path
from typing import NamedTuple

import pytest

from mlops import Workspace
from mlops.base.errors import StorageError
from mlops.base.flushes import FLUSHES
from tests.processes import Child

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="folders are not synced there")


class Synced(NamedTuple):
    """What was synced, as it was then."""

    inode: int
    links: int
    """How many names it had."""
    content: frozenset[str] | bytes
    """The names in a folder, the bytes of a file."""


@pytest.fixture
def synced(monkeypatch) -> list[Synced]:
    """All that this program has synced, in this order; syncing is done as well."""
    seen: list[Synced] = []

    def fsync(descriptor: int, real=os.fsync) -> None:
        real(descriptor)
        found, path = os.fstat(descriptor), Path(f"/proc/self/fd/{descriptor}").readlink()
        content = frozenset(entry.name for entry in path.iterdir()) if path.is_dir() else path.read_bytes()
        seen.append(Synced(found.st_ino, found.st_nlink, content))

    if not Path("/proc/self/fd").exists():
        pytest.skip("/proc/self/fd does not tell here which file is synced")
    monkeypatch.setattr(os, "fsync", fsync)
    monkeypatch.setattr(os, "fdatasync", fsync)
    return seen


def of(path: Path, synced: list[Synced]) -> list[Synced]:
    return [one for one in synced if one.inode == path.stat().st_ino]


def test_a_file_is_synced_before_it_has_its_name(ws, tmp_path, synced):
    """All of its bytes, while only the stage knows it."""
    (tmp_path / "model.bin").write_bytes(b"x" * 3000)
    run = ws.runs.log("r", {}, {}, files=[tmp_path / "model.bin"])
    for name in ("model.bin", "run.json"):
        file = ws.path / run.file(name)
        [first, *_] = of(file, synced)
        assert (first.links, first.content) == (1, file.read_bytes())


def test_a_name_is_synced_in_its_folder_and_the_folders_above_it(ws, tmp_path, synced):
    """Up to the workspace: whoever made one of them may have died before syncing its name."""
    (tmp_path / "model.bin").write_bytes(b"x")
    file = ws.path / ws.runs.log("r", {}, {}, files=[tmp_path / "model.bin"]).file("model.bin")
    for path in (file, file.parent, file.parent.parent):
        assert any(path.name in one.content for one in of(path.parent, synced)), path.parent


def test_names_are_listed_and_synced_before_any_is_given(ws, tmp_path, synced):
    """Else nobody would know after a power cut that they were given for nothing."""
    (tmp_path / "model.bin").write_bytes(b"x")
    run = ws.runs.log("r", {}, {}, files=[tmp_path / "model.bin"])
    names = [isinstance(one.content, bytes) and run.file("model.bin").encode() in one.content for one in synced]
    given = [isinstance(one.content, frozenset) and "model.bin" in one.content for one in synced]
    folder = (ws.path / run.file("model.bin")).parent.stat().st_ino
    assert names.index(True) < next(at for at, one in enumerate(synced) if given[at] and one.inode == folder)


def test_a_request_is_written_before_its_answer_and_synced_together_with_others(released, synced):
    """Whoever has the answer finds the line; once it is synced, the file and its folder can be found as well."""
    row = released.models.metadata("@production")["examples"][0]["row"]
    log = released.path / "predictions" / "open-1.jsonl"
    for _ in range(2):
        answers = [released.predict("@production", row) for _ in range(3)]
        lines = log.read_bytes().splitlines()
        assert [json.loads(line)["prediction_id"] for line in lines[-3:]] == [one.prediction_id for one in answers]
        released.predictions.sync()
        assert of(log, synced)[-1].content == log.read_bytes()
    assert any("open-1.jsonl" in one.content for one in of(log.parent, synced))
    assert any("predictions" in one.content for one in of(released.path, synced))


def test_a_request_is_synced_soon_after_its_answer_though_nobody_asks_for_it(released, synced):
    """By a thread that begins a tenth of a second later."""
    released.predict("@production", released.models.metadata("@production")["examples"][0]["row"])
    log = released.path / "predictions" / "open-1.jsonl"
    until = time.monotonic() + 60
    while not of(log, synced) and time.monotonic() < until:
        time.sleep(0.01)
    assert of(log, synced)[-1].content == log.read_bytes()


def _ask_and_end(say, path: Path) -> None:
    ws = Workspace.open(path, create=False)
    fsync = os.fsync

    def told(descriptor: int) -> None:
        fsync(descriptor)
        say(Path(f"/proc/self/fd/{descriptor}").readlink().name)

    os.fsync = told
    ws.predict("@production", ws.models.metadata("@production")["examples"][0]["row"])
    say("answered")


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="nothing tells here which file is synced")
def test_a_process_ends_only_when_its_requests_are_synced(released):
    """Also one that ends right after the answer: a program that asks once and is done."""
    child = Child(_ask_and_end, released.path)
    child.go()
    said = [*iter(child.hear, None)]
    assert said.index("answered") < said.index("open-1.jsonl")


def test_what_the_disk_did_not_take_is_said_to_whoever_asks_next(released, monkeypatch):
    """Once: the answers before were given, and nobody goes on as if they were safe."""
    row = released.models.metadata("@production")["examples"][0]["row"]

    def broken(descriptor: int) -> None:
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    with monkeypatch.context() as patched:
        patched.setattr(os, "fsync", broken)
        (released.path / "predictions").mkdir(exist_ok=True)
        (released.path / "predictions" / "open-1.jsonl").touch()  # whose name is synced already
        first = released.predict("@production", row)
        FLUSHES.now()
    with pytest.raises(StorageError, match="Input/output error") as told:
        released.predict("@production", row)
    assert "Nothing was recorded" not in str(told.value)
    second = released.predict("@production", row)
    asked = [one["prediction_id"] for one in released.predictions.list()]
    assert asked == [second.prediction_id, first.prediction_id]


def test_the_ledger_syncs_all_of_a_commit(ws):
    """EXTRA syncs the folder as well once the journal is gone: a power cut cannot bring it back and undo the commit."""
    with ws._ledger.write() as tx:
        assert tx.connection.execute("PRAGMA synchronous").fetchone() == (3,)
        assert tx.connection.execute("PRAGMA journal_mode").fetchone() == ("delete",)
