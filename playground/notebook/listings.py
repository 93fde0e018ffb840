"""Listings: code as tutorials print it, which nobody ever ran; each has faults, and running it tells which line breaks.

What a fault is, no text of ours decides. A listing is really run, line numbers and all, with what a reader would have
around it; once its broken line is mended, it is run again and breaks at the next. One fault breaks nothing: an answer
names a version that is not the one that answered. It is found by letting two versions answer.

They stand in ``listings.yaml``. What came out lies in ``listings.json``, under the key of all that it came from
(`listed` reads it):

    python -m playground.notebook.listings PYTHON        run all of them anew, with a Python that has MLflow as well
"""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from typing import Any

from mlops.base import strict_yaml

PRINTED = Path(__file__).with_name("listings.yaml")
LISTED = PRINTED.with_suffix(".json")
SECONDS = 300.0
LIES = "No error"
"""How the fault begins that breaks nothing and says what is not so."""

MOST_SAID = 240
"""Characters of an error."""


@dataclass(frozen=True)
class Mend:
    """What a broken line should have been."""

    line: int
    """Its number, from 1."""
    text: str
    why: str
    """What is wrong about the line, beyond what the error says."""


@dataclass(frozen=True)
class Listing:
    """One listing, and how it is mended."""

    id: str
    file: str
    title: str
    source: str
    around: str
    """What stands before it, in cells of its own, where a reader runs it."""
    then: str
    """How it is used."""
    mends: tuple[Mend, ...]
    """In the order in which their lines are found broken."""

    @property
    def lines(self) -> tuple[str, ...]:
        """Its lines."""
        return tuple(self.source.splitlines())

    def mended(self, faults: int) -> tuple[str, ...]:
        """Return its lines with so many faults mended."""
        lines = [*self.lines]
        for mend in self.mends[:faults]:
            lines[mend.line - 1] = mend.text
        return tuple(lines)


def _read() -> tuple[Listing, ...]:
    printed, _ = strict_yaml.parse(PRINTED.read_text("utf-8"), PRINTED.name)
    return tuple(_listing(printed["frame"], **one) for one in printed["listings"])


def _listing(frame: str, around: str, mends: list[dict[str, Any]], **fields: Any) -> Listing:
    return Listing(around=frame + around, mends=tuple(Mend(**one) for one in mends), **fields)


LISTINGS = _read()
"""Every listing, in the order in which a project meets them."""


def named(id: str) -> Listing:
    """Return a listing.

    Examples
    --------
    >>> named("batch").mends[0].line, len(named("train").lines)
    (4, 11)
    """
    return next(one for one in LISTINGS if one.id == id)


@dataclass(frozen=True)
class Fault:
    """What came out when a listing was really run."""

    line: int
    """The line that broke it; of an answer that is not so, the line that says it."""
    error: str
    """What Python said, cut to its first sentences."""


@cache
def listed() -> dict[str, tuple[Fault, ...]]:
    """Return what came out of running each listing, fault by fault, by its id.

    Examples
    --------
    >>> [fault.line for fault in listed()["train"]], listed()["train"][1].error.partition(":")[0]
    ([9, 5, 11], 'TypeError')
    """
    kept = json.loads(LISTED.read_text("utf-8"))["found"]
    return {name: tuple(Fault(**one) for one in faults) for name, faults in kept.items()}


def packages() -> dict[str, str]:
    """Return the versions of the packages with which they were run."""
    found: dict[str, str] = json.loads(LISTED.read_text("utf-8"))["packages"]
    return found


def key() -> str:
    """Return the hash of all that is run."""
    return hashlib.sha256(json.dumps([asdict(one) for one in LISTINGS]).encode()).hexdigest()


# Running them

_RUNNER = """
import io, json, sys, traceback
from contextlib import redirect_stderr, redirect_stdout

def broken(lines, around, then, file):
    names = {"__name__": "__main__"}
    with redirect_stdout(io.StringIO()), redirect_stderr(io.StringIO()):
        exec(around, names)
        try:
            exec(compile("\\n".join(lines), file, "exec"), names)
            exec(compile(then, "<use>", "exec"), names)
        except Exception as problem:
            inside = [frame.lineno for frame in traceback.extract_tb(problem.__traceback__) if frame.filename == file]
            return [inside[-1] if inside else None, f"{type(problem).__name__}: {problem}"]
    return None

job = json.loads(sys.stdin.read())
answer = [broken(lines, job["around"], job["then"], job["file"]) for lines in job["tries"]]
from importlib.metadata import version
print(json.dumps([answer, {name: version(name) for name in job["packages"]}]))
"""


def run(listing: Listing, python: str = sys.executable) -> tuple[tuple[Fault, ...], dict[str, str]]:
    """Run a listing as it is, then with one fault after the other mended; return what broke, and with which packages.

    Raises
    ------
    ValueError
        If it breaks elsewhere than its mends say, or does not run once all is mended.
    """
    import tempfile

    tries = [listing.mended(number) for number in range(len(listing.mends) + 1)]
    names = ["scikit-learn", *(["mlflow"] if listing.id == "track" else [])]
    job = {
        "tries": tries, "around": listing.around, "then": listing.then, "file": listing.file,
        "packages": names,
    }  # fmt: skip
    with tempfile.TemporaryDirectory(prefix="listing-", ignore_cleanup_errors=True) as folder:
        done = subprocess.run(
            [python, "-c", _RUNNER], cwd=folder, input=json.dumps(job), capture_output=True, text=True, timeout=SECONDS,
            check=True,
        )  # fmt: skip
    answers, versions = json.loads(done.stdout.splitlines()[-1])
    *broken, whole = answers
    found = tuple(_fault(listing, mend, *one) for mend, one in zip(listing.mends, broken, strict=True))
    if whole is not None:
        raise ValueError(f"{listing.file} does not run once all is mended: {whole}")
    return found, versions


def _fault(listing: Listing, mend: Mend, line: int | None, error: str) -> Fault:
    if line is None:  # nothing broke: the answer is not so, and the line that says it is looked for
        said = error.rpartition(" said ")[2]
        [line] = [number for number, text in enumerate(listing.lines, 1) if f'"{said}"' in text]
        error = f"{LIES}: {error.partition(': ')[2]}"
    if line != mend.line:
        raise ValueError(f"{listing.file} broke at line {line}, not at {mend.line}: {error}")
    return Fault(line, error if len(error) <= MOST_SAID else f"{error[:MOST_SAID].rpartition('. ')[0]}. ...")


def text(python: str = sys.executable) -> str:
    """Run all of them, and return what came out as the file has it."""
    ran = {one.id: run(one, python) for one in LISTINGS}
    versions = {name: version for _, found in ran.values() for name, version in found.items()}
    found = {name: [asdict(fault) for fault in faults] for name, (faults, _) in ran.items()}
    return json.dumps({"key": key(), "packages": versions, "found": found}, indent=1, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    LISTED.write_text(text(*sys.argv[1:2]), encoding="utf-8", newline="\n")
    print(f"{LISTED.name}: run anew")
