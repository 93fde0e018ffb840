"""Leaving the class: one file for each learner, with what was reached, and whether a workspace bears it out.

A file is what `course.export` and `quiz.export` say of a seat, and the chosen name; nothing else of anybody is in it.
"""

from __future__ import annotations

import io
import json
import lzma
import re
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path, PurePosixPath
from typing import Any

from mlops import MlopsError, Workspace
from mlops.base.errors import InvalidError, shown
from mlops.base.records import readable_json
from playground import course, quiz, seats
from playground.classroom import book, wall
from playground.course.logbook import DONE

MOST_FILES, MOST_BYTES, MOST_TOGETHER = 1000, 5_000_000, 50_000_000
"""Files of one upload, bytes of one of them, and of all of them, at most."""

NO_FILE = "it is no file that a learner leaves with"

NOT_READ = "not-read.txt"
"""Where a zip names those whose workspace could not be read."""

BROKEN = (zipfile.BadZipFile, zlib.error, lzma.LZMAError, RuntimeError, EOFError, ValueError, OSError)
"""What opening a zip, or reading a file of it, may come to where its bytes are not as they were written."""


@dataclass(frozen=True)
class Rechecked:
    """What a workspace of the class says to the file of a learner."""

    name: str
    stops: int = 0
    """How many stops and labs the file says lie behind."""
    wrong: tuple[str, ...] = ()
    """What it claims and its workspace does not bear out."""

    @property
    def ok(self) -> bool:
        """Whether all of it holds."""
        return not self.wrong

    @property
    def said(self) -> str:
        """It in words.

        Examples
        --------
        >>> Rechecked("Ada", 3).said, Rechecked("Ben", 1, ("freeze: it did not begin as it says",)).said
        ('Ada: all of it holds', 'Ben: freeze: it did not begin as it says')
        """
        return f"{self.name}: {'; '.join(self.wrong) or 'all of it holds'}"


def files(
    room: Path,
    on_unread: Callable[[str], object] = lambda name: None,
    on_seat: Callable[[int, int], object] = lambda done, of: None,
) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield the file of each learner who has begun a stop or the quiz: its name, and what stands in it.

    Parameters
    ----------
    room : Path
        The folder of the class.
    on_unread : callable
        Called with the name of each seat that cannot be read.
    on_seat : callable
        Called before each seat with how many were read, and of how many: each takes a tenth of a second.
    """
    found = book.seats(room)
    names, taken = wall.called(room, found), set[str]()
    for number, seat in enumerate(found):
        on_seat(number, len(found))
        try:
            ws = Workspace.open(seat, create=False)
            document = {**course.export(ws), "quiz": quiz.export(ws)}
        except (MlopsError, OSError):
            on_unread(names[seat.name])
            continue
        if not (document["stops"] or document["quiz"]["answers"]):
            continue
        base = re.sub(r"[^\w]+", "-", names[seat.name]).strip("-").lower() or "learner"
        file = next(name for name in _free(base) if name not in taken)
        taken.add(file)
        yield f"{file}.json", {"name": seats.sitter(room, seat.name).name, **document}


def _free(base: str) -> Iterator[str]:
    yield base
    number = 2
    while True:
        yield f"{base}-{number}"
        number += 1


def packed(room: Path, on_seat: Callable[[int, int], object] = lambda done, of: None) -> bytes:
    """Return the files of all learners as one zip; the same bytes as long as nobody goes on.

    Who is missing, because a workspace cannot be read, is named in it. Of `on_seat`, `files` tells.
    """
    content, unread = io.BytesIO(), list[str]()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, document in files(room, unread.append, on_seat):
            archive.writestr(zipfile.ZipInfo(name), readable_json(document), zipfile.ZIP_DEFLATED)
        if unread:
            archive.writestr(zipfile.ZipInfo(NOT_READ), "".join(f"{name}\n" for name in unread))
    return content.getvalue()


def recheck(room: Path, content: bytes) -> list[Rechecked]:
    """Check a file that learners left with, or a zip of them, against the workspaces of the class.

    Raises
    ------
    InvalidError
        If it is a zip that holds too much, or none of these files.
    """
    found = book.seats(room)
    names = wall.called(room, found)
    known = {ws.id: (ws, names[ws.path.name]) for ws in _workspaces(found)}
    checked = [_rechecked(file, told, known) for file, told in _documents(content)]
    if not checked:
        raise InvalidError("There is no file of a learner in this zip.", "Send the one that was downloaded here.")
    return checked


def _workspaces(found: Iterable[Path]) -> Iterator[Workspace]:
    for seat in found:
        with suppress(MlopsError, OSError):
            yield Workspace.open(seat, create=False)


def _documents(content: bytes) -> Iterator[tuple[str, Any]]:
    """Yield each file that came, and what it tells: one after the other, so that one at a time is in memory."""
    try:
        archive = zipfile.ZipFile(io.BytesIO(content))
    except BROKEN:
        yield "This file", _told(lambda: content)
        return
    inside = [one for one in archive.infolist() if _is_one(PurePosixPath(one.filename))]
    sizes = [one.file_size for one in inside]
    if len(inside) > MOST_FILES or max(sizes, default=0) > MOST_BYTES or sum(sizes) > MOST_TOGETHER:
        raise InvalidError(
            f"At most {MOST_FILES:,} files of {MOST_BYTES:,} bytes, {MOST_TOGETHER:,} in all, are checked at once.",
            "Send fewer.",
        )
    for one in inside:
        yield one.filename, _told(partial(archive.read, one))


def _is_one(path: PurePosixPath) -> bool:
    """Tell whether a file of a zip may be a learner's: who packs it again adds folders, and hidden notes."""
    return path.suffix == ".json" and not path.name.startswith(".")


def _told(read: Callable[[], bytes]) -> Any:
    try:
        return json.loads(read())
    except BROKEN:
        return None


def _rechecked(file: str, told: Any, known: Mapping[str, tuple[Workspace, str]]) -> Rechecked:
    if not isinstance(told, dict) or not isinstance(told.get("stops"), dict):
        return Rechecked(file, wrong=(NO_FILE,))
    if (workspace := str(told.get("workspace"))) not in known:
        return Rechecked(file, wrong=("no seat of this class has its workspace",))
    ws, name = known[workspace]
    try:
        wrong = course.recheck(ws, told)
        wrong += [("quiz", what) for what in quiz.recheck(ws, told["quiz"])] if "quiz" in told else []
        behind = sum(one["status"] in DONE for one in told["stops"].values())
    except (MlopsError, LookupError, TypeError, ValueError, AttributeError, ArithmeticError):
        return Rechecked(name, wrong=(NO_FILE,))
    if told.get("name") not in ("", *seats.sitter(ws.path.parent, ws.path.name).names):
        wrong.insert(0, ("name", f"nobody was called {shown(told.get('name'))} there"))
    return Rechecked(name, behind, tuple(f"{stop}: {what}" for stop, what in wrong))
