"""Everything that differs between two runs: one sentence, the causes, what came of them, and what is equal."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import streamlit as st

from mlops import Workspace
from mlops.base.records import readable_json
from mlops.experiments import told_apart
from mlops.experiments.pins import NAMES
from mlops.experiments.run_diff import RunDiff
from playground import reference, words
from playground.run_names import spoken
from playground.ui.difference import consequences, made_of
from playground.ui.kit import cards, lists, pins, results, state
from playground.ui.kit.links import link

UNKNOWN = {"predictions": "answers", "luck": "better or luck"}
"""Part of a difference -> its word here, where it is another one."""


def asked(said: str) -> list[str]:
    """Return the two runs that a link names: ``r4f9a1c,r7c21b0``; fewer where it names fewer.

    Examples
    --------
    >>> asked("r4f9a1c, r7c21b0"), asked("r4f9a1c"), asked(",")
    (['r4f9a1c', 'r7c21b0'], ['r4f9a1c'], [])
    """
    return [one.strip() for one in said.split(",") if one.strip()][:2]


def draw(before: str, after: str) -> None:
    """Draw everything that differs between two runs.

    Parameters
    ----------
    before, after : str
        Their ids, or the beginnings of them.
    """
    with st.spinner("Comparing everything …", show_time=True):
        runs = [lists.run(one) for one in (before, after)]
        ids = [run.run_id for run in runs]
        ended = all(run.status not in ("queued", "running") for run in runs)
        found: RunDiff = (state.keep if ended else state.read)(_diff, *ids)
    noun = words.row_noun((runs[1].roles or {}).get("id"))
    st.subheader(cards.plain(told_apart.sentence(found, noun)), anchor=False)
    if ids[0] == ids[1]:
        link("compare", "Choose two runs", icon="compare_arrows", run=ids[0])
        return
    called = state.read(reference.of, tuple(ids))
    names = tuple(map(called.word, ids)) if len(set(called.words)) == 2 else tuple(map(called.label, ids))
    _runs(runs, names)
    pins.of_runs(runs, key=f"difference.pins.{ids[0]}.{ids[1]}")
    went_in = told_apart.causes(found)
    if went_in:
        st.subheader("Why", anchor=False, divider="gray")
        made_of.draw(found, runs, names, went_in)
    st.subheader("What came of it", anchor=False, divider="gray")
    consequences.draw(found, runs, names, noun)
    _same(found, went_in)
    name = f"difference-{words.short(ids[0])}-{words.short(ids[1])}.json"
    cards.download_bytes(lambda: readable_json(found), name, "application/json", "All of it as JSON")


def _runs(runs: Sequence[Any], names: Sequence[str]) -> None:
    """Draw which two runs these are, and the ways on: each of them, the other way round, side by side."""
    ids = [run.run_id for run in runs]
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        for run, name in zip(runs, names, strict=True):
            about = [
                spoken(run.run_id),
                str(run.params.get("model.type") or run.name).replace("_", " "),
                results.data_ref(run),
            ]
            state_of = "" if run.status == "finished" else f" · {cards.plain(run.status)}"
            said = cards.plain(" · ".join(filter(None, about)))
            link(
                "run",
                f"{name.capitalize()} **{words.short(run.run_id)}** :gray[{said}{state_of}]",
                icon="science",
                id=run.run_id,
            )
        st.button(
            "Swap", icon=":material/swap_horiz:", key="difference.swap", type="tertiary",
            on_click=_hold, args=(ids[1], ids[0]),
        )  # fmt: skip
        link("compare", "Side by side", icon="compare_arrows", run=ids)


def _hold(before: str, after: str) -> None:
    st.query_params["runs"] = f"{before},{after}"


def _same(found: RunDiff, went_in: Any) -> None:
    """Say in one line what is equal, and in one for each reason what nobody knows."""
    same = [name for name in NAMES if name not in went_in and name not in found.not_applicable]
    if found.rows is None and "rows" not in found.not_applicable:
        same.append("the rows of each part")
    if found.model is None and found.compared:
        same.append("the model file to the last byte")
    if same:
        st.markdown(f":gray[:material/equal: Equal: {cards.plain(told_apart.listed(same))}.]")
    said_already = "luck" if found.rows or found.compared is None else ""
    unknown = {part: reason for part, reason in found.not_applicable.items() if part != said_already}
    if not unknown:
        return
    named = told_apart.listed([UNKNOWN.get(part, part) for part in unknown])
    reasons = [*dict.fromkeys(unknown.values())]
    told = cards.plain(reasons[0]) if len(reasons) == 1 else ""
    st.markdown(f":gray[:material/help: Not known: {cards.plain(named)}. {told}]")
    if len(reasons) > 1:
        drawer = st.expander("Why not", type="compact", on_change="rerun", key="difference.unknown")
        cards.inside(drawer, lambda: st.markdown("\n".join(f"- {cards.plain(reason)}" for reason in reasons)))


def _diff(ws: Workspace, before: str, after: str) -> RunDiff:
    return ws.comparisons.diff(before, after)
