"""Verify: everything in a workspace is what its history says, or it is named.

The ledger is copied in one short look and judged on the copy, so that nobody has to wait for it. Then come the files:
those that events name must have the recorded bytes, and any other one below the workspace's folders must be there by
design. What a killed process left is a *leftover*: the next writer clears it, and it is no problem.
"""

from __future__ import annotations

import json
import os
import re
import sqlite3
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from mlops.base import cache, leftovers, locks
from mlops.base.artifacts import FOLDERS, LOCK, Artifacts
from mlops.base.errors import MlopsError, printable
from mlops.base.events import EVENT_FIELDS, GENESIS, derive, digest
from mlops.base.formats import SCHEMA, bring_up_to_date
from mlops.base.ledger import Ledger, ledger_errors
from mlops.base.view import View

Problem = dict[str, Any]

Origin = Literal["ours", "left", "unknown"]
"""Of a file that no event names: there by design, left by a killed process, or nobody knows."""

_OF_A_RUN = re.compile(r"(tmp/\w+)\.(lock|progress|part|cancel)")


@dataclass(frozen=True)
class Unsealed:
    """What is found in files that still grow, so that no event names them yet."""

    files: tuple[str, ...] = ()
    """Their paths."""
    problems: tuple[Problem, ...] = ()
    leftovers: tuple[str, ...] = ()


Requests = Callable[[Ledger, Artifacts], Unsealed]
"""Looks over the requests that are not sealed yet (see `request_log.verify`)."""


def verify(
    ledger: Ledger,
    artifacts: Artifacts,
    workspace_id: str,
    requests: Requests,
    on_file: Callable[[int, int], None] | None = None,
) -> dict[str, Any]:
    """Recompute the chain, everything derived from it, and the hash of every file.

    Parameters
    ----------
    workspace_id : str
        As the marker says.
    requests : callable
        Looks over what is logged and not sealed yet; see `request_log.verify`.
    on_file : callable, optional
        Called with how many files were looked at, and how many there are; first once the history was.

    Returns
    -------
    dict
        ``ok``, ``events``, ``artifacts`` (how many), ``head_sha256``, ``problems``: one ``{what, where, expected,
        observed}`` each, the first bad record first, and ``leftovers``: paths of what killed processes left.
        Removing the newest events together with all they derived can be noticed only by someone who kept an earlier
        ``head_sha256``.
    """
    with ledger.read() as view:
        copy = view.copy()
    with closing(copy), ledger_errors(ledger.path):
        seq, _, head = View(copy).head()
        named = dict(copy.execute("SELECT path, sha256 FROM artifacts ORDER BY path").fetchall())
        problems = [*_id_problems(copy, workspace_id), *_ledger_problems(copy)]
    problems += _artifact_problems(artifacts, named, on_file)
    others = [path for path in _files(artifacts.root) if path not in named]
    listed = {*leftovers.listed(artifacts)}
    # Only now: a file that an event named meanwhile is no stranger, nor is a log that was begun.
    unsealed = _unsealed(ledger, artifacts, requests)
    with ledger.read() as view:
        others = [path for path in others if path not in unsealed.files and not view.is_named(path)]
    origins = {path: "left" if path in listed else _origin(artifacts, path) for path in others}
    still = [path for path in others if os.path.lexists(artifacts.path(path))]
    problems += unsealed.problems
    problems += [problem("unknown file", path, "no file", "a file") for path in still if origins[path] == "unknown"]
    left = [path for path in still if origins[path] == "left"]
    return {
        "ok": not problems,
        "events": seq,
        "artifacts": len(named),
        "head_sha256": head,
        "problems": problems,
        "leftovers": sorted([*left, *unsealed.leftovers]),
    }


def problem(what: str, where: str, expected: Any, observed: Any) -> Problem:
    """Return a problem as the report has it."""
    return {"what": what, "where": printable(where), "expected": expected, "observed": observed}


# The ledger


def _id_problems(copy: sqlite3.Connection, workspace_id: str) -> Iterator[Problem]:
    (marked,) = copy.execute("SELECT group_concat(id) FROM workspace").fetchone()
    if marked != workspace_id:
        yield problem("workspace id", "WORKSPACE.json", marked, workspace_id)


def _ledger_problems(copy: sqlite3.Connection) -> Iterator[Problem]:
    for check in (_chain_problems, _derived_problems, _schema_problems, _integrity_problems):
        try:
            yield from check(copy)
        except sqlite3.DatabaseError as error:
            yield problem("damaged ledger", "ledger.db", "a file that SQLite can read", str(error))


