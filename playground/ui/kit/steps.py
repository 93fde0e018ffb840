"""The step strip of a training: each step with its rows, its time, and whether it was kept from an earlier run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import streamlit as st

from mlops.experiments.progress import STEPS

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


def drawn(steps: Sequence[Mapping[str, Any]], fraction: float | None = None) -> list[Step]:
    """Return all steps of a training as they are drawn, those that have not begun among them.

    Examples
    --------
    >>> loaded = {"name": "load", "status": "done", "rows": 9000, "duration_s": 0.012, "cached": False}
    >>> drawn([loaded])[0]
    Step(name='load', state='done', rows='9,000 rows', time='0.01 s', fraction=1.0)
    >>> trained = {"name": "train", "status": "done", "rows": 5400, "duration_s": 2.0}
    >>> drawn([trained, {"name": "evaluate", "status": "running"}], fraction=1.0)[5].fraction
    0.0
    """
    known = {step["name"]: step for step in steps}
    return [_drawn(name, known.get(name, {}), fraction) for name in STEPS]


def _drawn(name: str, step: Mapping[str, Any], fraction: float | None) -> Step:
    status = str(step.get("status", "waiting"))
    if status == "running":
        return Step(name, status, fraction=fraction or 0.0 if name == "train" else 0.0)
    if status == "waiting":
        return Step(name)
    rows = f"{step['rows']:,} rows" if step.get("rows") else ""
    if step.get("cached"):
        return Step(name, "cached", rows, "cached", 1.0)
    return Step(name, status, rows, f"{step.get('duration_s') or 0:.2f} s", float(status == "done"))
