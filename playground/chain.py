"""The chain of versions: what exists of it now, and the steps that build it.

`Chain` holds the newest record of every link. `next_step` finds the first link that is missing, so that a chain
interrupted anywhere goes on from there. How it is drawn: `boxes`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from mlops import Workspace, sample
from playground import calendar, first_config
from playground.first_config import SAMPLE_CONFIG
from playground.tally import Asked, Tally

ROOT = Path(__file__).resolve().parents[1]

STAGE_OF = {
    "dataset": "data",
    "labels": "monitor",
    "run": "train",
    "model": "check",
    "gate": "check",
    "gate_rule": "check",
    "deployment": "live",
    "batch": "monitor",
}
"""Noun of a ledger event -> box that it changes."""


PLACES = ("staging", "production")
"""Environments that the chain shows, in its order."""

_TRAINED_HERE = "status = 'finished' and data.version >= 1"
"""Runs that made a model; one that was logged from elsewhere has no data of this workspace."""


@dataclass(frozen=True)
class Chain:
    """The newest record of every link; None or 0 where nothing exists yet."""

    dataset: Any = None
    run: Any = None
    model: Any = None
    model_run: Any = None
    """The run that made the model."""
    staging: Any = None
    production: Any = None
    """Of the one model name that the chain is about, as `staging` is."""
    live: tuple[Any, ...] = ()
    """Deployments that are live in staging, then in production: one for each model name, this one's first."""
    several: bool = False
    """Whether more than one model name exists, so that a version alone says too little."""
    live_run: Any = None
    """The run that made the model in production."""
    draft: Mapping[str, Any] | None = None
    """The config being edited, by dotted key, where it is no longer that of the run."""
    training: tuple[str, ...] = ()
    """Ids of the runs `under_way`."""
    predictions: int = 0
    outcomes: int = 0
    changed: str = ""
    """The box that the last event changed."""
    head: int = 0
    """Number of the last event."""

    def asked(self, found: Asked) -> Chain:
        """Return it with the requests that were logged; they are no events, but each knows after which one it came."""
        changed = "monitor" if self.head and found.after == self.head else self.changed
        return replace(self, predictions=self.predictions + found.requests, outcomes=found.outcomes, changed=changed)

    @property
    def learned_from(self) -> str:
        """Name of the dataset that the model in production learned from."""
        return str(self.live_run.data["name"]) if self.live_run else ""


def read(ws: Workspace, name: str = "") -> Chain:
    """Return the chain of a workspace as it is now; see `recorded`."""
    return recorded(ws, name).asked(Tally().asked(ws, name))


def recorded(ws: Workspace, name: str = "") -> Chain:
    """Return the chain as the ledger tells it: without the requests that were logged.

    Parameters
    ----------
    name : str
        The model name that it is about, and whose requests are counted. Without one all requests are, and it is about
        the newest candidate's name; where that is not in production and another is, about the one released last.
    """
    datasets, models = ws.datasets.list(), ws.models.list()
    run = next(iter(ws.runs.list(_TRAINED_HERE, limit=1)), None)
    model = next((model for model in models if model.status == "candidate"), None)
    live = {place: {one.model["name"]: one for one in ws.releases.all_live(place)} for place in PLACES}
    about = name or _about(model, live["production"])
    production = live["production"].get(about)
    source = next((one for one in models if production and one.identity == production.model), None)
    last = ws.log(since=max(ws.head() - 1, 0))
    return Chain(
        dataset=datasets[0] if datasets else None,
        run=run,
        model=model,
        model_run=ws.runs.get(model.run_id) if model else None,
        staging=live["staging"].get(about),
        production=production,
        live=tuple(
            sorted((one for place in PLACES for one in live[place].values()), key=lambda one: _rank(one, about))
        ),
        several=len({one.name for one in models}) > 1,
        live_run=ws.runs.get(source.run_id) if source else None,
        training=tuple(under_way(ws)),
        predictions=sum(one.rows for one in ws.batches.list() if name in ("", one.model["name"])),
        changed=_changed(last[-1], run) if last else "",
        head=last[-1]["seq"] if last else 0,
    )


def _about(model: Any, live: Mapping[str, Any]) -> str:
    """Return the model name that the chain is about if nobody says: see `read`."""
    if live and (model is None or model.name not in live):
        return str([*live][-1])
    return model.name if model else ""


def _rank(live: Any, about: str) -> tuple[int, bool]:
    return PLACES.index(live.environment), live.model["name"] != about


def under_way(ws: Workspace) -> dict[str, str]:
    """Return run id -> status of what is not over: those at work first, then those that wait, the next one first."""
    rows = ws.runs.table(["run_id"], "status = 'running'")
    return {row["run_id"]: "running" for row in rows} | dict.fromkeys(ws.runs.queue(), "queued")


def noun(chain: Chain) -> str:
    """Return what one row is about: a customer in the sample, nothing that we know of in other data.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> noun(Chain(live_run=SimpleNamespace(data={"name": "customers"}))), noun(Chain())
    ('customer', 'row')
    """
    return "customer" if chain.learned_from == sample.NAME else "row"


def _changed(last: Mapping[str, Any], run: Any) -> str:
    """Return the box that the last event changed."""
    stage = STAGE_OF.get(last["kind"].split(".")[0], "")
    return "" if stage == "train" and not (run and last["subject"] == run.run_id) else stage


def model_name(run: Any) -> str:
    """Return the name under which a run's model is registered here: one name for each dataset.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> model_name(SimpleNamespace(data={"name": "customers"})), model_name(SimpleNamespace(data={"name": "wine"}))
    ('churn_model', 'wine_model')
    """
    return "churn_model" if run.data["name"] == sample.NAME else f"{run.data['name']}_model"


@dataclass(frozen=True)
class Link:
    """One step of "Run the chain"."""

    stage: str
    """The box that lights up."""
    says: str
    """What is being done."""
    act: Callable[[Workspace, Chain], Any]


def _add(ws: Workspace, chain: Chain) -> Any:
    return sample.add(ws)


def _submit(ws: Workspace, chain: Chain) -> Any:
    # The sample's config is a file, so that its run knows the repository that the file belongs to.
    config = SAMPLE_CONFIG if first_config.is_sample(chain.dataset) else first_config.text(chain.dataset)
    return ws.submit(config, data=chain.dataset.ref)


def _register(ws: Workspace, chain: Chain) -> Any:
    return ws.models.register(chain.run, name=model_name(chain.run))


def _rehearse(ws: Workspace, chain: Chain) -> Any:
    calendar.before_release(ws)
    return ws.deploy(chain.model, environment="staging", reason="rehearsal")


def _release(ws: Workspace, chain: Chain) -> Any:
    calendar.before_release(ws)
    return ws.deploy(chain.model, environment="production", reason="first release")


LINKS: Mapping[str, Link] = {
    "dataset": Link("data", "Freezing the data", _add),
    "run": Link("train", "Training", _submit),
    "model": Link("check", "Giving the model a version", _register),
    "staging": Link("live", "Rehearsing in staging", _rehearse),
    "production": Link("live", "Checking, then releasing to production", _release),
}
"""Field of `Chain` -> the step that fills it, in order; a training does so when its worker has ended."""


def next_step(chain: Chain) -> Link | None:
    """Return the step that makes the first missing link; None when a model is in production.

    Examples
    --------
    >>> next_step(Chain()).says
    'Freezing the data'
    """
    if chain.production:
        return None
    return next(link for field, link in LINKS.items() if not getattr(chain, field))
