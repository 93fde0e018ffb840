"""Say it: what not to say, what to say, and the numbers of the learner's own work in it, to be copied or practised."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import pandas as pd
import streamlit as st

from playground import course, say
from playground.course import Stop
from playground.say import Sentence
from playground.ui.kit import cards, copied, links, location, session, solved, state, stops

TITLE = solved.SAY
"""Of the tab."""

KEY = "guide.say"

_said = st.components.v2.component(
    "say_it",
    html='<div class="says"></div>',
    css=Path(__file__).with_suffix(".css").read_text("utf-8"),
    js=copied.script(__file__),
)


def panel() -> None:
    """Draw every sentence, the learner's own numbers in it; a number leads to the screen that shows it."""
    own = state.own()
    found = state.known(("say",), lambda: say.sentences(own))
    ready = sum(one.ready for one in found)
    st.markdown(
        f"The same thing twice: as the trade says it, and as somebody can use it who decides. The numbers are yours: "
        f"**{ready} of {len(found)}** sentences are ready."
    )
    drawn = {"sentences": [_drawn(one) for one in found]}
    opened = _said(data=drawn, key=KEY, on_opened_change=_look_for_its_stop).opened
    drawer = st.expander("Table", icon=":material/table:", type="compact", on_change="rerun", key="say.table")
    cards.inside(drawer, lambda: _table(found))
    if one := next((one for one in found if one.id == opened), None):
        _go_to(one)


def _stop(one: Sentence) -> Stop | None:
    return course.stop(one.stop) if one.stop else None


def _drawn(one: Sentence) -> dict[str, object]:
    stop, place = _stop(one), links.PAGES[one.page].title
    about = f"Stop {stop.number} · {stop.title}" if stop else "About your own work"
    return {**asdict(one), "about": about, "place": place if one.ready or not stop else stop.called}


def _look_for_its_stop() -> None:
    """Turn to the list of the stops where somebody asks for a number of one that has not begun."""
    opened = session.held(KEY).opened
    stop = next((one.stop for one in say.templates() if one.id == opened), "")
    if stop and stops.record_of(course.stop(stop)).status == "open":
        session.hold("part", "Stops")


def _go_to(one: Sentence) -> None:
    """Go where the numbers of a sentence are seen; where they are not there yet, to the stop that makes them."""
    location.go_to(None)
    stop = _stop(one)
    if stop and not one.ready:
        if stops.record_of(stop).status != "open":
            stops.go_to(stop, stops.record_of(stop))
        return
    location.go_into(one.chapter)
    links.goto(one.page)


def _table(found: tuple[Sentence, ...]) -> None:
    rows = [
        {"About": one.title, "Don't say": one.dont, "Say": one.do, "Why": one.because,
         "Numbers": "; ".join(f"{told}: {value}" for told, value in one.facts.items()) or one.needs}
        for one in found
    ]  # fmt: skip
    st.dataframe(pd.DataFrame(rows), hide_index=True, alt="What to say and what not to say, with the numbers in it")
