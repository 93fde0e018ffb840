"""What is drawn together: runs that were judged by the same rows, and what each of them is called."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from mlops import Workspace
from mlops.experiments.judged import Judged
from mlops.experiments.reevaluation import Reevaluation
from mlops.models import curves
from playground import reference
from playground.reference import Reference
from playground.ui.kit import results, state

Value = TypeVar("Value")


@dataclass(frozen=True)
class Compared:
    """Runs that may stand in one chart, the reference first."""

    runs: tuple[Any, ...]
    called: Reference
    again: tuple[str, ...] = ()
    """The ids of the runs that were asked again, all of them the same rows; none where their validation rows are the
    same anyway."""

    @classmethod
    def alone(cls, run: Any) -> Compared:
        """Return a run that is looked at by itself."""
        return cls((run,), reference.alone(run.run_id))

    def label(self, run: Any) -> str:
        """Return what a run is called in a chart."""
        return self.called.label(run.run_id)

    def only(self, runs: Sequence[Any]) -> Compared:
        """Return it with some of its runs."""
        return replace(self, runs=tuple(runs))

    @property
    def moment(self) -> tuple[Hashable, ...]:
        """What names the rows: those of the trainings never change, those of later may."""
        return (*self.again, state.head()) if self.again else ()

    def ask(self, what: Callable[..., Value], run: Any, *arguments: Any) -> Value:
        """Return `what(workspace, run id, again, ...)`, where what it `answered` is read; asked once."""
        found: Value = (state.read if self.again else state.keep)(what, run.run_id, self.again, *arguments)
        return found


def answered(ws: Workspace, run_id: str, again: tuple[str, ...]) -> Judged:
    """Return what a run answers to the rows that it is judged by here."""
    return ws.comparisons.judged_again(again).judged[run_id] if again else ws.comparisons.judged(run_id)


def data_of(ws: Workspace, run_id: str, again: tuple[str, ...]) -> str:
    """Return the dataset version whose rows these are."""
    return ws.comparisons.judged_again(again).data.ref if again else results.data_ref(ws.runs.get(run_id))


def reevaluated(ws: Workspace, again: tuple[str, ...]) -> Reevaluation:
    """Return how good runs are on the rows that they were asked again, the first of them the reference."""
    return ws.comparisons.reevaluate(again)


def curves_of(ws: Workspace, run_id: str, again: tuple[str, ...]) -> Any:
    """Return the curves of a run on the rows that it is judged by here; nothing where it has no model."""
    if again:
        found = answered(ws, run_id, again)
        return curves.of(found.labels, found.scores, found.signature, found.threshold)
    return ws.runs.curves(run_id) if ws.runs.get(run_id).model_sha256 else {}
