"""Works on my machine: what is done to find the package, and to have something live that answers alike."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from mlops import Workspace
from mlops.base import provenance
from mlops.experiments import software
from playground import parity
from playground.course.acts import MODEL, act
from playground.course.answers import Answer, answer
from playground.course.verdict import Baseline
from playground.jobs import Job


@act
def answer_rows(ws: Workspace, version: str = "", moved: str = "none") -> None:
    """Let a version answer 100 rows: with no package moved, one by its name, ``others`` than that one, or ``all``.

    Parameters
    ----------
    version : str
        The version of the model; what is live, if none is named.
    moved : str
        ``none``, ``all``, the name of a package, or ``not NAME``.
    """
    run_id = ws.models.get(f"{MODEL}@{version or 'production'}").run_id
    can = parity.movable(software.differences(ws.runs.get(run_id).as_dict()["software"], provenance.software()))
    chosen = {
        name: told
        for name, told in can.items()
        if moved == "all" or moved == name or (moved.startswith("not ") and moved != f"not {name}")
    }
    parity.attempt(ws, run_id, chosen, Job(lambda job: None))


@answer
def answered_otherwise(ws: Workspace, baseline: Baseline) -> Answer | None:
    """Of 100 test rows, how many the model that was released elsewhere answers otherwise here."""
    there = ws.at(event=baseline.event).models.list()  # whoever builds a package later changes no answer
    found = [one for one in there if _elsewhere(ws, one.run_id)]
    return _otherwise(ws.path, found[0].run_id) if found else None


def _elsewhere(ws: Workspace, run_id: str) -> bool:
    return any("+" in version for version in ws.runs.get(run_id).software["packages"].values())


@lru_cache(maxsize=64)  # neither a run nor this process changes
def _otherwise(path: Path, run_id: str) -> Answer:
    found = parity.answered(Workspace.open(path, create=False), run_id)
    facts = {name: found[name] for name in ("rows", "blank", "flipped")}
    return Answer(found["differ"], {**facts, "largest": f"{found['largest']:.2f}"})
