"""The one home of state: what a session remembers, and what one run of its screen looks at.

A run of a screen opens the workspace once and looks at one head of its ledger: `begin`. All it reads is read at that
moment and kept for everybody who looks at the same one (`shelf`). What a session remembers stands in one list below; a
draft, a choice or a guess among it stands on the desk of the workspace as well (`desk`), and survives the session.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any, Generic, TypeVar

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from mlops import MlopsError, Workspace
from mlops.experiments import configs
from playground import chain as links
from playground import desk, folders, lanes, seats
from playground.drawing import drawn
from playground.drawn_chain import DrawnChain
from playground.history import History, Tape
from playground.place import Place, chapter
from playground.tally import Asked, Tally, logged
from playground.ui.kit import shelf

Value = TypeVar("Value")

DOUBLE_CLICK = 0.5
"""Seconds between the clicks of a double click, at most; what systems take by default."""


# What a session remembers


@dataclass(frozen=True)
class Kept(Generic[Value]):
    """One thing that a session remembers beside its widgets."""

    name: str
    """``screen.thing``; all of them have the same prefix in the session."""
    unset: Value
    """What it is before anybody said anything."""
    durable: bool = False
    """Whether it stands on the desk of the workspace: after a reload, or another server, it is as it was."""

    @property
    def key(self) -> str:
        """Where it stands in the session."""
        return f"kept.{self.name}"

    def get(self) -> Value:
        """Return it."""
        found: Value = st.session_state.get(self.key, self.unset)
        return found

    def set(self, value: Value) -> None:
        """Remember it."""
        st.session_state[self.key] = value
        if self.durable and (value != self.unset or self.key in _FOUND.get()):
            _put({self.key: value})

    def take(self) -> Value:
        """Return it and forget it."""
        found: Value = st.session_state.pop(self.key, self.unset)
        return found


SEAT = Kept("session.seat", "")
COPY = Kept("session.copy", "")
"""The number of the copy on screen; empty in the own work."""
PAST: Kept[int | None] = Kept("session.past", None)
"""Number of the last event of the past on screen; None today."""
PAGE = Kept("session.page", "")
"""The screen that was drawn last, as Streamlit names it."""
NOT_THEN: Kept[MlopsError | None] = Kept("session.not_then", None)
"""Why the past that was asked for cannot be shown."""
CHAPTER = Kept("session.chapter", "")
"""The stop whose chapter is on screen; empty in the own work."""
REMEMBERED = Kept("session.remembered", "")
"""The seat that the base address leads to in this browser; another one than `SEAT` where a link was followed."""
GONE = Kept("session.gone", False)
"""Whether somebody left a seat here: the cookie that this session began with is no longer what the browser has."""
SAID = Kept("session.said", "")
"""What the last action did, to be said once."""
PROBLEM: Kept[MlopsError | None] = Kept("session.problem", None)
"""Why the last click in the menu was refused."""
ASKED = Kept("menu.asked", False)
"""Whether somebody is asked if they mean to start over."""
CLOSED = Kept("session.closed", 0)
"""How often the menu was closed from here."""
UNDO = Kept("session.undo", 0)
"""The number of the workspace that was put aside a moment ago."""
CLICKED: Kept[Mapping[str, float]] = Kept("session.clicked", {})
"""When each button that must not be pressed twice was pressed last."""

DRAFT: Kept[str | None] = Kept("train.draft", None, durable=True)
"""The config in the editor."""
OFFERED: Kept[str | None] = Kept("train.offered", None, durable=True)
"""The config that was offered there to begin with."""
REVISION = Kept("train.revision", 0, durable=True)
"""How often the draft was replaced by anything but typing."""
NAMED: Kept[tuple[str, str] | None] = Kept("train.named", None, durable=True)
"""The data that the draft named when it was read last."""
FORMED = Kept("train.formed", ("", ""), durable=True)
"""The draft before the form changed it last, and after."""
REFUSED: Kept[MlopsError | None] = Kept("train.refused", None)
"""Why the last click was refused."""

BUILDING: Kept[int | None] = Kept("start.building", None, durable=True)
"""The head at which somebody began to run the chain, as long as it is at work."""
STOPPED: Kept[tuple[int, MlopsError] | None] = Kept("start.stopped", None)
"""The head at which a step of the chain was refused, and why."""

WRITTEN: Kept[list[str] | None] = Kept("compare.written", None)
"""The runs that the screen last wrote into the URL."""
FOLLOWED = Kept("compare.followed", 0)
"""How often somebody else wrote runs there."""
FIRST: Kept[tuple[str, frozenset[str]]] = Kept("compare.first", ("", frozenset()))
"""Key of the table of runs, and the runs on top of it."""
OPENED: Kept[frozenset[tuple[str, ...]]] = Kept("compare.opened", frozenset())
"""``what, run, ...`` of all that was opened for good: test metrics, the same rows."""

LIVE: Kept[Mapping[str, list[str]] | None] = Kept("release.live", None)
"""What was live in each environment when this session last looked."""
ASKED_AT = Kept("release.asked_at", "")
"""The instant with which the question about a moment began."""
FURTHER = Kept("release.further", "")
"""Id of the rollback after which somebody wants to go to yet another version."""
GATE: Kept[Any] = Kept("release.gate", None)
"""The last answer of the gate."""
FEW = Kept("release.few", "")
"""The model of which too few rows were new to compare."""

TAB = Kept("data.tab", "")
"""The tab of Data that comes next; empty where nobody decided."""
CHECKED: Kept[Any] = Kept("data.checked", None)
"""``hash of the file, head, what it is`` of the last file that was asked about; not the file."""

ANSWER: Kept[Any] = Kept("predict.answer", None)
"""``model, row, answer`` of the last prediction."""
FILE: Kept[Any] = Kept("predict.file", None)
"""What came of the last file."""
REPLAYED = Kept("predict.replayed", "")
"""What the link asked for by which somebody came to the logged answers last."""

REVEALED: Kept[int | None] = Kept("notebook.revealed", None, durable=True)
"""The guess that somebody committed to."""
ORDER: Kept[tuple[str, ...]] = Kept("notebook.order", (), durable=True)
ATTEMPT = Kept("notebook.attempt", 0, durable=True)

_OF_A_MOMENT: tuple[Kept[Any], ...] = (REFUSED, STOPPED, LIVE, GATE, FEW, ANSWER, FILE)
"""Answers that are about one moment of the workspace; at another they would be wrong."""

HELD: Mapping[str, type] = {
    "train.data": str, "train.tabs": str, "workbench.way": str, "overlay.": str, "notebook.guess": int,
    "sweep.how": str, "sweep.draws": int, "sweep.keys.": list, "sweep.values.": str,
    "compare.search": str, "compare.columns": list, "compare.order": str, "worth.": float,
    "predict.tabs": str, "live.model": str, "panel.guess.": str, "panel.boss.": str,
}  # fmt: skip
"""Widgets whose choice stands on the desk as well, by key; behind a dot at the end comes what the widget is about."""

_FOUND: Kept[Mapping[str, Any]] = Kept("session.found", {})
"""What stands on the desk, as far as this session knows."""
_SITS: Kept[tuple[str, desk.Desk] | None] = Kept("session.sits", None)
"""The workspace that this session remembers its choices for, and its desk."""


def held(widget: str, unset: Any = None) -> Any:
    """Return what a widget holds, wherever it is drawn."""
    return st.session_state.get(widget, unset)


def hold(widget: str, value: Any) -> None:
    """Let a widget begin with a value; before it is drawn."""
    st.session_state[widget] = value


def is_opened(what: str, ids: tuple[str, ...]) -> bool:
    """Return whether this session has opened something about these runs."""
    return (what, *ids) in OPENED.get()


def open_for_good(what: str, ids: tuple[str, ...]) -> None:
    """Open something about these runs for the rest of this session."""
    OPENED.set(OPENED.get() | {(what, *ids)})


def say(what: str) -> None:
    """Keep a sentence for the next rerun: what the last action did."""
    SAID.set(what)


def forget() -> None:
    """Forget every choice and answer of this session: they belong to another workspace."""
    for key in [*st.session_state]:
        if not str(key).startswith(Kept("session.", None).key):
            del st.session_state[key]


def _sit_down(ws: Workspace) -> None:
    """Go on with what stands on the desk of a workspace; keep there what this session's widgets hold since."""
    if (sits := _SITS.get()) and sits[0] == ws.id:
        _put({str(key): value for key, value in st.session_state.to_dict().items() if _is_durable(str(key), value)})
        return
    if sits:  # another one came into its place, or another one is on screen
        forget()
    _SITS.set((ws.id, desk.Desk(ws.path)))
    _FOUND.set(desk.Desk(ws.path).read())
    for key, value in _FOUND.get().items():
        if key not in st.session_state and _is_durable(key, value):
            st.session_state[key] = value


