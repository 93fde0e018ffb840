"""What the Train screen is made of: the config beside the run it will make, and the run while it happens."""

from __future__ import annotations

from typing import Any

import streamlit as st

from mlops import MlopsError, configs
from playground import recipes
from playground.ui import cards, progress, results, state
from playground.ui.shell import link

_TEXT, _ASKED, _LAST, _OFFERED = "train.yaml", "train.asked", "train.last", "train.offered"


def edit(text: str) -> None:
    """Put a config into the editor, for example the one of an earlier run."""
    st.session_state[_TEXT] = text


def editor(data: str) -> str:
    """Draw the YAML editor and return its text; a recipe that nobody touched follows the chosen data."""
    dataset = next(one for one in state.all_datasets() if one.ref == data)
    if st.session_state.get(_TEXT) in (None, st.session_state.get(_OFFERED)):
        st.session_state[_OFFERED] = recipes.text(dataset)
        edit(st.session_state[_OFFERED])
    text = st.text_area("Config", height=600, key=_TEXT, persist_state="session", label_visibility="collapsed")
    return f"{text or ''}\n"


def checked(text: str) -> configs.Config | None:
    """Return the config if it is valid; else draw each problem at its line, with the suggestion."""
    try:
        return configs.load(text)
    except MlopsError as problem:
        _problems(problem, text.splitlines())
        return None


def data_choice() -> str:
    """Let a person choose the dataset version to train on."""
    refs = [one.ref for one in state.all_datasets()]
    return str(st.selectbox("Data", refs, key="train.data"))


def changes(config: configs.Config, data: str, last: Any) -> None:
    """Name what differs from the last run: config keys, and the data."""
    # As plain JSON: a record holds tuples where the config has lists.
    changed = configs.diff_params(last.as_dict()["params"], config.params)
    if results.data_ref(last) != data:
        changed = [{"key": "data", "before": results.data_ref(last), "after": data}, *changed]
    lines = [f"`{one['key']}` {_value(one['before'])} → **{_value(one['after'])}**" for one in changed]
    st.caption(
        f"Changed since {cards.plain(last.run_id[:7])}"
        if lines
        else f"Same recipe and data as {cards.plain(last.run_id[:7])}"
    )
    if lines:
        st.markdown("  \n".join(lines))


def run_now(text: str, data: str, ready: bool) -> None:
    """Draw the Train button, the steps while they happen, and the result of the last training."""
    st.button("Train", type="primary", icon=":material/play_arrow:", key="train.go", disabled=not ready, on_click=_go)
    place = st.empty()
    if st.session_state.pop(_ASKED, False) and ready:
        _train(place, text, data)
    elif run := next((run for run in state.all_runs() if run.run_id == st.session_state.get(_LAST)), None):
        _result(run)
    else:
        unfinished()


def unfinished() -> None:
    """Draw the newest run if it is at work or did not finish: what became of it, and what to do."""
    newest = next(iter(state.all_runs()), None)
    if newest is None or newest.status == "finished":
        return
    at_work = newest.status == "running"

    @st.fragment(run_every="2s" if at_work else None)
    def panel() -> None:
        state.settle()
        if at_work and state.all_runs()[0].status != "running":
            st.rerun()
        with st.container(border=True):
            results.headline(newest)
            st.caption(
                "Still at work. If its screen was left, it ends as interrupted."
                if at_work
                else f"{cards.plain(newest.error or '')} It made no model; train again."
            )
            link("run", "Open", icon="science", id=newest.run_id)

    panel()


def _go() -> None:
    st.session_state[_ASKED] = True


def _train(place: Any, text: str, data: str) -> None:
    done: dict[str, Any] = {}

    def on_step(step: Any) -> None:
        done[step.name] = step
        place.markdown(progress.steps(done))

    place.markdown(progress.steps(done))
    with cards.errors():
        run = state.workspace().train(text, data=data, on_step=on_step)
        st.session_state[_LAST] = run.run_id
        st.rerun()
    if not done:
        place.empty()  # refused before the first step


def _result(run: Any) -> None:
    st.markdown(progress.steps({step["name"]: step for step in run.steps}))
    with st.container(border=True):
        results.headline(run)
        results.metric_row(run, "validation", columns=2)
        with st.container(horizontal=True):
            link("run", "Open", icon="science", id=run.run_id)
            link("compare", "Compare", icon="compare_arrows")


def _value(value: Any) -> str:
    return "–" if value is None else cards.plain(value)


def _problems(problem: MlopsError, lines: list[str]) -> None:
    for one in problem.details or ({"message": problem.message, "suggestion": problem.next_step},):
        number = one.get("line")
        with st.container(border=True, gap="xsmall"):
            st.markdown(
                f":red[:material/error: {f'Line {number}' if number else 'Config'}] · {cards.plain(one['message'])}"
            )
            if number and number <= len(lines):
                st.code(f"{number:>3}  {lines[number - 1].strip()}", language=None, wrap_lines=True)
            if one.get("suggestion"):
                st.markdown(f":green[:material/lightbulb: Did you mean] **{cards.plain(one['suggestion'])}**?")
