"""One run: everything recorded about it, for links that name it."""

from __future__ import annotations

from typing import Any

import streamlit as st

from mlops import MlopsError, Workspace
from mlops.experiments import configs
from playground import reference, words
from playground.ui.compare import hundred, views
from playground.ui.compare.compared import Compared
from playground.ui.kit import came_from, cards, links, pins, proof, results, session, state, steps
from playground.ui.kit.links import goto, link
from playground.ui.run import elsewhere, packages
from playground.ui.train import live, training

_TABS = "run.tabs"
"""Key of a widget."""


def draw(run: Any) -> None:
    """Draw a run: result, curve, and what it was made from."""
    if run.status in ("queued", "running"):
        live.follow(run.run_id)
        cards.facts(_origin(run))
        return
    if run.status != "finished":
        live.ended(run)
        with st.container(horizontal=True, vertical_alignment="center"):
            _beside(run)
            _edit(run)
        cards.facts(_origin(run))
        if log := state.read(_log, run.run_id):
            st.code(log, language=None)
        return
    st.markdown(f"{results.told(run)} {proof.badge(run)}")
    session.LOOKED_AT.set(run.run_id)
    pins.of_runs([run], key=f"run.pins.{run.run_id}")
    results.metric_row(run, "validation")
    for one in run.warnings:
        st.markdown(f":orange[:material/warning:] {cards.plain(one['message'])}")
    with st.container(horizontal=True, vertical_alignment="center"):
        link("compare", "Compare", icon="compare_arrows", run=run.run_id)
        link("release", "Release", icon="deployed_code", run=run.run_id)
        _beside(run)
        _edit(run)
    proof.card(run, "run")
    elsewhere.card(run)
    compared = Compared.alone(run)
    parts = {
        "Made from": lambda: cards.facts(_origin(run)),
        "Came from, led to": lambda: came_from.draw(run.run_id),
        packages.TITLE: lambda: packages.draw(run),
        "Steps": lambda: steps.of_run(run),
        "Curve": lambda: views.of_runs(compared),
        **({"A hundred people": lambda: hundred.draw(compared)} if hundred.fits(compared) else {}),
        "Config": lambda: st.code(state.keep(_config, run.run_id), language="yaml"),
        "Log": lambda: st.code(state.read(_log, run.run_id), language=None),
    }
    if st.query_params.get("open") == "software":
        session.hold(_TABS, packages.TITLE)
        del st.query_params["open"]  # from now on the tabs are theirs
    cards.tabs(parts, key=_TABS)


def _beside(run: Any) -> None:
    """Offer what differs from the run that this one is compared with, if there is one."""
    if other := state.read(reference.beside, run.run_id):
        called = state.read(reference.of, (other, run.run_id))
        links.difference(*called.run_ids, f"What differs from {called.label(other)}")


def _edit(run: Any) -> None:
    """Offer to put the config of a run into the editor; a run that did not finish has no file of it."""
    if st.button("Edit its config", icon=":material/edit:", key="run.edit", type="tertiary"):
        training.edit(configs.load("{}\n", overrides=run.as_dict()["params"]).yaml())
        goto("train", open="run")


def _origin(run: Any) -> dict[str, str]:
    code, software = dict(run.code or {}), dict(run.software or {})
    python = f"Python {software.get('python')}"
    commit = words.short(code.get("git_commit")) or "no commit"
    dirty = " with uncommitted changes" if code.get("dirty") else ""
    return {
        "Data": f"{results.data_ref(run)}, content {words.short(run.data.get('sha256'))}",
        "Roles": ", ".join(f"{role} {value}" for role, value in (run.roles or {}).items() if value is not None) or "–",
        "Outcomes": _outcomes(run),
        "Config": words.short(run.config_sha256),
        "Code": f"{commit}{dirty}, source {words.short(code.get('source_sha256'))}",
        "Software": f"{python}, {len(software.get('packages') or {})} packages" if software else "–",
        "Seed": "none: cannot be repeated" if run.seed is None else str(run.seed),
        "Started": words.moment(run.started_at),
        "Model file": words.short(run.model_sha256) or "–",
        "Note": run.note or "–",
    }


def _outcomes(run: Any) -> str:
    if not run.outcomes or not run.outcomes["sets"]:
        return "–"
    count = len(run.outcomes["sets"])
    return f"{count} {'file' if count == 1 else 'files'}, known by {words.moment(run.outcomes['known_until'])}"


def _config(ws: Workspace, run_id: str) -> str:
    return ws.runs.text(run_id, "config.yaml")


def _log(ws: Workspace, run_id: str) -> str:
    try:
        return ws.runs.text(run_id, "train.log")
    except MlopsError:  # it was cancelled before it began
        return ""
