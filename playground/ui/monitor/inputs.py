"""The inputs of a month beside what the live model learned from: faults of the data first, then what moved."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd
import streamlit as st

from mlops.data.described import title
from mlops.production.drift import CAUSES, CHANCE
from playground import harm_words, limits, repairs
from playground.charts import columns
from playground.ui.kit import acts, cards, location, session, state
from playground.ui.kit.links import link

DRAWN = 3
"""Features whose distributions are drawn at once, those that moved most."""

BEFORE, NOW = "learned from", "this month"
"""What the two sides of a distribution are called."""

TESTS = {"ks": "Kolmogorov-Smirnov", "chi2": "chi-square"}
SCORE = "Score"


def draw(found: Any, month: str, said: Mapping[str, Any], asked: str = "", learned: str = "") -> None:
    """Draw how the inputs of a month differ.

    Parameters
    ----------
    found : Drift
        What was found.
    month : str
        The month as people say it.
    said : mapping
        What columns are called.
    asked, learned : str
        The version that holds these rows, so that its faults can be repaired, and the one that the model learned from;
        empty where they came one by one.
    """
    for fault in found.schema_errors:
        _fault(fault, said)
    mendable = [fault for fault in found.schema_errors if repairs.can(fault, found.rows_current)]
    if asked and mendable:
        _repair(asked, learned, mendable)
    st.markdown(cards.plain(harm_words.labelled(found.why, {name: title(said, name, unit=False) for name in said})))
    content = tuple((name, one["psi"], one["p_value"], one["why"]) for name, one in found.features.items())
    scored = found.score["psi"] if found.score else None
    table = state.made(("inputs", scored, content), lambda: features(found, said))
    if table.empty:
        return
    _distributions(found, month, said)
    st.dataframe(
        table, hide_index=True, key="monitor.features", alt=f"Inputs of {month}, the feature that moved most first",
        column_config={
            "PSI": st.column_config.ProgressColumn(format="%.3f", min_value=0, max_value=max(1.0, table["PSI"].max()),
                                                   help="Population stability index: 0.1 and 0.25 are conventions."),
            "p adjusted": st.column_config.NumberColumn(format="%.3g", help="After Benjamini and Hochberg."),
            "p": st.column_config.NumberColumn(format="%.3g"),
            "Statistic": st.column_config.NumberColumn(format="%.3f"),
        },
    )  # fmt: skip
    st.caption(counted(found))
    cards.download(table, f"inputs-{month}")


def counted(found: Any) -> str:
    """Return how many of the tests raised an alarm, and how many would by luck."""
    luck = round(found.tested * CHANCE)
    return (
        f"{found.raw_alarms} of {found.tested} p-values are below {CHANCE:g}; of as many features that did not move, "
        f"about {luck} would be by luck. After Benjamini and Hochberg {found.alarms} are. "
        "Of thousands of rows everything differs a little, so the size has to matter as well."
    )


def features(found: Any, said: Mapping[str, Any]) -> pd.DataFrame:
    """Return every feature that was compared as a table, the one that moved most first; the score among them."""
    compared = {title(said, name): one for name, one in found.features.items() if one["test"]}
    compared |= {SCORE: found.score} if found.score else {}
    rows = [
        {
            "Feature": name, "PSI": one["psi"], "Verdict": one["why"],
            "New": {True: "new", False: "", None: ""}[one.get("new")], "Test": TESTS[one["test"]],
            "Statistic": one["statistic"], "p": one["p_value"], "p adjusted": one["p_adjusted"],
            "Rows before": one["n_reference"], "Rows now": one["n_current"],
        }
        for name, one in sorted(compared.items(), key=lambda pair: -pair[1]["psi"])
    ]  # fmt: skip
    return pd.DataFrame(rows)


def shares(bins: Mapping[str, Any]) -> pd.DataFrame:
    """Return both distributions of a column as shares of the rows, over the bins that its index is made of.

    Examples
    --------
    >>> shares({"edges": [0, 10, 20], "reference": [5, 5], "current": [2, 8]})["value"].tolist()
    ['below 10', '10 and above']
    """
    levels = [f"{one:g}" if isinstance(one, float) else one for one in bins.get("levels") or ranges(bins["edges"])]
    sides = ((BEFORE, bins["reference"]), (NOW, bins["current"]))
    told = {name: [count / max(sum(counts), 1) for count in counts] for name, counts in sides}
    return pd.DataFrame({"value": [str(level) for level in levels], **told})


def ranges(edges: Any) -> list[str]:
    """Return bins of numbers as people say them; the outer ones are open."""
    inner = [f"{edge:.3g}" for edge in list(edges)[1:-1]]
    if not inner:
        return ["all"]
    between = [f"{one} – {other}" for one, other in itertools.pairwise(inner)]
    return [f"below {inner[0]}", *between, f"{inner[-1]} and above"]


def _fault(fault: Mapping[str, Any], said: Mapping[str, Any]) -> None:
    """Draw one fault of the data: what it is, and what to do instead of training on it."""
    column = title(said, fault["column"], unit=False) if fault.get("column") else "The data"
    called = {name: title(said, name, unit=False) for name in said}
    message, step = (harm_words.labelled(fault[part], called) for part in ("message", "next_step"))
    text = f"**{cards.plain(column)}: {cards.plain(CAUSES.get(fault['code'], fault['code']))}.** "
    st.error(f"{text}{cards.plain(message)}\n\n{cards.plain(step)}", icon=":material/plumbing:")


def _repair(asked: str, learned: str, faults: Sequence[Mapping[str, Any]]) -> None:
    """Draw the button that keeps a version with its faults repaired, or where that is done already."""
    done = state.read(repairs.of, asked, learned).version
    with st.container(horizontal=True, vertical_alignment="center", key="monitor-repair"):
        if done:
            st.markdown(f":green[:material/healing:] {cards.plain(done.ref)} holds it repaired.", width="content")
            link("data", "See what was done", icon="difference", against=asked, version=done.ref)
        elif acts.button("Repair it, as a new version", "repair it", icon=":material/healing:", key="monitor.repair"):
            with cards.errors(), st.spinner("Repairing it"):
                limits.before_keeping(location.home(), 0)
                kept = repairs.keep(state.workspace(), asked, faults)
                session.say(f"{kept.ref} holds it repaired; {asked} stays as it came.")
                st.rerun()


def _distributions(found: Any, month: str, said: Mapping[str, Any]) -> None:
    compared = {name: one for name, one in found.features.items() if one["test"] and one["bins"]}
    moved = sorted(compared, key=lambda name: -compared[name]["psi"])
    chosen = st.multiselect(
        "Distributions", moved, default=moved[:DRAWN], key=f"monitor.columns.{month}", placeholder="Choose features",
        format_func=lambda name: title(said, name), label_visibility="collapsed",
    )  # fmt: skip
    with st.grid(3, min_column_width=260):
        for name in chosen:
            with st.container(border=True, gap="xsmall"):
                one, called = compared[name], title(said, name)
                mark = ":orange[:material/trending_up: moved]" if one["drifted"] else ":gray[as it was]"
                st.markdown(f"**{cards.plain(called)}** {mark} :small[:gray[PSI {one['psi']:.3f}]]")
                table, figure = _shown(called, one["bins"])
                told = f"{called} of {month} beside what the model learned from: PSI {one['psi']:.3f}"
                cards.chart(figure, table, f"input-{name}", told)


def _shown(called: str, bins: Mapping[str, Any]) -> tuple[pd.DataFrame, cards.Drawn]:
    """Return a distribution as a table and as a figure, made once for what stands in it."""

    def make() -> tuple[pd.DataFrame, cards.Drawn]:
        table = shares(bins)
        return table, cards.Drawn.of(columns.distribution(table, called))

    return state.made(("input", called, *(tuple(part) for part in bins.values())), make)
