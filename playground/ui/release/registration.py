"""Registering on the Release screen: a run's model gets a name, a card and a version."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import streamlit as st

from mlops.base.records import suggest_name
from playground import words
from playground.chain import model_name
from playground.ui.kit import acts, cards, lists, results, session, state

CARD = {
    "owner": (200, "Who answers for it?"),
    "purpose": (500, "What is it for?"),
    "limits": (500, "When must it not be used?"),
}
"""What a person may say about a model -> characters at most, and the question."""


def register(waiting: Sequence[Any]) -> None:
    """Draw the choice of a run, and the button that gives its model a version."""
    ids = [run.run_id for run in waiting]
    left, right = st.columns([3, 1], vertical_alignment="bottom")
    run_id = left.selectbox(
        "Run without a version", ids, index=asked(ids, "run"), key="release.run",
        format_func=lambda one: _named(waiting, one),
    )  # fmt: skip
    run = next(one for one in waiting if one.run_id == run_id)
    name, card = _name_and_card(run)
    if acts.button("Register", "register", right, icon=":material/add:", key="release.register", width="stretch"):
        with cards.errors():
            model = state.workspace().models.register(run, name=name, card=card)
            session.say(f"{model.ref} is registered.")
            session.hold("release.model", model.ref)
            st.rerun()


def asked(options: Sequence[str], parameter: str) -> int:
    """Return the position of what the URL asks for, else the first."""
    asked = st.query_params.get(parameter)
    return options.index(asked) if asked in options else 0


def _name_and_card(run: Any) -> tuple[str, dict[str, str]]:
    """Draw what a person may say about a model before it gets its version."""
    suggested = _suggested(run)
    name = f"release.name.{suggested}"
    drawer = st.expander(
        "Name and card", icon=":material/badge:", type="compact", key="release.card", on_change="rerun"
    )
    if drawer.open:
        with drawer:
            places = dict(zip((name, "owner"), st.columns(2), strict=True))
            places[name].text_input("Name", value=suggested, key=name, persist_state="page")
            for key, (most, asked) in CARD.items():
                places.get(key, st).text_input(
                    key.title(), key=f"release.{key}", max_chars=most, placeholder=asked, persist_state="page"
                )
    return session.held(name, suggested) or "", {key: session.held(f"release.{key}") or "" for key in CARD}


def _suggested(run: Any) -> str:
    """Return the dataset's model name; where that stands for another target or task, one for this target."""
    name, learned = model_name(run), lists.document(run.run_id)["signature"]
    asked = next(((one.target, one.task) for one in lists.models() if one.name == name), None)
    other = asked not in (None, (learned["target"], learned["task"]))
    return suggest_name(f"{learned['target']}_model") if other else name


def _named(runs: Sequence[Any], run_id: str) -> str:
    run = next(one for one in runs if one.run_id == run_id)
    metric = results.main_metric([run])
    return f"{run_id[:7]} · {words.metric_name(metric)} {words.number(run.metrics.get('validation', {}).get(metric))}"
