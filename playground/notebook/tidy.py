"""Anna's tidy notebook: each cell once, from top to bottom, with a seed - and not to be had again.

It lies in ``sample_data/fees_tidy.ipynb``. Its cells are run in a fresh process, from top to bottom: once, all of them
twice, or each cell twice in place. A number that a cell prints when it runs for the second time is
another one where a table was changed in place that somebody reads again. Four cells may be told otherwise (`MENDS`);
nothing that a person types becomes code. What was run is a note in the journal, under `SUBJECT`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from threading import Lock
from typing import Any

from mlops import Workspace
from mlops.base.errors import InvalidError, shown
from mlops.base.records import Record
from playground.notebook.judging import printed
from playground.notebook.nbformat import SHIPPED, Notebook, Output, read
from playground.notebook.running import execute

FILE = SHIPPED.with_name("fees_tidy.ipynb")

SUBJECT = "notebook/tidy"
"""Where the journal has what was run."""

KEPT = 40
"""So many runs are noted, the newest."""


@dataclass(frozen=True)
class Mend:
    """How a cell may be told otherwise."""

    title: str
    before: str
    after: str


MENDS: Mapping[str, Mend] = {
    "load": Mend(
        "read the file each time",
        'if "customers" not in globals():  # reading takes long: once is enough\n    customers = ',
        "customers = ",
    ),
    "net": Mend("with a copy", "net = customers  # the original stays as it is", "net = customers.copy()"),
    "features": Mend("with a copy", '"late_payments"]]', '"late_payments"]].copy()'),
    "top": Mend("with a copy", "top = X\n", "top = X.copy()\n"),
}
"""Id of a cell -> how it may be told otherwise."""

CULPRIT = "net"
"""The cell that changes a table which another one made; a test finds it by running all of them."""

ORDERS: Mapping[str, str] = {
    "once": "Restart, run all",
    "twice": "Restart, run all twice",
    "each": "Restart, run each cell twice",
}
"""Name of an order -> what its button says."""


@dataclass(frozen=True)
class Trial(Record):
    """What came out when the notebook was run."""

    order: str
    mended: tuple[str, ...]
    """Cells that were told otherwise."""
    numbers: Mapping[str, Any]
    """Name of a number -> cell, and what it printed each time it ran: ``{cell, values}``."""

    @property
    def moved(self) -> tuple[str, ...]:
        """The numbers that were another one the second time."""
        return tuple(name for name, one in self.numbers.items() if len({*one["values"]}) > 1)

    @property
    def said(self) -> str:
        """What came out, in a sentence.

        Examples
        --------
        >>> Trial("each", ("net",), {"fee": {"cell": "net", "values": ["11.04", "11.04"]}}).said
        'Each cell twice, net mended: every number came out twice.'
        """
        how = {"once": "From top to bottom", "twice": "From top to bottom, twice", "each": "Each cell twice"}[
            self.order
        ]
        mended = f", {' and '.join(self.mended)} mended" if self.mended else ""
        if self.order == "once":
            return f"{how}{mended}: each number came out once."
        if not self.moved:
            return f"{how}{mended}: every number came out twice."
        return f"{how}{mended}: {len(self.moved)} of {len(self.numbers)} numbers moved."


@cache
def notebook() -> Notebook:
    """Return Anna's notebook."""
    return read(FILE)


def source(cell: str, mended: Sequence[str] = ()) -> str:
    """Return the source of a cell, as it is or as it may be told otherwise."""
    text = notebook().cell(cell).source
    return text.replace(MENDS[cell].before, MENDS[cell].after) if cell in mended else text


def ids(order: str) -> tuple[str, ...]:
    """Return the cells of an order, as they run.

    Examples
    --------
    >>> ids("each")[2:6]
    ('load', 'load', 'recent', 'recent')
    """
    if order not in ORDERS:
        raise InvalidError(f"There is no order {shown(order)}.", f"Choose among {', '.join(ORDERS)}.")
    cells = notebook().in_order
    return {"once": cells, "twice": cells * 2, "each": tuple(one for cell in cells for one in (cell, cell))}[order]


def run(ws: Workspace, order: str, mended: Sequence[str] = ()) -> Trial:
    """Run the notebook in a fresh process, and note what each cell printed.

    Parameters
    ----------
    order : str
        A name of `ORDERS`.
    mended : sequence of str
        Cells of `MENDS` to tell otherwise.

    Raises
    ------
    InvalidError
        If there is no such order, or no such cell to mend.
    """
    if unknown := sorted({*mended} - {*MENDS}):
        raise InvalidError(f"The cell {shown(unknown[0])} cannot be mended.", f"Choose among {', '.join(MENDS)}.")
    found = _ran(order, tuple(cell for cell in MENDS if cell in mended))
    noted = [one.as_dict() for one in trials(ws)][-KEPT + 1 :]
    ws.journal.write(SUBJECT, {"trials": [*noted, found.as_dict()]})
    return found


def trials(ws: Workspace) -> tuple[Trial, ...]:
    """Return what was run in a workspace, oldest first."""
    return tuple(map(Trial.of, (ws.journal.read(SUBJECT) or {}).get("trials") or ()))


def _ran(order: str, mended: tuple[str, ...]) -> Trial:
    with _turn:  # one at a time: who presses at once shares one run
        return _run(order, mended)


@cache  # the notebook and its data are files of this version, and a fresh process has no luck in it
def _run(order: str, mended: tuple[str, ...]) -> Trial:
    cells = ids(order)
    return Trial(order, mended, _numbers(cells, execute([source(cell, mended) for cell in cells])))


_turn = Lock()


def _numbers(cells: Sequence[str], outputs: Sequence[Sequence[Output]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for cell, left in zip(cells, outputs, strict=True):
        for name, value in printed(left):
            found.setdefault(name, {"cell": cell, "values": []})["values"].append(value)
    return found
