"""Which of the runs picked are drawn together and ranked: those that were judged by the same rows, and no others.

What was judged by other rows is named, and one click asks all of them again, the same rows. Until then it stands in no
chart beside the others, for the difference could be the rows.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import streamlit as st

from mlops import Workspace
from mlops.base.records import ref_of
from mlops.experiments import judged
from playground.reference import Reference
from playground.ui.compare.compared import Compared, reevaluated
from playground.ui.kit import cards, session, state


def of(runs: Sequence[Any], called: Reference) -> Compared:
    """Return the runs that may stand in one chart, the reference first; say of the others why they may not."""
    together = [run for run in runs if run is runs[0] or judged.same_rows([runs[0], run])]
    compared = Compared(tuple(together), called)
    if len(together) == len(runs):
        return compared
    apart = [called.label(run.run_id) for run in runs if run not in together]
    if reason := _incomparable(runs, called):
        st.warning(reason, icon=":material/warning:")
        return compared
    if not session.is_opened("same rows", called.run_ids):
        _offer(apart, called)
        return compared
    with cards.errors():
        return _again(runs, called)
    return compared


def _incomparable(runs: Sequence[Any], called: Reference) -> str:
    """Return why no rows make runs comparable; nothing where some do."""
    if elsewhere := [called.label(run.run_id) for run in runs if not run.predictions_sha256]:
        return (
            f"The rows by which {' and '.join(elsewhere)} {'was' if len(elsewhere) == 1 else 'were'} judged are not "
            "known here: these numbers cannot be compared."
        )
    if len(asked := dict.fromkeys(state.keep(_question, run.run_id) for run in runs)) > 1:
        return f"They predict {cards.plain(' and '.join(asked))}: these numbers cannot be compared."
    return ""


def _offer(apart: Sequence[str], called: Reference) -> None:
    was = "was" if len(apart) == 1 else "were"
    st.warning(
        f"**{' and '.join(apart)}** {was} judged by other rows or outcomes than **{called.label(called.run_id)}**: "
        "not drawn together and not ranked, for the difference could be the rows.", icon=":material/balance:",
    )  # fmt: skip
    st.button(
        "Judge all of them again on the same rows", icon=":material/balance:", key="luck.again", type="primary",
        on_click=session.open_for_good, args=("same rows", called.run_ids),
    )  # fmt: skip


def _again(runs: Sequence[Any], called: Reference) -> Compared:
    """Return runs as they are on rows that none of them has learned from."""
    with st.spinner("Scoring the same rows with each model …", show_time=True):
        found = state.read(reevaluated, called.run_ids)
    data = cards.plain(ref_of(found.data))
    st.markdown(
        f":material/balance: **Judged again on the same {found.rows:,} rows** :small[:gray[of {found.labelled:,} "
        f"labelled ones in {data}: those that no run has learned from and none keeps for its test]]"
    )
    on_them = [
        replace(
            run,
            metrics={**run.metrics, "validation": found.metrics[run.run_id]},
            intervals={**run.intervals, "validation": found.intervals[run.run_id]},
            rows_sha256={**run.rows_sha256, "validation": found.rows_sha256},
        )
        for run in runs
    ]
    return Compared(tuple(on_them), called, again=called.run_ids)


def _question(ws: Workspace, run_id: str) -> str:
    asked = ws.runs.document(run_id)["signature"]
    return f"{asked['target']} ({asked['task']})"
