"""The `...` menu: whose place this is, starting over, copies to play with, what is kept. Nothing is ever deleted."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from urllib.parse import urlencode

import streamlit as st

from mlops import MlopsError
from playground import folders, limits, words
from playground.folders import Beside
from playground.place import Place
from playground.ui.kit import acts, cards, location, seat, session, state

SHOWN = 5
"""Kept workspaces, and copies, that are listed at first."""

WIDTH = 360
"""Pixels of the menu, at most, whatever is in it."""


def draw() -> None:
    """Draw the menu button; its contents are drawn when it is open."""
    # The browser holds that it is open, whatever is said here: only another one is closed.
    key = f"menu{session.CLOSED.get() or ''}"
    menu = st.popover("", icon=":material/more_horiz:", help="Workspace", key=key, on_change="rerun")
    if menu.open:
        with menu, st.container(width=WIDTH, gap="small"):
            _in_a_copy() if session.COPY.get() else _own()


def _own() -> None:
    seat.menu()
    if not session.SEAT.get():  # whose path holds the key of the seat
        st.caption(f"Workspace {cards.plain(location.home())}")
    if problem := session.PROBLEM.take():
        cards.error(problem)
    _start_over()
    _copy()
    _list("Kept", folders.kept(location.home()), _reopen)
    _list("Copies", folders.copies(location.home()), _open)


def _in_a_copy() -> None:
    st.markdown(f"This is **copy {session.COPY.get()}** of your workspace: whatever you do here, yours stays as it is.")
    st.button("Back to mine", icon=":material/undo:", key="menu.home", on_click=location.open_copy, args=("",))


def _start_over() -> None:
    if not session.ASKED.get():
        acts.button("Start over", "start over", icon=":material/restart_alt:", key="menu.reset", width="stretch",
                    on_click=session.ASKED.set, args=(True,))  # fmt: skip
        return
    with st.container(border=True, gap="small"):
        st.markdown("Begin with an empty workspace? What is here now is kept as it is, and comes back with one click.")
        with st.container(horizontal=True):
            acts.button("Begin anew", "begin anew", type="primary", key="menu.sure", on_click=_act, args=(_begin_anew,))
            st.button("Stay here", key="menu.stay", on_click=session.ASKED.set, args=(False,))


def _copy() -> None:
    acts.button(
        "Copy this workspace", "copy it", icon=":material/fork_right:", key="menu.fork", width="stretch",
        on_click=_act, args=(_make_copy,), help="To play with: whatever happens there, this one stays as it is.",
    )  # fmt: skip


def _list(title: str, found: list[Beside], action: Callable[[Beside], None]) -> None:
    """Draw workspaces with what is in each, and what can be done with it."""
    if not found:
        return
    st.markdown(f"**{title}**")
    with st.container(height=230 if len(found) > SHOWN else "content", border=False, gap="small"):
        for one in found:
            with st.container(
                horizontal=True, vertical_alignment="center", horizontal_alignment="distribute", wrap=False
            ):
                st.markdown(told(one))
                action(one)


def told(one: Beside) -> str:
    """Return in words what is in a workspace beside the one on screen.

    Examples
    --------
    >>> from pathlib import Path
    >>> told(Beside(2, Path("w-kept-2"), 0.0, problem="There is no workspace."))
    '**2** :red[:material/error: cannot be read]'
    """
    if one.problem:
        return f"**{one.number}** :red[:material/error: cannot be read]"
    live = f" · live {cards.plain(', '.join(one.live))}" if one.live else ""
    counted = ((one.data, "data version"), (one.runs, "run"), (one.models, "model"))
    counts = (", ".join(words.counted(many, what) for many, what in counted if many) or "empty") + live
    when = words.local(one.at, st.context.timezone)
    return f"**{one.number}** · {when}  \n:small[:gray[{counts} · {words.size(one.size)}]]"


def _reopen(one: Beside) -> None:
    acts.button("Reopen", "reopen it", key=f"menu.reopen.{one.number}", disabled=bool(one.problem),
              on_click=_act, args=(partial(_put_back, one.number),))  # fmt: skip


def _open(one: Beside) -> None:
    place = Place(seat=session.SEAT.get(), copy=str(one.number))
    st.link_button("Open", f"./?{urlencode(place.query)}", icon=":material/open_in_new:", disabled=bool(one.problem))


def undo() -> None:
    """Draw a small card in a corner right after starting over, with which to take it back."""
    number = session.UNDO.get()
    with st.container(key="corner-card", gap="small"):
        st.markdown("**A fresh workspace.** The old one is kept, and listed in the menu.")
        with st.container(horizontal=True):
            st.button("Undo", type="primary", icon=":material/undo:", key="menu.undo",
                      on_click=_act, args=(partial(_put_back, number),))  # fmt: skip
            st.button("Close", key="menu.good", type="tertiary", on_click=session.UNDO.set, args=(0,))


def _act(action: Callable[[], str]) -> None:
    """Do something from the menu, for the click of a button; close the menu, and say what was done, or why not."""
    session.ASKED.set(False)
    try:
        session.say(action())
    except MlopsError as problem:
        session.PROBLEM.set(problem)


def _begin_anew() -> str:
    limits.before_another(location.home())
    session.UNDO.set(_number(folders.start_over(state.own())))
    session.CLOSED.set(session.CLOSED.get() + 1)
    return ""


def _put_back(number: int) -> str:
    aside = folders.reopen(location.home(), number)
    session.UNDO.set(0)
    session.CLOSED.set(session.CLOSED.get() + 1)
    return f"Your workspace is back. What was here is kept as {_number(aside)}." if aside else "Your workspace is back."


def _make_copy() -> str:
    limits.before_another(location.home())
    return f"Copy {_number(folders.fork(state.own()))} is ready: open it from the menu."


def _number(path: Path) -> int:
    return int(path.name.rpartition("-")[2])
