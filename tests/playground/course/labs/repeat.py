"""Can't reproduce: ways that miss one goal and no other."""

from __future__ import annotations

from collections.abc import Callable

from mlops import Workspace
from playground.course import acts, stop

SLOW = True


def _without(step: str) -> Callable[[Workspace], None]:
    """Everything but one step was done."""

    def way(ws: Workspace) -> None:
        acts.carry_out(ws, [one for one in stop("repeat").mission.solution if one.do != step])

    return way


FROM_SOLVED = ()

MUTANTS = {
    "asked": _without("reproduce_named"),
    "again": _without("reproduce"),
    "elsewhere": _without("train_in_another_folder"),
}
