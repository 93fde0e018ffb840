"""Whatever the disk or the machine does in the middle of an operation, it has happened whole or not at all.

strace makes one system call of a real process fail - the n-th write, fsync, link, ... that touches the workspace -
or kills the process there. First a clean run is watched, to count these calls; then each of them is a test.
"""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from multiprocessing.util import Finalize
from pathlib import Path
from typing import Any

import pytest

from mlops import Workspace
from mlops.base import leftovers
from mlops.base.artifacts import Artifacts
from mlops.base.errors import ConflictError, StorageError
from mlops.base.ledger import Ledger, Transaction
from mlops.experiments.progress import Step
from mlops.export import project
from mlops.release import request_log
from mlops.training import workers
from tests.conftest import LOGISTIC, customers_frame
from tests.processes import Child

pytestmark = pytest.mark.slow

CALLS = [
    "write",
    "pwrite64",
    "writev",
    "pwritev",
    "sendfile",
    "copy_file_range",
    "fsync",
    "fdatasync",
    "ftruncate",
    "link",
    "linkat",
    "rename",
    "renameat",
    "renameat2",
    "mkdir",
    "mkdirat",
    "unlink",
    "unlinkat",
]
REMOVING = ("unlink", "unlinkat")
"""A disk does not run full by removing, but a process may well be killed there: the ledger commits by an unlink."""
FAULTS = {"killed": "signal=SIGKILL:when={}", "full disk": "error=ENOSPC:when={}+", "bad disk": "error=EIO:when={}"}


@dataclass(frozen=True)
class Operation:
    """Something a person does, as a crash sees it."""

    act: Callable[[Path], Any]
    """Do it in the workspace at a path, in another process; the answer is what the person gets to see."""
    times: Callable[[Path], int]
    """How often it has happened."""
    points: int = 12
    """At most so many calls of one kind are made to fail, spread over all there are."""
    repeats: bool = False
    """Whether doing it again does it twice."""


def _open(path: Path) -> Workspace:
    return Workspace.open(path, create=False, actor="ada")


def _add(path: Path) -> str:
    return _open(path).datasets.add(path.with_name("more.csv"), "customers").ref


def _note(path: Path) -> str:
    ws = _open(path)
    return ws.runs.note(ws.runs.list()[-1].run_id, "look again").note


def _log_run(path: Path) -> str:
    metrics = {"validation": {"auc": 0.8}}
    return _open(path).runs.log("elsewhere", {"depth": 3}, metrics, files=[path.with_name("more.csv")]).run_id


def _train(path: Path) -> str:
    return _open(path).train(LOGISTIC, tags={"try": "this"}).run_id


def _submit(path: Path) -> str:
    """Queue a training, and start no worker."""
    ws = _open(path)
    ws.resume = lambda *_: None
    return ws.submit(LOGISTIC, tags={"try": "this"}).run_id


def _submit_and_work(path: Path) -> str:
    """Queue a training and be its worker."""
    run_id = _submit(path)
    workers.work(str(path), run_id, "ada")
    return run_id


def _register(path: Path) -> str:
    ws = _open(path)
    return ws.models.register(ws.models.get("churn_model@1.0.0").run_id, "churn_model", "3.0.0").ref


def _deploy(path: Path) -> str:
    return _open(path).deploy("churn_model@1.0.0", "staging", "drill").deployment_id


def _rollback(path: Path) -> str:
    ws = _open(path)
    first = next(deployment for deployment in ws.releases.timeline("production")[1:2])
    return ws.rollback("production", "drill", expected=first.deployment_id).deployment_id


def _predict(path: Path) -> str:
    ws = _open(path)
    answer = ws.predict("@production", ws.models.metadata("churn_model@1.1.0")["examples"][0]["row"])
    ws.predictions.sync()
    return answer.prediction_id


def _predict_and_seal(path: Path) -> str:
    request_log.SEAL_AT = 0
    return _predict(path)


def _batch(path: Path) -> str:
    return _open(path).batch_predict("@production", path.with_name("more.csv"), path.with_name("out.csv")).batch_id


def _fork(path: Path) -> str:
    return str(_open(path).fork(path.with_name("fork")).path)


def _export(path: Path) -> str:
    return project.write(_open(path), path.with_name("project")).path


def _exported(path: Path) -> int:
    """Count projects: all files, and a history that has each of them, or nothing under the name."""
    folder = path.with_name("project")
    if not folder.exists():
        return 0
    files = {
        one.relative_to(folder).as_posix() for one in folder.rglob("*") if one.is_file() and ".git" not in one.parts
    }
    kept = subprocess.run(["git", "ls-files"], cwd=folder, capture_output=True, text=True, check=True).stdout.split()
    changed = subprocess.run(
        ["git", "status", "--short"], cwd=folder, capture_output=True, text=True, check=True
    ).stdout
    assert "README.md" in files and {*kept} == files and changed == ""
    subprocess.run(["git", "fsck", "--strict"], cwd=folder, capture_output=True, check=True)
    return 1