def _is_durable(key: str, value: Any) -> bool:
    kind = _durable(key)
    return kind is not None and isinstance(value, kind)


@lru_cache(1000)
def _durable(key: str) -> type | None:
    """Return of which type the values are that stand on the desk under a key of the session; None if none do."""
    if any(isinstance(one, Kept) and one.durable and one.key == key for one in globals().values()):
        return object
    return HELD.get(key) or next((HELD[name] for name in HELD if name[-1] == "." and key.startswith(name)), None)


def _put(values: Mapping[str, Any]) -> None:
    """Keep values on the desk, where they are not there already."""
    found, sits = _FOUND.get(), _SITS.get()
    new = {key: value for key, value in values.items() if key not in found or found[key] != value}
    if new and sits:
        sits[1].put(new)
        _FOUND.set({**found, **new})


def second_click(button: str) -> bool:
    """Tell whether a click is the second one of a double click, by which a person means one."""
    before, now = CLICKED.get(), time.monotonic()
    CLICKED.set({**before, button: now})
    return now - before.get(button, -DOUBLE_CLICK) < DOUBLE_CLICK


# What one run of a screen looks at


@dataclass(frozen=True)
class Look:
    """A workspace as one run of a screen sees it: opened once, at one head of its ledger."""

    workspace: Workspace
    head: int
    shelf: shelf.Shelf

    @cached_property
    def logged(self) -> Hashable:
        """What was logged: requests are no events, so the head does not tell that one came. To a past comes none."""
        return () if self.workspace.event else logged(self.workspace)

    def answer(self, moment: Hashable, what: Callable[..., Value], arguments: tuple[Any, ...]) -> Value:
        """Return what a function says of the workspace, asked once for each moment."""
        found: Value = self.shelf.get((what, arguments), moment, lambda: what(self.workspace, *arguments))
        return found


