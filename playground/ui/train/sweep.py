"""A sweep before it starts: what to vary, which values to try, how many trials that makes, and one button."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import streamlit as st

from mlops import MlopsError, Workspace
from mlops.experiments import configs
from mlops.training import grids, workers
from playground import limits, trials
from playground.ui.kit import acts, cards, lists, location, session, state
from playground.ui.sweep import board

COMBINATIONS, DRAWS = "Every combination", "Random draws"
HOW_TO_LIST = "Write values with commas between, or whole numbers as a range: `2..6`."
HOW_TO_DRAW = (
    "Write a range, `0.01..0.3`, or values with commas between. With `log` behind it, "
    "0.01 to 0.1 is drawn as often as 0.1 to 1."
)


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
        if newest := board.asked(""):
            board.live(newest)
        else:
            _nothing_yet()


def _nothing_yet() -> None:
    with st.container(border=True):
        st.markdown(
            ":gray[:material/leaderboard: The leaderboard of your trials will be here. "
            "Each trial is a run like any other: it can be compared, registered and released.]"
        )


def _form(text: str, data: str) -> None:
    st.markdown("**Train this config several times**, each time with other values, and see which are best.")
    try:
        config = configs.load(text)
    except MlopsError as problem:
        cards.error(problem)
        return
    dataset = lists.dataset(data)
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
        list(configs.variants(text, trials.telling(planned)))
    except MlopsError as problem:
        st.markdown(f":red[:material/error: {cards.plain(problem.message)}]  \n{cards.plain(problem.next_step)}")
        planned = []
    if planned:
        st.markdown(f"**{trials.counted(len(planned))}** :gray[· {_time(config, planned)}]")
    acts.button(
        f"Start {trials.counted(len(planned))}" if planned else "Start", "train", type="primary",
        icon=":material/play_arrow:", key="sweep.go", disabled=not planned, on_click=_go,
        args=(text, data, grid, draws, len(planned)),
    )  # fmt: skip
    if problem := session.REFUSED.take():
        cards.error(problem)


def _time(config: configs.Config, planned: list[dict[str, Any]]) -> str:
    seconds = trials.seconds(config, planned, state.read(_newest, config.schema.model.type))
    if seconds is None:
        return "time not known yet: no run of this kind"
    return f"about {trials.duration(seconds / workers.pool().most_each)}, going by the last run"


def _go(text: str, data: str, grid: dict[str, str], draws: int | None, planned: int) -> None:
    if session.second_click("sweep"):
        return
    try:
        limits.before_training(state.workspace(), location.home(), planned)
        state.workspace().sweep(text, grid, random=draws, data=data, wait=False)
    except MlopsError as problem:
        session.REFUSED.set(problem)


def _newest(ws: Workspace, type: str) -> Any:
    return next(iter(ws.runs.list(f"status = 'finished' and params.model.type = '{type}'", limit=1)), None)
