"""Under the hood: the function that a screen calls, its command, the usual tools, the events written."""

from __future__ import annotations

import inspect
import json
import textwrap
from collections.abc import Callable, Sequence
from typing import Any

import pandas as pd
import streamlit as st

from mlops import Workspace
from playground.hood import HOODS, Hood, done
from playground.ui.kit import state


def under_the_hood(name: str, function: Callable[..., Any], shown: Sequence[str] = ()) -> None:
    """Draw the closed drawer at the foot of a screen.

    Parameters
    ----------
    name : str
        The screen.
    function : callable
        The function of `mlops` that does the work shown.
    shown : sequence of str
        Words of the line that gives what is looked at, where a screen only shows.
    """
    st.space("medium")
    drawer = st.expander("Under the hood", icon=":material/code:", key=f"{name}.hood", on_change="rerun")
    if not drawer.open:
        return
    state.begin()  # anew: what the screen has just recorded is among the events
    hood = HOODS[name]
    with drawer:
        source, command, elsewhere, events = st.tabs(["Function", "Command", "git · DVC · MLflow", "Events"])
        source.code(textwrap.dedent(inspect.getsource(function)), language="python")
        with command:
            _commands(name, shown)
        elsewhere.code(hood.elsewhere, language="python", wrap_lines=True)
        with events:
            found = state.drawn_chain()
            st.code(found.sentence, language=None, wrap_lines=True)
            st.dataframe(found.table(), hide_index=True, alt="The chain: each node, what it came from, by which event")
            st.dataframe(state.read(_events, hood), hide_index=True, alt="The last events of this kind")


def _commands(name: str, shown: Sequence[str]) -> None:
    """Draw the line of what was just done or is looked at, and below it what else there is of this kind."""
    steps = state.read(done, name, tuple(shown))
    if steps:
        st.caption(steps[-1].said)
        st.code("\n".join(step.line for step in steps), language="bash", wrap_lines=True)
        st.caption("Other work of this kind")
    st.code(HOODS[name].command, language="bash", wrap_lines=True)


def _events(ws: Workspace, hood: Hood) -> pd.DataFrame:
    kept = [event for event in ws.log() if not hood.kinds or event["kind"].split(".")[0] in hood.kinds]
    rows = [
        {
            "seq": event["seq"],
            "at": event["at"],
            "kind": event["kind"],
            "subject": event["subject"],
            "changes": json.dumps(event["payload"].get("changes"), ensure_ascii=False)[:300],
        }
        for event in reversed(kept[-12:])
    ]
    return pd.DataFrame(rows, columns=["seq", "at", "kind", "subject", "changes"])
