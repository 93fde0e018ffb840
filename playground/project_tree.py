"""Project tree: the learner's own project as it is drawn - its folders, and the record that each of them came from.

Plain records, so that a test reads what the screen draws; `sentence` and `table` say the same. What a file came from,
the export says; which kind of record that is, the workspace.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import PurePosixPath
from typing import Any

from mlops import Workspace
from mlops.base.environments import ENVIRONMENTS
from playground import words
from playground.tested import Tried

ORDER = ("data", "run", "model", "deployment")
"""Kinds of records, in the order of the chain."""

KINDS: Mapping[str, tuple[str, str, str]] = {
    "data": ("data", "data", "version"),
    "run": ("run", "run", "id"),
    "model": ("version", "model", "ref"),
    "deployment": ("live", "release", ""),
}
"""Kind -> its word, the screen that shows it, and the parameter that names it there."""

FOLDERS = {
    "data": "data files, versioned",
    "models": "trained models",
    "src": "source code",
    "configs": "configuration",
    "experiments": "experiment logs",
    "tests": "unit tests",
}
"""The folders of the module's project structure, in its words."""


@dataclass(frozen=True)
class Source:
    """A record that parts of the project came from."""

    id: str
    kind: str
    word: str
    label: str
    page: str
    query: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Row:
    """A folder or a file."""

    path: str
    name: str
    depth: int
    what: str
    folder: bool = False
    sources: tuple[str, ...] = ()
    """Ids of the records that it came from, or what is in it."""
    state: str = ""
    """Of tests: passed, failed, or running; else nothing."""
    said: str = ""
    """Of tests: how many passed."""


@dataclass(frozen=True)
class Tree:
    """The project as it is drawn."""

    rows: tuple[Row, ...]
    """Folders before files, each folder before what is in it."""
    sources: tuple[Source, ...]
    """In the order of the chain."""

    @property
    def sentence(self) -> str:
        """The tree in words."""
        named = {one.id: f"{one.word} {one.label}" for one in self.sources}
        top = [row for row in self.rows if row.depth == 0 and row.sources]
        return "; ".join(f"{row.name} came from {' and '.join(named[one] for one in row.sources)}" for row in top) + "."

    def table(self) -> list[dict[str, str]]:
        """Return the files as rows of a table."""
        named = {one.id: f"{one.word} {one.label}" for one in self.sources}
        return [
            {"path": row.path, "what": row.what, "came from": ", ".join(named[one] for one in row.sources)}
            for row in self.rows
            if not row.folder
        ]

    def tested(self, tests: Sequence[Tried], running: bool = False) -> Tree:
        """Return it with what came of its tests: the line of each file, and of their folder, is ticked."""
        return replace(self, rows=tuple(_ticked(row, tests, running) for row in self.rows))


def read(ws: Workspace, project: Mapping[str, Any]) -> Tree:
    """Return the tree of a project, as its export told it.

    Parameters
    ----------
    project : mapping
        ``data``, ``run_id``, ``model``, and ``files`` with ``path``, ``what`` and ``came_from``.
    """
    files = [*project["files"]]
    refs = dict.fromkeys(one["came_from"] for one in files if one["came_from"])
    sources = sorted((_source(ws, ref, project) for ref in refs), key=lambda one: ORDER.index(one.kind))
    from_of = {one["path"]: (one["came_from"],) if one["came_from"] else () for one in files}
    folders = {str(above) for path in from_of for above in PurePosixPath(path).parents if str(above) != "."}
    order = {one.id: number for number, one in enumerate(sources)}
    rows = [Row(one["path"], _name(one["path"]), one["path"].count("/"), one["what"], sources=from_of[one["path"]])
            for one in files]  # fmt: skip
    for path in folders:
        inside = {ref for name, came in from_of.items() if name.startswith(f"{path}/") for ref in came}
        found = tuple(sorted(inside, key=order.__getitem__))
        rows.append(Row(path, _name(path), path.count("/"), FOLDERS.get(path, ""), True, found))
    return Tree(tuple(sorted(rows, key=lambda row: _place(row, folders))), tuple(sources))


def _name(path: str) -> str:
    return path.rpartition("/")[2]


def _place(row: Row, folders: set[str]) -> list[tuple[bool, int, bool, str]]:
    """Return by what a row is sorted: in each folder the folders first, in the order of the module; dots last."""
    parts = PurePosixPath(row.path).parts
    above = ["/".join(parts[: number + 1]) for number in range(len(parts))]
    known = [*FOLDERS, "README.md"]
    return [
        (one not in folders, known.index(one) if one in known else len(known), part[0] == ".", part)
        for one, part in zip(above, parts, strict=True)
    ]


def _source(ws: Workspace, ref: str, project: Mapping[str, Any]) -> Source:
    made = {project["data"]: "data", project["run_id"]: "run", project["model"]: "model"}
    kind = made.get(ref, "deployment")
    word, page, key = KINDS[kind]
    label = {"run": words.short(ref), "model": ref.replace("@", " v")}.get(kind, ref)
    if kind == "deployment":
        label = next((f"in {place}" for place in ENVIRONMENTS[::-1] for one in ws.releases.timeline(place)
                      if one.deployment_id == ref), ref)  # fmt: skip
    return Source(ref, kind, word, label, page, {key: ref} if key else {})


def _ticked(row: Row, tests: Sequence[Tried], running: bool) -> Row:
    mine = [one for one in tests if one.file == row.path or (row.folder and one.file.startswith(f"{row.path}/"))]
    waits = running and (row.path == "tests" or row.path.startswith("tests/test_"))
    if not (mine or waits):
        return row
    failed, passed = (sum(one.times for one in mine if one.outcome == outcome) for outcome in ("failed", "passed"))
    state = "failed" if failed else "running" if running else "passed"
    said = f"{failed} failed" if failed else f"{passed} passed" if mine else ""
    return replace(row, state=state, said=said)
