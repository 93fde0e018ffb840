"""What was acknowledged outlives a power cut: it is synced - bytes, names, and the folders around them - before that."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import NamedTuple

import pytest

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


def test_a_request_is_written_and_synced_before_its_answer(released, synced):
    """Whoever has the answer finds the line on the disk, and the first one finds the file and its folder as well."""
    row = released.models.metadata("@production")["examples"][0]["row"]
    for _ in range(2):
        answer = released.predict("@production", row)
        log = released.path / "predictions" / "open-1.jsonl"
        lines = log.read_bytes().splitlines()
        assert answer.prediction_id.encode() in lines[-1] and of(log, synced)[-1].content == log.read_bytes()
    assert any("open-1.jsonl" in one.content for one in of(log.parent, synced))
    assert any("predictions" in one.content for one in of(released.path, synced))


def test_the_ledger_syncs_all_of_a_commit(ws):
    """EXTRA syncs the folder as well once the journal is gone: a power cut cannot bring it back and undo the commit."""
    with ws._ledger.write() as tx:
        assert tx.connection.execute("PRAGMA synchronous").fetchone() == (3,)
        assert tx.connection.execute("PRAGMA journal_mode").fetchone() == ("delete",)
