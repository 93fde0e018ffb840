"""Where a session is: whose work is on screen, a copy or a chapter of it, now or at a moment of the past.

The URL says so, and every link takes it along. The one place that turns it into a folder.
"""

from __future__ import annotations

import os
import re
from pathlib import Path

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from playground import folders, seats
from playground.place import Place, chapter
from playground.ui.kit import session
from playground.ui.kit.session import Kept


def take_place() -> None:
    """Let the URL say where this is, before the navigation changes its page.

    A link of the navigation leads to the bare address of a screen. Said later, the place can become an entry of its own
    in the history of the browser: Back then leads to the bare address, and that to here again.
    """
    event = _asked_event()
    asked = st.query_params.get("copy") or session.COPY.get()
    open_copy(asked if folders.copy_of(home(), asked) else "")
    asked = st.query_params.get("in") or session.CHAPTER.get()
    go_into(asked if chapter(folder().absolute(), asked) else "")
    go_to(event)


def place() -> Place:
    """Return where this session is."""
    return Place(session.SEAT.get(), session.COPY.get(), session.CHAPTER.get(), session.PAST.get())


def address() -> dict[str, str]:
    """Return the part of every link that says where this session is."""
    return place().query


def go_into(name: str) -> None:
    """Open a chapter, or with an empty name the own work again."""
    _be(session.CHAPTER, "in", name)


def open_copy(number: str) -> None:
    """Open a copy of the workspace, or with an empty number the own work again."""
    _be(session.COPY, "copy", number)


def _be(where: Kept[str], parameter: str, value: str) -> None:
    if where.get() != value:
        go_to(None)  # its events are not those of another workspace
        session.REVISION.set(session.REVISION.get() + 1)  # nor is what the editor holds its draft
    where.set(value)
    if value and st.query_params.get(parameter) != value:
        st.query_params[parameter] = value
    elif not value and parameter in st.query_params:
        del st.query_params[parameter]


def go_to(event: int | None) -> None:
    """Enter the past that ends with an event, or with None come back to today."""
    if event != session.PAST.get():
        for one in session.OF_A_MOMENT:
            one.take()
    session.PAST.set(event)
    if event is not None and st.query_params.get("at") != str(event):
        st.query_params["at"] = str(event)
    elif event is None and "at" in st.query_params:
        del st.query_params["at"]


def _asked_event() -> int | None:
    """Return the last event of the past that the URL asks for.

    A link of the navigation leads to the bare address of another screen, and the past goes along; the bare address of
    the same screen is where Back leads to, out of the past.
    """
    context = get_script_run_ctx()
    page = context.page_script_hash if context else ""
    same, asked = page == session.PAGE.get(), st.query_params.get("at", "")
    session.PAGE.set(page)
    if asked and not re.fullmatch("[0-9]{1,100}", asked):  # links of old said the time of day with it, and still answer
        st.query_params["time"] = asked
        return None
    return int(asked) if asked else None if same else session.PAST.get()


def folder() -> Path:
    """Return the folder of what is on screen: a copy, or the own work."""
    own = home()
    return folders.copy_of(own, session.COPY.get()) or own


def home() -> Path:
    """Return the folder of this session's own work. The one place that decides.

    `MLOPS_WORKSPACE`, else `./workspace`; where `MLOPS_WORKSPACES` names a folder of many, that of the seat in the URL,
    else of this session's, else the one that the browser remembers; a new visitor gets a new one.
    """
    if (shared := room()) is None:
        return Path(os.environ.get("MLOPS_WORKSPACE") or "workspace")
    if not (session.GONE.get() or session.REMEMBERED.get()):
        key = str(st.context.cookies.get(seats.cookie(shared)))  # whatever a browser, or a test, has there
        session.REMEMBERED.set(key if seats.exists(shared, key) else "")
    key = (
        st.query_params.get("ws") or session.SEAT.get() or session.REMEMBERED.get() or seats.take(shared, seats.most())
    )
    found = seats.folder(shared, key)
    session.SEAT.set(key)
    session.REMEMBERED.set(session.REMEMBERED.get() or key)
    if st.query_params.get("ws") != key:
        st.query_params["ws"] = key
    return found


def room() -> Path | None:
    """Return the folder of a class; None where there is no class."""
    return Path(shared) if (shared := os.environ.get("MLOPS_WORKSPACES")) else None


def sitter() -> seats.Sitter:
    """Return who sits at the seat on screen; in a class."""
    shared = room()
    return seats.sitter(shared, session.SEAT.get()) if shared else seats.Sitter()