_LOOK: Kept[Look | None] = Kept("session.look", None)
_TODAY: Kept[Look | None] = Kept("session.today", None)
"""The same one, unless the past is on screen."""
_OWN: Kept[Look | None] = Kept("session.own", None)
"""The same one, unless a chapter is on screen."""


def begin() -> None:
    """Look at the workspace on screen, for all that this run of its screen draws.

    Raises
    ------
    MlopsError
        If it cannot be opened.
    """
    folder, actor = _folder(), sitter().actor if room() else None
    own = _look_at(Workspace.open(folder, actor=actor))
    _OWN.set(own)
    _sit_down(own.workspace)
    told = chapter(own.workspace.path, CHAPTER.get())
    _TODAY.set(_look_at(Workspace.open(told, create=False, actor=actor)) if told else own)
    _LOOK.set(_as_it_was(today()))


def _look_at(ws: Workspace) -> Look:
    look = Look(ws, ws.head(), shelf.of_workspace(str(ws.path), ws.id))
    look.shelf.get("resumed", None, ws.resume)  # what was queued here before this server started goes on
    if look.answer(look.head, links.under_way, ()):
        ws.runs.list(limit=0)  # a run whose worker was killed says nothing: now it is recorded as interrupted
        look = replace(look, head=ws.head())
    return look


def _as_it_was(now: Look) -> Look:
    """Look at the past that this session is in, if it is in one; what is read of it is kept, for it never changes."""
    if (event := PAST.get()) is None:
        return now
    try:
        ws = now.workspace.at(event=event)
    except MlopsError as problem:
        NOT_THEN.set(problem)
        go_to(None)
        return now
    return Look(ws, event, shelf.of_past(str(ws.path), ws.id, event))


