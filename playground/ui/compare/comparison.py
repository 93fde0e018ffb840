"""Runs side by side: whether one is better, what differs, one chart, every metric, and the closed test.

One of them is the reference; which one, and what they are called then, `playground.reference` decides.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import partial
from typing import Any

import pandas as pd
import streamlit as st

from mlops import Workspace
from playground import reference, theme, words
from playground.reference import LIVE, Reference
from playground.run_names import spoken
from playground.ui.compare import hundred, luck, same_rows, views
from playground.ui.compare.compared import Compared
from playground.ui.kit import acts, cards, links, lists, pins, proof, results, session, state, stops
from playground.ui.kit.links import link

WIDE = 132
"""Pixels in which two runs have room for `gradient_boosting`; columns as wide as most of their values would cut it."""


AGAINST = "against"
"""Query parameter that names the run which somebody wants the others held against."""


def side_by_side(asked: Sequence[str]) -> None:
    """Draw runs against each other, all held against the reference; of fewer than two, say what is missing."""
    runs = [lists.run(run_id) for run_id in asked]
    picked = [run for run in runs if run.status == "finished"]
    for run in runs:
        if run not in picked:
            st.caption(f"{run.run_id[:7]} is {run.status}: it has nothing to compare yet.")
    if len(picked) < 2:
        missing = "Tick another finished run." if picked else "Tick two finished runs."
        cards.empty(missing, "train", "Train another")
        if len(runs) == 2:  # what went into them is known all the same
            links.difference(*(run.run_id for run in runs))
        return
    called = state.read(reference.of, tuple(run.run_id for run in picked), st.query_params.get(AGAINST, ""))
    runs = [lists.run(run_id) for run_id in called.run_ids]
    _held_against(called)
    with cards.errors():
        comparison = state.read(_compare, called.run_ids)
        compared = same_rows.of(runs, called)
        beside = partial(_what_differs, runs, called, comparison.differs)
        if len(compared.runs) < 2:
            beside()
        else:
            luck.verdicts(compared)
            views.of_runs(compared, beside)
            if not stops.covered("recall"):
                if hundred.fits(compared):
                    hundred.draw(compared)
                _metrics(compared)
                _test(compared)
    proofs = st.expander("Reproduce and prove", icon=":material/replay:", key="compare.proof", on_change="rerun")
    cards.inside(proofs, lambda: proof.of_runs(runs, called))
    with st.container(horizontal=True):
        for run in runs:
            link("release", f"Release {called.label(run.run_id)}", icon="deployed_code", run=run.run_id)


def _held_against(called: Reference) -> None:
    """Draw what the others are held against, and let a person choose another one."""
    first, *others = called.run_ids
    why = (
        "as you asked" if called.swapped else f"it is {'what is live' if called.words[0] == LIVE else 'the older run'}"
    )
    with st.container(horizontal=True, vertical_alignment="center", key="compare.reference"):
        st.markdown(f"{_dot(0)} **{called.label(first)}** :gray[is the reference: {why}.]")
        if len(others) == 1:
            st.button(
                "Swap", icon=":material/swap_horiz:", key="compare.swap", type="tertiary",
                on_click=_hold_against, args=(others[0],),
            )  # fmt: skip
            links.difference(first, others[0])
        else:
            with st.popover("Another reference", icon=":material/swap_horiz:", type="tertiary"):
                for run_id in others:
                    st.button(
                        called.label(run_id), key=f"compare.against.{run_id}", on_click=_hold_against, args=(run_id,),
                        type="tertiary",
                    )  # fmt: skip


def _hold_against(run_id: str) -> None:
    st.query_params[AGAINST] = run_id


def _what_differs(runs: Sequence[Any], called: Reference, differs: Sequence[Any]) -> None:
    for number, run in enumerate(runs):
        _headline(run, number, called)
    pins.of_runs(runs, key="compare.pins")
    st.subheader("What differs", anchor=False)
    if not differs:
        st.markdown(":gray[Nothing: same data, config, code, software and seed.]")
        return
    labels = {run.run_id: called.label(run.run_id) for run in runs}
    wide = {label: st.column_config.TextColumn(width=WIDE) for label in labels.values()} if len(runs) == 2 else {}
    shown = state.made(("differs", *labels.items()), lambda: _differs(differs, [*labels.values()]))
    alt = "What differs between the runs"
    st.dataframe(shown, hide_index=True, key="compare.differs", alt=alt, column_config=wide)


def _headline(run: Any, number: int, called: Reference) -> None:
    model = str(run.params.get("model.type") or "").replace("_", " ")
    about = [spoken(run.run_id), model or run.name, words.setting(run.note) if run.note else ""]
    said = " · ".join(cards.plain(one) for one in about if one)
    st.markdown(f"{_dot(number)} **{called.label(run.run_id)}** :small[{said}]")


def _dot(number: int) -> str:
    """Return the colour of a run in the charts, as markdown."""
    colour = theme.RUN_NAMES[number] if number < len(theme.RUN_NAMES) else "gray"
    return f":{colour}[:material/circle:]"


def _metrics(compared: Compared) -> None:
    st.subheader("Metrics on the same rows" if compared.again else "Metrics on the validation rows", anchor=False)
    st.caption(
        "Each at its own threshold, with 95 % intervals. What a metric means stands in its head, one hover away."
    )
    results.metrics(compared.runs, "validation", compared.label, key="compare.metrics")


def _test(compared: Compared) -> None:
    """Draw the closed test metrics; opening them is recorded, because each look makes them less honest."""
    if len({run.rows_sha256.get("test") for run in compared.runs}) > 1:
        return  # on other rows they would rank nobody
    drawer = st.expander("Test metrics", icon=":material/lock:", key="compare.test", on_change="rerun")
    if not drawer.open:
        return
    runs, ids = compared.runs, tuple(run.run_id for run in compared.runs)
    looks = ", ".join(f"{compared.label(run)} {run.test_opened or 0}" for run in runs)
    with drawer:
        st.markdown(
            "Choosing by the test rows leaves no honest number; the release check opens them for you. "
            f"Looks so far: {looks}."
        )
        if session.is_opened("test", ids):
            results.metrics(runs, "test", compared.label, key="compare.test.metrics")
        elif acts.button("Open and count it", "open them", icon=":material/lock_open:", key="compare.open"):
            for run in runs:
                state.workspace().runs.open_test(run.run_id)
            session.open_for_good("test", ids)
            st.rerun()


def _differs(differs: Sequence[Any], labels: Sequence[str]) -> Any:
    return cards.arrow(pd.DataFrame([
        {
            "key": one["key"] if one["what"] in ("config", one["key"]) else f"{one['what']}.{one['key']}",
            **{label: _short(value) for label, value in zip(labels, one["values"], strict=True)},
        }
        for one in differs
    ]))  # fmt: skip


def _short(value: Any) -> str:
    text = words.setting(value, most=1000)  # what differs may stand at the end
    return words.short(text) if re.fullmatch("[0-9a-f]{40}|[0-9a-f]{64}", text) else text


def _compare(ws: Workspace, ids: tuple[str, ...]) -> Any:
    return ws.comparisons.compare(list(ids))
