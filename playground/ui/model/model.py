"""One model version: everything recorded about it, for links that name it."""

from __future__ import annotations

from typing import Any

import streamlit as st

from mlops import Workspace
from playground import words
from playground.ui.kit import came_from, cards, lists, pins, proof, rejecting, state, stops
from playground.ui.kit.links import link
from playground.ui.model import decisions


def found(ref: str) -> Any:
    """Return the model version that a link names."""
    return state.read(_model, ref)


def draw(model: Any) -> None:
    """Draw a model version: where it is live, what it came from, the file beside it."""
    live = ", ".join(model.live_in) or "nowhere"
    st.markdown(f"{cards.state_text(model.status)} · live in {live} {_threshold(model)} {proof.badge(model)}")
    pins.of_runs([lists.run(model.run_id)], key=f"model.pins.{model.ref}")
    with st.container(horizontal=True):
        link("run", f"Run {model.run_id[:7]}", icon="science", id=model.run_id)
        link("data", model.data_version, icon="database", version=model.data_version)
        link("release", "Release", icon="deployed_code", model=model.ref)
    parts = {
        "Card": lambda: _card(model),
        "Came from, led to": lambda: came_from.draw(model.ref),
        "JSON": lambda: _document(model.ref),
    }
    parts["Decisions"] = lambda: decisions.draw(model)
    if model.status == "rejected":
        rejecting.offer(model, "model")
    else:
        parts["Reject"] = lambda: rejecting.offer(model, "model")
    cards.tabs(parts, key="model.tabs")


def _card(model: Any) -> None:
    cards.facts({
        "Trained": words.moment(model.trained_at), "Predicts": f"{model.target} ({model.task})",
        "Features": ", ".join(model.features), "Model file": words.short(model.sha256),
        **{key.title(): value or "–" for key, value in dict(model.card or {}).items()},
    })  # fmt: skip


def _document(ref: str) -> None:
    if stops.veiled("recall"):
        return
    found = lists.metadata(ref)
    st.json(found, expanded=1)
    cards.download_bytes(words.json_text(found).encode(), f"{ref}.json", "application/json")


def _threshold(model: Any) -> str:
    return "" if model.threshold is None else f"· threshold {model.threshold:g}"


def _model(ws: Workspace, ref: str) -> Any:
    return ws.models.get(ref)
