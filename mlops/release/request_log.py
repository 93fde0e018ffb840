"""The request log: every question that a model was asked one by one, with its answer.

A second log of the same kind keeps what a silent candidate would have answered (`KINDS`).

Requests are appended to an open file, one JSON document a line, before the answer is given. From time to time the file
is sealed: it becomes an artifact named in the ledger, and the next open file begins. Until then its lines are
`chained`, so that `verify` finds one that was edited, moved, added or taken away.
"""

from __future__ import annotations

import io
import math
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from io import FileIO
from itertools import dropwhile
from pathlib import Path
from typing import Any, BinaryIO, Literal

from mlops.base import chained, locks
from mlops.base.artifacts import Artifacts, disk_errors, sync_folder
from mlops.base.clock import Instant
from mlops.base.errors import StorageError
from mlops.base.flushes import FLUSHES
from mlops.base.formats import format_of, is_current
from mlops.base.ledger import Ledger
from mlops.base.records import canonical_json, new_id
from mlops.base.verify import Problem, Unsealed, problem
from mlops.base.view import View

SEAL_AT = 4 << 20
"""Bytes from which the open file is sealed."""


@dataclass(frozen=True)
class Piece:
    """Logged requests that lie in one file."""

    sha256: str | None
    """Hash of the file; None as long as requests are added to it."""
    read: Callable[[], Iterator[dict[str, Any]]]
    """Returns the requests, newest first."""


Kind = Literal["requests", "shadow"]
"""What a log keeps: what was answered, or what a silent candidate would have answered."""

KINDS: Mapping[Kind, tuple[str, str]] = {
    "requests": ("predictions/open-*.jsonl", "segment"),
    "shadow": ("predictions/shadow-*.jsonl", "shadow_segment"),
}
"""Where the lines of a log are that are not sealed yet - the last file counts, see `open_log` - and the noun of its
segments in the ledger."""


class Turn:
    """The open log while one program, and no other, may append to it."""

    def __init__(self, file: FileIO, name: str, now: Instant, after: int) -> None:
        line, self._end = next(chained.backwards(file), (b"", 0))
        last = chained.parsed(line)
        self._file, self._after = file, after
        self._previous = last.get(chained.KEY) or chained.start(name, _beginning(file, self._end))
        self.at = max(now, last["at"]) if last.get("after") == after else now
        """The instant of what is appended now; where the clock of the machine was put back, that of the last line."""

    def append(self, requests: Sequence[Mapping[str, Any]]) -> None:
        """Append requests, all or none, each with the number of the last event `after` which it came.

        Half a line before them, left by a power cut or a full disk, was nobody's answer, and goes.
        """
        lines, previous = [], self._previous
        for request in requests:
            line, previous = chained.next_line(previous, {**request, "after": self._after})
            lines.append(line)
        data = b"".join(lines)
        try:
            self._file.truncate(self._end)
            written = 0
            while written < len(data):
                written += self._file.write(data[written:])
        except OSError:
            self._file.truncate(self._end)
            raise
        self._previous, self._end = previous, self._end + len(data)


