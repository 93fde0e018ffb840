"""What runs where: the keys that differ between environments, or from their file, and whether anybody meant it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd
import streamlit as st

from mlops import Workspace
from mlops.base.environments import ENVIRONMENTS
from mlops.experiments import config_files
from playground import words
from playground.first_config import SAMPLE_CONFIG
from playground.ui.kit import acts, cards, lists, location, session, state, stops

VERDICTS: Mapping[str, tuple[str, str, str]] = {
    "same": ("gray", "drag_handle", "same everywhere"),
    "intended": ("green", "check_circle", "meant"),
    "on_its_way": ("blue", "trending_flat", "on its way"),
    "not_intended": ("red", "error", "not meant"),
}
"""Verdict on a key -> colour, icon and word."""


def what_runs_where() -> None:
    """Draw which config runs in each environment, and what to do about a difference that nobody wrote down."""
    names = list(dict.fromkeys(one.model["name"] for place in ENVIRONMENTS for one in lists.live(place)))
    if not names:
        st.markdown(":gray[Nothing is live yet, so nothing runs anywhere.]")
        return
    if stops.veiled("worlds"):
        return
    name = names[0]
    if len(names) > 1:
        name = str(st.segmented_control("Model", names, default=name, required=True, key="worlds.model"))
    found = state.read(_read, name, _written(name))
    _headline(found)
    for setting in found.unintended:
        _unintended(found, setting)
    for setting in found.differing:
        for place in _asked_for(setting):
            _asked(found, setting, place)
    everything = st.toggle("Show all keys", value=not found.differing, key="worlds.all")
    table = _table(found, everything)
    if len(table):
        st.table(table, border="horizontal")
    drawer = st.expander(
        "Why, and from which files", icon=":material/draft:", type="compact", key="worlds.why", on_change="rerun"
    )
    cards.inside(drawer, lambda: _places(found))
    cards.download(lambda: _plain_table(found), "what-runs-where", "All keys as CSV")


def _headline(found: Any) -> None:
    many, stray = len(found.differing), len(found.unintended)
    if stray:
        what = f"**{words.counted(stray, 'key')} {'differs' if stray == 1 else 'differ'}**, and no overlay says so."
        st.markdown(f"{_chip('not_intended')} · {what}")
    elif many:
        what = f"{words.counted(many, 'key')} {'differs' if many == 1 else 'differ'}"
        st.markdown(f"{_chip('intended', 'nothing unintended')} · {what} for a reason that is written down.")
    else:
        where = " and ".join(one.environment for one in found.worlds)
        st.markdown(f"{_chip('intended', 'as written')} · All {len(found.settings)} keys are equal: {where}.")
    st.caption(
        "What runs is the config of the model that is live. What its file says now can be something else. A "
        "difference is meant if its key stands in the overlay of that environment."
    )


def _table(found: Any, everything: bool) -> pd.DataFrame:
    """Return the keys with their verdicts as markdown: what runs in each environment, and what its file says."""
    shown = found.settings if everything else found.differing
    places = [one.environment for one in reversed(found.worlds)]  # on a phone the first ones are seen
    rows: dict[str, dict[str, str]] = {}
    for one in shown:
        cells = {cards.chip(place): _cell(one.values[place], place in one.stray) for place in places}
        rows[f"`{one.key}` {_chip(one.verdict)}"] = cells
    return pd.DataFrame.from_dict(rows, orient="index")


def _cell(value: Mapping[str, Any], stray: bool) -> str:
    """Return what runs, and what the file says where that is something else."""
    runs = cards.plain(words.setting(value["running"]))
    if value["state"] in ("as_written", "unknown"):
        return runs
    colour = "red" if stray else "gray"
    return f"{runs} :{colour}[:material/draft: file {cards.plain(words.setting(value['now']))}]"


def _chip(verdict: str, label: str = "") -> str:
    colour, icon, word = VERDICTS[verdict]
    return f":{colour}[:material/{icon}: {label or word}]"


def _places(found: Any) -> None:
    """Say for each key why it differs, and for each environment which files stand behind it."""
    for setting in found.differing:
        st.markdown(f"{_chip(setting.verdict)} · `{setting.key}` · {cards.plain(setting.why)}")
    for one in found.worlds:
        if one.problem:
            said = f":orange[:material/help: nobody can tell what its file says: {cards.plain(one.problem)}]"
        elif one.file is None:
            said = "trained in the editor, without a config file"
        else:
            files = " and ".join(filter(None, (Path(one.file).name, one.overlay)))
            said = f"{cards.plain(files)}, written last {words.when(one.written_at)}"
        st.markdown(f"{cards.chip(one.environment)} {cards.plain(lists.told(one.model))} · {said}")


def _unintended(found: Any, setting: Any) -> None:
    """Draw one difference that nobody wrote down, and the two ways out of it."""
    with st.container(border=True, gap="xsmall", key=f"worlds.{setting.key.replace('.', '-')}"):
        values = [setting.values[place] for place in setting.stray]
        st.markdown(f"#### `{setting.key}` {cards.plain(_told(setting, values[0]))}")
        st.caption(cards.plain(_evidence(values[0])))
        if not _may_edit(found):
            st.markdown("The file belongs to the project that everybody here shares: change the line there.")
            return
        place = setting.stray[-1]
        with st.container(horizontal=True, vertical_alignment="bottom"):
            if len(setting.stray) > 1:
                place = str(
                    st.segmented_control(
                        "Where", setting.stray, default=place, required=True, key=f"worlds.place.{setting.key}"
                    )
                )  # fmt: skip
            reason = st.text_input(
                "Why", key=f"worlds.because.{setting.key}", max_chars=200, placeholder="Was it meant? Who said so?"
            )
        edited = setting.values[place]["state"] == "edited"
        with st.container(horizontal=True):
            back = acts.button(
                "Put it back", "put it back", icon=":material/undo:", type="primary", key=f"worlds.back.{setting.key}",
                disabled=not edited, help=None if edited else _BY_HAND,
            )  # fmt: skip
            meant = acts.button(
                f"It is meant: write it into the overlay of {place}", "write it down", icon=":material/edit_note:",
                key=f"worlds.meant.{setting.key}",
            )  # fmt: skip
        if back or meant:
            _write(found, setting, place, reason, meant=meant)


def _asked_for(setting: Any) -> list[str]:
    """Return the environments whose overlay asks for another value than runs: written down, and not released yet."""
    values = setting.values.items()
    return [
        place for place, one in values if one["state"] == "edited" and one["intended"] and place not in setting.stray
    ]


def _asked(found: Any, setting: Any, place: str) -> None:
    """Draw a difference that was written down and does not run yet, and the way back if it was not meant after all."""
    one = setting.values[place]
    with st.container(border=True, gap="xsmall", key=f"worlds.asked.{place}.{setting.key.replace('.', '-')}"):
        runs, says = words.setting(one["running"]), words.setting(one["now"])
        st.markdown(f"`{setting.key}` runs at {runs} in {place}, and {cards.plain(one['file'])} asks for {says}.")
        st.caption("It runs once a model that was trained with it is released. Was it not meant after all?")
        if _may_edit(found):
            with st.container(horizontal=True, vertical_alignment="bottom"):
                key = f"{place}.{setting.key}"
                reason = st.text_input("Why", key=f"worlds.because.{key}", max_chars=200, label_visibility="collapsed",
                                       placeholder="Why is it taken back?")  # fmt: skip
                if acts.button("Put it back", "put it back", icon=":material/undo:", key=f"worlds.back.{key}"):
                    _write(found, setting, place, reason, meant=False)


def _write(found: Any, setting: Any, place: str, reason: str | None, *, meant: bool) -> None:
    """Put a key back, or write down that it is meant."""
    with cards.errors():
        act = state.workspace().worlds.codify if meant else state.workspace().worlds.put_back
        edit = act(place, setting.key, reason or "", model=found.model)
        session.say(f"{' and '.join(edit.files)}: {edit.key} is {words.setting(edit.after)} in {place}.")
        st.rerun()


def _told(setting: Any, value: Mapping[str, Any]) -> str:
    """Return what runs where, and what its file says."""
    *first, last = setting.stray
    where = f"{', '.join(first)} and {last}" if first else last
    runs, says = words.setting(value["running"]), words.setting(value["now"])
    return f"runs at {runs} in {where}, and {value['file']} says {says}"


def _evidence(value: Mapping[str, Any]) -> str:
    """Return what is known of how it came about."""
    if value["state"] == "by_hand":
        return (
            "It was set by hand when the model was trained; no file has it. A version that was trained from the file "
            "undoes it: a new one, or one to go back to."
        )
    when = f" It was written last on {words.when(value['written_at'])}." if value["written_at"] else ""
    return f"Somebody edited the file since.{when} A file does not say who did it, nor why."


_BY_HAND = "The file says what it said: it was set by hand when it was trained. Release a model of the file instead."


def _may_edit(found: Any) -> bool:
    """Tell whether a file may be written from here: where many sit in one room, not that of the project they share."""
    shared = any(one.file and Path(one.file).parent == SAMPLE_CONFIG.parent for one in found.worlds)
    return not (shared and location.room())


def _plain_table(found: Any) -> pd.DataFrame:
    """Return every key with what runs, what the file said and says, and the verdict."""
    rows = []
    for one in found.settings:
        told = {"key": one.key, "verdict": VERDICTS[one.verdict][2], "why": one.why}
        for place, value in one.values.items():
            told |= {f"{place} {what}": words.setting(value[what], 2000) for what in ("running", "rendered", "now")}
        rows.append(told)
    return pd.DataFrame(rows)


def _written(name: str) -> tuple[tuple[str, float], ...]:
    """Return when each file was written that something live comes from: they change without an event."""
    return tuple((str(path), path.stat().st_mtime if path.is_file() else 0.0) for path in state.read(_files, name))


def _files(ws: Workspace, name: str) -> tuple[Path, ...]:
    """Return the config files of what is live under a name, and their overlays, whether they are there or not."""
    files: dict[Path, None] = {}
    live = (one for place in ENVIRONMENTS for one in ws.releases.all_live(place) if one.model["name"] == name)
    for ref in dict.fromkeys(f"{name}@{one.model['version']}" for one in live):
        run = ws.runs.get(ws.models.get(ref).run_id)
        for file in [ws.path / run.config_file["path"]] if run.config_file else []:
            files |= dict.fromkeys([file, *(config_files.overlay_path(file, place) for place in ENVIRONMENTS)])
    return tuple(files)


def _read(ws: Workspace, name: str, _: Any) -> Any:
    return ws.worlds.read(name)