def _create(path: Path) -> str:
    return Workspace.open(path.with_name("new"), actor="ada").id


def _count(kind: str) -> Callable[[Path], int]:
    return lambda path: sum(event["kind"] == kind for event in _open(path).log())


def _finished(path: Path) -> int:
    assert not [run for run in _open(path).runs.list() if run.status == "running"]
    return len(_open(path).runs.list("tags.try = 'this' and status = 'finished'"))


def _outputs(path: Path) -> int:
    """Count batches; their file is the old one or the new one, whole."""
    lines = path.with_name("out.csv").read_text().splitlines()
    assert lines == ["old"] or len(lines) == 61
    return _count("batch.predict")(path)


def _opens(name: str) -> Callable[[Path], int]:
    def count(path: Path) -> int:
        marked = (path.with_name(name) / "WORKSPACE.json").exists()
        assert not marked or _open(path.with_name(name)).verify()["ok"]
        return int(marked)

    return count


OPERATIONS = {
    "create": Operation(_create, _opens("new")),
    "add": Operation(_add, _count("dataset.add")),
    "note": Operation(_note, _count("run.note"), repeats=True),
    "log a run": Operation(_log_run, _count("run.log"), repeats=True),
    "train": Operation(_train, _finished, points=6, repeats=True),
    "submit": Operation(_submit, lambda path: len(_open(path).runs.queue()), repeats=True),
    "work": Operation(_submit_and_work, _finished, points=4, repeats=True),
    "register": Operation(_register, _count("model.register")),
    "deploy": Operation(_deploy, _count("deployment.deploy")),
    "roll back": Operation(_rollback, _count("deployment.rollback")),
    "predict": Operation(_predict, lambda path: len(_open(path).predictions.list()), repeats=True),
    "predict and seal": Operation(
        _predict_and_seal, lambda path: len(_open(path).predictions.list()), points=8, repeats=True
    ),
    "batch": Operation(_batch, _outputs, points=8, repeats=True),
    "fork": Operation(_fork, _opens("fork"), points=8),
    "export": Operation(_export, _exported, points=6),
}


@pytest.fixture
def place(released: Workspace) -> Iterator[Callable[[], Path]]:
    """Give fresh copies of the released workspace, each in a folder of its own with files to work on."""
    made: list[Path] = []

    def fresh() -> Path:
        if made:
            shutil.rmtree(made.pop())
        made.append(released.path.with_name("place"))
        made[0].mkdir()
        customers_frame(60, seed=8).to_csv(made[0] / "more.csv", index=False)
        (made[0] / "out.csv").write_text("old\n")
        return released.fork(made[0] / "workspace").path

    yield fresh


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("name", OPERATIONS)
def test_an_operation_that_is_cut_off_has_happened_whole_or_not_at_all(place, strace, name, fault):
    """At each call: history verifies, what was acknowledged is there, and doing it again works."""
    operation = OPERATIONS[name]
    points = list(_points(operation, place(), strace))
    assert points
    for call, number in points:
        if fault == "killed" or call not in REMOVING:
            _cut_off(operation, place, strace, call, number, FAULTS[fault])


def _cut_off(operation: Operation, place: Callable[[], Path], strace: Path, call: str, number: int, fault: str) -> None:
    """Do an operation with a fault in it, and check everything that is promised.

    Ids are random, so the pages of the ledger split elsewhere each time - a page more is some five writes more -
    and the last write of the run that was watched may not come in this one: then the operation was not disturbed,
    and an earlier write is taken.
    """
    for nth in range(number, max(number - 12, 0), -3):
        where, path = f"{call} {fault.format(nth)}", place()
        before, times = _open(path).log(), operation.times(path)
        inject = f"inject={call}:{fault.format(nth)}"
        said, log = _watched(operation.act, path, strace, "-e", f"trace={call}", "-e", inject)
        if "INJECTED" in log or "SIGKILL" in log:
            break
        assert said[:1] == ["done"] and operation.times(path) == times + 1, where
    else:
        pytest.fail(f"{where}: the call never came")
    assert said[:1] != ["crashed"], f"{where}: {said[1]}"

    ws = _open(path)
    assert ws.log()[: len(before)] == before, f"{where}: history was rewritten"
    assert ws.verify()["problems"] == [], where
    happened = operation.times(path) - times
    assert happened in (0, 1), where
    if said[:1] == ["done"]:
        assert happened == 1, f"{where}: acknowledged and lost"
    if said[:1] == ["refused"] and "Nothing was recorded" in said[2]:
        assert happened == 0, f"{where}: recorded, though {said[2]!r}"

    try:
        operation.act(path)
    except ConflictError:
        assert happened == 1 and not operation.repeats, where
    again = happened + 1 if operation.repeats else 1
    assert operation.times(path) - times == again, f"{where}: doing it again"
    _note(path)  # whatever writes next
    ws.runs.list()
    report = ws.verify()
    assert (report["problems"], report["leftovers"]) == ([], []), f"{where}: after doing it again"


