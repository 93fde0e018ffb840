"""Outputs: files of the user's choice, which a command writes for them.

An output is a new file or a regular one, in a folder that is there, and never one of those that a workspace keeps: not
of this one and not of any other. What lies at its name is replaced whole or not at all. ``-`` is standard output.
"""

from __future__ import annotations

import codecs
import io
import os
import shutil
import sys
from pathlib import Path
from typing import BinaryIO

from mlops.base.artifacts import FOLDERS, replace_file
from mlops.base.errors import InvalidError, shown
from mlops.base.records import DEVICES, check_path

MARKER, LOCK = "WORKSPACE.json", "WORKSPACE.lock"
"""What makes a folder a workspace, and what is there while it is made."""

OWN = frozenset([MARKER.lower(), LOCK.lower(), *FOLDERS])
"""What a workspace keeps at its top, next to what begins with `LEDGER`."""

LEDGER = "ledger.db"
"""Beside it SQLite looks for a journal, such as ``ledger.db-journal``, and believes what it finds there."""

STDOUT = Path("-")


def check(path: str | Path) -> Path:
    """Return the path of an output.

    Raises
    ------
    InvalidError
        If a folder, a pipe, a device or nothing that could be a file lies there, its folder is not there, or it lies
        among the files of a workspace: by its own name, or by that of a link.

    Examples
    --------
    >>> check("answers.csv").name
    'answers.csv'
    >>> check("no/answers.csv")
    Traceback (most recent call last):
    ...
    mlops.base.errors.InvalidError: The folder 'no' does not exist. Create it or choose another file.
    """
    path = check_path(path)
    if path == STDOUT:
        return path
    file = _followed(path)
    try:
        if file.is_dir():
            raise InvalidError(f"{shown(str(path))} is a folder.", "Name a file.")
        if not file.parent.is_dir():
            folder = path.parent if file.name == path.name else file.parent
            raise InvalidError(f"The folder {shown(str(folder))} does not exist.", "Create it or choose another file.")
        if file.is_symlink() or _is_device(path) or _is_device(file):
            raise InvalidError(f"{shown(str(path))} is a pipe or a device, not a file.", "Name a file.")
    except OSError as error:
        raise InvalidError(
            f"{shown(str(path))} cannot name a file: {error.strerror}.", "Choose another name."
        ) from error
    refuse_kept(path)
    return path


def write(path: Path, content: bytes | Path) -> None:
    """Put bytes, or a copy of a file, at a path that was checked; it is checked again, for that may be long ago."""
    if path == STDOUT:
        with io.BytesIO(content) if isinstance(content, bytes) else open(content, "rb") as source:
            _print(source)
    else:
        replace_file(_followed(check(path)), content)


def _print(source: BinaryIO) -> None:
    sys.stdout.flush()
    if hasattr(sys.stdout, "buffer"):
        shutil.copyfileobj(source, sys.stdout.buffer)
    else:  # a notebook, which takes text
        shutil.copyfileobj(codecs.getreader("utf-8")(source), sys.stdout)
    sys.stdout.flush()


def _followed(path: Path) -> Path:
    """Return where a path leads: a link of the user's stays, and what it names is written."""
    return Path(os.path.realpath(path))


def _is_device(path: Path) -> bool:
    if sys.platform == "win32" and path.name.split(".")[0].rstrip().lower() in DEVICES:
        return True
    return path.exists() and not path.is_file()


def refuse_kept(path: Path) -> None:
    """Refuse a file or folder where a workspace keeps its own: they never change, whoever asks."""
    file = _followed(path)
    below = file.name
    for folder in file.parents:
        # Neither case nor dots at the end make another name everywhere.
        name = below.casefold().rstrip(". ")
        kept = name in OWN or name.startswith(LEDGER)
        if kept and os.path.exists(folder / MARKER):  # noqa: PTH110 - that of Path raises where we may not look
            raise InvalidError(
                f"{shown(str(path))} lies among the files of the workspace {shown(str(folder))}.",
                "Choose another folder.",
            )
        below = folder.name
