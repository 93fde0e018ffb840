"""Three pictures: the module's mental models, drawn from the workspace on screen and alive without asking anybody."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pandas as pd
import streamlit as st

from playground import theme, words
from playground.mental_models import assembly_line, factory, time_machine
from playground.ui.kit import cards, state, stops

TITLE = "Three pictures"
"""Of the tab."""

HERE = Path(__file__).parent


def _component(name: str) -> Any:
    parts = {kind: (HERE / f"{name}.{kind}").read_text("utf-8") for kind in ("css", "js")}
    return st.components.v2.component(name, html=f'<div class="{name}"></div>', **parts)


_factory, _machine, _line = _component("factory"), _component("machine"), _component("assembly")


def panel() -> None:
    """Draw all three, one below the other."""
    _one(
        "The software factory",
        "More parts move, so more can break. Move one, and see what is made again.",
        _draw_factory,
    )
    _one("The time machine", "What was running then, and what was it made of? Drag, or type a moment.", _draw_machine)
    _one("The assembly line", "Steps by hand do not scale. Follow a release, and see who had to do what.", _draw_line)


def _one(title: str, about: str, draw: Any) -> None:
    with st.container(border=True, gap="small"):
        st.markdown(f"#### {title}\n:small[:gray[{about}]]")
        draw()


def _twin(sentence: str, table: Sequence[dict[str, Any]], key: str) -> None:
    """Draw what a picture says in words, and its table one click away."""
    st.markdown(f":small[{cards.plain(sentence)}]")
    if table:
        drawer = st.expander("Table", icon=":material/table:", type="compact", on_change="rerun", key=f"{key}.table")
        cards.inside(drawer, lambda: st.dataframe(pd.DataFrame(table), hide_index=True, alt=sentence))


def _draw_factory() -> None:
    found = state.read(factory.read)
    _factory(data={**asdict(found), "colours": theme.PINS}, key="guide.factory")
    _twin(found.sentence, found.table(), "guide.factory")


def _draw_machine() -> None:
    if stops.veiled("history"):
        return
    found = state.read(time_machine.read)
    if found.moments:
        moments = [
            {**asdict(one), "says": one.says, "when": words.when(one.since), "day": words.day(one.since)}
            for one in found.moments
        ]
        _machine(data={"moments": moments, "now": found.now}, key="guide.machine")
        _twin(found.sentence, found.table(), "guide.machine")
    else:
        cards.empty(found.sentence, "start", "Take a model live")


def _draw_line() -> None:
    found = state.read_requests(assembly_line.read)
    if found.trips:
        trips = [{**asdict(one), "says": one.sentence} for one in found.trips]
        _line(data={"trips": trips}, key="guide.line")
        _twin(found.sentence, found.table(), "guide.line")
    else:
        cards.empty(found.sentence, "start", "Take one live")