# Proof that the checks above can fail


def _note_acknowledged_early(path: Path) -> str:
    """Write a note with a ledger that commits only when the process ends, after the answer."""
    write = Ledger.write

    @contextmanager
    def late(ledger: Ledger) -> Iterator[Transaction]:
        open_until_the_end = ExitStack()
        yield open_until_the_end.enter_context(write(ledger))
        Finalize(None, open_until_the_end.close, exitpriority=1)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Ledger, "write", late)
        return _note(path)


def _add_unpublished(path: Path) -> str:
    """Add data with a writer of artifacts that never gives the files their names."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Artifacts, "publish", lambda *_: None)
        return _add(path)


def _add_unlisted(path: Path) -> str:
    """Add data, and write where nobody looks which names that gives to files."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(leftovers, "_list", lambda artifacts: artifacts.root / "elsewhere")
        return _add(path)


def test_a_ledger_that_acknowledges_before_it_commits_is_found(place, strace):
    """The note was answered, and a kill at the last step of the commit takes it away."""
    early = Operation(_note_acknowledged_early, _count("run.note"), repeats=True)
    number = max(number for call, number in _points(early, place(), strace) if call == "unlink")
    with pytest.raises(AssertionError, match="acknowledged and lost"):
        _cut_off(early, place, strace, "unlink", number, FAULTS["killed"])


def test_a_writer_that_does_not_publish_is_found(place, strace):
    """The ledger names files that are not there, after a kill at the first step that follows the commit."""
    unpublished = Operation(_add_unpublished, _count("dataset.add"))
    number = min(number for call, number in _points(unpublished, place(), strace) if call == "unlinkat")
    with pytest.raises(AssertionError, match="no file"):
        _cut_off(unpublished, place, strace, "unlinkat", number, FAULTS["killed"])


def test_a_writer_that_does_not_list_its_names_is_found(place, strace):
    """Files that no event names stay for ever, after a kill at the last step of the commit."""
    unlisted = Operation(_add_unlisted, _count("dataset.add"))
    number = max(number for call, number in _points(unlisted, place(), strace) if call == "unlink")
    with pytest.raises(AssertionError, match="unknown file"):
        _cut_off(unlisted, place, strace, "unlink", number, FAULTS["killed"])