def renew() -> None:
    """Look anew where a fragment runs alone; in a run of the whole screen it looks at what the others do."""
    if (context := get_script_run_ctx()) is not None and context.fragment_ids_this_run:
        begin()


def workspace() -> Workspace:
    """Return the workspace on screen: the own one, or the chapter that was opened."""
    return _look().workspace


def event() -> int | None:
    """Return the number of the last event of the past on screen; None today, where things can be done."""
    return _look().workspace.event


def own() -> Workspace:
    """Return the learner's own workspace, also while a chapter is on screen: it keeps the progress."""
    return _own().workspace


def moment() -> tuple[Hashable, ...]:
    """Return what changes when anything happens, here or in the own workspace: an event, or a request."""
    looks = {id(look): look for look in (_own(), today())}
    return tuple((look.head, look.logged) for look in looks.values())


def own_head() -> int:
    """Return what `head` does, of the learner's own workspace."""
    return _own().head


def today() -> Look:
    """Return the look at what is now, also while the past is on screen."""
    return _TODAY.get() or _look()


def head() -> int:
    """Return the number of the last event that this run of the screen knows."""
    return _look().head


def read(what: Callable[..., Value], *arguments: Any) -> Value:
    """Return `what(workspace, *arguments)`, read once for each state of the ledger.

    `what` is a function of a module, and its arguments are plain values: together they name the answer.
    """
    return _look().answer(_look().head, what, arguments)


def read_own(what: Callable[..., Value], *arguments: Any) -> Value:
    """Return what `read` does, of the learner's own workspace."""
    return _own().answer(_own().head, what, arguments)


def read_requests(what: Callable[..., Value], *arguments: Any) -> Value:
    """Return what `read` does, for what logged requests tell as well: it is read again when one came."""
    return _look().answer((_look().head, _look().logged), what, arguments)


def keep(what: Callable[..., Value], *arguments: Any) -> Value:
    """Return what `read` does, read once and for all: for what is made of files alone, which never change."""
    return _look().answer(None, what, arguments)


def own_made(name: tuple[Hashable, ...], make: Callable[[], Value]) -> Value:
    """Return what `made` does, of the learner's own workspace."""
    found: Value = _own().shelf.get(name, None, make)
    return found


def known(name: tuple[Hashable, ...], make: Callable[[], Value]) -> Value:
    """Return what `make` finds in the own workspace and the one on screen together, once for each moment of both."""
    found: Value = _own().shelf.get(name, moment(), make)
    return found


def made(name: tuple[Hashable, ...], make: Callable[[], Value]) -> Value:
    """Return what `make` makes of what was kept, a figure for example; made once under that name."""
    found: Value = _look().shelf.get(name, None, make)
    return found


def _look() -> Look:
    look = _LOOK.get()
    if look is None:
        begin()
    return look or _look()


def _own() -> Look:
    _look()
    return _OWN.get() or _look()


# Where it is


def take_place() -> None:
    """Let the URL say where this is, before the navigation changes its page.

    A link of the navigation leads to the bare address of a screen. Said later, the place can become an entry of its own
    in the history of the browser: Back then leads to the bare address, and that to here again.
    """
    event = _asked_event()
    asked = st.query_params.get("copy") or COPY.get()
    open_copy(asked if folders.copy_of(home(), asked) else "")
    asked = st.query_params.get("in") or CHAPTER.get()
    go_into(asked if chapter(_folder().absolute(), asked) else "")
    go_to(event)


def place() -> Place:
    """Return where this session is."""
    return Place(SEAT.get(), COPY.get(), CHAPTER.get(), PAST.get())


def address() -> dict[str, str]:
    """Return the part of every link that says where this session is."""
    return place().query


def go_into(name: str) -> None:
    """Open a chapter, or with an empty name the own work again."""
    _be(CHAPTER, "in", name)


def open_copy(number: str) -> None:
    """Open a copy of the workspace, or with an empty number the own work again."""
    _be(COPY, "copy", number)


def _be(where: Kept[str], parameter: str, value: str) -> None:
    if where.get() != value:
        go_to(None)  # its events are not those of another workspace
    where.set(value)
    if value and st.query_params.get(parameter) != value:
        st.query_params[parameter] = value
    elif not value and parameter in st.query_params:
        del st.query_params[parameter]


