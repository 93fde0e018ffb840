"""Acts of a model that goes stale: a fault is repaired by the button or by hand, or thrown away with its rows."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path

import pandas as pd

from mlops import Workspace, sample
from playground import chain, repairs
from playground.course.acts import MODEL, act
from playground.course.checks.stale import came


@act
def repair(ws: Workspace, month: str) -> None:
    """Repair the faults that Monitor names of a month, as its button does."""
    found = ws.monitoring.month("production", MODEL, month).drift
    repairs.keep(ws, came(ws, month, MODEL), found.schema_errors)


@act
def repair_by_hand(ws: Workspace, month: str) -> None:
    """Divide the minutes of the television app by sixty, in a table of one's own, and keep that as the next version."""
    _kept(ws, month, lambda frame: frame.assign(usage_hours=_in_hours(frame)), "July, in hours everywhere")


@act
def leave_out(ws: Workspace, month: str) -> None:
    """Throw the rows with the fault away, and keep the others."""
    _kept(ws, month, lambda frame: frame[frame["platform"] != "tv"], "July, without the televisions")


def _in_hours(frame: pd.DataFrame) -> pd.Series:
    return frame["usage_hours"].mask(frame["platform"] == "tv", (frame["usage_hours"] / 60).round(1))


def _kept(ws: Workspace, month: str, change: Callable[[pd.DataFrame], pd.DataFrame], message: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / f"customers_{month}.csv"
        change(ws.datasets.frame(came(ws, month, MODEL))).to_csv(file, index=False)
        ws.datasets.add(file, sample.NAME, message=message)


@act
def retrain_step_by_step(ws: Workspace, month: str) -> None:
    """Retrain on one known month by hand: train, register, rehearse, and ask the check on the rows of that month."""
    data = came(ws, month, MODEL)
    run = ws.train(chain.SAMPLE_CONFIG, data=data)
    model = ws.models.register(run, MODEL)
    ws.deploy(model, "staging", "rehearsal")
    ws.deploy(model, "production", "learned from the first month of the new world", data=data)
