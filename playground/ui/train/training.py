"""What the Train screen is made of: the config, what it changes, and the button; `live` draws the run."""

from __future__ import annotations

from typing import Any

import streamlit as st

from mlops import MlopsError
from mlops.base import strict_yaml
from mlops.base.errors import ConfigError
from mlops.data.readiness import NOT_YET
from mlops.experiments import configs, trainable
from playground import first_config, words
from playground.ui.kit import acts, cards, lists, outcomes, results, session
from playground.ui.kit.editor import typed, yaml_editor
from playground.ui.train import live

NAMED = 4
"""Changed keys that are named before the others are asked for."""

QUOTED = 120
"""Characters of a wrong line that are shown beside what is wrong."""

EXPLAINED = 5
"""Problems that are explained one by one; a text pasted from elsewhere can have thousands."""

_EDITOR, _DATA = "train.editor", "train.data"
"""Keys of widgets."""


def edit(text: str) -> None:
    """Put a config into the editor, for example the one of an earlier run."""
    session.DRAFT.set(text)
    session.REVISION.set(revision() + 1)
    _choose_named()


def text(data: str) -> str:
    """Return the config being edited; a config that nobody touched follows the chosen data."""
    offered = first_config.text(lists.dataset(data))
    if session.DRAFT.get() in (None, session.OFFERED.get()) and session.DRAFT.get() != offered:
        edit(offered)
        session.OFFERED.set(offered)
    return f"{draft()}\n"


def draft() -> str:
    """Return the config in the editor."""
    return session.DRAFT.get() or ""


def editor(data: str) -> str:
    """Draw the YAML editor with a mark at each line that is wrong, and return its text."""
    now = text(data)
    problem = _wrong(now, data)
    marks = {one["line"]: one["message"] for one in problem.details if one["line"]} if problem else {}
    yaml_editor(draft(), revision(), marks, _EDITOR, _keep)
    return now


def _keep() -> None:
    """Take over what was typed."""
    session.DRAFT.set(typed(draft(), revision(), session.held(_EDITOR)))
    _choose_named()


def revision() -> int:
    """Return how often the text was replaced by anything but typing."""
    return session.REVISION.get()


def checked(text: str, data: str) -> configs.Config | None:
    """Return the config if it can be trained on this data; else draw each problem at its line, with the suggestion."""
    if problem := _wrong(text, data):
        _problems(problem, text.splitlines())
        return None
    return configs.load(text)


def _wrong(text: str, data: str) -> MlopsError | None:
    """Return what is wrong with a config: by itself, or for this data - another task, a column that is not there."""
    dataset = lists.dataset(data)
    try:
        config = configs.load(text)
        if dataset.task:  # else the click says what is missing, which is no mistake of the config
            trainable.check(dataset, config)
    except MlopsError as problem:
        lines = _lines(text)
        details = [{**one, "line": one["line"] or lines.get(str(one["field"]))} for one in problem.details]
        return ConfigError(problem.message, problem.next_step, details)
    return None


def _lines(text: str) -> dict[str, int]:
    try:
        return strict_yaml.parse(text)[1]
    except MlopsError:
        return {}


def data_choice() -> str:
    """Let a person choose the data, of the versions that one may train on today; a newer one that waits is named."""
    refs, newer = outcomes.trainable(), [*outcomes.readiness()]
    if session.held(_DATA) not in refs:
        session.hold(_DATA, refs[0])
    chosen = st.selectbox("Data", refs, key=_DATA, persist_state="session", width=320)
    if waiting := newer[: newer.index(refs[0])]:
        st.caption(f":material/hourglass_top: {cards.plain(waiting[0])} is newer. {NOT_YET}.")
    return str(chosen)


def _choose_named() -> None:
    """Choose the data that the text has begun to name; who then chooses other data is not overruled."""
    try:
        named = _named(configs.load(f"{draft()}\n"))
    except MlopsError:  # amid a word
        return
    if named == session.NAMED.get():
        return
    session.NAMED.set(named)
    meant = [ref for ref in outcomes.trainable() if _means(named, ref)]
    if meant and session.held(_DATA) not in meant:
        session.hold(_DATA, meant[0])


def named(config: configs.Config, data: str) -> None:
    """Say so if the config names other data than what is chosen, which is what a run gets."""
    if not _means(_named(config), data):
        said = "@".join(filter(None, _named(config)))
        st.markdown(
            f":orange[:material/warning: The config names {cards.plain(said)}. Chosen above, and trained on, is "
            f"{cards.plain(data)}.]"
        )


def _named(config: configs.Config) -> tuple[str, str]:
    """Return name and version of the data that a config names; empty is what it leaves open."""
    section = config.schema.data
    name, _, version = (section.name or "").partition("@")
    version = version.removeprefix("v") or str(section.version)
    return name, "" if version == "latest" else version


def _means(named: tuple[str, str], ref: str) -> bool:
    return all(part in ("", chosen) for part, chosen in zip(named, ref.split("@"), strict=True))


def changes(config: configs.Config, data: str, last: Any) -> None:
    """Name what differs from the last run: config keys, and the data."""
    # As plain JSON: a record holds tuples where the config has lists.
    changed = configs.diff_params(last.as_dict()["params"], config.params)
    if results.data_ref(last) != data:
        changed = [{"key": "data", "before": results.data_ref(last), "after": data}, *changed]
    lines = [
        f"`{one['key']}` {cards.plain(words.setting(one['before']))} → **{cards.plain(words.setting(one['after']))}**"
        for one in sorted(changed, key=lambda one: (one["after"] is None, one["before"] is None))
    ]
    st.caption(
        f"Changed since {cards.plain(last.run_id[:7])}"
        if lines
        else f"Same config and data as {cards.plain(last.run_id[:7])}"
    )
    if lines:
        st.markdown("  \n".join(lines[:NAMED]))
    if more := lines[NAMED:]:
        with st.expander(f"and {len(more)} more", type="compact", key="train.changed"):
            st.markdown("  \n".join(more))


def train(data: str, ready: bool) -> None:
    """Draw the Train button."""
    acts.button(
        "Train", "train", type="primary", icon=":material/play_arrow:", key="train.go", disabled=not ready,
        on_click=_submit, args=(data,),
    )  # fmt: skip


def _submit(data: str) -> None:
    _keep()  # a click right after the last letter comes with it, and is heard first
    live.submit(text(data), data)


def _problems(problem: MlopsError, lines: list[str]) -> None:
    found = problem.details or ({"message": f"{problem.message} {problem.next_step}"},)
    for one in found[:EXPLAINED]:
        number = one.get("line")
        with st.container(border=True, gap="xsmall"):
            st.markdown(
                f":red[:material/error: {f'Line {number}' if number else 'Config'}] · {cards.plain(one['message'])}"
            )
            if number and number <= len(lines):
                st.code(f"{number:>3}  {lines[number - 1].strip()[:QUOTED]}", language=None, wrap_lines=True)
            if one.get("suggestion"):
                st.markdown(f":green[:material/lightbulb: Did you mean] **{cards.plain(one['suggestion'])}**?")
    if behind := len(found[EXPLAINED:]):
        st.caption(f"and {behind:,} more, marked at their lines")