class RequestLog:
    """The logged requests of one workspace."""

    def __init__(self, ledger: Ledger, artifacts: Artifacts, kind: Kind = "requests") -> None:
        self._ledger = ledger
        self._artifacts = artifacts
        self._kind = kind
        self._lock = artifacts.root / f"{kind}.lock"

    @contextmanager
    def turn(self) -> Iterator[Turn]:
        """Take the turn of appending: nobody else appends meanwhile, so what comes later stands below.

        A lock of the log keeps writers apart, and not that of the ledger, which a release check holds as long as it
        computes. When the block ends, the lines outlive this process, however it ends; soon, a power cut (`sync`).
        """
        self._ledger.check_present()
        FLUSHES.check(self._lock)
        with self._locked():
            now, after, name = self._look()
            path = self._artifacts.path(name)
            with disk_errors(path):
                path.parent.mkdir(exist_ok=True)
                new = not path.exists()
                with open(path, "ab+", buffering=0) as file:
                    yield Turn(file, name, now, after)
            with disk_errors(path, so=""):  # the lines are there; only whether they outlive a power cut is not known
                for folder in (path.parent, self._artifacts.root) if new else ():
                    sync_folder(folder)
        FLUSHES.later(self._lock, partial(self._flush, path))

    def sync(self) -> None:
        """Return when all that this process has appended outlives a power cut, which it soon does by itself."""
        FLUSHES.now()
        FLUSHES.check(self._lock)

    def __iter__(self) -> Iterator[dict[str, Any]]:
        """Yield the requests, newest first; a line that a power cut tore is left out.

        Segments are read one after the other, so whoever wants only the latest requests never reads the old ones.
        """
        for piece in self.pieces():
            yield from piece.read()

    def pieces(self) -> Iterator[Piece]:
        """Yield the pieces of the log, newest first; what is not sealed yet is read before the next one is taken."""
        with ExitStack() as files:
            with self._ledger.read() as view:
                segments = _segments(view, self._kind)
                # Opened under the same look: sealing moves what is in it to a segment that this look does not know.
                unsealed = files.enter_context(_unsealed(view, self._artifacts, self._kind))
            yield Piece(None, lambda: dropwhile(lambda one: not view.holds(one), chained.newest_first(unsealed)))
            for segment, sha256 in segments:
                yield Piece(sha256, partial(self._sealed, segment, sha256))

    def _sealed(self, segment: str, sha256: str) -> Iterator[dict[str, Any]]:
        return chained.newest_first(io.BytesIO(self._artifacts.read(segment, sha256)))

    def _look(self) -> tuple[Instant, int, str]:
        """Return the instant it is, the number of the last event, and the path of the open log."""
        with self._ledger.read() as view:
            if is_current(view.connection):
                name = open_log(view, self._kind)
                if not self._artifacts.path(name).exists():
                    _remove_sealed(view, self._artifacts, self._kind)
                return view.now(), view.head()[0], name
        with self._ledger.write():  # brings it up to date: of older programs, nobody expects lines as they come now
            pass
        return self._look()

    @contextmanager
    def _locked(self) -> Iterator[None]:
        with disk_errors(self._lock), locks.turn(self._lock, self._ledger.busy):
            yield

    def _flush(self, path: Path) -> None:
        try:
            with disk_errors(path, so=""), open(path, "rb+") as file:
                os.fsync(file.fileno())
                full = path.stat().st_size > SEAL_AT
        except StorageError:
            if not path.exists():
                return  # sealed by another program, or gone with its workspace
            raise
        if full:
            with suppress(StorageError):  # the requests are logged; the next flush tries to seal again
                self._seal()

    def _seal(self) -> None:
        segment = new_id("s")
        with ExitStack() as turn, self._artifacts.stage() as stage, self._ledger.brief().write() as tx:
            # The ledger first: who waits for it keeps nobody from appending. Given back after it has committed.
            turn.enter_context(self._locked())
            path = self._artifacts.path(open_log(tx, self._kind))
            if not path.exists() or path.stat().st_size <= SEAL_AT:
                return  # another writer sealed the full one just now
            data = path.read_bytes()
            changes = {"segment_id": segment, "requests": data.count(b"\n"), "sealed_at": tx.at}
            files = {f"predictions/{segment}.jsonl": stage.write("segment.jsonl", data)}
            tx.append(f"{KINDS[self._kind][1]}.seal", segment, changes, files)
        with disk_errors(path):
            path.unlink(missing_ok=True)  # only now: the segment is named, and nobody writes here any more


def open_log(view: View, kind: Kind = "requests") -> str:
    """Return the path of the requests that are not sealed yet.

    Sealing a segment begins the next file, in the same instant in which the segment is named.
    """
    return _name(kind, _sealed_segments(view, kind) + 1)


def _name(kind: Kind, number: int) -> str:
    return KINDS[kind][0].replace("*", str(number))


def _sealed_segments(view: View, kind: Kind) -> int:
    return len(view.subjects(KINDS[kind][1]))


