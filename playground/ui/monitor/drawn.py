"""Draw your year, on Monitor: the AUC that somebody expects of the live model, before the months tell.

In the chapter of a stop that asks for it the line is the guess of that stop; elsewhere it stands in the journal of the
workspace. Either way it is drawn once, and nothing that is true is shown before.
"""

from __future__ import annotations

import streamlit as st

from mlops import Workspace
from playground import company, course, year
from playground.course import Guess, Stop
from playground.ui.kit import cards, location, state, stops
from playground.ui.kit import year as kit

ANEW = "Draw it today: the past records nothing."


def draw(name: str, asks: bool) -> None:
    """Draw the year of a live model, where the months of a story come.

    Parameters
    ----------
    asks : bool
        Whether it is drawn where it asks for the line: above all that tells. There it stays in the chapter of a stop
        that is about it; elsewhere it gives way once the line was drawn.
    """
    if not state.read(_has_months, name):
        return
    found = state.read(year.read, year.STORY, name, *_said(name))
    if ((found.covered and state.event() is None) or _asking() is not None) != asks:
        return
    with st.container(key="monitor-year", gap="xsmall"):
        st.subheader(f"Your {year.STORY}", anchor=False)
        if found.covered and state.event() is not None:
            st.caption(ANEW)
        elif (line := kit.draw(found, "monitor.year")) is not None:
            with cards.errors():
                _keep(line)
                st.rerun()


def _has_months(ws: Workspace, name: str) -> bool:
    months = ws.monitoring.report("production", name).months
    return company.to_come(ws) is not None or any(one.month.startswith(str(year.STORY)) for one in months)


def _asking() -> tuple[Stop, Guess] | None:
    """Return the stop whose chapter is on screen and asks for a line, and that guess."""
    stop = next((one for one in course.EVERY if one.id == location.place().chapter), None)
    asks = stop.mission.asks if stop else ()
    return next(((stop, one) for one in asks if stop and one.marks == kit.MONTHS), None)


def _said(name: str) -> tuple[tuple[int, ...], bool]:
    """Return the line that was drawn, and whether somebody does without, or comes too late for one."""
    if asking := _asking():
        stop, asked = asking
        record = stops.record_of(stop)
        return tuple(record.guess.get(asked.id, ())), course.was_said(record, asked.id) or record.done
    line = state.read(year.line, year.STORY)
    return line, not line and state.read(_is_told, name)


def _is_told(ws: Workspace, name: str) -> bool:
    return bool(year.read(ws, year.STORY, name, waived=True).known)


def _keep(line: list[int]) -> None:
    if asking := _asking():
        stop, asked = asking
        course.guess(state.own(), stop.id, line, asked.id)
    else:
        year.keep(state.workspace(), year.STORY, line)
