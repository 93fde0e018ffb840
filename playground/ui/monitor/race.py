"""The policy race on screen: lines that run through the year, and flags that can be set and taken away.

It draws the plain record of `playground.race`. What every model would have cost in every month is sent once, so setting
a flag asks the server nothing. The browser part sets text alone, never HTML.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import streamlit as st

from playground import limits, race
from playground.calendar import month_told
from playground.jobs import Job, jobs
from playground.race import COSTS, MISSED, RULES, START, YOURS, Race
from playground.ui.kit import acts, cards, location, session, state, stops, watch

_race = st.components.v2.component(
    "policy_race",
    html=Path(__file__).with_suffix(".html").read_text("utf-8"),
    css=Path(__file__).with_suffix(".css").read_text("utf-8"),
    js=Path(__file__).with_suffix(".js").read_text("utf-8"),
)

TITLE = "The rules, raced"

ABOUT = (
    f"A leaver whom nobody calls costs {MISSED:.2f} EUR: a call costs {COSTS.price:g}, keeps 1 in {COSTS.one_in:g}, "
    f"and who stays is worth {COSTS.worth:g}. A call for nothing costs {COSTS.price:g}. Your flags stand where "
    "versions went live here. Whatever you trained, a flag races a model of its own, by the recipe with which the year "
    "began and without the release check, so that only the when differs."
)


def draw(name: str, known: Sequence[str], yours: Sequence[str]) -> None:
    """Draw the race, or the button that runs it.

    Parameters
    ----------
    name : str
        Of the model.
    known : sequence of str
        The months whose outcomes are known.
    yours : sequence of str
        The months at whose end a version went live that had learned again.
    """
    job = ("race", str(state.workspace().path.absolute()))
    working = jobs().of(job)
    found = state.read(race.read)
    st.markdown(f"**{TITLE}**")
    if stops.veiled("race"):
        return
    if found:
        _race(data=drawn(found, yours), key="monitor.race")
        shown = st.expander("Table", icon=":material/table:", type="compact", on_change="rerun", key="table.race")
        cards.inside(shown, lambda: _table(found, yours))

    @st.fragment(run_every=watch.every(working is not None))
    def board() -> None:
        seen = jobs().of(job)
        if (working is None) != (seen is None):
            st.rerun()  # what came of it is on record
        if seen:
            watch.job(seen, job, "**On your marks**", "race.cancel")
        elif found is None or set(known) - set(found.months):
            _begin(name, job, found)

    board()


def _begin(name: str, job: tuple[str, ...], found: Race | None) -> None:
    st.markdown(
        ":small[:gray[Trains, on a copy, what could have been trained at the end of each month, and lets every model "
        "decide about the months after it. Takes half a minute; your model is left alone.]]"
    )
    label = "Race the rules" if found is None else "Race them through the new months"
    acts.button(label, "race them", icon=":material/flag:", key="race.go", on_click=_run, args=(name, job))
    if problem := jobs().refusal(job):
        cards.error(problem)


def _run(name: str, job: tuple[str, ...]) -> None:
    if session.second_click("race"):
        return
    ws, home = state.workspace(), location.home()

    def work(task: Job) -> None:
        limits.before_training(ws, home)
        race.run(ws, name, task.tell)

    jobs().begin(job, work)


def drawn(found: Race, yours: Sequence[str]) -> dict[str, object]:
    """Return the race as the browser gets it."""
    made = [START, *found.stops]
    mine = [month for month in yours if month in found.stops]
    return {
        "months": [{"month": one, "name": month_told(one)[:3], "title": month_told(one)} for one in found.months],
        "stops": [*found.stops],
        "costs": {by: {month: round(one.cost, 2) for month, one in found.decided[by].items()} for by in made},
        "lanes": [{"id": "yours", "name": YOURS, "flags": mine}]
        + [{"id": rule, "name": RULES[rule], "flags": [*flags]} for rule, flags in found.rules.items()],
        "about": ABOUT,
    }  # fmt: skip


def _table(found: Race, yours: Sequence[str]) -> None:
    table = found.frame(yours)
    st.dataframe(table, hide_index=True, alt=found.sentence(yours))
    cards.download(table, "policy-race")
