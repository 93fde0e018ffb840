"""What the workspace on screen has, as every screen asks for it: versions, runs, models, what is live."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import streamlit as st

from mlops import Workspace
from mlops.data.described import of_next
from playground import chain as links
from playground import words
from playground.ui.kit import state

NEWEST = 50
"""So many runs are offered where one is chosen from a list."""


def datasets() -> list[Any]:
    """Return every dataset version, newest first."""
    return state.read(_datasets)


def dataset(ref: str) -> Any:
    """Return a dataset version, ``name@version``."""
    return next(one for one in datasets() if one.ref == ref)


def described(ref: str) -> Any:
    """Return what the columns of a dataset version are called; what it leaves open, as other versions have it."""
    return state.read(_described, ref)


def trained_runs() -> list[Any]:
    """Return the newest runs that made a model here, newest first; Compare finds all of them."""
    return state.read(_trained)


def any_runs() -> bool:
    """Return whether there is a run, of whatever state."""
    return state.read(_any_runs)


def run(run_id: str) -> Any:
    """Return a run."""
    return state.read(_run, run_id)


def document(run_id: str) -> Any:
    """Return what a run was when it ended, signature and all."""
    return state.keep(_document, run_id)


def models() -> list[Any]:
    """Return every model version, newest first."""
    return state.read(_models)


def metadata(ref: str) -> Any:
    """Return the document beside the file of a model version."""
    return state.keep(_metadata, ref)


def told(model: Mapping[str, str]) -> str:
    """Return a recorded model as screens name it: by version, and by name too wherever more than one name exists."""
    return words.version(model, named=len({one.name for one in models()}) > 1)


def live(environment: str) -> list[Any]:
    """Return what is live in an environment: one deployment for each model name, oldest first."""
    return state.read(_live, environment)


def choose_live() -> links.Chain:
    """Let a person choose one of the models that are live in production; return the chain about that one."""
    found = state.chain()
    names = [one.model["name"] for one in live("production")]
    if not names:
        return found
    name = found.production.model["name"]
    if len(names) > 1:
        name = st.segmented_control(
            "Model", names, default=name, required=True, key="live.model", persist_state="session",
            help="Several models are live in production.",
        )  # fmt: skip
    return state.chain(str(name))


def _datasets(ws: Workspace) -> list[Any]:
    return ws.datasets.list()


def _described(ws: Workspace, ref: str) -> Any:
    versions = [one for one in ws.datasets.list() if one.name == ref.partition("@")[0]]
    of_it = [one for one in versions if one.ref == ref]
    names = [name for one in of_it for name in one.column_types]
    return of_next({}, [one.described for one in (*of_it, *versions)], names)


def _trained(ws: Workspace) -> list[Any]:
    return ws.runs.list("status = 'finished' and data.version >= 1", limit=NEWEST)


def _any_runs(ws: Workspace) -> bool:
    return bool(ws.runs.table(["run_id"], limit=1))


def _run(ws: Workspace, run_id: str) -> Any:
    return ws.runs.get(run_id)


def _document(ws: Workspace, run_id: str) -> Any:
    return ws.runs.document(run_id)


def _models(ws: Workspace) -> list[Any]:
    return ws.models.list()


def _metadata(ws: Workspace, ref: str) -> Any:
    return ws.models.metadata(ref)


def _live(ws: Workspace, environment: str) -> list[Any]:
    return ws.releases.all_live(environment)
