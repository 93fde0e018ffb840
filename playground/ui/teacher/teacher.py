"""The teacher's page: the wall of the class, what it guessed, and what is decided for all of it.

Whoever has the key is here without a seat: nothing on this page belongs to a workspace, and nothing is written in one.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import streamlit as st

from mlops import MlopsError
from playground import course, screens
from playground.classroom import answer_key, book, given, leaving, secret, together, wall
from playground.course import Stop, held
from playground.ui.kit import cards, location, seat, session
from playground.ui.teacher import given as given_view
from playground.ui.teacher import projector
from playground.ui.teacher import wall as wall_view

LOOK = 3.0
"""Seconds between two looks at the class."""

ALWAYS = ("start", "guide")
"""Screens that cannot be left out of the navigation: the way in, and the way through."""

_CHOSEN: session.Kept[str] = session.Kept("teacher.stop", "")
"""The stop that the page is about; empty where nobody chose one."""
_PICKED: session.Kept[str] = session.Kept("teacher.tile", "")
"""The tile that was clicked last."""
_SAID: session.Kept[str] = session.Kept("teacher.said", "")
"""What came of the last click, to be said once."""
_TROUBLE: session.Kept[MlopsError | None] = session.Kept("teacher.trouble", None)
"""Why the last click was refused."""
_PACKED: session.Kept[bytes] = session.Kept("teacher.packed", b"")
"""The files of all learners, as they were when somebody asked for them last."""


def draw() -> None:
    """Draw the page, or in a window of its own what stands on the projector."""
    room = location.room()
    if room is None:
        return
    seat.keep_key(secret.cookie(room), session.TEACHER.get())
    if st.query_params.get("show") == "projector":
        projector.draw(room)
        return
    _head(room)
    parts = {"Wall": _wall, "Guesses": _guesses, "Answer key": _key, "Stops and pages": _lesson, "Files": _files}
    cards.tabs({name: _of(part, room) for name, part in parts.items()}, key="teacher.part")


def _of(part: Callable[[Path], None], room: Path) -> Callable[[], None]:
    return lambda: part(room)


def _act(what: Callable[..., object], *arguments: object) -> None:
    """Do something for the click of a button; a refusal is told on the page."""
    try:
        what(*arguments)
    except MlopsError as problem:
        _TROUBLE.set(problem)


def _stop(room: Path) -> Stop:
    """Return the stop that the page is about: the one that was chosen, else where most are, else the first."""
    if not _CHOSEN.get():
        crowd = wall.crowd(wall.tiles(room))
        _CHOSEN.set(max(course.EVERY, key=lambda one: crowd.get(one.id, 0)).id)
    return course.stop(_CHOSEN.get())


def _head(room: Path) -> None:
    """Draw what a teacher does most: choose a stop, bring everybody there, hold what is guessed, open the projector."""
    with st.container(key="title", horizontal=True, vertical_alignment="top", gap="medium"):
        st.title("Your class", anchor=False, width="stretch")
        with st.container(width=360):
            seat.join_link()
    if said := _SAID.take():
        st.toast(cards.plain(said), icon=":material/check_circle:")
    if problem := _TROUBLE.take():
        cards.error(problem)
    stop = _stop(room)
    with st.container(border=True, key="teacher-stop", horizontal=True, vertical_alignment="center", gap="small"):
        st.markdown(_called(stop), width="stretch")
        if st.button("Bring everyone here", type="primary", icon=":material/groups:", key="teacher.bring"):
            _bring(room, stop)
        _hold(room, stop)
        st.link_button(
            "Projector", "teacher?show=projector", icon=":material/open_in_new:",
            help="A window of its own, in large type, for the wall. What it shows is decided here.",
        )  # fmt: skip


def _called(stop: Stop) -> str:
    what = f"Stop {stop.number}" if stop.number else "Lab"
    return f"**{what} · {cards.plain(stop.title)}** :small[:gray[{stop.minutes} min]]"


def _bring(room: Path, stop: Stop) -> None:
    with st.spinner("What the stop begins from is being laid out"), cards.errors():
        together.bring_everyone(room, stop.id)
        _SAID.set(f"Every screen asks to come to {stop.called} now.")
        st.rerun()


def _hold(room: Path, stop: Stop) -> None:
    """Draw the button that holds what is guessed at a stop, or opens what is held."""
    now = book.read(room)
    kept = [one.id for one in stop.mission.asks if now.holds(stop.id, one.id)]
    if kept:
        st.button("Open the reveal", icon=":material/lock_open:", key="teacher.open",
                  on_click=_act, args=(together.open_up, room, stop.id, *kept))  # fmt: skip
    elif stop.mission.asks:
        st.button("Hold the reveal", icon=":material/lock:", key="teacher.hold", on_click=_act,
                  args=(together.hold, room, stop.id, *(one.id for one in stop.mission.asks)),
                  help="Whoever has guessed sees the result once everybody has, or you open it; until then every "
                       "screen covers it.")  # fmt: skip


# The tabs


def _wall(room: Path) -> None:
    @st.fragment(run_every=LOOK)
    def look() -> None:
        with suppress(MlopsError):  # where the last one who was awaited started over, nobody else would let it go
            held.settle(room)
        found, now = wall.tiles(room), book.read(room)
        if not found:
            st.info("Nobody has come in yet. Give the class the address above.", icon=":material/groups:")
        stop, tile = wall_view.draw(found, now, _stop(room).id, _PICKED.get(), "teacher.wall")
        if stop and stop != _CHOSEN.get():
            _CHOSEN.set(stop)
            st.rerun()
        if tile:
            _PICKED.set("" if tile == _PICKED.get() else tile)
            st.rerun(scope="fragment")
        picked = next((one for one in found if one.id == _PICKED.get()), None)
        if picked:
            _seat(room, picked, now)

    look()


def _seat(room: Path, tile: wall.Tile, now: book.Classroom) -> None:
    """Draw what can be done with one seat: its chain goes to the projector, with its name or without."""
    key = wall.key_of(room, tile.id)
    with st.container(border=True, horizontal=True, vertical_alignment="center", key="teacher-seat"):
        st.markdown(f"{cards.plain(tile.said)}.", width="stretch")
        st.button("Here again" if tile.away else "Not here", key="teacher.away", on_click=_act,
                  args=(together.wait_for, room, key, tile.away),
                  help="A hold waits for everybody who is here.")  # fmt: skip
        if now.spotlight == key:
            st.toggle("With the name", now.named, key="teacher.named", on_change=_show_name, args=(room,))
            st.button("Take it off the projector", key="teacher.dark", on_click=_light, args=(room, ""))
        else:
            st.button("Chain to the projector", icon=":material/flashlight_on:", key="teacher.light",
                      on_click=_light, args=(room, key))  # fmt: skip


def _light(room: Path, key: str) -> None:
    _act(lambda: book.change(room, spotlight=key, shown="", told=False, named=False))


def _show_name(room: Path) -> None:
    _act(lambda: book.change(room, named=bool(session.held("teacher.named"))))


def _guesses(room: Path) -> None:
    stop = _stop(room)
    st.toggle("Show what is right", key="teacher.right", help="Only here; the projector has a button of its own.")

    @st.fragment(run_every=LOOK)
    def look() -> None:
        now, found = book.read(room), given.guesses(room, stop.id, answers=bool(session.held("teacher.right")))
        if not found:
            st.info("This one asks for no guess.", icon=":material/help:")
        for one in found:
            with st.container(border=True, key=f"teacher-given-{one.ask}", gap="small"):
                given_view.draw(one, f"teacher.given.{stop.id}.{one.ask}")
                _show(room, one, now)

    look()


def _show(room: Path, one: given.Given, now: book.Classroom) -> None:
    name = f"{one.stop}/{one.ask}"
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        if one.held:
            st.markdown(":small[:orange[:material/lock: held]]")
        if now.shown != name:
            _decide(room, "To the projector", f"show.{name}", shown=name, spotlight="", told=False)
            return
        if not now.told:
            _decide(room, "Show what is right there", f"told.{name}", told=True)
        _decide(room, "Take it off the projector", f"off.{name}", shown="", told=False)


def _decide(room: Path, label: str, key: str, **decided: object) -> None:
    st.button(label, key=f"teacher.{key}", on_click=_act, args=(lambda: book.change(room, **decided),))


def _key(room: Path) -> None:
    """Draw what is right at the stop, how it is solved, and what to talk about."""
    found = answer_key.of(_stop(room).id)
    right, talk = st.columns([3, 2], gap="large")
    with right:
        for one in found.asks:
            with st.container(border=True, gap="xsmall"):
                why = f"  \n:small[{cards.plain(one.why)}]" if one.why else ""
                st.markdown(f"{cards.plain(one.ask)}  \n:green[:material/check:] **{cards.plain(one.right)}**{why}")
                others = (f":small[:gray[{cards.plain(text)}] {cards.plain(reply)}]" for text, reply in one.others)
                st.markdown("  \n".join(others))
        steps = "  \n".join(f"{at}. {cards.plain(one)}" for at, one in enumerate(found.steps, 1))
        st.markdown(f"**How it is solved**  \n{steps}")
    with talk:
        for heading, text in found.talk:
            st.markdown(f"**{heading}**  \n{cards.plain(text)}")


def _lesson(room: Path) -> None:
    """Draw which stops can be begun, and which screens the navigation has."""
    now = book.read(room)
    every = [one.id for one in course.EVERY]
    titles = {one.id: f"{one.number} {one.title}" if one.number else one.title for one in course.EVERY}
    _begin("teacher.stops", [one for one in every if now.is_open(one)])
    st.pills(
        "Stops and labs that can be begun", every, selection_mode="multi", key="teacher.stops",
        format_func=titles.__getitem__, on_change=_open_stops, args=(room, every),
    )  # fmt: skip
    st.caption("Whoever has begun one goes on with it, also where it is not open any more.")
    pages = {one.name: one.title for one in screens.SCREENS if not one.hidden and one.name not in ALWAYS}
    _begin("teacher.pages", [name for name in pages if name not in now.hidden])
    st.pills(
        "Screens in the navigation of learners", [*pages], selection_mode="multi", key="teacher.pages",
        format_func=pages.__getitem__, on_change=_leave_out, args=(room, [*pages]),
    )  # fmt: skip
    st.caption("One that is left out is still there for the links of a stop, so nobody is stuck.")


def _begin(pills: str, chosen: list[str]) -> None:
    session.hold(pills, chosen)
    session.hold(f"{pills}.drawn", chosen)


def _open_stops(room: Path, every: list[str]) -> None:
    def decide(now: book.Classroom) -> book.Classroom:
        opened = _clicked("teacher.stops", every, now.is_open)
        return replace(now, stops=None if len(opened) == len(every) else opened)

    _act(book.decide, room, decide)


def _leave_out(room: Path, pages: list[str]) -> None:
    def decide(now: book.Classroom) -> book.Classroom:
        shown = _clicked("teacher.pages", pages, lambda one: one not in now.hidden)
        return replace(now, hidden=tuple(one for one in pages if one not in shown))

    _act(book.decide, room, decide)


def _clicked(pills: str, every: list[str], is_on: Callable[[str], bool]) -> tuple[str, ...]:
    """Return which pills are on after a click; the others are as another teacher may have left them meanwhile."""
    chosen, drawn = (session.held(key, []) for key in (pills, f"{pills}.drawn"))
    return tuple(one for one in every if (one in chosen if (one in chosen) != (one in drawn) else is_on(one)))


def _files(room: Path) -> None:
    """Offer one file for each learner, and check what comes back."""
    st.markdown(
        "One file for each learner who has begun a stop: what was guessed, answered and reached, with the hash of the "
        "history it stands in, and the chosen name. Nothing else about anybody is in it. Whose work cannot be read is "
        "named in a list beside the files."
    )
    if st.button("Pack everybody's file", icon=":material/folder_zip:", key="teacher.pack"):
        _PACKED.set(_packed(room))
    if made := _PACKED.get():
        cards.download_bytes(made, "class.zip", "application/zip", "Everybody's file")
        st.caption("As it was when it was packed. Once somebody has gone on, pack it again.")
    sent = st.file_uploader(
        "Check one of these files, or the whole zip, against this class", ["json", "zip"], key="teacher.file"
    )
    if sent is None:
        return
    with cards.errors():
        for one in leaving.recheck(room, sent.getvalue()):
            icon = ":green[:material/check_circle:]" if one.ok else ":orange[:material/error:]"
            st.markdown(f"{icon} {cards.plain(one.said)}")


def _packed(room: Path) -> bytes:
    bar = st.progress(0.0, "Reading what everybody did")
    try:
        return leaving.packed(room, lambda done, of: bar.progress(done / of, f"{done} of {of}"))
    finally:
        bar.empty()