def _chain_problems(copy: sqlite3.Connection) -> Iterator[Problem]:
    previous, expected_seq = GENESIS, 1
    for row in copy.execute(f"SELECT {EVENT_FIELDS} FROM events ORDER BY seq"):
        seq, prev_sha256, sha256 = row[0], row[7], row[8]
        if seq != expected_seq:
            yield problem("missing event", f"event {expected_seq}", f"event {expected_seq}", f"event {seq}")
        elif prev_sha256 != previous:
            yield problem("broken chain", f"event {seq}", previous, prev_sha256)
        if (computed := digest(row[:8])) != sha256:
            yield problem("edited event", f"event {seq}", sha256, computed)
        previous, expected_seq = sha256, seq + 1


def _derived_problems(copy: sqlite3.Connection) -> Iterator[Problem]:
    """Derive everything again, in memory, and compare table by table."""
    with closing(_empty_ledger()) as again:
        for seq, kind, subject, payload in copy.execute("SELECT seq, kind, subject, payload FROM events ORDER BY seq"):
            try:
                derive(again, seq, kind, subject, json.loads(payload))
            except (sqlite3.Error, ValueError, TypeError, KeyError, AttributeError) as error:
                yield problem("unreadable event", f"event {seq}", "changes and artifacts", str(error))
        for table, key in (("records", 2), ("artifacts", 1), ("facts", 2)):
            query = f"SELECT * FROM {table} ORDER BY 1, 2"
            rows, rows_again = (database.execute(query).fetchall() for database in (copy, again))
            if rows != rows_again:
                kept, derived = (
                    {f"{table}: {' '.join(row[:key])}": row[key:] for row in these} for these in (rows, rows_again)
                )
                yield from _differences("derived table", derived, kept)


def _schema_problems(copy: sqlite3.Connection) -> Iterator[Problem]:
    """Compare tables, indexes and triggers with those that this program makes, once it has its newer indexes."""
    bring_up_to_date(copy)
    with closing(_empty_ledger()) as fresh:
        expected, observed = (
            {f"{kind} {name}": sql for kind, name, sql in database.execute("SELECT type, name, sql FROM sqlite_schema")}
            for database in (fresh, copy)
        )
    yield from _differences("schema", expected, observed, "nothing")


def _differences(
    what: str, expected: Mapping[str, Any], observed: Mapping[str, Any], absent: Any = None
) -> Iterator[Problem]:
    for where in sorted(expected.keys() | observed.keys()):
        if (want := expected.get(where, absent)) != (got := observed.get(where, absent)):
            yield problem(what, where, want, got)


def _integrity_problems(copy: sqlite3.Connection) -> Iterator[Problem]:
    for (found,) in copy.execute("PRAGMA integrity_check"):
        if found != "ok":
            yield problem("damaged ledger", "ledger.db", "ok", found)


def _empty_ledger() -> sqlite3.Connection:
    fresh = sqlite3.connect(":memory:", isolation_level=None)
    fresh.executescript(f"{SCHEMA}; BEGIN")  # one transaction for all that is derived, or each statement costs its own
    return fresh


# The files


def _artifact_problems(
    artifacts: Artifacts, named: Mapping[str, str], on_file: Callable[[int, int], None] | None
) -> Iterator[Problem]:
    for number, (path, sha256) in enumerate(named.items()):
        if on_file is not None:
            on_file(number, len(named))
        observed = artifacts.hash(path)
        if observed != sha256:
            yield problem("artifact", path, sha256, observed or "no file")


def _files(root: Path) -> Iterator[str]:
    """Yield the paths of all that is no folder below the workspace's folders."""
    for top in FOLDERS:
        for folder, folders, files in os.walk(root / top):
            here = Path(folder)
            links = [name for name in folders if (here / name).is_symlink()]
            yield from ((here / name).relative_to(root).as_posix() for name in [*files, *links])


def _unsealed(ledger: Ledger, artifacts: Artifacts, requests: Requests) -> Unsealed:
    try:
        return requests(ledger, artifacts)
    except (MlopsError, ValueError, TypeError, KeyError) as error:  # the ledger was tampered with, as is told above
        return Unsealed(problems=(problem("request log", "predictions", "requests that the ledger knows", str(error)),))


def _origin(artifacts: Artifacts, path: str) -> Origin:
    """Tell where a file comes from that no event names."""
    top, name, *_ = path.split("/")
    if top == "tmp" and leftovers.STAGE.fullmatch(name):
        return _of(artifacts.tmp / name / LOCK)
    if of_a_run := _OF_A_RUN.fullmatch(path):
        return _of(artifacts.path(f"{of_a_run[1]}.lock"))
    cached = cache.NAME.fullmatch(path)
    return "unknown" if cached is None else "left" if cached[1].startswith("part-") else "ours"


def _of(lock: Path) -> Origin:
    return "ours" if locks.is_held(lock) else "left"
