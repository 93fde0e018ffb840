"""Lifecycle: what becomes of a run - queued, running, ended - in whichever process.

A run is *queued* by one event and *claimed* by another; of two workers that want it, the ledger lets one have it. While
a process works on a run it holds a lock (see `locks`); a run that says "running" while nobody holds its lock was
interrupted, and the next reader records that.

What lies in ``tmp/`` under the id of a run belongs to it while it is under way, and is gone when it has ended:
``<run id>.lock`` is the lock, ``<run id>.progress`` shows how far it has come, ``<run id>.cancel`` asks it to stop, and
in ``<run id>.stage-...`` its results wait to be published.
"""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, suppress
from pathlib import Path
from typing import Any

from mlops.base import locks
from mlops.base.artifacts import Artifacts, Stage, Staged, disk_errors
from mlops.base.errors import ConflictError, StorageError
from mlops.base.ledger import Ledger, Transaction, View
from mlops.base.records import readable_json
from mlops.experiments.progress import RunProgress, look, look_now, partial

AGAIN = 0.05
"""Seconds between two looks at whether a cancelled run has ended."""


SWEEP = "sweep"
"""The tag that names the sweep of which a run is a trial."""

TRIAL = f"tags.{SWEEP}"
"""The fact that tells a trial from other runs."""


KINDS = ("lock", "progress", "part", "cancel")
"""Of the files of a run under way; a ``part`` becomes the progress."""


def file(artifacts: Artifacts, run_id: str, kind: str) -> Path:
    """Return where a file of a run under way lies."""
    return artifacts.tmp / f"{run_id}.{kind}"


