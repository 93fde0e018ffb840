"""Read a Jupyter notebook (nbformat 4): its cells, their execution counts and the outputs stored with them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal

SHIPPED = Path(__file__).resolve().parents[2] / "sample_data" / "churn_draft.ipynb"
"""The one notebook that is ever run."""

OutputKind = Literal["text", "result", "error"]


@dataclass(frozen=True)
class Output:
    """What one run of a cell left behind."""

    kind: OutputKind
    """``text`` was printed, ``result`` is the value of the last line, ``error`` ended the cell."""
    text: str


@dataclass(frozen=True)
class Cell:
    """One cell, as the file stores it."""

    id: str
    source: str
    code: bool
    count: int | None = None
    """The number in brackets: when it last ran, counted over the whole session. None: never, or no code."""
    outputs: tuple[Output, ...] = ()


@dataclass(frozen=True)
class Notebook:
    """A notebook file."""

    cells: tuple[Cell, ...]
    sha256: str

    @property
    def code(self) -> tuple[Cell, ...]:
        """The cells that can run, from top to bottom."""
        return tuple(cell for cell in self.cells if cell.code)

    def cell(self, id: str) -> Cell:
        """Return the cell of that id."""
        return next(cell for cell in self.cells if cell.id == id)

    @property
    def in_order(self) -> tuple[str, ...]:
        """Ids from top to bottom: what "Restart and run all" does."""
        return tuple(cell.id for cell in self.code)

    @property
    def as_it_was(self) -> tuple[str, ...]:
        """Ids by execution count: the order in which the author last ran each cell."""
        return tuple(cell.id for cell in sorted(self.code, key=lambda cell: cell.count or 0) if cell.count)

    @property
    def gaps(self) -> tuple[int, ...]:
        """Counts that no cell shows: something ran then, and was run again, changed or deleted later.

        Examples
        --------
        >>> shipped().gaps
        (5, 10)
        """
        seen = {cell.count for cell in self.code if cell.count}
        return tuple(sorted(set(range(1, max(seen, default=0) + 1)) - seen))


@cache
def shipped() -> Notebook:
    """Return the shipped notebook."""
    return read(SHIPPED)


def read(path: Path) -> Notebook:
    """Return the cells of a notebook file.

    Parameters
    ----------
    path : Path
        An ``.ipynb`` of nbformat 4.

    Raises
    ------
    ValueError
        The file is no JSON, or no notebook of format 4.
    """
    content = path.read_bytes()
    document = json.loads(content)
    if not isinstance(document, dict) or document.get("nbformat") != 4:
        raise ValueError(f"{path.name} is no notebook of nbformat 4.")
    return Notebook(tuple(_cell(cell) for cell in document["cells"]), hashlib.sha256(content).hexdigest())


def _cell(cell: Mapping[str, Any]) -> Cell:
    outputs = tuple(_output(output) for output in cell.get("outputs", ()))
    return Cell(cell["id"], _text(cell["source"]), cell["cell_type"] == "code", cell.get("execution_count"), outputs)


def _output(output: Mapping[str, Any]) -> Output:
    match output["output_type"]:
        case "stream":
            return Output("text", _text(output["text"]))
        case "error":
            return Output("error", f"{output['ename']}: {output['evalue']}")
        case _:  # a table or a figure is told as text
            return Output("result", _text(output["data"].get("text/plain", "")))


def _text(lines: str | list[str]) -> str:
    return lines if isinstance(lines, str) else "".join(lines)
