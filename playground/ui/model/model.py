"""One model version: everything recorded about it, for links that name it."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import streamlit as st

from mlops import MlopsError, Workspace
from playground import words
from playground.ui.kit import acts, came_from, cards, lists, pins, proof, rejecting, results, session, state, stops
from playground.ui.kit.links import link
from playground.ui.kit.model_card import FIELDS
from playground.ui.model import decisions


def found(ref: str) -> Any:
    """Return the model version that a link names."""
    return state.read(_model, ref)


def title(ref: str) -> str:
    """Return the heading: the name with its version, also where a link says `@champion`."""
    with suppress(MlopsError):
        one = found(ref)
        return f"{one.name} v{one.version}"
    return ref or "Model"


def draw(model: Any) -> None:
    """Draw a model version: where it is live, what it came from, the file beside it."""
    live = " ".join(map(cards.chip, model.live_in)) or "live nowhere"
    called = "".join(f" · {alias}" for alias in model.aliases or ())
    status = f"{cards.state_text(model.status)} · " if model.status == "rejected" or not model.live_in else ""
    st.markdown(f"{status}{live}{called} {_threshold(model)} {proof.badge(model)}")
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
    with st.container(border=True, gap="small"):
        for column, (field, (_, question)) in zip(st.columns(len(FIELDS)), FIELDS.items(), strict=True):
            said = cards.plain((model.card or {}).get(field) or "")
            column.markdown(f":small[:gray[{question}]]  \n{said or ':orange[:material/edit: nobody said yet]'}")
        drawer = st.expander(
            "Complete the card" if model.unsaid else "Correct the card", icon=":material/badge:", type="compact",
            key=f"model.card.{model.ref}", on_change="rerun",
        )  # fmt: skip
        cards.inside(drawer, lambda: _form(model))
    results.metric_row(lists.run(model.run_id), "test")
    st.caption("On the test rows of its run, which it has never seen. It was chosen on the validation rows.")
    cards.facts({
        "Trained": words.moment(model.trained_at), "Learned from": model.data_version,
        "Predicts": f"{model.target} ({model.task})", "Features": ", ".join(model.features),
        "Model file": words.short(model.sha256),
    })  # fmt: skip


def _form(model: Any) -> None:
    """Draw the fields of the card; what is kept is an event, and the file beside the model stays as it is."""
    with st.form(f"model.card.form.{model.ref}", border=False):
        said = {
            field: st.text_area(
                question, (model.card or {}).get(field) or "", key=f"model.{field}.{model.ref}", max_chars=most,
                height=68,
            )
            for field, (most, question) in FIELDS.items()
        }  # fmt: skip
        st.caption("It is an event, signed and dated; the JSON beside the model keeps what was known at the time.")
        if acts.submit("Keep the card", "complete the card", type="primary", icon=":material/badge:"):
            before = dict(model.card or {})
            new = {field: text for field, text in said.items() if (text or "") != (before.get(field) or "")}
            with cards.errors():
                if new:
                    state.workspace().models.describe(model.ref, **new)
                    session.say(f"The card of {model.name} v{model.version} is kept.")
                st.rerun()


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
