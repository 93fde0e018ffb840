"""Leaving the class: one file for each learner, with what was reached, and whether a workspace bears it out.

A file is what `course.export` and `quiz.export` say of a seat, and the chosen name; nothing else of anybody is in it.
"""

from __future__ import annotations

import io
import json
import re
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mlops import MlopsError, Workspace
from mlops.base.errors import InvalidError
from mlops.base.records import readable_json
from playground import course, quiz
from playground.classroom import book, wall

MOST_FILES, MOST_BYTES = 1000, 5_000_000
"""Files of one upload, and bytes of one of them, at most."""

NO_FILE = "it is no file that a learner leaves with"


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


def files(room: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield the file of each learner who has begun a stop or the quiz: its name, and what stands in it."""
    found = book.seats(room)
    names, taken = wall.called(room, found), set[str]()
    for seat in found:
        try:
            ws = Workspace.open(seat, create=False)
            document = {**course.export(ws), "quiz": quiz.export(ws)}
        except MlopsError:
            continue
        if not (document["stops"] or document["quiz"]["answers"]):
            continue
        base = re.sub(r"[^\w]+", "-", names[seat.name]).strip("-").lower() or "learner"
        file = next(name for name in _free(base) if name not in taken)
        taken.add(file)
        yield f"{file}.json", {"name": names[seat.name], **document}


def _free(base: str) -> Iterator[str]:
    yield base
    number = 2
    while True:
        yield f"{base}-{number}"
        number += 1


def packed(room: Path) -> bytes:
    """Return the files of all learners as one zip; the same bytes as long as nobody goes on."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, document in files(room):
            archive.writestr(zipfile.ZipInfo(name), readable_json(document), zipfile.ZIP_DEFLATED)
    return content.getvalue()


def recheck(room: Path, content: bytes) -> list[Rechecked]:
    """Check a file that learners left with, or a zip of them, against the workspaces of the class.

    Raises
    ------
    InvalidError
        If it is neither.
    """
    documents = [*_documents(content)]
    known = {ws.id: ws for ws in _workspaces(room)}
    return [_rechecked(name, told, known) for name, told in documents]


def _workspaces(room: Path) -> Iterator[Workspace]:
    for seat in book.seats(room):
        try:
            yield Workspace.open(seat, create=False)
        except MlopsError:
            continue


def _documents(content: bytes) -> Iterator[tuple[str, Any]]:
    if not zipfile.is_zipfile(io.BytesIO(content)):
        yield "This file", _told(content)
        return
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        inside = archive.infolist()
        if len(inside) > MOST_FILES or any(one.file_size > MOST_BYTES for one in inside):
            raise InvalidError(
                f"At most {MOST_FILES:,} files of {MOST_BYTES:,} bytes are checked at once.", "Send fewer."
            )
        for one in inside:
            yield one.filename, _told(archive.read(one))


def _told(content: bytes) -> Any:
    try:
        return json.loads(content)
    except (ValueError, RecursionError):
        return None


def _rechecked(file: str, told: Any, known: Mapping[str, Workspace]) -> Rechecked:
    if not isinstance(told, dict) or not isinstance(told.get("stops"), dict):
        return Rechecked(file, wrong=(NO_FILE,))
    name = str(told.get("name") or file)
    ws = known.get(str(told.get("workspace")))
    if ws is None:
        return Rechecked(name, wrong=("no seat of this class has its workspace",))
    try:
        wrong = course.recheck(ws, told)
        wrong += [("quiz", what) for what in quiz.recheck(ws, told["quiz"])] if "quiz" in told else []
        behind = sum(one["status"] in ("solved", "with_hints", "skipped") for one in told["stops"].values())
    except (MlopsError, LookupError, TypeError, ValueError, AttributeError):
        return Rechecked(name, wrong=(NO_FILE,))
    return Rechecked(name, behind, tuple(f"{stop}: {what}" for stop, what in wrong))
