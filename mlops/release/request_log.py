"""The request log: every question that a model was asked one by one, with its answer.

Requests are appended to an open file, one JSON document a line, before the answer is given. From time to time the file
is sealed: it becomes an artifact named in the ledger, and the next open file begins. Until then each line carries the
hash of itself and all lines before it, so that `verify` finds one that was edited, moved, added or taken away.

The newest requests are read from the end of the file, however many there are before them.
"""

from __future__ import annotations

import hashlib
import io
import json
import math
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from functools import partial
from itertools import dropwhile
from pathlib import Path
from typing import Any, BinaryIO

from mlops.base.artifacts import Artifacts, disk_errors, sync_folder
from mlops.base.errors import StorageError
from mlops.base.formats import format_of
from mlops.base.ledger import Ledger
from mlops.base.records import canonical_json, new_id, sha256_of
from mlops.base.verify import Problem, Unsealed, problem
from mlops.base.view import View

OPEN_LOGS = "predictions/open-*.jsonl"
"""Where the requests are that are not sealed yet; the last file counts (see `open_log`)."""

CHAIN = "sha256"
"""Key of a line under which the hash of it and of all before it stands."""

BLOCK = 1 << 16
"""Bytes that are read at a time, from the end of a log."""

SEAL_AT = 4 << 20
"""Bytes from which the open file is sealed."""


@dataclass(frozen=True)
class Piece:
    """Logged requests that lie in one file."""

    sha256: str | None
    """Hash of the file; None as long as requests are added to it."""
    read: Callable[[], Iterator[dict[str, Any]]]
    """Returns the requests, newest first."""


class RequestLog:
    """The logged requests of one workspace."""

    def __init__(self, ledger: Ledger, artifacts: Artifacts) -> None:
        self._ledger = ledger
        self._artifacts = artifacts

    def append(self, request: Mapping[str, Any]) -> None:
        """Log one request, with the number of the last event `after` which it came.

        The ledger's write lock keeps writers apart. When the method returns, the line is on the disk.
        """
        with self._ledger.write() as tx:
            path = self._artifacts.path(open_log(tx))
            with disk_errors(path):
                path.parent.mkdir(exist_ok=True)
                if new := not path.exists():
                    _remove_sealed(tx, self._artifacts)
                _append(path, open_log(tx), {**request, "after": tx.head()[0]})
            with disk_errors(path, so=""):  # the line is there; only whether it outlives a power cut is not known
                with open(path, "rb+") as file:
                    os.fsync(file.fileno())
                for folder in (path.parent, self._artifacts.root) if new else ():
                    sync_folder(folder)
            full = path.stat().st_size > SEAL_AT
        if full:
            with suppress(StorageError):  # the request is logged; the next one tries to seal again
                self._seal()

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
                segments = _segments(view)
                # Opened under the same look: sealing moves what is in it to a segment that this look does not know.
                unsealed = files.enter_context(_unsealed(view, self._artifacts))
            yield Piece(None, lambda: dropwhile(lambda request: not view.holds(request), _newest_first(unsealed)))
            for segment, sha256 in segments:
                yield Piece(sha256, partial(self._sealed, segment, sha256))

    def _sealed(self, segment: str, sha256: str) -> Iterator[dict[str, Any]]:
        return _newest_first(io.BytesIO(self._artifacts.read(segment, sha256)))

    def _seal(self) -> None:
        segment = new_id("s")
        with self._artifacts.stage() as stage, self._ledger.write() as tx:
            path = self._artifacts.path(open_log(tx))
            if not path.exists() or path.stat().st_size <= SEAL_AT:
                return  # another writer sealed the full one just now
            data = path.read_bytes()
            changes = {"segment_id": segment, "requests": data.count(b"\n"), "sealed_at": tx.at}
            files = {f"predictions/{segment}.jsonl": stage.write("segment.jsonl", data)}
            tx.append("segment.seal", segment, changes, files)
        with disk_errors(path):
            path.unlink(missing_ok=True)  # only now: the segment is named, and nobody writes here any more


def open_log(view: View) -> str:
    """Return the path of the requests that are not sealed yet.

    Sealing a segment begins the next file, in the same instant in which the segment is named.
    """
    return OPEN_LOGS.replace("*", str(len(view.subjects("segment")) + 1))


def _segments(view: View) -> list[tuple[str, str]]:
    """Return path and hash of each segment, the newest first."""
    paths = [f"predictions/{record['segment_id']}.jsonl" for record in view.records("segment")]
    return [(path, view.artifact(path)) for path in paths]


def unsealed(view: View, artifacts: Artifacts) -> bytes:
    """Return the lines that are not sealed yet; in the past, those that were not and had come."""
    with _unsealed(view, artifacts) as log:
        end = log.seek(0, os.SEEK_END)
        if view.today is not view:
            end = next((end for line, end in _backwards(log) if view.holds(_parsed(line))), 0)
        log.seek(0)
        return log.read(end)


