"""Run cells of the shipped notebook in any order: in a process of its own, in a folder that is thrown away afterwards.

A run is named by the notebook's hash, the order of cells, the attempt, and the `Change`s if there are any: what was run
under that name before is not run again. An order is made of ids of shipped cells and a change is written in this
package, so nothing that a person types can become code.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from mlops.base.errors import InvalidError, RefusedError
from playground.notebook.nbformat import SHIPPED, Notebook, Output, shipped

KERNEL = Path(__file__).with_name("kernel.py")
DATA = SHIPPED.with_name("customers_2023.csv")
SECONDS = 90.0
"""How long a run may take before its whole process group is ended; it needs three seconds on a free core."""
MEMORY = 4 * 2**30
"""Bytes of address space; the libraries map about one gigabyte before they do anything."""
MOST_CELLS = 40
MOST_KEPT = 256
"""Runs remembered; the oldest makes room."""


@dataclass(frozen=True)
class Change:
    """One cell told differently, to measure what that one thing does."""

    cell: str
    source: str


@dataclass(frozen=True)
class Ran:
    """One cell of a run."""

    cell: str
    outputs: tuple[Output, ...]


_done: dict[tuple[object, ...], tuple[Ran, ...]] = {}
_turn = threading.Lock()


def run(order: Sequence[str], changes: tuple[Change, ...] = (), attempt: int = 1) -> tuple[Ran, ...]:
    """Run cells of the shipped notebook, one after the other, in a fresh process.

    Parameters
    ----------
    order : sequence of str
        Ids of cells; a cell may come twice.
    changes : tuple of Change
        Cells told differently.
    attempt : int
        Which of several runs of the same: a notebook without a seed answers each time differently.

    Returns
    -------
    tuple of Ran
        What each cell left, in the order of running. A cell that failed does not stop the next, as in Jupyter.

    Raises
    ------
    InvalidError
        No such cell, or too many.
    RefusedError
        It took too long or too much memory; everything it started was ended.
    """
    notebook = shipped()
    sources = _sources(notebook, order, changes)
    name = (notebook.sha256, tuple(order), changes, attempt)
    if known := _done.get(name):
        return known
    with _turn:  # one at a time: thirty learners who press at once share one run, and the machine keeps a core
        if name not in _done:
            answers = execute(sources)
            while len(_done) >= MOST_KEPT:
                del _done[next(iter(_done))]
            _done[name] = tuple(Ran(cell, outputs) for cell, outputs in zip(order, answers, strict=True))
        return _done[name]


def _sources(notebook: Notebook, order: Sequence[str], changes: tuple[Change, ...]) -> list[str]:
    known = {cell.id: cell.source for cell in notebook.code}
    if unknown := [cell for cell in order if cell not in known]:
        raise InvalidError(f"The notebook has no cell {unknown[0]!r}.", f"Choose among {', '.join(known)}.")
    if len(order) > MOST_CELLS:
        raise InvalidError(f"{len(order)} cells are more than {MOST_CELLS}.", "Restart the kernel and run fewer.")
    known |= {change.cell: change.source for change in changes}
    return [known[cell] for cell in order]


def execute(sources: Sequence[str], seconds: float = SECONDS) -> list[tuple[Output, ...]]:
    """Run sources of this project in one fresh process and return the outputs of each.

    The process knows nothing of this environment's variables, works in a folder of its own that holds the data, and is
    ended with everything it started when `seconds` are over.
    """
    with tempfile.TemporaryDirectory(prefix="notebook-", ignore_cleanup_errors=True) as folder:
        shutil.copy(DATA, folder)
        job = json.dumps({"sources": list(sources), "memory": MEMORY}).encode() + b"\n"
        process = subprocess.Popen(
            [sys.executable, "-I", str(KERNEL)],
            cwd=folder,
            env=_environment(folder),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        try:
            answers, _ = process.communicate(job, timeout=seconds)
        except subprocess.TimeoutExpired:
            raise RefusedError(f"The cells ran for more than {seconds:g} s and were stopped.", _AGAIN) from None
        finally:
            _end(process)
    lines = answers.decode().splitlines()
    if len(lines) != len(sources):
        raise RefusedError(f"The process ended after {len(lines)} of {len(sources)} cells.", _AGAIN)
    return [tuple(Output(**output) for output in json.loads(line)) for line in lines]


_AGAIN = "Try again; if other work fills this machine, wait for it first."


def _environment(folder: str) -> Mapping[str, str]:
    kept = {name: os.environ[name] for name in ("PATH", "SYSTEMROOT", "LANG") if name in os.environ}
    threads = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"), "1")
    return {**kept, **threads, "HOME": folder, "TMPDIR": folder, "TEMP": folder, "JOBLIB_TEMP_FOLDER": folder}


def _end(process: subprocess.Popen[bytes]) -> None:
    """End a process that is still there, and its group with it."""
    if process.returncode is not None:  # waited for: its number may be another's by now
        return
    with contextlib.suppress(ProcessLookupError):
        if os.name == "posix":
            os.killpg(process.pid, signal.SIGKILL)
        else:
            process.kill()
    process.communicate()
