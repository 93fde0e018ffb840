"""The request log: every question that a model was asked one by one, with its answer.

Requests are appended to an open file, one JSON document a line, before the answer is given. From time to time the file
is sealed: it becomes an artifact named in the ledger, and the next open file begins.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from mlops.artifacts import Artifacts, disk_errors, sync_folder
from mlops.errors import StorageError
from mlops.ledger import Ledger, View
from mlops.records import canonical_json, new_id

OPEN_LOGS = "predictions/open-*.jsonl"
"""Where the requests are that are not sealed yet; the last file counts (see `open_log`)."""

SEAL_AT = 4 << 20
"""Bytes from which the open file is sealed."""


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
            line = canonical_json({**request, "after": tx.head()[0]}).encode() + b"\n"
            path = self._artifacts.path(open_log(tx))
            with disk_errors(path):
                path.parent.mkdir(exist_ok=True)
                new = not path.exists()
                _append_line(path, line)
            with disk_errors(path, so=""):  # the line is there; only whether it outlives a power cut is not known
                with open(path, "rb+") as file:
                    os.fsync(file.fileno())
                if new:
                    sync_folder(path.parent)
            full = path.stat().st_size > SEAL_AT
        if full:
            with suppress(StorageError):  # the request is logged; the next one tries to seal again
                self._seal()

    def __iter__(self) -> Iterator[dict[str, Any]]:
        """Yield the requests, newest first; a line that a power cut tore is left out.

        Segments are read one after the other, so whoever wants only the latest requests never reads the old ones.
        """
        with self._ledger.read() as view:
            paths = [f"predictions/{record['segment_id']}.jsonl" for record in view.records("segment")]
            segments = [(path, view.artifact(path)) for path in paths]
            # Read under the same look: sealing moves what is in it to a segment that this look does not know.
            path = self._artifacts.path(open_log(view))
            unsealed = path.read_bytes() if path.exists() else b""
        yield from _newest_first(unsealed)
        for segment, sha256 in segments:
            yield from _newest_first(self._artifacts.read(segment, sha256))

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
    return OPEN_LOGS.replace("*", str(len(view.records("segment")) + 1))


def _newest_first(data: bytes) -> Iterator[dict[str, Any]]:
    for line in reversed(data.splitlines()):
        with suppress(ValueError):
            yield json.loads(line)


def _append_line(path: Path, line: bytes) -> None:
    """Append a line. A torn one before it, left by a power cut or a full disk, is ended first."""
    with open(path, "ab+") as file:
        if file.tell():
            file.seek(-1, os.SEEK_END)
            line = line if file.read(1) == b"\n" else b"\n" + line
        file.write(line)
