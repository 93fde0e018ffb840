"""The chain as six boxes: what stands in each, what just changed, what is stale and why.

Plain records, so that a test reads what the strip draws; `as_text` says the same in words.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from mlops.base.records import ref_of
from mlops.experiments import configs
from playground import words
from playground.chain import Chain

MOST_LIVE = 4
"""So many lines the box of what is live holds, where several models are."""


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
    environments: tuple[str, ...] = ()
    """The environment of each line, for its colour, where the lines are about environments."""
    why: str = ""
    """Why it is stale, or one fact about it."""
    changes: tuple[Mapping[str, Any], ...] = ()
    """``{key, before, after}``: every change that made it stale; `why` names the first."""
    state: str = "empty"
    """empty, done, fresh, running, stale or failed."""


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
    if chain.draft is not None:
        return replace(box, lines=("edited",), why=_kind(chain.draft), state="fresh")
    if not chain.run:
        return box
    return replace(box, lines=(chain.run.config_sha256[:7],), why=_kind(chain.run.params))


def _kind(params: Mapping[str, Any]) -> str:
    return str(params.get("model.type", "")).replace("_", " ")


def _train(chain: Chain) -> Box:
    if chain.training:
        return _training(chain.training)
    run = chain.run
    if not run:
        return Box("train", "Train", "compare")
    box = Box("train", "Train", "run", {"id": run.run_id}, (run.run_id[:7],))
    edited = () if chain.draft is None else configs.diff_params(run.as_dict()["params"], chain.draft)
    newer = _data_change(ref_of(run.data), chain.dataset.ref) if chain.dataset else ()
    return _stale(box, (*edited, *newer)) or replace(box, why=f"{run.duration_s or 0:.1f} s")


def _training(run_ids: tuple[str, ...]) -> Box:
    if len(run_ids) > 1:
        return Box("train", "Train", "train", lines=(f"{len(run_ids)} runs",), why="under way", state="running")
    return Box("train", "Train", "run", {"id": run_ids[0]}, (run_ids[0][:7],), why="under way", state="running")


def _check(chain: Chain) -> Box:
    if not chain.model:
        return Box("check", "Check", "release")
    version = words.version(chain.model.identity, chain.several)
    box = Box("check", "Check", "model", {"ref": chain.model.ref}, (version,))
    if chain.run and chain.model.run_id != chain.run.run_id:
        changes = between(chain.model_run, chain.run)
        return _stale(box, changes) or replace(box, state="stale", why="the same config ran again")
    return replace(box, why="" if chain.several else chain.model.name)


def _live(chain: Chain) -> Box:
    lines = [_line(one, chain.several) for one in chain.live]
    more = len(lines) - MOST_LIVE
    if more > 0:
        lines[MOST_LIVE:] = [f"and {more} more"]
    environments = tuple(one.environment for one in chain.live[:MOST_LIVE])
    box = Box("live", "Live", "release", lines=tuple(lines), environments=environments)
    live, model = chain.production, chain.model
    if live and model and live.model["name"] == model.name and live.model != model.identity:
        newer = replace(box, state="stale", why=f"{words.version(model.identity, chain.several)} is newer")
        return replace(newer, changes=between(chain.live_run, chain.model_run))
    return box


def _line(live: Any, several: bool) -> str:
    """Return a line of what is live; a narrow box cuts its end, so of several models the version comes first."""
    name, version = live.model["name"], f"v{live.model['version']}"
    return f"{version} {name} {live.environment}" if several else f"{live.environment} {version}"


def _monitor(chain: Chain) -> Box:
    box = Box("monitor", "Monitor", "monitor")
    if not chain.predictions:
        return box
    asked = f"{chain.predictions:,} prediction{'s' if chain.predictions > 1 else ''}"
    return replace(box, lines=(asked,), why=f"{chain.outcomes:,} outcomes")


def between(before: Any, after: Any) -> tuple[Mapping[str, Any], ...]:
    """Return what changed from one run to another: keys of the config, and the data."""
    if not (before and after):
        return ()
    keys = configs.diff_params(before.as_dict()["params"], after.as_dict()["params"])
    return (*keys, *_data_change(ref_of(before.data), ref_of(after.data)))


def _data_change(before: str, after: str) -> tuple[Mapping[str, Any], ...]:
    return () if before == after else ({"key": "data", "before": before, "after": after},)


def _stale(box: Box, changes: tuple[Mapping[str, Any], ...]) -> Box | None:
    """Return a box that something before it has left behind; None if nothing has."""
    if not changes:
        return None
    return replace(box, state="stale", changes=changes, why=words.changes(changes))
