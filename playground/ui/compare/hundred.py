"""A hundred people on screen: the threshold is a line that moves through them, and the caption can be pulled.

It draws the plain record of `playground.hundred`. All scores are sent once, so moving the line and pulling a number
ask the server nothing; it hears of what was said when a person is done with it, and keeps it on the desk. The browser
part sets text alone, never HTML.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import streamlit as st

from mlops import Workspace
from playground import hundred
from playground.hundred import BOUNDS, CALLED, Costs, Hundred
from playground.run_names import spoken
from playground.ui.compare.compared import Compared, answered, curves_of, data_of
from playground.ui.kit import cards, session, state, stops

_people = st.components.v2.component(
    "hundred",
    html=Path(__file__).with_suffix(".html").read_text("utf-8"),
    css=Path(__file__).with_suffix(".css").read_text("utf-8"),
    js=Path(__file__).with_suffix(".js").read_text("utf-8"),
)

HINT = (
    "Move the line, pull a number, or point at a figure. With the keyboard: arrows move the line, N and P go from one "
    "figure to the next."
)


def fits(compared: Compared) -> bool:
    """Return whether runs say yes or no, so that a line can be drawn through the rows."""
    return all("roc" in compared.ask(curves_of, run) for run in compared.runs)


@st.fragment
def draw(compared: Compared) -> None:
    """Draw the rows that runs with a yes or no were judged by: of the reference and one other, or of one alone."""
    if stops.veiled("recall"):
        return
    shown = _pair(compared)
    name = ("hundred", shown.moment, *map(shown.label, shown.runs))
    found, sent = state.made(name, lambda: _made(shown))
    st.subheader(found.words.title, anchor=False)
    costs = found.fitting(session.COSTS.get())
    told = _people(data={**sent, "costs": asdict(costs)}, key="compare.hundred", on_costs_change=lambda: None).costs
    if isinstance(told, Mapping):
        costs = found.fitting(told)
        session.COSTS.set(asdict(costs))
    table = st.expander("Table", icon=":material/table:", type="compact", on_change="rerun", key="table.hundred")
    cards.inside(table, lambda: _table(found, costs, shown))


def _pair(compared: Compared) -> Compared:
    """Return the reference and the one beside it; where there are more, a person chooses which."""
    first, *others = compared.runs
    if len(others) < 2:
        return compared
    labels = {compared.label(run): run for run in others}
    chosen = st.segmented_control(
        "Beside the reference", [*labels], default=next(iter(labels)), required=True, key="hundred.beside"
    )
    return compared.only([first, labels.get(str(chosen), others[0])])


def of(ws: Workspace, compared: Compared) -> Hundred:
    """Return one run or two as a hundred figures."""
    judged = [answered(ws, run.run_id, compared.again) for run in compared.runs]
    first = judged[0]
    sides = [
        (compared.called.word(run.run_id), compared.label(run), float(one.threshold), one.scores)
        for run, one in zip(compared.runs, judged, strict=True)
    ]
    truth = np.asarray(first.labels == first.signature.positive)
    words = hundred.words_for(first.signature.target, first.signature.positive)
    return hundred.of(truth, sides, words, _who(ws, compared, first))


def _who(ws: Workspace, compared: Compared, judged: Any) -> Any:
    """Return the ids of the rows; nothing where they have none."""
    if judged.signature.id is None:
        return ()
    table = ws.datasets.table(data_of(ws, compared.runs[0].run_id, compared.again))
    return table.column(judged.signature.id).take(judged.rows).to_pylist()


def _made(compared: Compared) -> tuple[Hundred, dict[str, Any]]:
    found = of(state.workspace(), compared)
    return found, drawn(found, compared)


def drawn(found: Hundred, compared: Compared) -> dict[str, Any]:
    """Return the figures as the browser gets them, all but the costs."""
    bounds = {name: [low, None if math.isinf(high) else high, step] for name, (low, high, step) in BOUNDS.items()}
    sides = [
        {**asdict(side), "about": f"{run.run_id[:7]} · {spoken(run.run_id)}"}
        for side, run in zip(found.sides, compared.runs, strict=True)
    ]
    return {
        "rows": found.rows, "positives": found.positives, "step": found.step, "sides": sides, "bounds": bounds,
        "figures": [asdict(figure) for figure in found.figures], "words": asdict(found.words), "called": CALLED,
        "hint": HINT,
    }  # fmt: skip


def _table(found: Hundred, costs: Costs, compared: Compared) -> None:
    st.markdown(cards.plain(found.caption(costs)))
    counts = found.counts(costs)
    people = found.frame()
    st.dataframe(counts, hide_index=True, key="hundred.counts", alt=found.caption(costs))
    st.dataframe(people, hide_index=True, key="hundred.people", alt="The figures, the highest score first")
    ws = state.workspace()
    with st.container(horizontal=True):
        cards.download(counts, "counts", "Counts")
        cards.download(people, "figures", "Figures")
        for run in compared.runs if not compared.again else ():
            cards.download(
                partial(_answers, ws, run.run_id), f"validation-{run.run_id}", f"Answers of {compared.label(run)}"
            )


def _answers(ws: Workspace, run_id: str) -> pd.DataFrame:
    """Return what a run answered on its validation rows; counted at any threshold, it gives the counts shown."""
    found = ws.runs.predictions(run_id)
    return found[found["part"] == "validation"].drop(columns=["part", "row_hash"])