def _segments(view: View, kind: Kind) -> list[tuple[str, str]]:
    """Return path and hash of each segment, the newest first."""
    paths = [f"predictions/{record['segment_id']}.jsonl" for record in view.records(KINDS[kind][1])]
    return [(path, view.artifact(path)) for path in paths]


def unsealed(view: View, artifacts: Artifacts) -> dict[str, bytes]:
    """Return the lines of each log that are not sealed yet, by the path of its file; in the past, those of then."""
    return {open_log(view, kind): _lines(view, artifacts, kind) for kind in KINDS}


def _lines(view: View, artifacts: Artifacts, kind: Kind) -> bytes:
    with _unsealed(view, artifacts, kind) as log:
        end = log.seek(0, os.SEEK_END)
        if view.today is not view:
            end = next((end for line, end in chained.backwards(log) if view.holds(chained.parsed(line))), 0)
        log.seek(0)
        return log.read(end)


def _unsealed(view: View, artifacts: Artifacts, kind: Kind) -> BinaryIO:
    """Open the requests that are not sealed in a look; what was open in the past can be a segment by now."""
    later = _sealed_segments(view.today, kind) - _sealed_segments(view, kind)
    if later:
        return io.BytesIO(artifacts.read(*_segments(view.today, kind)[later - 1]))
    return chained.opened(artifacts.path(open_log(view, kind)))


def verify(ledger: Ledger, artifacts: Artifacts) -> Unsealed:
    """Look over the requests that are not sealed yet: each line stands as it was written, where it was written.

    Half a line at the end, and a log that became a segment and is still there, were left by a killed process.
    """
    logs: dict[str, bytes] = {}
    with ledger.read() as view:
        since = _chained_since(view)
        sealed = [path for kind in KINDS for path in _sealed(view, artifacts, kind)]
        for name in (open_log(view, kind) for kind in KINDS):
            with chained.opened(artifacts.path(name)) as file:
                logs[name] = file.read()
    problems: list[Problem] = []
    torn = []
    for name, data in logs.items():
        *lines, rest = data.split(b"\n")
        problems += _problems(name, lines, since)
        torn += [f"{name} line {len(lines) + 1}"] if rest else []
    return Unsealed((*logs, *sealed), tuple(problems), (*sealed, *torn))


def _chained_since(view: View) -> float:
    """Return the number of the event from which all requests are chained: programs of format 1 did not chain them."""
    if format_of(view.connection) == 1:
        return math.inf
    upgrade = view.select("workspace", "SELECT seq FROM records WHERE noun = 'workspace'").fetchone()
    return float(upgrade[0]) if upgrade else 0


def _problems(name: str, lines: list[bytes], since: float) -> Iterator[Problem]:
    previous = ""
    for number, line in enumerate(lines, start=1):
        request = chained.parsed(line)
        written = request.pop(chained.KEY, "")
        if not written and not previous and request.get("after", 0) < since:
            expected = canonical_json(request).encode() + b"\n"
        else:
            previous = previous or chained.start(name, b"".join(one + b"\n" for one in lines[: number - 1]))
            expected, _ = chained.next_line(previous, request)
        if line + b"\n" != expected:
            wanted = expected.decode().strip() if request else "a request"
            yield problem("request log", f"{name} line {number}", wanted, line.decode(errors="replace"))
        previous = str(written) or previous


def _sealed(view: View, artifacts: Artifacts, kind: Kind) -> list[str]:
    """Return the path of the log that became the newest segment, if it is still there."""
    path = _name(kind, _sealed_segments(view, kind))
    newest = next(view.each(KINDS[kind][1], 1), None)
    same = newest and artifacts.hash(path) == view.artifact(f"predictions/{newest['segment_id']}.jsonl")
    return [path] if same else []


def _remove_sealed(view: View, artifacts: Artifacts, kind: Kind) -> None:
    for path in _sealed(view, artifacts, kind):
        artifacts.path(path).unlink(missing_ok=True)


def _beginning(file: BinaryIO, end: int) -> bytes:
    file.seek(0)
    return file.read(end)
