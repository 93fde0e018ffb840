"""Reproduce: train a run again from its record, in a fresh process, and say whether it came out the same, or why not.

What ran is *today's* code with the packages of today: stored source and packages are what is compared, not what is run.
No run is made and no model kept; one event on the run says what came out.

The verdict is about the answers, from best to worst:

- identical: model and answers are the same bytes.
- equivalent: other bytes, and every answer is the same to the last digit. Two files can hold the same model: pickles
  carry the versions of their packages.
- within_tolerance: no answer differs by more than `TOLERANCE`, and no decision changes. Sums of floating point numbers
  depend on their order (Goldberg, "What every computer scientist should know about floating-point arithmetic", 1991),
  which another library or number of threads may choose otherwise.
- different: some answer differs by more, or a decision changes, or other rows were judged.
- impossible: it could not be trained again, or nothing would be proven by it: no seed was kept, data, config or record
  are missing, or the training fails today.

The first divergence is the first of `divergence.CAUSES` that differs, also where the bytes are the same in spite of it.
"""

from __future__ import annotations

import io
import json
import os
import queue
import subprocess
import sys
import threading
import traceback
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from mlops.base import provenance
from mlops.base.artifacts import Artifacts, Stage
from mlops.base.clock import Instant
from mlops.base.errors import Cancelled, ConflictError, InvalidError, MlopsError, StorageError, shown
from mlops.base.ledger import Ledger
from mlops.base.records import Record
from mlops.experiments import runs
from mlops.experiments.progress import Progress, Step
from mlops.experiments.runs import Run, Runs

if TYPE_CHECKING:
    import pandas as pd

    from mlops.training.divergence import Found

Verdict = Literal["identical", "equivalent", "within_tolerance", "different", "impossible"]

GOOD: tuple[Verdict, ...] = ("identical", "equivalent", "within_tolerance")
"""Verdicts that prove a run."""

TOLERANCE = 1e-6
"""How far an answer may lie from the recorded one: of a probability, or of a number relative to its size. A hundred
times what float32, in which trees compare, can tell apart; far below what any decision or metric here shows."""

ROOT = Path(__file__).parents[2]
"""The folder in which the fresh process starts, so that it imports this very package."""

PATIENCE = 0.1
"""Seconds between two looks at whether somebody pressed Ctrl-C, or cancelled it otherwise."""


@dataclass(frozen=True)
class Reproduction(Record):
    """What came out when a run was trained again."""

    run_id: str
    verdict: Verdict
    first_divergence: str | None
    """The first cause that differs; None if none does."""
    checks: tuple[Mapping[str, Any], ...]
    """``{what, expected, observed, equal}`` for each cause, in their order; see `divergence.Check`."""
    why: str
    """Verdict and first divergence in a sentence or two."""
    reasons: Mapping[str, str]
    """For each cause that differs, what differs, in a sentence."""
    predictions: Mapping[str, Any] | None
    """``{rows, changed, flipped, largest}`` where other bytes came out: how many answers differ, how many decisions
    (None for a regression), and by how much at most. None where the bytes are the same, or nothing can be compared."""
    at: Instant
    """When it was asked."""
    event: int
    """Number of the event that says so."""


def reproduce(
    ledger: Ledger,
    artifacts: Artifacts,
    run_id: str | Run,
    on_step: Callable[[Step], None] | None = None,
    python: str | Path | None = None,
    look: Callable[[], None] | None = None,
) -> Reproduction:
    """Train a run again and record what came out; see `Workspace.reproduce`."""
    run = Runs(ledger, artifacts).get(run_id)
    if run.status != "finished":
        raise ConflictError(
            f"Run {run.run_id} is {run.status}: there is nothing that it came to.", "Reproduce a finished run."
        )
    try:
        with artifacts.stage() as stage:
            told = _asked(artifacts, run.run_id, stage, on_step, python, look)
        # It took a training: it is not lost because another program holds the ledger for a while.
        with ledger.patient(Progress(run.run_id, on_step).wait).write() as tx:
            kept = {**told, "at": tx.at, "event": tx.head()[0] + 1}
            tx.append("run.reproduce", run.run_id, {"reproduced": kept})
    except KeyboardInterrupt as error:
        raise Cancelled("Reproducing was cancelled; nothing was recorded.", "Try again any time.") from error
    return Reproduction.of({**kept, "run_id": run.run_id})


# The fresh process, from outside


