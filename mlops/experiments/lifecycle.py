"""Lifecycle: what becomes of a run - queued, running, ended - in whichever process.

`MOVES` is all that can become of a run, and `move` alone writes it down; of two workers that want a run, the ledger
lets one have it. While a process works on a run it holds a lock (see `locks`); a run that says "running" while nobody
holds its lock was interrupted, and the next reader records that.

What lies in ``tmp/`` under the id of a run belongs to it while it is under way, and is gone when it has ended:
``<run id>.lock`` is the lock, ``<run id>.progress`` shows how far it has come, ``<run id>.cancel`` asks it to stop, and
in ``<run id>.stage-...`` its results wait to be published.
"""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, suppress
from pathlib import Path
from typing import Any, Literal

from mlops.base import locks
from mlops.base.artifacts import Artifacts, Stage, Staged, disk_errors
from mlops.base.errors import ConflictError, StorageError
from mlops.base.ledger import Ledger, Transaction
from mlops.base.records import new_id, readable_json
from mlops.base.view import View
from mlops.experiments.progress import RunProgress, look, look_now, partial

Status = Literal["queued", "running", "finished", "failed", "cancelled", "interrupted"]

UNDER_WAY: tuple[Status, ...] = ("queued", "running")

MOVES: Mapping[tuple[Status | None, Status], str] = {
    (None, "queued"): "run.queue",
    (None, "running"): "run.start",
    (None, "finished"): "run.log",
    ("queued", "running"): "run.start",
    ("queued", "failed"): "run.end",
    ("queued", "cancelled"): "run.end",
    ("running", "finished"): "run.end",
    ("running", "failed"): "run.end",
    ("running", "cancelled"): "run.end",
    ("running", "interrupted"): "run.interrupt",
}
"""What can become of a run, and the kind of event that says so. None is a run of which nothing is known yet."""

CANCELLED = {"error": "Cancelled."}
"""What a run that was cancelled says of itself."""

BLANK: Mapping[str, Any] = {
    **{key: {} for key in ("data", "code", "software", "metrics", "intervals", "rows_sha256")},
    **{"steps": [], "warnings": [], "test_opened": 0},
}
"""What a run has of which nothing is known yet."""

AGAIN = 0.05
"""Seconds between two tries to take a lock, or two looks at whether a run has ended."""

SWEEP = "sweep"
"""The tag that names the sweep of which a run is a trial."""

TRIAL = f"tags.{SWEEP}"
"""The fact that tells a trial from other runs."""

KINDS = ("lock", "progress", "part", "cancel")
"""Of the files of a run under way; a ``part`` becomes the progress."""


def file(artifacts: Artifacts, run_id: str, kind: str) -> Path:
    """Return where a file of a run under way lies."""
    return artifacts.tmp / f"{run_id}.{kind}"


def source_path(code: Mapping[str, Any]) -> str:
    """Return where the source that a run worked on is kept: once for all runs that did."""
    return f"experiments/sources/{code['source_sha256']}.zip"


