"""The step strip of a training: each step with rows in and out, its time, and whether an earlier run did it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import streamlit as st

from mlops import Workspace
from mlops.experiments.progress import STEPS
from playground import words
from playground.run_names import spoken
from playground.ui.kit import links, state

_strip = st.components.v2.component(
    "step_strip",
    html='<div class="box"><ol class="steps" aria-label="Steps of the training"></ol></div>',
    css=Path(__file__).with_suffix(".css").read_text("utf-8"),
    js=Path(__file__).with_suffix(".js").read_text("utf-8"),
)


@dataclass(frozen=True)
class Step:
    """One step as it is drawn."""

    name: str
    state: str = "waiting"
    """waiting, running, done, cached or failed."""
    rows: str = ""
    time: str = ""
    fraction: float = 0.0
    """How much of it is done."""


def strip(steps: Sequence[Mapping[str, Any]], key: str, fraction: float | None = None) -> None:
    """Draw the steps of a training.

    Parameters
    ----------
    steps : sequence of mapping
        ``{name, status, rows, duration_s, cached}``, as a run or its progress has them.
    key : str
        Of the component.
    fraction : float, optional
        How much of step train is done.
    """
    _strip(data={"steps": [asdict(step) for step in drawn(steps, fraction)]}, key=key)


def of_run(run: Any) -> None:
    """Draw the steps of a run that has ended, and where those it did not do itself were done."""
    strip(run.steps, f"steps.{run.run_id}")
    kept = [step["name"] for step in run.steps if step.get("cached")]
    made_by = state.keep(_made_by, run.run_id) if kept else None
    if made_by:
        done = f"{', '.join(kept)}: done by {words.short(made_by)}, {spoken(made_by)}"
        links.link("run", done, icon="bolt", id=made_by)


def drawn(steps: Sequence[Mapping[str, Any]], fraction: float | None = None) -> list[Step]:
    """Return all steps of a training as they are drawn, those that have not begun among them.

    Examples
    --------
    >>> loaded = {"name": "load", "status": "done", "rows": 9000, "duration_s": 0.012, "cached": False}
    >>> drawn([loaded])[0]
    Step(name='load', state='done', rows='9,000 rows', time='0.01 s', fraction=1.0)
    >>> trained = {"name": "train", "status": "done", "rows": 5400, "duration_s": 2.0}
    >>> drawn([loaded, trained])[4].rows
    '9,000 → 5,400'
    >>> drawn([trained, {"name": "evaluate", "status": "running"}], fraction=1.0)[5].fraction
    0.0
    """
    known = {step["name"]: step for step in steps}
    return [_drawn(name, known.get(name, {}), fraction, _came(name, known)) for name in STEPS]


def _came(name: str, known: Mapping[str, Mapping[str, Any]]) -> int | None:
    """Return how many rows come into a step: what the one before gave on; training and judging share the prepared."""
    before = STEPS[: STEPS.index("train" if name in ("train", "evaluate") else name)]
    return next((known[one]["rows"] for one in reversed(before) if known.get(one, {}).get("rows")), None)


def _drawn(name: str, step: Mapping[str, Any], fraction: float | None, came: int | None) -> Step:
    status = str(step.get("status", "waiting"))
    if status == "running":
        return Step(name, status, fraction=fraction or 0.0 if name == "train" else 0.0)
    if status == "waiting":
        return Step(name)
    rows = ""
    if went := step.get("rows"):
        rows = f"{came:,} → {went:,}" if came else f"{went:,} rows"
    if step.get("cached"):
        return Step(name, "cached", rows, "cached", 1.0)
    return Step(name, status, rows, f"{step.get('duration_s') or 0:.2f} s", float(status == "done"))


def _made_by(ws: Workspace, run_id: str) -> str | None:
    """Return the run that prepared the data of another one; None where nobody recorded it, or it was the run itself."""
    [row] = ws.runs.table(["preparation.made_by"], f"run_id = '{run_id}'")
    made_by = row["preparation.made_by"]
    return made_by if made_by != run_id else None