def _asked(
    artifacts: Artifacts,
    run_id: str,
    stage: Stage,
    on_step: Callable[[Step], None] | None,
    python: str | Path | None,
    look: Callable[[], None] | None,
) -> dict[str, Any]:
    """Let a fresh process train, tell its steps, and return what it says at its end. It ends with the block."""
    order = {"workspace": str(artifacts.root), "run_id": run_id, "folder": str(stage.folder)}
    said = stage.folder / "said.txt"
    with open(said, "wb") as errors, _process(_interpreter(python), order, errors, look) as lines:
        for line in lines:
            if "step" in line and on_step is not None:
                on_step(Step(**line["step"]))
            elif "told" in line:
                return dict(line["told"])
            elif "error" in line:
                raise StorageError(line["error"]["message"], line["error"]["next_step"])
    words = said.read_text(encoding="utf-8", errors="replace").strip().splitlines()
    last = words[-1] if words else "it ended without a word"
    if python is None:
        raise MlopsError(f"The process that was to train ended: {last}.", "Look at free memory, then try again.")
    raise InvalidError(
        f"{shown(str(python))} could not train: {last}.",
        "Install the packages of the run's requirements.txt there, or use another interpreter.",
    )


def _interpreter(python: str | Path | None) -> str:
    if python is not None and not Path(python).is_file():
        raise InvalidError(f"There is no Python at {shown(str(python))}.", "Name the program itself: env/bin/python.")
    return str(Path(python).absolute()) if python is not None else sys.executable


@contextmanager
def _process(
    python: str, order: Mapping[str, Any], errors: Any, look: Callable[[], None] | None
) -> Iterator[Iterator[dict[str, Any]]]:
    """Start the fresh process and yield what it says; it never outlives the block, nor this process."""
    try:
        child = subprocess.Popen(
            [python, "-m", "mlops.training.reproduce"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=errors,
            cwd=ROOT,
            env=provenance.one_thread(),
            start_new_session=True,  # a Ctrl-C is for this process, which ends the other one
            creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0)
            | getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0),
        )
    except OSError as error:  # nobody may run it, or it is no program
        raise InvalidError(
            f"{shown(python)} cannot be started: {error.strerror or error}.", "Name the program itself: env/bin/python."
        ) from error
    assert child.stdin is not None and child.stdout is not None
    try:
        with suppress(OSError):  # it has ended by itself, and says why
            child.stdin.write(json.dumps(order).encode() + b"\n")
            child.stdin.flush()
        yield _said(child.stdout, look)
    finally:
        child.kill()
        child.wait()
        for pipe in (child.stdin, child.stdout):
            with suppress(OSError):
                pipe.close()


def _said(pipe: Any, look: Callable[[], None] | None) -> Iterator[dict[str, Any]]:
    """Yield the documents that come through a pipe, line by line; a Ctrl-C is heard meanwhile, also on Windows.

    While nothing comes, `look` is called again and again: whoever it is may raise, and so end the wait.
    """
    heard: queue.SimpleQueue[bytes] = queue.SimpleQueue()

    def listen() -> None:
        with suppress(OSError, ValueError):  # it was closed
            for line in pipe:
                heard.put(line)
        heard.put(b"")

    threading.Thread(target=listen, daemon=True).start()
    while True:
        try:
            line = heard.get(timeout=PATIENCE)
        except queue.Empty:
            if look is not None:
                look()
            continue
        if not line:
            return
        with suppress(ValueError):
            yield json.loads(line)


# The fresh process, from inside


def main() -> None:
    """Be the fresh process: hear which run, train it, say every step and what came out. Nothing is recorded."""
    out, sys.stdout = sys.stdout, sys.stderr  # whatever a library prints is no document

    def say(**document: Any) -> None:
        out.write(json.dumps(document) + "\n")
        out.flush()

    order = json.loads(sys.stdin.readline())
    threading.Thread(target=_leave_with_whoever_asked, daemon=True).start()
    artifacts = Artifacts(Path(order["workspace"]))
    ledger = Ledger(artifacts.root / "ledger.db", artifacts, "nobody").patient()
    try:
        told = judge(ledger, artifacts, order["run_id"], Path(order["folder"]), lambda step: say(step=vars(step)))
        say(told=told)
    except StorageError as error:  # about this moment, not about the run
        say(error={"message": error.message, "next_step": error.next_step})


def _leave_with_whoever_asked() -> None:
    """End this process when the one that started it has: nobody would hear what comes out."""
    sys.stdin.read()
    os._exit(1)


def judge(
    ledger: Ledger, artifacts: Artifacts, run_id: str, folder: Path, on_step: Callable[[Step], None]
) -> dict[str, Any]:
    """Train a run again in this process, with its files in a folder, and say what came out and why."""
    from mlops.training import divergence, pipeline

    with ledger.read() as view:
        record = view.resolve("run", run_id)
    [run] = runs.read(ledger, [record])
    found, lying = divergence.find(ledger, artifacts, run), divergence.AsTheyLie(artifacts.root)
    verdict: Verdict = "impossible"
    compared: Mapping[str, Any] | None = None
    if found.material is not None:
        stage = Stage(folder, "again-")
        try:
            results, files = pipeline.again(ledger, lying, found.material, stage, on_step)
        except (StorageError, MemoryError):
            raise
        except Exception as error:  # whatever today's code or packages make of the record
            found.impossible = f"The training fails today: {type(error).__name__}: {error}"
        else:
            verdict, compared = _verdict(
                ledger, artifacts, run, results, files["predictions.parquet"].file.read_bytes()
            )
    return {
        "verdict": verdict,
        "first_divergence": found.first,
        "checks": [check.as_dict() for check in found.checks],
        "why": _why(verdict, found, compared),
        "reasons": found.why,
        "predictions": compared,
    }


