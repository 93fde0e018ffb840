"""The seat on screen: the browser remembers it, a card asks once for a name, the menu has the link that leads back.

The browser holds the key of the seat in a cookie of this class, and nothing else, so that the address without a key
leads back to the own work. Whoever follows somebody else's link keeps their own seat, and is led back to it.
"""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from mlops import MlopsError
from mlops.serving import hosts
from playground import seats
from playground.ui.kit import cards, copied, location, session

SCHOOL_DAY = 12 * 3600
"""Seconds for which a teacher's browser has the key: the link on the console is there again tomorrow."""

_browser = st.components.v2.component(
    "seat",
    html="""<div class="link" hidden><label for="link">Your link</label><div class="row">
<input id="link" readonly spellcheck="false"><button type="button">Copy</button></div>
<span class="said" role="status"></span></div>""",
    css=Path(__file__).with_suffix(".css").read_text("utf-8"),
    js=copied.script(__file__),
)


def remember() -> None:
    """Let the browser remember the seat that its base address leads to."""
    if shared := location.room():
        _browser(data={"cookie": seats.cookie(shared), "key": session.REMEMBERED.get()}, key="seat.remember", height=0)


def keep_key(cookie: str, key: str) -> None:
    """Let the browser of a teacher have the key for a day at school, and take it out of the address."""
    _browser(data={"cookie": cookie, "key": key, "seconds": SCHOOL_DAY}, key="seat.teacher", height=0)
    if "key" in st.query_params:
        del st.query_params["key"]


def join_link() -> None:
    """Draw the address by which a class comes in: with the name of this machine, where that of its own is no help."""
    alone = hosts.is_loopback(str(st.get_option("server.address") or ""))
    _browser(data={"link": "", "join": True, "host": "" if alone else seats.host()}, key="seat.join")
    if alone:
        st.caption("So far this server answers this computer alone: it was not started for others.")


def card() -> None:
    """Draw a small card in a corner: whose place this is if it is another's, else once the question for a name."""
    if not session.SEAT.get():
        return
    if session.REMEMBERED.get() not in ("", session.SEAT.get()):
        _visit()
    elif not location.sitter().asked:
        _question()


def _visit() -> None:
    with st.container(key="corner-card", gap="small"):
        whose = f"the place of **{cards.plain(name)}**" if (name := location.sitter().name) else "somebody else's place"
        st.markdown(f":material/visibility: You are at {whose}. What you do here is done there.")
        with st.container(horizontal=True):
            st.button("Back to mine", type="primary", key="seat.back", on_click=_sit, args=(session.REMEMBERED.get(),))
            st.button(
                "This one is mine now", key="seat.stay", on_click=session.REMEMBERED.set, args=(session.SEAT.get(),)
            )


def _question() -> None:
    with st.container(key="corner-card", gap="small"):
        st.markdown("**Your place is kept.** This address leads back to it, on this computer. What shall we call you?")
        with st.form("seat.name", border=False):
            st.text_input(
                "Name",
                key="seat.called",
                max_chars=seats.LONGEST,
                placeholder="Your name, or both names",
                label_visibility="collapsed",
            )
            with st.container(horizontal=True):
                st.form_submit_button("That is me", type="primary", on_click=_call, args=("seat.called",))
                st.form_submit_button("Not now", on_click=_call, type="tertiary")


def _call(widget: str = "") -> None:
    if shared := location.room():
        try:
            seats.call(shared, session.SEAT.get(), session.held(widget) or "" if widget else "")
        except MlopsError as problem:
            session.say(problem.message)


def _sit(key: str) -> None:
    session.SEAT.set(key)
    st.query_params["ws"] = key


def _leave() -> None:
    """Take a new seat, and let the browser forget this one: also where there is no new one."""
    for kept in (session.SEAT, session.REMEMBERED):
        kept.set("")
    session.GONE.set(True)
    st.query_params.clear()


def menu() -> None:
    """Draw what belongs to the seat in the menu: name, link, and the way out."""
    if not (key := session.SEAT.get()):
        return
    rename = f"seat.rename.{key[:4]}"  # one for each seat: the browser holds what was typed at the one before
    st.text_input(
        "Your name", location.sitter().name, key=rename, max_chars=seats.LONGEST, on_change=_call, args=(rename,),
        placeholder="As the history says it",
    )  # fmt: skip
    _browser(data={"link": f"ws={key}"}, key="seat.link")
    st.button(
        "Leave this place", icon=":material/logout:", key="seat.leave", width="stretch", on_click=_leave,
        help="For a computer that somebody else uses next: it forgets your link. Your work stays where it is.",
    )  # fmt: skip
