"""The workspace on screen and what was read from it: the one home of state.

Everything read is cached under the workspace's path and the head of its ledger, so a screen shows one
consistent moment and a rerun costs one small read. Records are frozen, so all sessions may share them.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

import streamlit as st

from mlops import MlopsError, Workspace
from mlops.experiments import configs
from mlops.release.request_log import OPEN_LOGS
from playground import chain as links
from playground import seats, words
from playground.ui.kit import cards

Value = TypeVar("Value")

_SEAT = "state.seat"

DOUBLE_CLICK = 0.5
"""Seconds between the clicks of a double click, at most; what systems take by default."""

NEWEST = 50
"""So many runs are offered where one is chosen from a list."""

DRAFT, OFFERED = "train.yaml", "train.offered"
"""Keys of this session: the config in the editor, and the one that was offered there to begin with."""


def workspace() -> Workspace:
    """Return the workspace of this session. The one place that decides.

    `MLOPS_WORKSPACE`, else `./workspace`; where `MLOPS_WORKSPACES` names a folder of many, the one of the seat in
    the URL.
    """
    try:
        shared = os.environ.get("MLOPS_WORKSPACES")
        return Workspace.open(_seat(Path(shared)) if shared else os.environ.get("MLOPS_WORKSPACE") or "workspace")
    except MlopsError as problem:
        cards.error(problem)
        st.stop()


def _seat(root: Path) -> Path:
    """Return the folder of the seat in the URL, else of this session's; a new visitor gets a new one."""
    key = st.query_params.get("ws") or st.session_state.get(_SEAT) or seats.take(root, seats.most())
    found = seats.folder(root, key)
    st.session_state[_SEAT] = key
    if st.query_params.get("ws") != key:
        st.query_params["ws"] = key
    return found


def address() -> dict[str, str]:
    """Return the part of every link that says whose workspace it is about."""
    return {"ws": st.session_state[_SEAT]} if _SEAT in st.session_state else {}


def read(what: Callable[..., Value], *arguments: Any) -> Value:
    """Return `what(workspace, *arguments)`, read once for each state of the workspace.

    `what` is a function of a module, and its arguments are plain values: together they name the answer.
    """
    ws = workspace()
    # Logged requests are no events, so the ledger's head alone does not tell that one came in.
    moment = (ws.id, ws.head(), sum(log.stat().st_size for log in ws.path.glob(OPEN_LOGS)))
    return _read(str(ws.path), moment, f"{what.__module__}.{what.__qualname__}", arguments, what)


def keep(what: Callable[..., Value], *arguments: Any) -> Value:
    """Return `what(workspace, *arguments)`, read once: for what is made of files alone, which never change."""
    ws = workspace()
    return _read(str(ws.path), (ws.id,), f"{what.__module__}.{what.__qualname__}", arguments, what)


@st.cache_resource(max_entries=256, show_spinner=False)
def _read(
    path: str, moment: tuple[str | int, ...], name: str, arguments: tuple[Any, ...], _what: Callable[..., Any]
) -> Any:
    return _what(Workspace.open(path, create=False), *arguments)


def settle() -> None:
    """Let runs that nobody works on any more be recorded as interrupted, before a screen is drawn from the cache."""
    workspace().runs.list(limit=0)


def resume() -> None:
    """Go on with what was queued in this workspace before this server started; asked once for each workspace."""
    _resumed(str(workspace().path))


@st.cache_resource(max_entries=1024, show_spinner=False)
def _resumed(path: str) -> None:
    Workspace.open(path, create=False).resume()


def chain(name: str = "") -> links.Chain:
    """Return the chain as it is now, about a model name, with the config that this session is editing."""
    found = read(links.read, name)
    return replace(found, draft=_draft(found.run)) if found.run else found


def _draft(run: Any) -> Any:
    """Return the edited config by dotted key if it is valid and not that of the run, else None."""
    text = st.session_state.get(DRAFT)
    params = _params(text) if text and text != st.session_state.get(OFFERED) else None
    return params if params and configs.diff_params(run.as_dict()["params"], params) else None


@st.cache_resource(max_entries=64, show_spinner=False)
def _params(text: str) -> Any:
    try:
        return configs.load(text).params
    except MlopsError:
        return None


def simulated_date() -> str:
    """Return the workspace's date in words if it is simulated, else nothing."""
    clock = read(Workspace.clock)
    return words.date(clock["now"]) if clock["simulated"] else ""


def second_click(button: str) -> bool:
    """Tell whether a click is the second one of a double click, by which a person means one."""
    key, now = f"clicked.{button}", time.monotonic()
    before, st.session_state[key] = st.session_state.get(key, -DOUBLE_CLICK), now
    return bool(now - before < DOUBLE_CLICK)


def say(what: str) -> None:
    """Keep a sentence for the next rerun: what the last action did."""
    st.session_state["state.said"] = what


def forget() -> None:
    """Forget every choice and answer of this session: they belong to another workspace."""
    st.session_state.clear()


def said() -> str:
    """Return the kept sentence, once."""
    return str(st.session_state.pop("state.said", ""))


def all_datasets() -> list[Any]:
    """Return every dataset version, newest first."""
    return read(_datasets)


def trained_runs() -> list[Any]:
    """Return the newest runs that made a model here, newest first; Compare finds all of them."""
    return read(_trained)


def any_runs() -> bool:
    """Return whether there is a run, of whatever state."""
    return read(_any_runs)


def all_models() -> list[Any]:
    """Return every model version, newest first."""
    return read(_models)


def told(model: Mapping[str, str]) -> str:
    """Return a recorded model as screens name it: by version, and by name too wherever more than one name exists."""
    return words.version(model, named=len({one.name for one in all_models()}) > 1)


def all_live(environment: str) -> list[Any]:
    """Return what is live in an environment: one deployment for each model name, oldest first."""
    return read(_all_live, environment)


def choose_live() -> links.Chain:
    """Let a person choose one of the models that are live in production; return the chain about that one."""
    found = chain()
    names = [one.model["name"] for one in all_live("production")]
    if not names:
        return found
    name = found.production.model["name"]
    if len(names) > 1:
        name = st.segmented_control(
            "Model", names, default=name, required=True, key="live.model", persist_state="session",
            help="Several models are live in production.",
        )  # fmt: skip
    return chain(str(name))


def _all_live(ws: Workspace, environment: str) -> list[Any]:
    return ws.deployments.all_live(environment)


def _datasets(ws: Workspace) -> list[Any]:
    return ws.datasets.list()


def _trained(ws: Workspace) -> list[Any]:
    return ws.runs.list("status = 'finished' and data.version >= 1", limit=NEWEST)


def _any_runs(ws: Workspace) -> bool:
    return bool(ws.runs.table(["run_id"], limit=1))


def _models(ws: Workspace) -> list[Any]:
    return ws.models.list()
