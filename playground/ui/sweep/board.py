"""The trials of a sweep: a leaderboard while they run, and afterwards what they tell."""

from __future__ import annotations

from functools import partial
from typing import Any

import streamlit as st

from mlops import Workspace
from mlops.training import workers
from playground import glossary, trials, words
from playground.charts import sweep as charts
from playground.ui.kit import acts, cards, state
from playground.ui.kit.links import link


def live(sweep_id: str) -> None:
    """Draw a sweep as it goes on; nothing is asked again once it has ended."""
    at_work = bool(_found(sweep_id).open)

    @st.fragment(run_every="1s" if at_work else None)
    def panel() -> None:
        state.renew()
        sweep = _found(sweep_id)
        if at_work and not sweep.open:
            st.rerun()
        _headline(sweep)
        _table(sweep)
        if not sweep.open:
            _verdict(sweep)
        if sweep.finished:
            with st.container(horizontal=True):
                link("run", "Open the best", icon="science", id=sweep.finished[0].run_id)
                link("sweep", "See what mattered", icon="query_stats", id=sweep.sweep_id)

    panel()


def _headline(sweep: Any) -> None:
    ended, count = len(sweep.trials) - len(sweep.open), len(sweep.trials)
    if not sweep.open:
        st.markdown(
            f"**{len(sweep.finished)} of {trials.counted(count)}** :gray[· sweep {cards.plain(sweep.sweep_id[:7])}]"
        )
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        st.progress(ended / count, text=f"{ended} of {trials.counted(count)}{_left(sweep)}")
        if acts.button("Cancel the rest", "cancel", icon=":material/cancel:", key="sweep.cancel"):
            state.workspace().sweeps.cancel(sweep.sweep_id)
            st.rerun()


def _left(sweep: Any) -> str:
    times = [run.duration_s + trials.BEGIN for run in sweep.finished]
    if not times:
        return ""
    left = len(sweep.open) * sum(times) / len(times) / workers.pool().most_each
    return f" · about {trials.duration(left)} left"


def _table(sweep: Any) -> None:
    table, score = trials.leaderboard(sweep), words.metric_name(sweep.metric)
    bounds = [words.interval(run.intervals.get("validation", {}).get(sweep.metric)) for run in sweep.trials]
    shown = table.assign(run=table["run"].str[:7], interval=bounds)
    keys = [trials.name(key) for key in sweep.keys]
    st.dataframe(
        shown, hide_index=True, height=min(440, 38 + 35 * len(shown)), key=f"sweep.table.{sweep.sweep_id}",
        column_order=["place", score, *keys, "interval", "run", "status", "seconds"],
        column_config={score: st.column_config.NumberColumn(format="%.3f", help=glossary.meaning(sweep.metric)),
                       "interval": "95 % interval", "seconds": st.column_config.NumberColumn(format="%.1f")},
        placeholder="–", alt=trials.verdict(sweep),
    )  # fmt: skip


def _verdict(sweep: Any) -> None:
    st.markdown(cards.plain(trials.verdict(sweep)))
    for edge in trials.edges(sweep):
        st.markdown(f":orange[:material/border_right: {cards.plain(edge)}]")
    if len(sweep.finished) > 1:
        st.caption(
            "The best of several looks better than it is: it was chosen by the rows on which it is judged. "
            "Test rows, opened once, tell what it is worth."
        )


def asked(sweep_id: str) -> str:
    """Return the sweep that a link names by the beginning of its id; the newest if it names none; else nothing."""
    found = [one for one in state.read(_all) if one.startswith(sweep_id)]
    return found[0] if len(found) == 1 or (found and not sweep_id) else ""


def view(sweep_id: str) -> None:
    """Draw a sweep for good: its leaderboard, all parameters at once, one at a time, and what mattered."""
    sweep = _found(sweep_id)
    if sweep.open:
        live(sweep_id)
        return
    if not sweep.finished:
        st.markdown(f":gray[{trials.verdict(sweep)} {cards.plain(sweep.trials[0].error or '')}]")
        link("train", "Back to the config", icon="tune", open="run")
        return
    _verdict(sweep)
    with st.container(horizontal=True):
        link("run", "Open the best", icon="science", id=sweep.finished[0].run_id)
        if len(sweep.finished) > 1:
            best, second = (run.run_id for run in sweep.finished[:2])
            link("compare", "Better than the second, or luck?", icon="compare_arrows", run=[second, best])
        link("train", "Back to the config", icon="tune", open="run")
    if not sweep.keys:  # a trial alone differs in nothing
        _board(sweep)
        return
    parts = {"Leaderboard": _board, "All parameters": _lines, "One by one": _slices, "What mattered": _mattered}
    cards.tabs({title: partial(draw, sweep) for title, draw in parts.items()}, key="sweep.tabs")


def _board(sweep: Any) -> None:
    left, right = st.columns([4, 3], gap="medium")
    with left:
        _table(sweep)
    with right:
        table, score = trials.leaderboard(sweep), words.metric_name(sweep.metric)
        cards.chart(charts.leaderboard(table, score), table, "sweep-leaderboard", trials.verdict(sweep))


def _lines(sweep: Any) -> None:
    table, score = trials.leaderboard(sweep), words.metric_name(sweep.metric)
    keys = [trials.name(key) for key in sweep.keys]
    st.caption("A line is a trial: blue among the best, orange among the worst. Drag along an axis to pick lines.")
    cards.chart(charts.parallel(table, keys, score), table, "sweep-parameters", trials.verdict(sweep))


def _slices(sweep: Any) -> None:
    table, score = trials.leaderboard(sweep), words.metric_name(sweep.metric)
    with st.grid(2, min_column_width=320):
        for key in map(trials.name, sweep.keys):
            with st.container():
                said = f"{score} against {key}; the best trial has {table[key].iloc[0]}"
                cards.chart(charts.slice_of(table, key, score), table[["run", key, score]], f"sweep-{key}", said)


def _mattered(sweep: Any) -> None:
    with cards.errors():
        found = state.read(_importance, sweep.sweep_id)
        if found.warning:
            st.warning(cards.plain(found.warning), icon=":material/warning:")
        table, first = charts.importance_table(found), found.parameters[0]
        said = f"{trials.name(first['key'])} mattered most: {first['importance']:.0%} of the differences go with it."
        cards.chart(charts.importance(table), table, "sweep-importance", said)
        st.caption(
            "**Importance**: the share of the differences between trials that goes with a parameter, alone or with "
            f"others, as a random forest sees it; it foretells {max(found.explained, 0):.0%} of the differences. "
            "**Rank correlation**: right of zero, larger values came with a larger metric; it misses what is best in "
            "the middle. Both speak of the values that were tried, no others."
        )


def _found(sweep_id: str) -> Any:
    return state.read(_sweep, sweep_id)


def _all(ws: Workspace) -> list[str]:
    return ws.sweeps.list()


def _sweep(ws: Workspace, sweep_id: str) -> Any:
    return ws.sweeps.get(sweep_id)


def _importance(ws: Workspace, sweep_id: str) -> Any:
    return ws.sweeps.importance(sweep_id)