def go_to(event: int | None) -> None:
    """Enter the past that ends with an event, or with None come back to today."""
    if event != PAST.get():
        for one in _OF_A_MOMENT:
            one.take()
    PAST.set(event)
    if event is not None and st.query_params.get("at") != str(event):
        st.query_params["at"] = str(event)
    elif event is None and "at" in st.query_params:
        del st.query_params["at"]


def move_to(event: int | None, at: str | None) -> None:
    """Enter the past after an event, or at an instant; with neither come back to today."""
    if at is not None:
        try:
            event = today().workspace.at(at).event or None
        except MlopsError as problem:
            NOT_THEN.set(problem)
            return
    go_to(event)


def _asked_event() -> int | None:
    """Return the last event of the past that the URL asks for.

    A link of the navigation leads to the bare address of another screen, and the past goes along; the bare address of
    the same screen is where Back leads to, out of the past.
    """
    context = get_script_run_ctx()
    page = context.page_script_hash if context else ""
    same, asked = page == PAGE.get(), st.query_params.get("at", "")
    PAGE.set(page)
    if asked and not asked.isdecimal():  # links of old said the time of day with it, and still answer
        st.query_params["time"] = asked
        return None
    return int(asked) if asked else None if same else PAST.get()


def _folder() -> Path:
    """Return the folder of what is on screen: a copy, or the own work."""
    own = home()
    return folders.copy_of(own, COPY.get()) or own


def home() -> Path:
    """Return the folder of this session's own work. The one place that decides.

    `MLOPS_WORKSPACE`, else `./workspace`; where `MLOPS_WORKSPACES` names a folder of many, that of the seat in the URL,
    else of this session's, else the one that the browser remembers; a new visitor gets a new one.
    """
    if (shared := room()) is None:
        return Path(os.environ.get("MLOPS_WORKSPACE") or "workspace")
    if not (GONE.get() or REMEMBERED.get()):
        key = str(st.context.cookies.get(seats.cookie(shared)))  # whatever a browser, or a test, has there
        REMEMBERED.set(key if seats.exists(shared, key) else "")
    key = st.query_params.get("ws") or SEAT.get() or REMEMBERED.get() or seats.take(shared, seats.most())
    found = seats.folder(shared, key)
    SEAT.set(key)
    REMEMBERED.set(REMEMBERED.get() or key)
    if st.query_params.get("ws") != key:
        st.query_params["ws"] = key
    return found


def room() -> Path | None:
    """Return the folder of a class; None where there is no class."""
    return Path(shared) if (shared := os.environ.get("MLOPS_WORKSPACES")) else None


def sitter() -> seats.Sitter:
    """Return who sits at the seat on screen; in a class."""
    shared = room()
    return seats.sitter(shared, SEAT.get()) if shared else seats.Sitter()


def history() -> History:
    """Return what happened, up to the moment on screen, and what was live."""
    return read(made(("tape",), Tape).history)


def chain(name: str = "") -> links.Chain:
    """Return the chain as it is now, about a model name."""
    return read(links.recorded, name).asked(_asked(name))


def drawn_chain(running: str = "") -> DrawnChain:
    """Return the chain as it is drawn now, with the config that this session is editing.

    Parameters
    ----------
    running : str
        The kind of node at work, while a chain is being built.
    """
    found = read(lanes.read)
    work, about = found.yours or found.live, found.live.model.name if found.live else ""
    counted = replace(_asked(about), requests=chain(about).predictions)
    return drawn(found, _draft(work.run) if work else None, counted, running)


def _asked(name: str) -> Asked:
    return read_requests(made(("tally",), Tally).asked, name)


def _draft(run: Any) -> Any:
    """Return the edited config by dotted key if it is valid and not that of the run, else None."""
    text = "" if event() is not None else DRAFT.get()  # in the past nobody is editing
    params = keep(_params, text) if text and text != OFFERED.get() else None
    return params if params and configs.diff_params(run.as_dict()["params"], params) else None


def _params(ws: Workspace, text: str) -> Any:
    try:
        return configs.load(text).params
    except MlopsError:
        return None
