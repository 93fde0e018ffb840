"""Chained lines: a log of JSON documents, one a line, each with the hash of itself and of all lines before it.

So a line that was edited, moved, added or taken away is found. A log is read from its end, however long it is.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, BinaryIO

from mlops.base.records import canonical_json, sha256_of

KEY = "sha256"
"""Key of a line under which the hash of it and of all before it stands."""

BLOCK = 1 << 16
"""Bytes that are read at a time, from the end of a log."""


def opened(path: Path) -> BinaryIO:
    """Open a log to read it; an empty one where there is none."""
    try:
        return open(path, "rb")
    except FileNotFoundError:
        return io.BytesIO()


def parsed(line: bytes) -> dict[str, Any]:
    """Return the document of a line; an empty one if it cannot be read."""
    with suppress(ValueError, RecursionError):
        document = json.loads(line)
        return document if isinstance(document, dict) else {}
    return {}


def start(name: str, before: bytes) -> str:
    """Return what the first line of a log follows; `before` it may stand lines that are not chained."""
    return hashlib.sha256(name.encode() + b"\n" + before).hexdigest()


def next_line(previous: str, document: Mapping[str, Any]) -> tuple[bytes, str]:
    """Return the line of a document that follows one with a hash, and its own hash."""
    sha256 = sha256_of([previous, document])
    return canonical_json({**document, KEY: sha256}).encode() + b"\n", sha256


def newest_first(log: BinaryIO) -> Iterator[dict[str, Any]]:
    """Yield the documents of a log as they were appended, the last one first; half a line is left out."""
    for line, _ in backwards(log):
        if document := parsed(line):
            yield {key: document[key] for key in document if key != KEY}


def backwards(log: BinaryIO) -> Iterator[tuple[bytes, int]]:
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
