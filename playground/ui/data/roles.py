"""What the columns are for: proposed with a reason, confirmed by a person."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import streamlit as st

from mlops.base.tasks import TASKS
from mlops.data import moments, proposals
from mlops.data.roles import Roles, spelling
from playground.ui.data.chosen import Seen
from playground.ui.kit import cards

_LABELS = {"target": "Column to predict", "id": "Column that names a row", "time": "Time", "group": "Belongs together"}
_TASKS = {"binary": "yes or no", "multiclass": "one of several classes", "regression": "a number"}


def choose(what: Seen, key: str, known: Roles, places: tuple[Any, Any]) -> dict[str, Any]:
    """Draw the roles and return what a person confirmed: role -> column, task or class; None where nothing is said.

    Parameters
    ----------
    what : Seen
        The file.
    key : str
        What the widgets are named after: another file, another dataset, other widgets.
    known : Roles
        Of the dataset's earlier versions; where they say nothing, the proposals are shown.
    places : two containers
        Where target and id are drawn; the rest follows below.
    """
    names, proposed = what.found.table.column_names, what.ask(proposals.propose)
    left, right = places
    chosen = {
        "target": _column(left, "target", names, proposed, known, key),
        "id": _column(right, "id", names, proposed, known, key),
    }
    chosen |= _task(what, chosen["target"], key, known)
    with st.expander("Time and groups", icon=":material/schedule:", type="compact"):
        first, second = st.columns(2)
        for place, role in ((first, "time"), (second, "group")):
            chosen[role] = _column(place, role, names, proposed, known, key)
    time = chosen["time"]
    # A time that is only inherited is left out where it cannot tell which row is later.
    disorder = what.ask(_disorder, time) if time in names and time != known.time else ""
    return {**chosen, "disorder": disorder}


def complete(chosen: Mapping[str, Any]) -> str:
    """Return what is still to be said, or nothing."""
    if not chosen["target"]:
        return "Choose the column to predict."
    if chosen["disorder"]:
        return str(chosen["disorder"])
    if chosen.get("asked") and chosen.get(chosen["asked"]) is None:
        return {"task": "Say what to learn.", "positive": "Say which class to predict."}[chosen["asked"]]
    return ""


def _column(place: Any, role: str, names: Sequence[str], proposed: Sequence[Any], known: Roles, key: str) -> str | None:
    """Draw the choice of a column: what is known, else what is surely proposed, else nothing."""
    candidates = [one for one in proposed if one.role == role]
    was = getattr(known, role)
    if role != "target" and was not in names:
        was = None
    # What a dataset has done without is proposed, not chosen: another role is another version, and nobody asked for it.
    undecided = role in ("target", "id") or known == Roles()
    sure = next((one.value for one in candidates if one.sure and undecided), None)
    # A target that the file does not hold is kept: the outcomes of a new month come later.
    options = list(dict.fromkeys([*([was] if was else []), *(one.value for one in candidates), *names]))
    first = was or sure
    chosen = place.selectbox(
        _LABELS[role], options, index=options.index(first) if first else None, key=f"data.{role}.{key}",
        placeholder="Choose" if role == "target" else "None",
        format_func=lambda name: name if name in names else f"{name}, not known yet",
    )  # fmt: skip
    why = next((one.why for one in candidates if one.value == chosen), "")
    if was and chosen == was:
        why = "As in the latest version." if was in names else "No column of this file: its outcomes come later."
    elif not chosen and candidates:
        why = f"Perhaps {candidates[0].value}? {candidates[0].why}"
    if why:
        place.caption(cards.plain(why))
    return chosen


def _disorder(table: Any, time: str) -> str:
    """Say why a time cannot tell which row is later."""
    column = table.column(time)
    why = moments.disorder(column)
    if why is None:
        return ""
    said = (
        "Say what 01/02/2024 begins with, under How it was read"
        if moments.is_day_or_month_first(column)
        else "Write it as 2024-01-31 08:30 in the file"
    )
    return f"{cards.plain(time)} {cards.plain(why)}. {said}, or choose another time."


def _about(table: Any, target: str) -> list[Any]:
    return list(proposals.about_target(table.column(target)))


def _classes(table: Any, target: str) -> tuple[dict[Any, int], Any]:
    """Return how many rows each class has, and which one is probably meant."""
    column = table.column(target)
    counts = {entry["values"]: entry["counts"] for entry in column.drop_null().value_counts().to_pylist()}
    return counts, proposals.positive_hint(column)


def _task(what: Seen, target: str | None, key: str, known: Roles) -> dict[str, Any]:
    """Draw what to learn about the target, and which class; ask where the values do not tell."""
    if target not in what.found.table.column_names:
        return {"task": None, "positive": None}
    about = what.ask(_about, target)
    if known.target == target and known.task:
        about = [proposals.Proposal("task", known.task, "As in the latest version.", True)]
    tasks = [one for one in about if one.role == "task"]
    if not tasks:
        return {"task": None, "positive": None}
    task = _asked_task(tasks, key) if len(tasks) > 1 else str(tasks[0].value)
    if task != "binary" and len(tasks) == 1:
        st.caption(f"To learn: {_TASKS[str(task)]} · {cards.plain(tasks[0].why)}")
    if task != "binary":
        return {"task": task, "positive": None, "asked": "task" if len(tasks) > 1 else None}
    return {"task": task, "positive": _positive(what, target, key, known), "asked": "positive"}


def _asked_task(tasks: Sequence[Any], key: str) -> str | None:
    offered = [one.value for one in tasks]
    task = st.segmented_control(
        "What to learn", [task for task in TASKS if task in offered], format_func=lambda task: _TASKS[task],
        key=f"data.task.{key}",
    )  # fmt: skip
    if task is None:
        st.caption(f":orange[:material/help:] {cards.plain(tasks[0].why)}, or classes: say what they are.")
    return task


def _positive(what: Seen, target: str, key: str, known: Roles) -> Any:
    """Draw the two classes; the one to predict is preselected only where the values leave no doubt."""
    counts, hint = what.ask(_classes, target)
    labels = sorted(counts, key=str)
    was = known.positive if known.target == target and known.positive in labels else None
    first = was if was is not None else hint.label if hint.sure else None
    chosen = st.segmented_control(
        f"Predict which {cards.plain(target)}?", labels, default=first, key=f"data.positive.{key}",
        format_func=lambda label: f"{spelling(label)} ({counts[label]:,} rows)",
    )  # fmt: skip
    why = "As in the latest version." if was is not None else f"{hint.why}."
    icon = "" if chosen is not None else ":orange[:material/help:] "
    st.caption(f"{icon}{cards.plain(why)}")
    return None if chosen is None else spelling(chosen)
