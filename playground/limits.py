"""Limits: what one seat of a class may take of a machine that all share, said before anything is lost.

Without a class there are none. Each has a variable, for whoever starts the server.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path

from mlops import MlopsError, Workspace
from mlops.base.errors import RefusedError, shown
from playground import folders, words

VARIABLES = {"megabytes": "MLOPS_SEAT_MB", "runs": "MLOPS_SEAT_RUNS", "kept": "MLOPS_SEAT_KEPT"}
"""Field of `Limits` -> the variable that says it."""


@dataclass(frozen=True)
class Limits:
    """What a seat may take."""

    megabytes: int = 500
    """On the disk: the workspace, its chapters, what is kept, and copies; a file that two of them share counts once."""
    runs: int = 100
    """Trainings that wait or are at work."""
    kept: int = 20
    """Workspaces that are kept, and copies."""


def of_a_seat() -> Limits | None:
    """Return what one seat may take; None where there is no class.

    Raises
    ------
    MlopsError
        If a variable is no number.
    """
    if not os.environ.get("MLOPS_WORKSPACES"):
        return None
    said = {field: os.environ.get(name) for field, name in VARIABLES.items()}
    for field, text in said.items():
        if text and not re.fullmatch(r"[1-9][0-9]{0,8}", text):
            raise MlopsError(f"{VARIABLES[field]} is {shown(text)}, which is no number.", "Start the server with one.")
    return Limits(**{field: int(text) for field, text in said.items() if text})


SERVERS = 8
"""REST servers that the screens of one app may have at a time, if `MLOPS_SERVERS` does not say: each takes 230 MB."""


def servers() -> int:
    """Return how many REST servers may run at a time, for all seats together.

    Raises
    ------
    MlopsError
        If the variable is no number.
    """
    said = os.environ.get("MLOPS_SERVERS") or str(SERVERS)
    if not re.fullmatch(r"[1-9][0-9]{0,2}", said):
        raise MlopsError(f"MLOPS_SERVERS is {shown(said)}, which is no number.", "Start the server with one.")
    return int(said)


def before_training(ws: Workspace, home: Path, trials: int = 1) -> None:
    """Refuse trainings for which a seat has no room left.

    Parameters
    ----------
    home : Path
        The folder of the learner's own work, to which chapters and copies belong.
    """
    if (limits := of_a_seat()) is None:
        return
    waiting = len(ws.runs.table(["run_id"], "status in ('queued', 'running')"))
    if waiting + trials > limits.runs:
        raise RefusedError(
            f"{words.counted(waiting + trials, 'training')} at a time are too many: one place may have {limits.runs}, "
            "so that the others get their turn.",
            "Try fewer values, or wait until some have ended.",
        )
    _room(home, limits)


def before_keeping(home: Path, size: int = 0) -> None:
    """Refuse data for which a seat has no room left on the disk.

    Parameters
    ----------
    size : int
        Bytes of the file.
    """
    if limits := of_a_seat():
        _room(home, limits, size)


def before_another(home: Path) -> None:
    """Refuse one more workspace beside the one on screen, to keep or to play with."""
    if (limits := of_a_seat()) is None:
        return
    if len(folders.kept(home)) + len(folders.copies(home)) >= limits.kept:
        raise RefusedError(
            f"{limits.kept} workspaces are kept at this place, copies among them; that is all it has room for.",
            "Reopen one of them and go on there.",
        )
    _room(home, limits)


def _room(home: Path, limits: Limits, size: int = 0) -> None:
    taken = folders.taken(home)
    if taken + size > limits.megabytes * 1_000_000:
        more = f", and this needs {words.size(size)}" if size else ""
        raise RefusedError(
            f"Your place has {limits.megabytes} MB on this machine; {words.size(taken)} are in use{more}.",
            "All that is there stays, and can be looked at. Ask whoever runs this class for more room.",
        )
