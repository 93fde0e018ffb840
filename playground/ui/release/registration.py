"""Registering on the Release screen: a run's model gets a name, a card and a version."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import streamlit as st

from mlops.base.records import suggest_name
from mlops.experiments import judged
from mlops.training import sweeps
from playground import words
from playground.chain import model_name
from playground.run_names import spoken
from playground.run_table import ASIDE
from playground.ui.kit import acts, cards, lists, results, session, state
from playground.ui.kit.model_card import FIELDS


def register(waiting: Sequence[Any]) -> None:
    """Draw the choice of a run, and the button that gives its model a version."""
    ids = [run.run_id for run in waiting]
    left, right = st.columns([3, 1], vertical_alignment="bottom")
    offered, why = _offered(waiting)
    run_id = left.selectbox(
        "Run without a version", ids, index=asked(ids, "run", ids.index(offered)), key="release.run",
        format_func=lambda one: _named(waiting, one) + (f" · {why}" if one == offered and why else ""),
    )  # fmt: skip
    run = next(one for one in waiting if one.run_id == run_id)
    name, card = _name_and_card(run)
    if acts.button("Register", "register", right, icon=":material/add:", key="release.register", width="stretch"):
        with cards.errors():
            model = state.workspace().models.register(run, name=name, card=card)
            session.say(f"{model.ref} is registered.")
            session.hold("release.model", model.ref)
            st.rerun()


def _offered(waiting: Sequence[Any]) -> tuple[str, str]:
    """Return the run that is offered, and why: the one that was just looked at, else the best on the newest's rows."""
    if session.LOOKED_AT.get() in [run.run_id for run in waiting]:
        return session.LOOKED_AT.get(), "just opened"
    near = [run for run in waiting if ASIDE not in run.tags] or [*waiting]
    alike = [run for run in near if run is near[0] or judged.same_rows([near[0], run])]
    best = sweeps.ranked("", alike).trials[0]
    return best.run_id, "the best on its rows" if len(alike) > 1 else ""


def asked(options: Sequence[str], parameter: str, otherwise: int = 0) -> int:
    """Return the position of what the URL asks for, else another one."""
    asked = st.query_params.get(parameter)
    return options.index(asked) if asked in options else otherwise


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
            for key, (most, asked) in FIELDS.items():
                places.get(key, st).text_input(
                    key.title(), key=f"release.{key}", max_chars=most, placeholder=asked, persist_state="page"
                )
    return session.held(name, suggested) or "", {key: session.held(f"release.{key}") or "" for key in FIELDS}


def _suggested(run: Any) -> str:
    """Return the dataset's model name; where that stands for another target or task, one for this target."""
    name, learned = model_name(run), lists.document(run.run_id)["signature"]
    asked = next(((one.target, one.task) for one in lists.models() if one.name == name), None)
    other = asked not in (None, (learned["target"], learned["task"]))
    return suggest_name(f"{learned['target']}_model") if other else name


def _named(runs: Sequence[Any], run_id: str) -> str:
    run = next(one for one in runs if one.run_id == run_id)
    metric = results.main_metric([run])
    value = words.number(run.metrics.get("validation", {}).get(metric))
    return f"{run_id[:7]} {spoken(run_id)} · {words.metric_name(metric)} {value}"
