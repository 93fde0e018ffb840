"""Cache: what can be made again, kept in ``cache/`` by a hash of all that it depends on.

It is no record: nobody misses anything when it goes. It keeps to a size, and what was used least recently goes first.
Whoever reads a file of it looks at a hash whether these are the bytes that were kept.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from mlops.base.artifacts import Artifacts

LIMIT = 1 << 30
"""Bytes to which it keeps."""

NAME = re.compile(r"cache/[0-9a-f]{32}\.(joblib|answers|part-\w+)")
"""How its files are called: a prepared training, answers to a part of a file, what killed writers once left here."""


def path(artifacts: Artifacts, key: str, kind: str) -> Path:
    """Return where something is kept.

    Parameters
    ----------
    key : str
        Hash of all that it depends on.
    kind : {"joblib", "answers"}
        What it is.
    """
    return artifacts.path(f"cache/{key[:32]}.{kind}")


def read(file: Path) -> bytes | None:
    """Return the bytes of a file, which was used just now; None if there is none."""
    try:
        data = file.read_bytes()
    except OSError:
        return None
    with suppress(OSError):
        os.utime(file)
    return data


def keep(artifacts: Artifacts, file: Path, parts: Iterable[bytes], limit: int = LIMIT) -> bool:
    """Keep bytes, whole or not at all, and the cache to its limit.

    Returns
    -------
    bool
        False where the disk takes no more: that costs somebody time later, and nobody their work now.
    """
    try:
        with artifacts.stage() as stage:
            beside = stage.folder / file.name
            with open(beside, "wb") as open_file:
                open_file.writelines(parts)
            file.parent.mkdir(parents=True, exist_ok=True)
            beside.replace(file)
    except OSError:
        return False
    _trim(file.parent, limit)
    return True


def _trim(cache: Path, limit: int) -> None:
    with suppress(OSError):  # another process is doing the same
        with os.scandir(cache) as entries:
            files = [one for one in entries if NAME.fullmatch(f"cache/{one.name}")]
        kept = sorted((found.st_mtime_ns, found.st_size, one.path) for one in files for found in [one.stat()])
        for _, size, path in reversed(kept):
            limit -= size
            if limit < 0 or ".part-" in path:
                os.unlink(path)  # noqa: PTH108 - thousands of names, which need be no more than names