@contextmanager
def held(artifacts: Artifacts, run_id: str, timeout: float = 1.0) -> Iterator[None]:
    """Hold a run's lock: as long as this process lives and works on it, the run is not interrupted.

    Parameters
    ----------
    timeout : float
        Seconds to wait for whoever holds it: also one who only looks whether it is held does so, for a moment.

    Raises
    ------
    ConflictError
        If it is still held then.
    """
    path, until = file(artifacts, run_id, "lock"), time.monotonic() + timeout
    with disk_errors(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        while (lock := locks.take(path)) is None:
            if time.monotonic() >= until:
                raise ConflictError(f"Run {run_id} is another process's work.", "Wait until it has ended.")
            time.sleep(AGAIN)
    try:
        yield
    finally:
        # The lock alone: what was shown of a run whose end could not be recorded is kept by the next reader.
        locks.drop(lock, path)


def clear(artifacts: Artifacts, run_id: str) -> None:
    """Remove what lies in ``tmp/`` for a run that is no longer under way."""
    for path in artifacts.tmp.glob(f"{run_id}.*"):
        if path.is_dir():
            shutil.rmtree(path, ignore_errors=True)
        else:
            with suppress(OSError):
                path.unlink(missing_ok=True)


def stage(artifacts: Artifacts, run_id: str) -> AbstractContextManager[Stage]:
    """Open the stage of a run; unlike others it is found and removed where the process was killed."""
    return artifacts.stage(f"{run_id}.stage-")


Document = Callable[[dict[str, Any]], Staged]
"""Stages ``run.json`` for the record of a run that ends, and returns it."""


def move(
    tx: Transaction,
    run_id: str,
    status: Status,
    changes: Mapping[str, Any],
    files: Mapping[str, Staged] | None = None,
    document: Document | None = None,
    source: Staged | None = None,
) -> dict[str, Any]:
    """Record what has become of a run, and return its record. Nothing else writes the status of a run.

    Parameters
    ----------
    files : mapping of str to Staged, optional
        Files of the run by name, published with it.
    source : Staged, optional
        The source that ran; published if no other run has kept the same.

    Raises
    ------
    ConflictError
        If this cannot become of the run as it is now; nothing is recorded.
    """
    before = tx.record("run", run_id) or {}
    now = before.get("status")
    if (now, status) not in MOVES:
        raise ConflictError(
            f"Run {run_id} is {now or 'not known yet'}; it cannot become {status}.",
            f"See it: mlops runs show {run_id}.",
        )
    changes, named = {**changes, "status": status}, dict(files or {})
    if document is not None:
        named["run.json"] = document(before | changes)
    published = {f"experiments/{run_id}/{name}": staged for name, staged in named.items()}
    if source is not None and not tx.is_named(path := source_path((before | changes)["code"])):
        published[path] = source
    return tx.append(MOVES[now, status], run_id, changes, published)


def start(ledger: Ledger, run_id: str, facts: Mapping[str, Any]) -> dict[str, Any]:
    """Record that a training begins, with what is known before it does. The caller holds the run's lock."""
    with ledger.write() as tx:
        return move(tx, run_id, "running", {**BLANK, **facts, "run_id": run_id, "started_at": tx.at})


def queue(ledger: Ledger, asked: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Record that trainings wait for a worker: all of them, or none.

    Parameters
    ----------
    asked : sequence of mapping
        For each what is known before it begins; `config` is the effective config as YAML, for the worker.
    """
    with ledger.write() as tx:
        dated = {"queued_at": tx.at, "started_at": tx.at}
        ids = [new_id("r") for _ in asked]
        return [
            move(tx, run_id, "queued", {**BLANK, **facts, **dated, "run_id": run_id})
            for run_id, facts in zip(ids, asked, strict=True)
        ]


def with_status(view: View, status: Status, sweep: str | None = None) -> list[str]:
    """Return the ids of the runs with a status, of one sweep or of all.

    They come as they were submitted, but the trials of sweeps after all others: somebody waits for a training of their
    own; a hundred trials are left alone.
    """
    rows = view.search(
        "run",
        "SELECT facts.subject FROM facts JOIN records ON noun = 'run' AND records.subject = facts.subject "
        "LEFT JOIN facts AS trial ON trial.subject = facts.subject AND trial.key = :trial "
        "WHERE facts.key = 'status' AND facts.value = :status AND (:sweep IS NULL OR trial.value = :sweep) "
        "ORDER BY trial.value IS NOT NULL, seq",
        {"trial": TRIAL, "status": status, "sweep": sweep},
    )
    return [subject for (subject,) in rows]


def durations(view: View, among: int = 10) -> list[float]:
    """Return the seconds that the finished ones among the newest runs took, the newest first."""
    newest = view.each("run", among)
    return [run["duration_s"] for run in newest if run["status"] == "finished" and run.get("duration_s") is not None]


def running(view: View, artifacts: Artifacts, sweep: str | None = None) -> list[str]:
    """Return the ids of the runs that some process works on now."""
    return [run_id for run_id in with_status(view, "running", sweep) if is_held(artifacts, run_id)]


def held_now(artifacts: Artifacts) -> set[str]:
    """Return the ids of the runs that some process works on, or is about to begin."""
    return {path.stem for path in artifacts.tmp.glob("*.lock") if locks.is_held(path)}


def claim(
    ledger: Ledger,
    run_id: str,
    source_sha256: str,
    software: Mapping[str, Any],
    facts: Mapping[str, Any] | None = None,
    room: Callable[[View], bool] = lambda _: True,
) -> dict[str, Any] | None:
    """Make a queued run a running one and return its record; None if it is not queued any more, or there is no room.

    The caller holds the run's lock, and runs on this source and software.

    Parameters
    ----------
    facts : mapping, optional
        What was not recorded yet when it was queued.
    room : callable
        Tells whether one more run may begin now; whoever asks is the only one that begins one.
    """
    with ledger.write() as tx:
        before = tx.resolve("run", run_id)
        if before["status"] != "queued" or not room(tx):
            return None
        code = {**before["code"], "source_sha256": source_sha256}
        return move(tx, run_id, "running", {**(facts or {}), "started_at": tx.at, "code": code, "software": software})


def give_up(ledger: Ledger, run_id: str, reason: str) -> None:
    """Record that a queued run cannot be trained."""
    with ledger.write() as tx:
        if tx.resolve("run", run_id)["status"] == "queued":
            move(tx, run_id, "failed", {"error": reason, "ended_at": tx.at, "duration_s": 0.0})


def end(
    ledger: Ledger,
    artifacts: Artifacts,
    run_id: str,
    status: Status,
    results: Mapping[str, Any],
    files: Mapping[str, Staged],
    document: Document | None = None,
    source: Staged | None = None,
) -> dict[str, Any]:
    """Record how a training ended, with the fields and files that are known now.

    A run that has ended already stays as it is.
    """
    with ledger.write() as tx:
        now = tx.resolve("run", run_id)
        if now["status"] != "running":
            return now
        record = move(tx, run_id, status, {**results, "ended_at": tx.at}, files, document, source)
        clear(artifacts, run_id)  # before the commit: whoever reads that it has ended finds nothing left over
        return record


def record(ledger: Ledger, run_id: str) -> dict[str, Any]:
    """Return what is known about a run now."""
    with ledger.read() as view:
        return view.resolve("run", run_id)


def cancel(ledger: Ledger, artifacts: Artifacts, run_ids: Iterable[str]) -> list[str]:
    """Cancel the runs that wait, and ask the processes that work on others to stop; return those that had ended.

    All in one transaction: hundreds cost one wait for the disk.
    """
    with ledger.read() as view:
        others = [run_id for run_id in run_ids if not _ask(view, artifacts, run_id)]
    ended: list[str] = []
    if not others:
        return ended
    with ledger.write() as tx:
        for run_id in others:
            if tx.resolve("run", run_id)["status"] == "queued":
                move(tx, run_id, "cancelled", {**CANCELLED, "ended_at": tx.at, "duration_s": 0.0})
            elif not _ask(tx, artifacts, run_id):
                ended.append(run_id)
    return ended


def _ask(view: View, artifacts: Artifacts, run_id: str) -> bool:
    """Ask the process that works on a run to stop; False if the run is not running.

    A look is enough, for no run ends while it is open; so this works also where the end waits for another program.
    """
    if view.resolve("run", run_id)["status"] != "running":
        return False
    request = file(artifacts, run_id, "cancel")
    with disk_errors(request):
        request.touch()
    return True


def progress(artifacts: Artifacts, run_id: str) -> RunProgress | None:
    """Return what the process that works on a run shows of it."""
    return look_now(file(artifacts, run_id, "progress"))


def record_interrupted(ledger: Ledger, artifacts: Artifacts) -> None:
    """Record the runs whose process ended without a word, with what they had shown until then.

    On a disk that takes nothing now they are left to a later reader, for this one came to read. In the past a run is
    what its events say.
    """
    if ledger.event is not None:
        return
    with ledger.read() as view:
        running = with_status(view, "running")
    _clear_strays(artifacts, running)
    abandoned = [run_id for run_id in running if not is_held(artifacts, run_id)]
    if not abandoned:
        return
    with suppress(StorageError), artifacts.stage() as stage:
        kept = {run_id: _kept(stage, look(file(artifacts, run_id, "progress"))) for run_id in abandoned}
        with ledger.write() as tx:
            for run_id in set(abandoned) & set(with_status(tx, "running")):
                changes, files = kept[run_id]
                move(tx, run_id, "interrupted", {**changes, "error": "The process ended."}, files)
                clear(artifacts, run_id)


def _clear_strays(artifacts: Artifacts, running: list[str]) -> None:
    """Remove the files of runs whose process was killed before the run began, or after it had ended."""
    try:
        found = {path.stem for path in artifacts.tmp.iterdir() if path.suffix[1:] in KINDS}
    except OSError:
        return
    for run_id in found.difference(running):
        path = file(artifacts, run_id, "lock")
        with suppress(OSError):
            if lock := locks.take(path):  # whoever is about to begin it holds it
                clear(artifacts, run_id)
                locks.drop(lock, path)


def _kept(stage: Stage, shown: RunProgress | None) -> tuple[dict[str, Any], dict[str, Staged]]:
    """Return the fields and files of a run that did not finish."""
    if shown is None:
        return {}, {}
    files = {"train.log": stage.write(f"{shown.run_id}.log", ("\n".join(shown.log) + "\n").encode())}
    if shown.training:
        files["curves.json"] = stage.write(f"{shown.run_id}.json", readable_json({"training": shown.training}))
    return partial(shown), files


def is_held(artifacts: Artifacts, run_id: str) -> bool:
    """Tell whether some process works on a run, or is about to."""
    return locks.is_held(file(artifacts, run_id, "lock"))
