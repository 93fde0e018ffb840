"""Parity: whether a model answers rows elsewhere as it did where it was trained, tried in a fresh process.

The answers of then stand in the run. A try lets the same model answer 100 of its test rows with the packages of this
machine, of which some are those of another record; every digit counts. So one package after the other can be tried, and
what makes the difference is found, not guessed. What came out is a note in the journal of the workspace, under
`SUBJECT` and the run, which anybody can try again.

    python -m playground.parity        the fresh process: hears one order, and says what came out
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any

from mlops import Workspace
from mlops.base import provenance
from mlops.base.errors import MlopsError
from mlops.base.records import Record
from mlops.experiments.software import SoftwareDifference
from playground import breaking, rebuilt
from playground.jobs import Job

if TYPE_CHECKING:
    import pandas as pd

SUBJECT = "parity"
ROWS = 100
"""So many of the test rows are answered; fewer where there are fewer."""

THEN, HERE = "●", "○"
"""How a package stands in a table: as it was chosen, or as on this machine."""

SECONDS = 120.0
KEPT = 40
"""So many tries of a run are noted, the newest."""

ROOT = Path(__file__).parents[1]


@dataclass(frozen=True)
class Try(Record):
    """What came out when a model answered rows in an environment."""

    run_id: str
    moved: Mapping[str, str]
    """Packages that were others than those of this machine, and their versions."""
    packages: Mapping[str, str]
    """All that were recorded in that environment."""
    rows: int
    differ: int
    """Rows whose answer is another one than on record, in any digit."""
    flipped: int
    """Rows that are decided otherwise."""
    largest: float
    """How far an answer lies from the one on record, at most."""
    blank: int
    """Rows of those that differ in which something was missing."""

    @property
    def equal(self) -> bool:
        """Whether every row was answered as it was then."""
        return self.rows > 0 and self.differ == 0

    @property
    def said(self) -> str:
        """What came out, in a sentence or two.

        Examples
        --------
        >>> Try("r1", {"numpy": "2.3.0"}, {}, 100, 12, 3, 0.14, 12).said
        '88 of 100 rows are answered as on record with numpy 2.3.0. In all others something was missing.'
        >>> Try("r1", {}, {}, 100, 0, 0, 0.0, 0).said
        '100 of 100 rows are answered as on record.'
        """
        moved = " and ".join(f"{name} {version}" for name, version in self.moved.items())
        told = f"{self.rows - self.differ} of {self.rows} rows are answered as on record"
        blank = " In all others something was missing." if self.differ and self.blank == self.differ else ""
        return f"{told}{f' with {moved}' if moved else ''}.{blank}"


def movable(found: tuple[SoftwareDifference, ...]) -> dict[str, str]:
    """Return the packages in which two records differ, with the version that is not the one of this machine."""
    here: Mapping[str, str] = provenance.software()["packages"]
    sides = {one.what: (one.before, one.after) for one in found if one.what in here}
    return {name: str(then if then != here[name] else now) for name, (then, now) in sides.items() if then and now}


def tries(ws: Workspace, run_id: str) -> tuple[Try, ...]:
    """Return what was tried with the model of a run, oldest first."""
    return tuple(map(Try.of, (ws.journal.read(subject(run_id)) or {}).get("tries") or ()))


def frame(found: Sequence[Try], movable: Sequence[str] = ()) -> pd.DataFrame:
    """Return what was tried as a table, the newest first: a column for each package that can be moved, or ever was.

    Examples
    --------
    >>> frame([Try("r1", {}, {}, 100, 42, 3, 0.1414, 42)], ["scipy"]).to_dict("records")
    [{'Alike': '58 of 100', 'scipy': '○', 'Decided otherwise': '3', 'Furthest apart': '0.141'}]
    """
    import pandas as pd

    names = sorted({*movable, *(name for one in found for name in one.moved)})
    return pd.DataFrame(
        [
            {
                "Alike": f"{one.rows - one.differ} of {one.rows}",
                **{name: THEN if name in one.moved else HERE for name in names},
                "Decided otherwise": str(one.flipped),
                "Furthest apart": f"{one.largest:.3g}",
            }
            for one in reversed(found)
        ]
    )


def subject(run_id: str) -> str:
    """Return under which name the journal has the tries of a run."""
    return f"{SUBJECT}/{run_id}"


def attempt(ws: Workspace, run_id: str, moved: Mapping[str, str], job: Job) -> Try:
    """Let the model of a run answer rows in a fresh process, with some packages of another version, and note it.

    Raises
    ------
    MlopsError
        If a package cannot be had, or the model cannot answer there.
    """
    job.tell("Getting the packages ready", 0.05)
    path = [str(_folder(name, version, job)) for name, version in sorted(moved.items())]
    job.tell("A fresh process answers the rows", 0.4)
    order = json.dumps({"workspace": str(ws.path.absolute()), "run_id": run_id})
    environment = {**provenance.one_thread(), "PYTHONPATH": os.pathsep.join([*path, str(ROOT)])}
    done = job.run([sys.executable, "-m", "playground.parity", order], ROOT, environment, SECONDS)
    try:
        found = Try.of({**json.loads(done.stdout), "run_id": run_id, "moved": dict(moved)})
    except ValueError:
        raise MlopsError("The model cannot answer with these packages.", "Try fewer of them.") from None
    kept = [one.as_dict() for one in tries(ws, run_id)][-KEPT + 1 :]
    ws.journal.write(subject(run_id), {"tries": [*kept, found.as_dict()]})
    return found


def _folder(name: str, version: str, job: Job) -> Path:
    """Return a folder that holds a version of a package: built here, or taken from an index."""
    return _built(name) if rebuilt.is_built(name, version) else breaking.installed(job, f"{name}=={version}")


def _built(name: str) -> Path:
    with _building:  # two jobs may ask for the same one at once
        folder = breaking.overlays() / f"{name}-{rebuilt.BUILDS[name].label}"
        if not folder.exists():
            rebuilt.install(name, folder)
        return folder


_building = Lock()


# The fresh process


def answered(ws: Workspace, run_id: str) -> dict[str, Any]:
    """Answer rows with the model of a run in this process, and hold the answers against the record."""
    import numpy as np

    from mlops.experiments.judged import Recorded
    from mlops.models import scoring
    from mlops.models.matrix import Cells

    run = ws.runs.get(run_id)
    recorded = Recorded(ws.runs, run)
    learned = recorded.signature
    test = recorded.table[recorded.table["part"] == "test"].sort_values("row").head(ROWS)
    table = ws.datasets.table(f"{run.data['name']}@{run.data['version']}")
    rows = [learned.row(row)[0] for row in table.select(learned.names).take(test["row"].to_numpy()).to_pylist()]
    scores = scoring.probabilities(recorded.pipeline, Cells.of_rows(rows, learned), learned)
    names = [name for name in test.columns if name.startswith(("probability", "prediction"))]
    then, now = test[names].to_numpy(dtype=float), np.asarray(scores, float).reshape(len(test), -1)
    apart = np.abs(now - then).max(axis=1, initial=0.0)
    decided = [scoring.decide(one if learned.task == "multiclass" else one[:, 0], learned, recorded.threshold)
               for one in (then, now)]  # fmt: skip
    blank = [any(value is None for value in row.values()) for row in rows]
    return {
        "packages": provenance.software()["packages"],
        "rows": len(test),
        "differ": int((apart > 0).sum()),
        "flipped": sum(one != other for one, other in zip(*decided, strict=True)),
        "largest": float(apart.max(initial=0.0)),
        "blank": int((np.array(blank, bool) & (apart > 0)).sum()),
    }


def main() -> None:
    """Be the fresh process."""
    order = json.loads(sys.argv[1])
    print(json.dumps(answered(Workspace.open(order["workspace"], create=False), order["run_id"])))


if __name__ == "__main__":
    main()
