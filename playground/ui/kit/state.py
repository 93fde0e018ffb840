"""What one run of a screen looks at: the workspace on screen, opened once, at one head of its ledger.

All that is read of it is read at that moment and kept for everybody who looks at the same one (`shelf`). What a session
remembers is in `session`, where it is in `location`.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any, TypeVar

from streamlit.runtime.scriptrunner import get_script_run_ctx

from mlops import MlopsError, Workspace
from mlops.experiments import configs
from playground import chain as links
from playground import lanes
from playground.classroom import book
from playground.drawing import drawn
from playground.drawn_chain import DrawnChain
from playground.history import History, Tape
from playground.place import chapter
from playground.tally import Asked, Tally, logged
from playground.ui.kit import location, session, shelf

Value = TypeVar("Value")


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


_LOOK: session.Kept[Look | None] = session.Kept("session.look", None)
_TODAY: session.Kept[Look | None] = session.Kept("session.today", None)
"""The same one, unless the past is on screen."""
_OWN: session.Kept[Look | None] = session.Kept("session.own", None)
"""The same one, unless a chapter is on screen."""


def begin() -> None:
    """Look at the workspace on screen, for all that this run of its screen draws.

    Raises
    ------
    MlopsError
        If it cannot be opened.
    """
    folder, actor = location.folder(), location.sitter().actor if location.room() else None
    own = _look_at(Workspace.open(folder, actor=actor))
    _OWN.set(own)
    session.sit_down(own.workspace)
    told = chapter(own.workspace.path, session.CHAPTER.get())
    _TODAY.set(_look_at(Workspace.open(told, create=False, actor=actor)) if told else own)
    _LOOK.set(_as_it_was(today()))


def beside(folder: Path) -> Look:
    """Look at a workspace beside the one on screen, a copy for example."""
    return _look_at(Workspace.open(folder, create=False))


def _look_at(ws: Workspace) -> Look:
    look = Look(ws, ws.head(), shelf.of_workspace(str(ws.path), ws.id))
    look.shelf.get("resumed", None, ws.resume)  # what was queued here before this server started goes on
    if look.answer(look.head, links.under_way, ()):
        ws.runs.list(limit=0)  # a run whose worker was killed says nothing: now it is recorded as interrupted
        look = replace(look, head=ws.head())
    return look


def _as_it_was(now: Look) -> Look:
    """Look at the past that this session is in, if it is in one; what is read of it is kept, for it never changes."""
    if (event := session.PAST.get()) is None:
        return now
    try:
        ws = now.workspace.at(event=event)
    except MlopsError as problem:
        session.NOT_THEN.set(problem)
        location.go_to(None)
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
    """Return what changes when anything happens here or in the own workspace, or a teacher decides something."""
    looks = {id(look): look for look in (_own(), today())}
    room = location.room()
    return (book.moment(room) if room else None, *((look.head, look.logged) for look in looks.values()))


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


def move_to(event: int | None, at: str | None) -> None:
    """Enter the past after an event, or at an instant; with neither come back to today."""
    if at is not None:
        try:
            event = today().workspace.at(at).event or None
        except MlopsError as problem:
            session.NOT_THEN.set(problem)
            return
    location.go_to(event)


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
    text = "" if event() is not None else session.DRAFT.get()  # in the past nobody is editing
    params = keep(_params, text) if text and text != session.OFFERED.get() else None
    return params if params and configs.diff_params(run.as_dict()["params"], params) else None


def _params(ws: Workspace, text: str) -> Any:
    try:
        return configs.load(text).params
    except MlopsError:
        return None