@contextmanager
def held(artifacts: Artifacts, run_id: str, timeout: float = 0.0) -> Iterator[None]:
    """Hold a run's lock: as long as this process lives and works on it, the run is not interrupted.

    Parameters
    ----------
    timeout : float
        Seconds to wait for whoever holds it.

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


def queued(view: View) -> list[str]:
    """Return the ids of the runs that wait, as they were submitted, but the trials of sweeps after all others.

    Somebody waits for a training of their own; a hundred trials are left alone.
    """
    waiting = _with_status(view, "queued")
    rows = view.connection.execute(
        "SELECT a.subject FROM facts AS a JOIN facts AS b USING (subject) "
        "WHERE a.key = 'status' AND a.value = 'queued' AND b.key = ?",
        (TRIAL,),
    )
    trials = {subject for (subject,) in rows}
    return sorted(waiting, key=lambda run_id: run_id in trials)


def running(view: View, artifacts: Artifacts) -> list[str]:
    """Return the ids of the runs that some process works on now."""
    return [run_id for run_id in _with_status(view, "running") if _is_held(artifacts, run_id)]


def claim(
    ledger: Ledger, run_id: str, source_sha256: str, software: Mapping[str, Any], facts: Mapping[str, Any] | None = None
) -> dict[str, Any] | None:
    """Make a queued run a running one and return its record; None if it is not queued any more.

    The caller holds the run's lock, and runs on this source and software.

    Parameters
    ----------
    facts : mapping, optional
        What was not recorded yet when it was queued.
    """
    with ledger.write() as tx:
        before = tx.resolve("run", run_id)
        if before["status"] != "queued":
            return None
        code = {**before["code"], "source_sha256": source_sha256}
        began = {**(facts or {}), "status": "running", "started_at": tx.at, "code": code, "software": software}
        return tx.append("run.start", run_id, began)


def give_up(ledger: Ledger, run_id: str, reason: str) -> None:
    """Record that a queued run cannot be trained."""
    with ledger.write() as tx:
        if tx.resolve("run", run_id)["status"] == "queued":
            tx.append("run.end", run_id, {"status": "failed", "error": reason, "ended_at": tx.at, "duration_s": 0.0})


def record(ledger: Ledger, run_id: str) -> dict[str, Any]:
    """Return what is known about a run now."""
    with ledger.read() as view:
        return view.resolve("run", run_id)


def cancel(ledger: Ledger, artifacts: Artifacts, run_id: str, wait: float) -> dict[str, Any]:
    """Cancel a run that is queued, or ask the process that works on it to stop; see `Runs.cancel`."""
    with ledger.read() as view:
        asked = _ask(view, artifacts, run_id)
    if not asked:
        with ledger.write() as tx:
            _cancel(tx, artifacts, run_id)
    until = time.monotonic() + wait
    while (now := record(ledger, run_id))["status"] == "running" and time.monotonic() < until:
        time.sleep(AGAIN)
    return now


def cancel_all(ledger: Ledger, artifacts: Artifacts, run_ids: Iterable[str]) -> None:
    """Cancel those of some runs that have not ended, in one transaction: hundreds cost one wait for the disk."""
    with ledger.read() as view:
        others = [run_id for run_id in run_ids if not _ask(view, artifacts, run_id)]
    if not others:
        return
    with ledger.write() as tx:
        for run_id in others:
            with suppress(ConflictError):  # it has ended meanwhile
                _cancel(tx, artifacts, run_id)


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


def _cancel(tx: Transaction, artifacts: Artifacts, run_id: str) -> None:
    now = tx.resolve("run", run_id)
    if now["status"] == "queued":
        ended = {"status": "cancelled", "error": "Cancelled.", "ended_at": tx.at, "duration_s": 0.0}
        tx.append("run.end", run_id, ended)
    elif not _ask(tx, artifacts, run_id):
        raise _ended(now)


def progress(artifacts: Artifacts, run_id: str) -> RunProgress | None:
    """Return what the process that works on a run shows of it."""
    return look_now(file(artifacts, run_id, "progress"))


def record_interrupted(ledger: Ledger, artifacts: Artifacts) -> None:
    """Record the runs whose process ended without a word, with what they had shown until then.

    On a disk that takes nothing now they are left to a later reader, for this one came to read.
    """
    with ledger.read() as view:
        running = _with_status(view, "running")
    _clear_strays(artifacts, running)
    abandoned = [run_id for run_id in running if not _is_held(artifacts, run_id)]
    if not abandoned:
        return
    with suppress(StorageError), artifacts.stage() as stage:
        seen = {run_id: look(file(artifacts, run_id, "progress")) for run_id in abandoned}
        kept = {run_id: _kept(stage, shown) for run_id, shown in seen.items() if shown}
        with ledger.write() as tx:
            for run_id in set(abandoned) & set(_with_status(tx, "running")):
                changes, files = kept.get(run_id, ({}, {}))
                ended = {**changes, "status": "interrupted", "error": "The process ended."}
                named = {f"experiments/{run_id}/{name}": staged for name, staged in files.items()}
                tx.append("run.interrupt", run_id, ended, named)
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


def _kept(stage: Stage, shown: RunProgress) -> tuple[dict[str, Any], dict[str, Staged]]:
    """Return the fields and files of a run that did not finish."""
    files = {"train.log": stage.write(f"{shown.run_id}.log", ("\n".join(shown.log) + "\n").encode())}
    if shown.training:
        files["curves.json"] = stage.write(f"{shown.run_id}.json", readable_json({"training": shown.training}))
    return partial(shown), files


def _with_status(view: View, status: str) -> list[str]:
    rows = view.connection.execute(
        "SELECT facts.subject FROM facts JOIN records ON noun = 'run' AND records.subject = facts.subject "
        "WHERE key = 'status' AND value = ? ORDER BY seq",
        (status,),
    )
    return [subject for (subject,) in rows]


def _is_held(artifacts: Artifacts, run_id: str) -> bool:
    return locks.is_held(file(artifacts, run_id, "lock"))


def _ended(record: Mapping[str, Any]) -> ConflictError:
    run_id, status = record["run_id"], record["status"]
    return ConflictError(
        f"Run {run_id} has ended already: it is {status}. Only a queued or running one can be cancelled.",
        f"See it: mlops runs show {run_id}.",
    )
