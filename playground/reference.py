"""The reference: which of the runs compared all others are held against, and what each of them is called then.

One rule for every screen. Where the run of a model that is live in production is among them, that one is the reference:
it is *live*, another is *yours*. Else it is the *older* one, and another is *newer*. Somebody may swap them; then
the reference is the one that was asked for, and each keeps its word.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from mlops import Workspace
from mlops.base.records import ref_of
from mlops.experiments import lifecycle
from playground import chain, words

LIVE, YOURS, OLDER, NEWER = "live", "yours", "older", "newer"


@dataclass(frozen=True)
class Reference:
    """Runs in the order in which they are drawn, and what they are called."""

    run_ids: tuple[str, ...]
    """What the others are held against first; then the others, as they were picked."""
    words: tuple[str, ...]
    """What each of them is, in the same order; of a run alone, nothing."""
    swapped: bool = False
    """Whether somebody asked for another reference than the rule has."""

    @property
    def run_id(self) -> str:
        """The run that the others are held against."""
        return self.run_ids[0]

    def word(self, run_id: str) -> str:
        """Return what a run is called here."""
        return self.words[self.run_ids.index(run_id)]

    def label(self, run_id: str) -> str:
        """Return what a run is called here, with the beginning of its id.

        Examples
        --------
        >>> found = Reference(("r4f9a1c07be", "r0b1c2d3e4f"), ("live", "yours"))
        >>> found.label("r0b1c2d3e4f"), Reference(("r4f9a1c07be",), ("",)).label("r4f9a1c07be")
        ('yours r0b1c2d', 'r4f9a1c')
        """
        return f"{self.word(run_id)} {words.short(run_id)}".strip()


def alone(run_id: str) -> Reference:
    """Return a run that is looked at by itself."""
    return Reference((run_id,), ("",))


def of(ws: Workspace, run_ids: Sequence[str], against: str = "") -> Reference:
    """Return runs in the order in which they are drawn, the reference first.

    Parameters
    ----------
    run_ids : sequence of str
        Whole ids, at least one, each once.
    against : str
        The one that somebody wants them held against; what is none of them is not heard.
    """
    if len(run_ids) == 1:
        return alone(run_ids[0])
    ages = _oldest_first(ws, run_ids)
    live = [run_id for run_id in ages if run_id in set(live_runs(ws).values())]
    ruled = (live or ages)[0]
    first = against if against in run_ids else ruled
    ordered = (first, *(run_id for run_id in run_ids if run_id != first))
    return Reference(ordered, tuple(_word(one, first, ages, live) for one in ordered), swapped=first != ruled)


def live_runs(ws: Workspace) -> dict[str, str]:
    """Return the run of each model that is live in production, by the model's name."""
    return {one.model["name"]: ws.models.get(ref_of(one.model)).run_id for one in ws.releases.all_live("production")}


def beside(ws: Workspace, run_id: str) -> str | None:
    """Return the run that one is compared with before anybody says: what is live under its name, else the newest other.

    Both must have learned from versions of the same data; None where there is no such run.
    """
    run = ws.runs.get(run_id)
    if not run.data:
        return None
    live = live_runs(ws)
    of_it = [one for one in live.values() if one != run_id and ws.runs.get(one).data.get("name") == run.data["name"]]
    if of_it:
        own = live.get(chain.model_name(run))
        return own if own in of_it else of_it[0]
    return next((one for one in _finished(ws, run.data["name"], 2) if one != run_id), None)


def newest(ws: Workspace) -> tuple[str, ...]:
    """Return the runs that are compared before anybody picks any: the newest that has one beside it, and that one.

    Of a sweep it is the best trial: the one that ended last says nothing about it.
    """
    rows = ws.runs.table(["run_id", "data.name", lifecycle.TRIAL], "status = 'finished'", limit=50)
    for data in dict.fromkeys(row["data.name"] for row in rows):
        row = next(row for row in rows if row["data.name"] == data)
        trials = ws.sweeps.get(row[lifecycle.TRIAL]).finished if row[lifecycle.TRIAL] else ()
        run_id = trials[0].run_id if trials else row["run_id"]
        if data and (other := beside(ws, run_id)):
            return other, run_id
    return tuple(row["run_id"] for row in rows[:1])


def _word(run_id: str, first: str, ages: Sequence[str], live: Sequence[str]) -> str:
    if live:
        return LIVE if run_id in live else YOURS
    other = first if run_id != first else next(one for one in ages if one != first)
    return OLDER if ages.index(run_id) < ages.index(other) else NEWER


def _oldest_first(ws: Workspace, run_ids: Sequence[str]) -> list[str]:
    """Return runs by the order of their events: where a simulated date stands still, instants do not tell."""
    named = ", ".join(f"'{run_id}'" for run_id in run_ids)
    return [row["run_id"] for row in ws.runs.table(["run_id"], f"run_id in ({named})")][::-1]


def _finished(ws: Workspace, data: str, most: int) -> list[str]:
    said = data.replace("'", "''")
    return [
        row["run_id"] for row in ws.runs.table(["run_id"], f"status = 'finished' and data.name = '{said}'", limit=most)
    ]
