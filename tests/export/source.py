"""The code of exported projects, imported in this process: it is the same in all of them."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType

from mlops.export.contents import TEMPLATE


def _modules() -> list[str]:
    return [name for name in sys.modules if name == "src" or name.startswith("src.")]


@contextmanager
def source(folder: Path = TEMPLATE) -> Iterator[ModuleType]:
    """Import `src` of a project, and forget it again."""
    sys.path.insert(0, str(folder))
    written, sys.dont_write_bytecode = sys.dont_write_bytecode, True
    try:
        package = importlib.import_module("src")
        for name in ("config", "data", "features", "evaluate", "predict", "train"):
            importlib.import_module(f"src.{name}")
        yield package
    finally:
        sys.dont_write_bytecode = written
        sys.path.remove(str(folder))
        for name in _modules():
            del sys.modules[name]
