"""The chain of versions: what exists of it now, its six boxes, and the steps that build it.

`Chain` holds the newest record of every link. `boxes` turns it into what the strip draws, `as_text` into
words. `next_step` finds the first link that is missing, so that a chain interrupted anywhere goes on from there.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from mlops import Workspace, sample
from playground import calendar, recipes
from playground.recipes import SAMPLE_CONFIG

ROOT = Path(__file__).resolve().parents[1]

STAGE_OF = {
    "dataset": "data",
    "labels": "monitor",
    "run": "train",
    "model": "check",
    "gate": "check",
    "deployment": "live",
    "batch": "monitor",
}
"""Noun of a ledger event -> box that it changes."""


@dataclass(frozen=True)
class Chain:
    """The newest record of every link; None or 0 where nothing exists yet."""

    dataset: Any = None
    run: Any = None
    model: Any = None
    staging: Any = None
    production: Any = None
    learned_from: str = ""
    """Name of the dataset that the model in production learned from."""
    predictions: int = 0
    outcomes: int = 0
    changed: str = ""
    """The box that the last event changed."""


@dataclass(frozen=True)
class Box:
    """One box of the strip."""

    stage: str
    label: str
    page: str
    """Screen that it opens."""
    query: Mapping[str, str] = field(default_factory=dict)
    """Query parameters of the link."""
    lines: tuple[str, ...] = ()
    """Ids, most important first."""
    why: str = ""
    """Why it is stale, or one fact about it."""
    state: str = "empty"
    """empty, done, fresh, running, stale or failed."""


def read(ws: Workspace) -> Chain:
    """Return the chain of a workspace as it is now."""
    datasets, models, requests = ws.datasets.list(), ws.models.list(), ws.predictions.list()
    runs = (run for run in ws.runs.list() if run.status == "finished" and run.model_sha256)
    production = ws.live("production")
    return Chain(
        dataset=datasets[0] if datasets else None,
        run=next(runs, None),
        model=next((model for model in models if model.status == "candidate"), None),
        staging=ws.live("staging"),
        production=production,
        learned_from=_learned_from(models, production),
        predictions=len(requests) + sum(batch.rows for batch in ws.batches.list()),
        outcomes=_outcomes(ws) if requests else 0,
        changed=_changed(ws, requests[0]["after"] if requests else -1),
    )


def _learned_from(models: Sequence[Any], live: Any) -> str:
    refs = {model.ref: model.data_version.partition("@")[0] for model in models}
    return refs.get(f"{live.model['name']}@{live.model['version']}", "") if live else ""


def noun(chain: Chain) -> str:
    """Return what one row is about: a customer in the sample, nothing that we know of in other data.

    Examples
    --------
    >>> noun(Chain(learned_from="customers")), noun(Chain(learned_from="penguins"))
    ('customer', 'row')
    """
    return "customer" if chain.learned_from == sample.NAME else "row"


def _outcomes(ws: Workspace) -> int:
    """Count the logged predictions whose outcome is known by now."""
    known: dict[Any, Any] = {}
    for name in {version.name for version in ws.datasets.list()}:
        known |= ws.outcomes(name)
    return sum(request["id"] in known for request in ws.predictions.list()) if known else 0


def _changed(ws: Workspace, asked: int) -> str:
    """Return the box that changed last; a logged prediction is no event; it knows after which one it came."""
    last = ws.log(since=max(ws.head() - 1, 0))
    if not last or asked == last[-1]["seq"]:
        return "monitor" if last else ""
    return STAGE_OF.get(last[-1]["kind"].split(".")[0], "")


def model_name(run: Any) -> str:
    """Return the name under which a run's model is registered here: one name for each dataset.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> model_name(SimpleNamespace(data={"name": "customers"})), model_name(SimpleNamespace(data={"name": "wine"}))
    ('churn_model', 'wine_model')
    """
    return "churn_model" if run.data["name"] == sample.NAME else f"{run.data['name']}_model"


def boxes(chain: Chain, running: str = "") -> tuple[Box, ...]:
    """Return the six boxes of a chain; `running` names the box at work."""
    drawn = (_data(chain), _config(chain), _train(chain), _check(chain), _live(chain), _monitor(chain))
    return tuple(_with_state(box, chain, running) for box in drawn)


def as_text(drawn: tuple[Box, ...]) -> str:
    """Return the strip as one line of words.

    Examples
    --------
    >>> as_text(boxes(Chain()))
    'Data: - > Config: - > Train: - > Check: - > Live: - > Monitor: -'
    """
    return " > ".join(f"{box.label}: {', '.join([*box.lines, box.why]).strip(', ') or '-'}" for box in drawn)


def _with_state(box: Box, chain: Chain, running: str) -> Box:
    if running and box.stage == running:
        return replace(box, state="running")
    if box.state == "empty" and box.lines:
        return replace(box, state="fresh" if box.stage == chain.changed else "done")
    return box


def _data(chain: Chain) -> Box:
    box = Box("data", "Data", "data")
    if not chain.dataset:
        return box
    return replace(box, lines=(chain.dataset.ref,), why=f"{chain.dataset.rows:,} rows")


def _config(chain: Chain) -> Box:
    box = Box("config", "Config", "train")
    if not chain.run:
        return box
    return replace(
        box, lines=(chain.run.config_sha256[:7],), why=str(chain.run.params.get("model.type", "")).replace("_", " ")
    )


def _train(chain: Chain) -> Box:
    box = Box("train", "Train", "compare")
    if not chain.run:
        return box
    trained_on = f"{chain.run.data['name']}@{chain.run.data['version']}"
    box = replace(
        box,
        lines=(chain.run.run_id[:7],),
        page="run",
        query={"id": chain.run.run_id},
        why=_duration(chain.run.duration_s),
    )
    if chain.dataset and trained_on != chain.dataset.ref:
        return replace(box, state="stale", why=f"used {trained_on}")
    return box


def _check(chain: Chain) -> Box:
    box = Box("check", "Check", "release")
    if not chain.model:
        return box
    box = replace(
        box, lines=(f"v{chain.model.version}",), why=chain.model.name, page="model", query={"ref": chain.model.ref}
    )
    if chain.run and chain.model.run_id != chain.run.run_id:
        return replace(box, state="stale", why="a newer run exists")
    return box


def _live(chain: Chain) -> Box:
    box = Box("live", "Live", "release")
    live = [(name, getattr(chain, name)) for name in ("staging", "production")]
    lines = tuple(f"{name} v{one.model['version']}" for name, one in live if one)
    box = replace(box, lines=lines)
    if lines and not chain.production:
        return box
    if lines and chain.model and chain.production.model["version"] != chain.model.version:
        return replace(box, state="stale", why=f"v{chain.model.version} is newer")
    return box


def _monitor(chain: Chain) -> Box:
    box = Box("monitor", "Monitor", "monitor")
    if not chain.predictions:
        return box
    return replace(
        box,
        lines=(f"{chain.predictions:,} prediction{'s' if chain.predictions > 1 else ''}",),
        why=f"{chain.outcomes:,} outcomes",
    )


def _duration(seconds: float | None) -> str:
    return "" if seconds is None else f"{seconds:.1f} s"


@dataclass(frozen=True)
class Link:
    """One step of "Run the chain"."""

    stage: str
    """The box that lights up."""
    says: str
    """What is being done."""
    act: Callable[[Workspace, Chain, Callable[[Any], None]], Any]


def _add(ws: Workspace, chain: Chain, on_step: Callable[[Any], None]) -> Any:
    return sample.add(ws)


def _fit(ws: Workspace, chain: Chain, on_step: Callable[[Any], None]) -> Any:
    # The sample's recipe is a file, so that its run knows the repository that the file belongs to.
    recipe = SAMPLE_CONFIG if chain.dataset.name == sample.NAME else recipes.text(chain.dataset)
    return ws.train(recipe, data=chain.dataset.ref, on_step=on_step)


def _register(ws: Workspace, chain: Chain, on_step: Callable[[Any], None]) -> Any:
    return ws.models.register(chain.run, name=model_name(chain.run))


def _rehearse(ws: Workspace, chain: Chain, on_step: Callable[[Any], None]) -> Any:
    calendar.before_release(ws)
    return ws.deploy(chain.model, environment="staging", reason="rehearsal")


def _release(ws: Workspace, chain: Chain, on_step: Callable[[Any], None]) -> Any:
    calendar.before_release(ws)
    return ws.deploy(chain.model, environment="production", reason="first release")


LINKS: Mapping[str, Link] = {
    "dataset": Link("data", "Freezing the data", _add),
    "run": Link("train", "Training", _fit),
    "model": Link("check", "Giving the model a version", _register),
    "staging": Link("live", "Rehearsing in staging", _rehearse),
    "production": Link("live", "Checking, then releasing to production", _release),
}
"""Field of `Chain` -> the step that fills it, in order."""


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
