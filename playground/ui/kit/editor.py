"""The YAML editor: colours, line numbers, a mark at each line that is wrong, and the keys people expect.

The browser part holds the text while a person types and reports it after a short pause. It takes a text from here only
with a new revision, so an answer that comes late never moves the cursor or takes a letter back.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import streamlit as st

_editor = st.components.v2.component(
    "yaml_editor",
    html='<div class="editor"></div>',
    css=Path(__file__).with_suffix(".css").read_text("utf-8"),
    js=Path(__file__).with_suffix(".js").read_text("utf-8"),
)


def yaml_editor(text: str, revision: int, problems: Mapping[int, str], key: str, on_edit: Callable[[], None]) -> None:
    """Draw the editor; `typed` returns what a person made of the text.

    Parameters
    ----------
    text : str
        What to show; where the editor is on screen already, it is taken only with a new `revision`.
    revision : int
        Raise it to replace what a person typed, for example by the config of an earlier run.
    problems : mapping of int to str
        What is wrong, by line from 1.
    key : str
        Of the component.
    on_edit : callable
        Called after an edit, before the screen is drawn anew.
    """
    marks = {str(line): message for line, message in problems.items()}
    _editor(data={"text": text, "revision": revision, "problems": marks}, key=key, on_edited_change=on_edit)


def typed(text: str, revision: int, report: Any) -> str:
    """Return the text that the browser reports, or `text` if it reports none of this revision.

    Parameters
    ----------
    text : str
        What it was given to show.
    revision : int
        With which revision.
    report : object
        What stands in the session under the key of the component; None if it is not on screen.

    Examples
    --------
    >>> typed("", 1, {"edited": {"revision": 1, "text": "model: {type: dummy}"}})
    'model: {type: dummy}'
    >>> typed("", 1, {"edited": {"revision": 1, "text": "# \\ud83d"}})
    '# \ufffd'
    >>> typed("seed: 1", 2, {"edited": {"revision": 1, "text": "model: {type: dummy}"}})
    'seed: 1'
    """
    # A browser may send anything: what is no report of this revision is none.
    found = report.get("edited") if isinstance(report, Mapping) else None
    if not isinstance(found, Mapping) or found.get("revision") != revision or not isinstance(found.get("text"), str):
        return text
    # Half of a pair, as JavaScript can hold one, cannot be written anywhere.
    return str(found["text"]).encode("utf-16", "surrogatepass").decode("utf-16", "replace")