def _verdict(
    ledger: Ledger, artifacts: Artifacts, run: Run, results: Mapping[str, Any], predictions: bytes
) -> tuple[Verdict, Mapping[str, Any] | None]:
    same_model = results["model_sha256"] == run.model_sha256
    if results["predictions_sha256"] == run.predictions_sha256:
        return ("identical" if same_model else "equivalent"), None
    try:
        recorded = Runs(ledger, artifacts).file(run, "predictions.parquet")
    except MlopsError:  # the bytes differ, and what was answered is not known any more
        return "different", None
    import pandas as pd

    before, after = (pd.read_parquet(io.BytesIO(one)) for one in (recorded, predictions))
    compared = compare(before, after, run.threshold)
    return verdict_of(compared), compared


def verdict_of(compared: Mapping[str, Any] | None) -> Verdict:
    """Return the verdict about answers that are other bytes; see the module."""
    if compared is None:
        return "different"
    if not compared["changed"]:
        return "equivalent"
    near = compared["largest"] <= TOLERANCE and not compared["flipped"]
    return "within_tolerance" if near else "different"


def compare(recorded: pd.DataFrame, again: pd.DataFrame, threshold: float | None) -> dict[str, Any] | None:
    """Return how far two tables of answers lie apart; None if they are about other rows, or other labels.

    Parameters
    ----------
    recorded, again : DataFrame
        As `Runs.predictions` gives them.
    threshold : float or None
        From where a probability is a yes; None where there is no such line.

    Returns
    -------
    dict
        ``{rows, changed, flipped, largest}``, as in `Reproduction.predictions`.

    Examples
    --------
    >>> import pandas as pd
    >>> rows = pd.DataFrame({"row": [0, 1], "part": "test", "row_hash": ["a", "b"], "label": [0, 1]})
    >>> compare(rows.assign(probability=[0.2, 0.49]), rows.assign(probability=[0.2, 0.5]), 0.5)
    {'rows': 2, 'changed': 1, 'flipped': 1, 'largest': 0.01}
    """
    import numpy as np

    about = ["row", "part", "row_hash", "label"]
    names = [name for name in recorded.columns if name not in about]
    if list(again.columns) != list(recorded.columns) or not recorded[about].equals(again[about]):
        return None
    before, after = (frame[names].to_numpy(dtype=float) for frame in (recorded, again))
    size = np.maximum(1.0, np.abs(before)) if names == ["prediction"] else 1.0
    apart = np.max(np.abs(after - before) / size, axis=1, initial=0.0)
    flipped = None
    if names == ["probability"]:
        flipped = int(np.sum((before >= threshold) != (after >= threshold)))
    elif names != ["prediction"]:
        flipped = int(np.sum(before.argmax(axis=1) != after.argmax(axis=1)))
    largest = float(np.max(apart, initial=0.0))
    return {
        "rows": len(before),
        "changed": int(np.sum(np.any(before != after, axis=1))),
        "flipped": flipped,
        "largest": round(largest, 12),
    }


_SAID: Mapping[Verdict, str] = {
    "identical": "Trained again, it gave the same bytes.",
    "equivalent": "Trained again, it gave another file with the same answers.",
    "within_tolerance": "Trained again, it gave nearly the same answers.",
    "different": "Trained again, it gave other answers.",
    "impossible": "It cannot be repeated.",
}


def _why(verdict: Verdict, found: Found, compared: Mapping[str, Any] | None) -> str:
    said = [_SAID[verdict]]
    if compared and compared["changed"]:
        flipped = f", {compared['flipped']:,} decisions changed" if compared["flipped"] else ""
        said.append(
            f"{compared['changed']:,} of {compared['rows']:,} differ, by {compared['largest']:.2g} at most{flipped}."
        )
    if verdict == "impossible" and found.impossible:
        said.append(found.impossible)
    if found.first and found.why[found.first] not in said:
        said.append(found.why[found.first])
    elif verdict in ("equivalent", "within_tolerance", "different"):
        said.append("Nothing that was recorded tells why.")
    return " ".join(said)


if __name__ == "__main__":
    try:
        main()
    except BaseException:  # its last line is what the other process tells
        traceback.print_exc()
        os._exit(1)
    os._exit(0)  # at once: whoever waits on standard input would keep the interpreter from ending
