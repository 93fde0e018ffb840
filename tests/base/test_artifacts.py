"""Artifacts are written once, whole, and never change; a file that no event names is nobody's."""

from __future__ import annotations

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlops.base.artifacts import Artifacts, ReadOnce, replace_file
from mlops.base.errors import ConflictError, IntegrityError, StorageError


@pytest.fixture
def artifacts(tmp_path):
    return Artifacts(tmp_path)


def publish(artifacts: Artifacts, path: str, data: bytes) -> str:
    with artifacts.stage() as stage:
        staged = stage.write("file", data)
        artifacts.publish({path: staged})
    return staged.sha256


@given(st.lists(st.binary(max_size=50), max_size=6))
def test_a_staged_file_is_hashed_on_its_way(tmp_path_factory, chunks):
    """However it is written, hash and size are those of the bytes."""
    with Artifacts(tmp_path_factory.mktemp("stage")).stage() as stage:
        with stage.writer("file") as file:
            for chunk in chunks:
                file.write(chunk)
        data = b"".join(chunks)
        assert (file.staged.sha256, file.staged.size) == (hashlib.sha256(data).hexdigest(), len(data))
        assert file.staged.file.read_bytes() == data


def test_what_was_published_reads_back(artifacts):
    """The bytes come back if, and only if, they have the hash that the reader expects."""
    sha256 = publish(artifacts, "data/a/v1.bin", b"content")
    assert artifacts.read("data/a/v1.bin", sha256) == b"content"
    assert artifacts.hash("data/a/v1.bin") == sha256


def test_what_was_not_published_is_gone_when_the_stage_ends(artifacts):
    """An error between staging and publishing leaves nothing behind."""
    with pytest.raises(RuntimeError), artifacts.stage() as stage:
        stage.write("file", b"half a thought")
        raise RuntimeError
    assert [*(artifacts.root / "tmp").iterdir()] == []


def test_a_leftover_of_a_crash_gives_way(artifacts):
    """A file that no event named is replaced; the ledger only publishes names it never used."""
    publish(artifacts, "models/m.joblib", b"leftover")
    sha256 = publish(artifacts, "models/m.joblib", b"the real one")
    assert artifacts.read("models/m.joblib", sha256) == b"the real one"


def test_the_ledger_never_publishes_a_name_twice(ws):
    """A path that an event names keeps its bytes for ever; the transaction changes nothing."""
    for data in (b"first", b"second"):
        with ws._artifacts.stage() as stage:
            staged = stage.write("file", data)
            try:
                with ws._ledger.write() as tx:
                    tx.append("thing.add", data.decode(), {}, {"things/a": staged})
            except ConflictError as error:
                refused = error
    assert "artifacts never change" in refused.message
    assert (ws.path / "things" / "a").read_bytes() == b"first" and ws.head() == 1


@pytest.mark.parametrize("change", [lambda data: data + b"!", lambda data: data[:-1], lambda data: b"X" + data[1:]])
def test_changed_bytes_are_never_handed_out(artifacts, change):
    """Reading checks first; the message names file, expected and found, and what to do."""
    sha256 = publish(artifacts, "a/b", b"content")
    (artifacts.root / "a" / "b").write_bytes(change(b"content"))
    with pytest.raises(IntegrityError, match="a/b is not the file that was recorded") as damaged:
        artifacts.read("a/b", sha256)
    assert damaged.value.details[0]["expected"] == sha256 and "verify" in damaged.value.next_step


def test_a_lost_file_is_an_integrity_error_too(artifacts):
    """Missing is one way of not being the recorded file."""
    with pytest.raises(IntegrityError, match="found no file"):
        artifacts.read("nowhere", "0" * 64)
    assert artifacts.hash("nowhere") is None


def test_a_folder_in_the_place_of_a_file_is_an_integrity_error_too(artifacts):
    """Verifying names it and goes on, instead of stopping there."""
    (artifacts.root / "a").mkdir(parents=True)
    with pytest.raises(IntegrityError, match="found no file"):
        artifacts.read("a", "0" * 64)
    assert artifacts.hash("a") is None


def test_replacing_a_users_file_leaves_nothing_beside_it(tmp_path):
    """An export is the old file or the new one, and no partial file stays."""
    path = tmp_path / "out.csv"
    (staged := tmp_path / "staged").write_bytes(b"newest")
    for content, data in ((b"old", b"old"), (b"new", b"new"), (staged, b"newest")):
        replace_file(path, content)
        assert path.read_bytes() == data
    assert {entry.name for entry in tmp_path.iterdir()} == {"out.csv", "staged"}


def test_a_disk_that_refuses_becomes_a_storage_error(tmp_path):
    """The message names the path; nothing half-written stays."""
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(StorageError, match="could not be written"):
        replace_file(tmp_path / "file" / "below", b"data")
    with pytest.raises(StorageError), Artifacts(tmp_path / "file").stage():
        pass


def test_a_second_name_shares_the_bytes_of_the_first(artifacts):
    """Registering a model links the run's file: one copy on disk, two names."""
    sha256 = publish(artifacts, "experiments/r1/model.joblib", b"model")
    artifacts.publish({"models/m/m.joblib": artifacts.existing("experiments/r1/model.joblib", sha256)})
    first, second = (artifacts.path(path) for path in ("experiments/r1/model.joblib", "models/m/m.joblib"))
    assert first.samefile(second)


def test_what_was_checked_is_what_is_used(trained):
    """For one piece of work a file is read once: what happens to it later is no news, and no other file it is."""
    run = trained.runs.list()[0]
    path, files = run.file("model.joblib"), ReadOnce(trained._artifacts)
    assert files.hash(path) == run.model_sha256
    trained._artifacts.path(path).unlink()

    assert hashlib.sha256(files.read(path, run.model_sha256)).hexdigest() == files.hash(path) == run.model_sha256
    with pytest.raises(IntegrityError, match="is not the file that was recorded"):
        files.read(path, "0" * 64)
    assert ReadOnce(trained._artifacts).hash(path) is None
