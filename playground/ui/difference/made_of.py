"""The causes: what differs in what went into two runs, a card for each pin that moved."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import pandas as pd
import streamlit as st

from mlops.experiments import told_apart
from mlops.experiments.run_diff import RunDiff
from playground import words
from playground.ui.data import difference as data_difference
from playground.ui.kit import cards, lists
from playground.ui.kit.links import link

ICONS = {"data": "database", "code": "code", "software": "inventory_2", "config": "tune", "seed": "casino"}
COLOURS = {"data": "violet", "code": "gray", "software": "gray", "config": "orange", "seed": "orange"}
"""As the chain colours its inputs."""

LINES = 400
"""Lines of a unified diff on screen; the file has all of them."""


def draw(found: RunDiff, runs: Sequence[Any], names: Sequence[str], went_in: Mapping[str, str]) -> None:
    """Draw a card for each cause, in the order of the pins.

    Parameters
    ----------
    names : sequence of str
        What the two runs are called.
    went_in : mapping
        The causes, as `told_apart.causes` names them.
    """
    cards_of: dict[str, Callable[[RunDiff, Sequence[Any], Sequence[str]], None]] = {
        "data": _data, "code": _code, "software": _software, "config": _config, "seed": _seed,
    }  # fmt: skip
    for pin in went_in:
        with st.container(border=True, gap="small", key=f"difference-{pin}"):
            cards_of[pin](found, runs, names)


def _head(pin: str, said: str) -> None:
    st.markdown(f":{COLOURS[pin]}[:material/{ICONS[pin]}: **{pin.capitalize()}**]  {said}")


def _data(found: RunDiff, runs: Sequence[Any], names: Sequence[str]) -> None:
    data: Mapping[str, Any] = found.data or {}
    versions = [next((one for one in lists.datasets() if one.ref == data[side]), None) for side in ("before", "after")]
    if data["before"] == data["after"]:
        _head("data", cards.plain(data["before"]))
    else:
        _head("data", data_difference.sentence(data["before"], data["after"]))
    for role, pair in data["roles_changed"].items():
        was, now = ("none" if one is None else str(one) for one in pair)
        st.markdown(f"{role.capitalize()}: {cards.plain(was)} → **{cards.plain(now)}**")
    if data["outcomes_changed"]:
        known = [_outcomes(one) for one in data["outcomes_changed"]]
        st.markdown(f"Outcomes: {known[0]} → **{known[1]}**")
    if all(versions) and data["before"] != data["after"]:
        data_difference.between(*versions)
        link("data", "Open in Data", icon="database", version=data["after"])


def _outcomes(known: Mapping[str, Any] | None) -> str:
    if known is None:
        return "none beside the file"
    return f"{words.counted(len(known['sets']), 'set')}, known by {cards.plain(words.moment(known['known_until']))}"


def _code(found: RunDiff, runs: Sequence[Any], names: Sequence[str]) -> None:
    code = found.code or ""
    added, removed = told_apart.lines(code)
    files = [line[6:] for line in code.splitlines() if line.startswith(("+++ b/", "--- a/"))]
    where = words.counted(len(dict.fromkeys(files)), "file")
    _head("code", f"{words.counted(added, 'line')} added, {words.counted(removed, 'line')} removed, in {where}")
    lines = code.splitlines()
    st.code("\n".join(lines[:LINES]), language="diff", height=min(420, 40 + 22 * len(lines)))
    if len(lines) > LINES:
        st.caption(f"{len(lines) - LINES:,} more lines are in the file.")
    cards.download_bytes(code.encode(), f"{_file(runs, 'code')}.diff", "text/x-diff")


def _software(found: RunDiff, runs: Sequence[Any], names: Sequence[str]) -> None:
    told = found.software or ()
    matter = sum(one["matters"] for one in told)
    _head("software", f"{words.counted(len(told), 'difference')}, {matter or 'none'} of which can matter")
    table = pd.DataFrame({
        "": ["can matter" if one["matters"] else "cannot matter" for one in told],
        "What": [one["what"] for one in told],
        names[0].capitalize(): [words.setting(one["before"]) for one in told],
        names[1].capitalize(): [words.setting(one["after"]) for one in told],
        "Why": [one["why"] for one in told],
    })  # fmt: skip
    st.dataframe(table, hide_index=True, alt="Software that differs, and what of it can matter")
    cards.download(table, _file(runs, "software"))


def _config(found: RunDiff, runs: Sequence[Any], names: Sequence[str]) -> None:
    told = found.config or ()
    if len(told) == 1:
        one = told[0]
        was, now = (cards.plain(words.setting(one[side], most=200)) for side in ("before", "after"))
        _head("config", f"{cards.plain(one['key'])}  {was} :gray[→] **{now}**")
        return
    _head("config", words.counted(len(told), "key"))
    table = pd.DataFrame({
        "Key": [one["key"] for one in told],
        names[0].capitalize(): [words.setting(one["before"], most=200) for one in told],
        names[1].capitalize(): [words.setting(one["after"], most=200) for one in told],
    })  # fmt: skip
    st.dataframe(table, hide_index=True, alt="Keys of the config that differ")
    cards.download(table, _file(runs, "config"))


def _seed(found: RunDiff, runs: Sequence[Any], names: Sequence[str]) -> None:
    seed = found.seed or {}
    was, now = ("none was kept" if seed[side] is None else str(seed[side]) for side in ("before", "after"))
    said = "it draws other rows for each part, and other luck in learning"
    _head("seed", f"{cards.plain(was)} :gray[→] **{cards.plain(now)}** :small[:gray[{said}]]")


def _file(runs: Sequence[Any], what: str) -> str:
    return f"{what}-{words.short(runs[0].run_id)}-{words.short(runs[1].run_id)}"