def _unsealed(view: View, artifacts: Artifacts) -> BinaryIO:
    """Open the requests that are not sealed in a look; what was open in the past can be a segment by now."""
    later = len(view.today.subjects("segment")) - len(view.subjects("segment"))
    if later:
        return io.BytesIO(artifacts.read(*_segments(view.today)[later - 1]))
    return _opened(artifacts.path(open_log(view)))


def verify(ledger: Ledger, artifacts: Artifacts) -> Unsealed:
    """Look over the requests that are not sealed yet: each line stands as it was written, where it was written.

    Half a line at the end, and a log that became a segment and is still there, were left by a killed process.
    """
    with ledger.read() as view:
        name, sealed, since = open_log(view), _sealed(view, artifacts), _chained_since(view)
        with _opened(artifacts.path(name)) as file:
            data = file.read()
    lines = data.split(b"\n")
    torn = [f"{name} line {len(lines)}"] if lines[-1] else []
    return Unsealed((name, *sealed), tuple(_problems(name, lines[:-1], since)), (*sealed, *torn))


def _chained_since(view: View) -> float:
    """Return the number of the event from which all requests are chained: programs of format 1 did not chain them."""
    if format_of(view.connection) == 1:
        return math.inf
    upgrade = view.select("workspace", "SELECT seq FROM records WHERE noun = 'workspace'").fetchone()
    return float(upgrade[0]) if upgrade else 0


def _problems(name: str, lines: list[bytes], since: float) -> Iterator[Problem]:
    previous = ""
    for number, line in enumerate(lines, start=1):
        request = _parsed(line)
        written = request.pop(CHAIN, "")
        if not written and not previous and request.get("after", 0) < since:
            expected = canonical_json(request).encode() + b"\n"
        else:
            previous = previous or _start(name, b"".join(one + b"\n" for one in lines[: number - 1]))
            expected = _line(previous, request)
        if line + b"\n" != expected:
            wanted = expected.decode().strip() if request else "a request"
            yield problem("request log", f"{name} line {number}", wanted, line.decode(errors="replace"))
        previous = str(written) or previous


def _sealed(view: View, artifacts: Artifacts) -> list[str]:
    """Return the path of the log that became the newest segment, if it is still there."""
    path = OPEN_LOGS.replace("*", str(len(view.subjects("segment"))))
    newest = next(view.each("segment", 1), None)
    same = newest and artifacts.hash(path) == view.artifact(f"predictions/{newest['segment_id']}.jsonl")
    return [path] if same else []


def _remove_sealed(view: View, artifacts: Artifacts) -> None:
    for path in _sealed(view, artifacts):
        artifacts.path(path).unlink(missing_ok=True)


def _newest_first(log: BinaryIO) -> Iterator[dict[str, Any]]:
    for line, _ in _backwards(log):
        if request := _parsed(line):
            yield {key: request[key] for key in request if key != CHAIN}


def _parsed(line: bytes) -> dict[str, Any]:
    """Return the request of a line; an empty one if it cannot be read."""
    with suppress(ValueError, RecursionError):
        request = json.loads(line)
        return request if isinstance(request, dict) else {}
    return {}


def _opened(path: Path) -> BinaryIO:
    try:
        return open(path, "rb")
    except FileNotFoundError:
        return io.BytesIO()


def _start(name: str, before: bytes) -> str:
    """Return what the first line of a log follows; `before` it may stand lines that are not chained."""
    return hashlib.sha256(name.encode() + b"\n" + before).hexdigest()


def _line(previous: str, request: Mapping[str, Any]) -> bytes:
    """Return a request as it is written after a line with a hash."""
    return canonical_json({**request, CHAIN: sha256_of([previous, request])}).encode() + b"\n"


def _append(path: Path, name: str, request: Mapping[str, Any]) -> None:
    """Append a line; half a one before it, left by a power cut or a full disk, was nobody's answer, and goes."""
    with open(path, "ab+") as file:
        last, end = next(_backwards(file), (b"", 0))
        previous = _parsed(last).get(CHAIN)
        if not previous:
            file.seek(0)
            previous = _start(name, file.read(end))
        file.truncate(end)
        file.write(_line(str(previous), request))


def _backwards(log: BinaryIO) -> Iterator[tuple[bytes, int]]:
    """Yield the whole lines of a log, the last one first, each with where it ends; the file is read from its end."""
    begin, head, is_whole = log.seek(0, os.SEEK_END), b"", False
    end = begin + 1  # as if what stands after the last line ended there
    while begin:
        size = min(begin, BLOCK)
        begin = log.seek(begin - size)
        head, *lines = (log.read(size) + head).split(b"\n")
        for line in reversed(lines):
            if is_whole:
                yield line, end
            end, is_whole = end - len(line) - 1, True
    if is_whole:
        yield head, end
