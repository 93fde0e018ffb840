"""A file that a person gave, as a path for as long as it is read."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from mlops.base.artifacts import CHUNK
from mlops.base.records import suggest_name


@contextmanager
def uploaded(file: Any) -> Iterator[Path]:
    """Yield the path of a file: a sample as it lies there, an upload from a folder that is gone afterwards."""
    if isinstance(file, Path):
        yield file
        return
    with tempfile.TemporaryDirectory() as folder:
        # A name made of safe characters only; the uploaded one never becomes a path.
        path = Path(folder) / f"{suggest_name(Path(file.name).stem, 'upload')}{Path(file.name).suffix[:8]}"
        file.seek(0)
        with open(path, "wb") as copy:
            shutil.copyfileobj(file, copy, CHUNK)  # the whole of it lies in memory once already
        yield path
