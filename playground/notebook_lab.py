"""The notebook lab: the story of the course on the SDK, in Jupyter or VS Code, and the proof that its end was reached.

Its cells stand in ``sample_data/mlops_lab.py``, where people write and review them; ``mlops_lab.ipynb`` beside it is
made of them and keeps no outputs. It works in a workspace of its own. Its last cell signs: into that one, and into the
one it was pointed at, goes the number and the hash of the last event it made, which prove all before it.

    python -m playground.notebook_lab        make the notebook anew
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mlops import MlopsError, Workspace, sample
from mlops.base.records import Record
from playground.words import counted

SOURCE = sample.FILE.with_name("mlops_lab.py")
NOTEBOOK = SOURCE.with_suffix(".ipynb")

SUBJECT = "notebook_lab"
"""Where its last cell signs, in the journal."""

Event = Mapping[str, Any]


def _changes(event: Event) -> Mapping[str, Any]:
    found: Mapping[str, Any] = event["payload"].get("changes") or {}
    return found


DONE_THERE: Mapping[str, Callable[[list[Event]], bool]] = {
    "two versions of the data": lambda events: sum(one["kind"] == "dataset.add" for one in events) > 1,
    "a run trained again, identically": lambda events: any(
        one["kind"] == "run.reproduce" and _changes(one)["reproduced"]["verdict"] == "identical" for one in events
    ),
    "a release": lambda events: any(
        one["kind"] == "deployment.deploy" and _changes(one).get("environment") == "production" for one in events
    ),
    "a rollback": lambda events: any(one["kind"] == "deployment.rollback" for one in events),
}
"""What the notebook comes to -> whether events say so."""


@dataclass(frozen=True)
class Done(Record):
    """Whether the notebook was worked through, as a workspace knows it."""

    ok: bool
    evidence: str
    """What was found, or what to do."""
    event: int | None = None
    """Number of the event with which it was signed; None if it never was."""


def done(ws: Workspace) -> Done:
    """Tell whether the last cell of the notebook signed here, and whether what it signed is so.

    The workspace in which it worked is looked at again: its event has the hash that was signed, and the events before
    it say what the notebook is about.

    Examples
    --------
    >>> import tempfile
    >>> done(Workspace.open(tempfile.mkdtemp())).ok
    False
    """
    signed = ws.journal.read(SUBJECT)
    if signed is None:
        return Done(False, "Download the notebook in Guide, Notebook lab, and run it to its last cell.")
    [event, *_] = [one["seq"] for one in reversed(ws.log()) if one["subject"] == SUBJECT]
    try:
        there = Workspace.open(signed["folder"], create=False)
        events = [one for one in there.log() if one["seq"] <= signed["event"]]
    except (MlopsError, OSError, KeyError):
        return Done(False, f"Signed, but {_name(signed)}, where it worked, is not here any more.", event)
    if not events or (events[-1]["seq"], events[-1]["sha256"]) != (signed["event"], signed["sha256"]):
        return Done(False, f"Signed, but {_name(signed)} has another history than the one that was signed.", event)
    if missing := [what for what, is_there in DONE_THERE.items() if not is_there(events)]:
        return Done(False, f"Signed without {missing[0]}: run its cells from the first one on.", event)
    return Done(True, f"{', '.join(DONE_THERE)}: {counted(len(events), 'event')} in {there.path.name}", event)


def _name(signed: Mapping[str, Any]) -> str:
    return Path(str(signed.get("folder"))).name


def steps() -> list[str]:
    """Return what the notebook does, by the headings of its parts.

    Examples
    --------
    >>> steps()[0], steps()[-1]
    ('Freeze the data', 'Leave with everything')
    """
    return re.findall(r"^# ## \d+\. (.+)$", SOURCE.read_text(encoding="utf-8"), re.MULTILINE)


def pointed(checkout: Path, own: Path | None) -> bytes:
    """Return the notebook as it is handed out: it knows where the project lies, and which workspace to sign.

    Parameters
    ----------
    own : Path, optional
        The learner's own workspace; None where the notebook runs on another machine than the app.
    """
    places = {"CHECKOUT = None": checkout, "SIGN_IN = None": own}
    text = NOTEBOOK.read_text(encoding="utf-8")
    for line, place in places.items():
        if place is not None:
            said = json.dumps(f"{line.removesuffix('None')}{str(place.absolute())!r}")[1:-1]
            text = text.replace(f'"{line}', f'"{said}', 1)
    return text.encode()


# How the file is made

MARK, TEXT = "# %%", " [markdown]"


def document(source: str) -> dict[str, Any]:
    r"""Return the notebook of a source in cells, as nbformat 4.5, without outputs.

    Examples
    --------
    >>> cells = document("# %% [markdown]\n# # Title\n#\n# Text\n\n# %%\n1 + 1\n")["cells"]
    >>> [(cell["id"], cell["cell_type"], cell["source"]) for cell in cells]
    [('cell-01', 'markdown', ['# Title\n', '\n', 'Text']), ('cell-02', 'code', ['1 + 1'])]
    """
    parts = ("\n" + source).split(f"\n{MARK}")[1:]
    kernel = {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}
    return {
        "cells": [_cell(f"cell-{number:02}", *part.split("\n", 1)) for number, part in enumerate(parts, 1)],
        "metadata": {"kernelspec": kernel, "language_info": {"name": "python"}},
        "nbformat": 4,
        "nbformat_minor": 5,
    }


def _cell(id: str, kind: str, source: str) -> dict[str, Any]:
    lines = source.strip("\n").splitlines(keepends=True)
    if kind != TEXT:
        empty = {"execution_count": None, "outputs": []}
        return {"cell_type": "code", "id": id, "metadata": {}, "source": lines, **empty}
    said = [line.removeprefix("#").removeprefix(" ") for line in lines]
    return {"cell_type": "markdown", "id": id, "metadata": {}, "source": said}


def made() -> str:
    """Return the notebook as its file has it."""
    found = document(SOURCE.read_text(encoding="utf-8"))
    return json.dumps(found, indent=1, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    NOTEBOOK.write_text(made(), encoding="utf-8", newline="\n")
    print(f"{NOTEBOOK.name}: made anew")
