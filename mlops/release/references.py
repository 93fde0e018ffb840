"""References: what people write for a thing, and which record they mean.

``customers@1`` and ``churn_model@1.0.0`` name versions, ``churn_model@production`` or its alias ``@champion`` what is
live; runs, deployments, predictions, batches and sets of outcomes are meant by their id or its beginning.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Literal

from mlops.base.environments import place_of
from mlops.base.errors import NotFoundError, shown
from mlops.base.records import choose_version
from mlops.base.view import View
from mlops.release.registry import find

Recorded = Literal["data", "model", "run", "deployment", "batch", "outcomes"]
"""What has a record of its own."""

NOUNS: Mapping[Recorded, str] = {
    **{"data": "dataset", "model": "model"},
    **{"run": "run", "deployment": "deployment", "batch": "batch", "outcomes": "labels"},
}
"""Kind -> noun of its records."""

IDS: tuple[Recorded, ...] = ("run", "deployment", "batch", "outcomes")
"""Kinds that are meant by an id; the others are versions of a name."""


def resolve(view: View, ref: str) -> tuple[Recorded, str] | None:
    """Return which record is meant; None if none is.

    Raises
    ------
    NotFoundError
        If more than one can be, or a name does not have the version.
    """
    name, at, wanted = ref.partition("@")
    if "." in wanted or place_of(wanted):
        return "model", find(view, ref).ref
    found: list[tuple[Recorded, str]] = []
    if versions := [subject.partition("@")[2] for subject in view.subjects("dataset", f"{name}@")]:
        found.append(("data", f"{name}@{choose_version(name, wanted, sorted(versions, key=int))}"))
    if wanted in ("", "latest") and view.subjects("model", f"{name}@", limit=1):
        found.append(("model", find(view, ref).ref))
    for kind in () if at or not ref else IDS:
        alike = view.subjects(NOUNS[kind], ref, limit=5)
        found += [(kind, subject) for subject in ([ref] if ref in alike else alike)]
    if len(found) > 1:
        said = ", ".join(f"{kind} {one}" for kind, one in found)
        raise NotFoundError(f"{shown(ref)} can be more than one thing: {said}.", "Write more of it, or a version.")
    return found[0] if found else None


def request(log: Iterable[Mapping[str, Any]], ref: str) -> Mapping[str, Any] | None:
    """Return the logged request whose prediction has this id, or as the only one an id that begins so."""
    alike = []
    for one in log if ref.startswith("p") else ():
        if one["prediction_id"] == ref:
            return one
        alike += [one] if one["prediction_id"].startswith(ref) else []
    return alike[0] if len(alike) == 1 else None


def unknown(view: View, ref: str) -> NotFoundError:
    """Return the error of what is not there, with one of each kind that is."""
    some = {kind: next(iter(view.subjects(noun)[-1:]), None) for kind, noun in NOUNS.items()}
    known = [f"{kind} {subject}" for kind, subject in some.items() if subject]
    return NotFoundError(
        f"Nothing here is called {shown(ref)}. Known: {', '.join(known) or 'no data yet'}.",
        "Write NAME@VERSION, or the beginning of the id of a run, deployment or prediction.",
    )
