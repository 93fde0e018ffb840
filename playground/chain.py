"""The chain of versions: what exists of it now, and the steps that build it.

`Chain` holds the newest record of every link. `next_step` finds the first link that is missing, so that a chain
interrupted anywhere goes on from there. What belongs together, and how it is drawn: `lanes` and `drawn_chain`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from mlops import Workspace, sample
from mlops.experiments.lifecycle import SWEEP
from playground import calendar, first_config
from playground.first_config import SAMPLE_CONFIG
from playground.tally import Asked, Tally

ROOT = Path(__file__).resolve().parents[1]

PLACES = ("staging", "production")
"""Environments that the chain shows, in its order."""

_TRAINED_HERE = "status = 'finished' and data.version >= 1"
"""Runs that made a model; one that was logged from elsewhere has no data of this workspace."""

_SAID = "data.version >= 1 and status in ('finished', 'failed', 'interrupted')"
"""Runs that say something about the work: one that somebody cancelled does not."""


@dataclass(frozen=True)
class Chain:
    """The newest record of every link; None or 0 where nothing exists yet."""

    dataset: Any = None
    run: Any = None
    """The newest one that made a model; of a sweep, the best."""
    model: Any = None
    staging: Any = None
    production: Any = None
    """Of the one model name that the chain is about, as `staging` is."""
    live_run: Any = None
    """The run that made the model in production."""
    training: tuple[str, ...] = ()
    """Ids of the runs `under_way`."""
    predictions: int = 0
    outcomes: int = 0

    def asked(self, found: Asked) -> Chain:
        """Return it with the requests that were logged, which are no events."""
        return replace(self, predictions=self.predictions + found.requests, outcomes=found.outcomes)

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
    model = next((model for model in models if model.status == "candidate"), None)
    live = {place: {one.model["name"]: one for one in ws.releases.all_live(place)} for place in PLACES}
    about = name or _about(model, live["production"])
    production = live["production"].get(about)
    source = next((one for one in models if production and one.identity == production.model), None)
    return Chain(
        dataset=datasets[0] if datasets else None,
        run=_best(ws, next(iter(ws.runs.list(_TRAINED_HERE, limit=1)), None)),
        model=model,
        staging=live["staging"].get(about),
        production=production,
        live_run=ws.runs.get(source.run_id) if source else None,
        training=tuple(under_way(ws)),
        predictions=sum(one.rows for one in ws.batches.list() if _counts(one, name)),
    )


def _counts(file: Any, name: str) -> bool:
    """Tell whether the answers to a file are production's; one that was asked by its version answered nobody."""
    return file.environment == "production" and name in ("", file.model["name"])


def _about(model: Any, live: Mapping[str, Any]) -> str:
    """Return the model name that the chain is about if nobody says: see `read`."""
    if live and (model is None or model.name not in live):
        return str([*live][-1])
    return model.name if model else ""


def newest_work(ws: Workspace) -> tuple[Any, Any]:
    """Return the run that was made last, and the version that was registered of it; None where there is none.

    A training under way comes first. Of a sweep it is the trial that was registered, else the best. A version that was
    registered after the newest run is newer work than that.
    """
    if under := under_way(ws):
        return ws.runs.get(next(iter(under))), None
    run = _best(ws, next(iter(ws.runs.list(_SAID, limit=1)), None))
    model = next((one for one in ws.models.list() if one.status == "candidate"), None)
    if not (run and model):
        return run, None
    made = ws.runs.get(model.run_id)
    begun, registered = (ws.lineage(ref, up=False, down=False).nodes[0].seq for ref in (run.run_id, model.ref))
    same = made.run_id == run.run_id or (SWEEP in run.tags and made.tags.get(SWEEP) == run.tags[SWEEP])
    return (made, model) if same or registered > begun else (run, None)


def _best(ws: Workspace, run: Any) -> Any:
    """Return the best trial where a run is one of a sweep: the last one says nothing about it."""
    if run is None or SWEEP not in run.tags:
        return run
    return next(iter(ws.sweeps.get(run.tags[SWEEP]).finished), run)


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

    kind: str
    """The node that is at work."""
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
    "run": Link("run", "Training", _submit),
    "model": Link("model", "Giving the model a version", _register),
    "staging": Link("staging", "Rehearsing in staging", _rehearse),
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


def build(ws: Workspace, say: Callable[[str], None] = lambda said: None) -> None:
    """Make every link of the sample's chain that is missing; the training runs here and now."""
    while link := next_step(found := read(ws)):
        say(link.says)
        if link.kind == "run":
            ws.train(SAMPLE_CONFIG, data=found.dataset.ref)
        else:
            link.act(ws, found)