# A disk that is really full


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of two megabytes; skip where nobody may mount one."""
    folder = tmp_path / "disk"
    folder.mkdir()
    if shutil.which("mount") is None:
        pytest.skip("mount is not installed")
    command = ["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", str(folder)]
    mounted = subprocess.run(command, capture_output=True, text=True, check=False)
    if mounted.returncode:
        pytest.skip(f"mount is not permitted here: {mounted.stderr.strip()[:200]}")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


def _fill(act: Callable[[int], str]) -> list[str]:
    """Do something until the disk refuses, and return what was acknowledged."""
    acknowledged: list[str] = []
    with pytest.raises(StorageError, match="Nothing was recorded"):
        while True:
            acknowledged.append(act(len(acknowledged)))
    return acknowledged


def test_what_was_acknowledged_before_the_disk_was_full_is_there(released, small_disk):
    """Data, logged runs, requests and notes: each goes on until it is refused, and works again once there is room."""
    room = small_disk / "room"
    room.write_bytes(bytes(300_000))
    ws = released.fork(small_disk / "workspace")
    run, row = ws.runs.list()[0].run_id, ws.models.metadata("churn_model@1.1.0")["examples"][0]["row"]
    csv = released.path.with_name("more.csv")

    def add(number: int) -> str:
        customers_frame(1500, seed=number).to_csv(csv, index=False)
        return ws.datasets.add(csv, "customers").ref

    def log_run(_: int) -> str:
        return ws.runs.log("elsewhere", {}, {"validation": {"auc": 0.8}}).run_id

    def note(number: int) -> str:
        return ws.runs.note(run, f"{number}: {'x' * 1000}").note

    def predict(_: int) -> str:
        return ws.predict("@production", row).prediction_id

    done = {act: _fill(act) for act in (add, log_run, note, predict)}
    assert len(done[add]) > 3
    _check_all_are_there(ws, run, done[add], done[log_run], done[note], done[predict])
    room.unlink()
    for act in done:
        done[act].append(act(100 + len(done[act])))
    _check_all_are_there(ws, run, done[add], done[log_run], done[note], done[predict])


def _check_all_are_there(
    ws: Workspace, run: str, added: list[str], logged: list[str], notes: list[str], asked: list[str]
) -> None:
    assert [version.ref for version in ws.datasets.list()][::-1][-len(added) :] == added
    assert [one.run_id for one in ws.runs.list("name = 'elsewhere'")][::-1] == logged
    assert [event["payload"]["changes"]["note"] for event in ws.log() if event["kind"] == "run.note"] == notes
    assert [request["prediction_id"] for request in ws.predictions.list()][::-1] == asked
    assert ws.verify()["problems"] == []


def test_a_training_whose_model_does_not_fit_on_the_disk_says_so(trained, small_disk):
    """Its run has failed, with the reason, its steps and its log; what had been written of it makes room again."""
    ws = trained.fork(small_disk / "workspace")
    with pytest.raises(StorageError, match="No space left"):
        ws.train("model: {type: random_forest, n_estimators: 2000}\n")
    run = ws.runs.list()[0]
    assert run.status == "failed" and "No space left" in run.error and run.steps[-1]["status"] == "failed"
    assert "failed: " in ws.runs.text(run.run_id, "train.log") and list((ws.path / "tmp").iterdir()) == []
    assert ws.train(LOGISTIC).status == "finished" and ws.verify()["problems"] == []


def test_a_full_disk_hides_no_run_and_costs_none_what_it_had_shown(trained, small_disk):
    """A training that nobody works on any more is recorded as interrupted once there is room."""
    ws = trained.fork(small_disk / "workspace")
    full = small_disk / "full"

    def fill(step: Step) -> None:
        if (step.name, step.status) == ("train", "done"):
            _fill_up(full)

    with pytest.raises(StorageError):
        ws.train(LOGISTIC, on_step=fill)
    assert [run.status for run in ws.runs.list()] == ["running", "finished"]
    full.unlink()
    run = ws.runs.list()[0]
    assert run.status == "interrupted" and [step["status"] for step in run.steps[:4]] == ["done"] * 4
    assert list((ws.path / "tmp").iterdir()) == [] and ws.verify()["problems"] == []


def _fill_up(file: Path) -> None:
    with suppress(OSError), file.open("wb", buffering=0) as room:
        while True:
            room.write(bytes(4096))


# The harness


@pytest.fixture(scope="session")
def strace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Tell where strace writes; skip where it cannot watch other processes."""
    if shutil.which("strace") is None:
        pytest.skip("strace is not installed")
    log = tmp_path_factory.mktemp("strace") / "log"
    tried = subprocess.run(["strace", "-o", str(log), "true"], capture_output=True, text=True, check=False)
    if tried.returncode:
        pytest.skip(f"strace may not watch other processes here: {tried.stderr.strip()[:200]}")
    return log


def _watched(act: Callable[[Path], Any], path: Path, log: Path, *options: str) -> tuple[list[Any], str]:
    """Do something in a child under strace; return what the child said and the calls it made."""
    return _watch(Child(_doing, act, path), log, *options)


def _doing(_: Any, act: Callable[[Path], Any], path: Path) -> Any:
    return act(path)


def _watch(child: Child, log: Path, *options: str) -> tuple[list[Any], str]:
    command = ["strace", "-y", "-s", "0", "-o", str(log), *options, "-p", str(child.pid)]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as watcher:
        assert "attached" in watcher.stderr.readline()
        child.go()
        said = child.wait()
    return said, log.read_text(errors="replace")


def _points(operation: Operation, path: Path, log: Path) -> Iterator[tuple[str, int]]:
    """Yield name and number of the calls that touch the files around `path`, at most so many of each name."""
    said, text = _watched(operation.act, path, log, "-e", f"trace={','.join('?' + call for call in CALLS)}")
    assert said[:1] == ["done"], said
    assert operation.times(path) >= 1
    found: dict[str, list[int]] = {}
    seen: dict[str, int] = {}
    for line in text.splitlines():
        call = line.partition("(")[0]
        seen[call] = seen.get(call, 0) + 1
        if str(path.parent) in line:
            found.setdefault(call, []).append(seen[call])
    for call, numbers in found.items():
        step = max(1, -(-len(numbers) // operation.points))
        yield from ((call, number) for number in {*numbers[::step], numbers[-1]})
