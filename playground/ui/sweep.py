"""A sweep on the screen: what to try before it starts, the leaderboard while it runs, and what it tells afterwards."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import streamlit as st

from mlops import MlopsError, Workspace, configs, grids, workers
from mlops.jobs import SWEEP
from playground import trials, words
from playground.charts import sweep as charts
from playground.ui import cards, state
from playground.ui.shell import link

COMBINATIONS, DRAWS = "Every combination", "Random draws"
HOW_TO_LIST = "Write values with commas between, or whole numbers as a range: `2..6`."
HOW_TO_DRAW = (
    "Write a range, `0.01..0.3`, or values with commas between. With `log` behind it, "
    "0.01 to 0.1 is drawn as often as 0.1 to 1."
)
_REFUSED = "sweep.refused"


def panel(text: str, data: str) -> None:
    """Draw what a sweep needs on the left, and on the right the newest sweep of the workspace.

    Parameters
    ----------
    text : str
        The config that is varied, as YAML.
    data : str
        Dataset version to train on, ``name@version``.
    """
    left, right = st.columns([2, 3], gap="large")
    with left:
        _form(text, data)
    with right:
        if newest := asked(""):
            _live(newest)
        else:
            _nothing_yet()


def _nothing_yet() -> None:
    with st.container(border=True):
        st.markdown(
            ":gray[:material/leaderboard: The leaderboard of your trials will be here. "
            "Each trial is a run like any other: it can be compared, registered and released.]"
        )


# Before: what to try


def _form(text: str, data: str) -> None:
    st.markdown("**Train this recipe several times**, each time with other values, and see which are best.")
    try:
        config = configs.load(text)
    except MlopsError as problem:
        cards.error(problem)
        return
    dataset = next(one for one in state.all_datasets() if one.ref == data)
    offered = trials.suggested(config.schema.model.type, dataset.task or "binary")
    how = st.segmented_control(
        "How", [COMBINATIONS, DRAWS], default=COMBINATIONS, required=True, key="sweep.how", persist_state="session",
        label_visibility="collapsed",
    )  # fmt: skip
    drawn = how == DRAWS
    grid = _values(config.schema.model.type, offered, drawn)
    draws = int(st.number_input("Draws", 2, grids.MAX_TRIALS, 20, key="sweep.draws")) if drawn and grid else None
    _start(config, text, data, grid, draws)


def _values(type: str, offered: Mapping[str, tuple[str, str]], drawn: bool) -> dict[str, str]:
    """Let a person choose parameters and the values to try; return the text of the values by key."""
    first = [key for key in offered if key != "model.type"][:2] or ["model.type"]
    chosen = st.pills(
        "Vary", list(offered), selection_mode="multi", default=first, format_func=trials.name,
        key=f"sweep.keys.{type}", persist_state="session", wrap=True,
    )  # fmt: skip
    how = HOW_TO_DRAW if drawn else HOW_TO_LIST
    return {
        key: st.text_input(
            trials.name(key), offered[key][drawn], key=f"sweep.values.{type}.{key}.{drawn}", persist_state="session",
            help=f"{trials.MEANING[key.rpartition('.')[2]]} {how}",
        )
        for key in chosen or ()
    }  # fmt: skip


def _start(config: configs.Config, text: str, data: str, grid: dict[str, str], draws: int | None) -> None:
    """Say how many trials that makes and how long they may take, and draw the one button."""
    try:
        planned = grids.trials(grid, draws, config.seed)
        for trial in trials.telling(planned):
            configs.load(text, overrides=trial)
    except MlopsError as problem:
        st.markdown(f":red[:material/error: {cards.plain(problem.message)}]  \n{cards.plain(problem.next_step)}")
        planned = []
    if planned:
        st.markdown(f"**{_trials(len(planned))}** :gray[· {_time(config, planned)}]")
    st.button(
        f"Start {_trials(len(planned))}" if planned else "Start", type="primary", icon=":material/play_arrow:",
        key="sweep.go", disabled=not planned, on_click=_go, args=(text, data, grid, draws),
    )  # fmt: skip
    if problem := st.session_state.pop(_REFUSED, None):
        cards.error(problem)


def _trials(count: int) -> str:
    return f"{count} trial" if count == 1 else f"{count} trials"


def _time(config: configs.Config, planned: list[dict[str, Any]]) -> str:
    seconds = trials.seconds(config, planned, state.all_runs())
    if seconds is None:
        return "time not known yet: no run of this kind"
    return f"about {trials.duration(seconds / workers.pool().most_each)}, going by the last run"


def _go(text: str, data: str, grid: dict[str, str], draws: int | None) -> None:
    try:
        state.workspace().sweep(text, grid, random=draws, data=data, wait=False)
    except MlopsError as problem:
        st.session_state[_REFUSED] = problem


# During: the leaderboard


def _live(sweep_id: str) -> None:
    """Draw a sweep as it goes on; nothing is asked again once it has ended."""
    at_work = bool(_found(sweep_id).open)

    @st.fragment(run_every="1s" if at_work else None)
    def board() -> None:
        state.settle()
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

    board()


def _headline(sweep: Any) -> None:
    ended, count = len(sweep.trials) - len(sweep.open), len(sweep.trials)
    if not sweep.open:
        st.markdown(f"**{len(sweep.finished)} of {_trials(count)}** :gray[· sweep {cards.plain(sweep.sweep_id[:7])}]")
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        st.progress(ended / count, text=f"{ended} of {_trials(count)}{_left(sweep)}")
        if st.button("Cancel the rest", icon=":material/cancel:", key="sweep.cancel"):
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
        column_config={score: st.column_config.NumberColumn(format="%.3f"), "interval": "95 % interval",
                       "seconds": st.column_config.NumberColumn(format="%.1f")},
        placeholder="–", alt=trials.verdict(sweep),
    )  # fmt: skip


def _verdict(sweep: Any) -> None:
    st.markdown(cards.plain(trials.verdict(sweep)))
    if len(sweep.finished) > 1:
        st.caption(
            "The best of several looks better than it is: it was chosen by the rows on which it is judged. "
            "Test rows, opened once, tell what it is worth."
        )


# Afterwards: what it tells


def asked(sweep_id: str) -> str:
    """Return the sweep that a link names, or the newest if it names none; nothing if there is no such sweep."""
    known = [run.tags[SWEEP] for run in state.all_runs() if SWEEP in run.tags]
    return next((one for one in known if one == sweep_id or not sweep_id), "")


def view(sweep_id: str) -> None:
    """Draw a sweep for good: its leaderboard, all parameters at once, one at a time, and what mattered."""
    sweep = _found(sweep_id)
    if sweep.open:
        _live(sweep_id)
        return
    if not sweep.finished:
        st.markdown(f":gray[{trials.verdict(sweep)} {cards.plain(sweep.trials[0].error or '')}]")
        link("train", "Back to the recipe", icon="tune")
        return
    _verdict(sweep)
    with st.container(horizontal=True):
        link("run", "Open the best", icon="science", id=sweep.finished[0].run_id)
        link("train", "Back to the recipe", icon="tune")
    board, lines, slices, mattered = st.tabs(
        ["Leaderboard", "All parameters", "One by one", "What mattered"], key="sweep.tabs", on_change="rerun"
    )
    if board.open:
        with board:
            _board(sweep)
    if lines.open:
        with lines:
            _lines(sweep)
    if slices.open:
        with slices:
            _slices(sweep)
    if mattered.open:
        with mattered:
            _mattered(sweep)


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


def _sweep(ws: Workspace, sweep_id: str) -> Any:
    return ws.sweeps.get(sweep_id)


def _importance(ws: Workspace, sweep_id: str) -> Any:
    return ws.sweeps.importance(sweep_id)
