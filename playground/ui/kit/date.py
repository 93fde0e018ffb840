"""The date, in the line of the title: what day it is here, and the menu that lets months pass.

While months pass, and after that until somebody has read it, a card in the corner of every screen says what they bring.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

import streamlit as st

from mlops import MlopsError, Workspace
from mlops.base.clock import datetime_of
from playground import company, course, folders, limits, playing, words
from playground.calendar import CRON, month_told
from playground.jobs import Seen, jobs
from playground.ui.kit import acts, cards, location, session, state, stops, watch
from playground.ui.kit.links import link

WIDTH = 340
"""Pixels of the menu, at most."""

ICONS: Mapping[str, str] = {
    "customers": "group", "answers": "storefront", "outcomes": "fact_check", "monitors": "monitor_heart",
    "rule": "model_training", "colleagues": "group_work",
}  # fmt: skip
"""Step of a month -> its icon."""


def chip() -> None:
    """Draw the date; behind it, what moves it."""
    clock = state.read(Workspace.clock)
    # The browser holds that it is open, whatever is said here: only another one is closed.
    key = f"date{session.MONTHS_BEGUN.get() or ''}"
    menu = st.popover(
        words.day(clock["now"]), icon=":material/calendar_month:", help="The date in this workspace", key=key,
        on_change="rerun",
    )  # fmt: skip
    if menu.open:
        with menu, st.container(width=WIDTH, gap="small"):
            st.markdown(_told(clock))
            months("date")


def _told(clock: Mapping[str, Any]) -> str:
    here = words.local(time.time(), st.context.timezone)
    if not clock["simulated"]:
        return f"Wall time: **{here}**"
    return (
        f"Simulated: **{words.date(clock['now'])}**. It stands still until something moves it.  \nWall time: **{here}**"
    )


def months(key: str, wide: bool = False) -> None:
    """Draw what lets months pass, or why none may pass here now.

    Parameters
    ----------
    key : str
        How the keys of its buttons begin: they stand in the menu of the date, and on Monitor.
    wide : bool
        Whether the buttons stand side by side.
    """
    if stop := stops.holds_time():
        st.markdown(f":gray[In {stop.called} time stands still. Months pass in your own work, and in stop 8.]")
        if stop == stops.current():
            st.button(stops.leaving(stop), icon=":material/logout:", key=f"{key}.leave", on_click=stops.act,
                      args=(course.leave,), help="It goes on from here whenever you like: in Guide.")  # fmt: skip
        return
    month, seen = state.read(company.to_come), jobs().of(_job())
    if seen:
        st.markdown(f"**{cards.plain(_says(seen))}**")
        _pause(seen, f"{key}.pause")
        return
    if month and (reason := stops.holds()):
        st.markdown(f":gray[:material/front_hand: {cards.plain(reason)}]")
    elif month:
        _next(month, key, wide)
    else:
        _move(f"{key}.move")
    if problem := session.NOT_PASSED.take():
        cards.error(problem)
    _undo(f"{key}.undo")


def _next(month: str, key: str, wide: bool) -> None:
    with st.container(horizontal=wide, gap="small"):
        acts.button(
            "Next month", "let a month pass", type="primary", icon=":material/skip_next:", key=f"{key}.next",
            width="content" if wide else "stretch", on_click=_act, args=(_begin, 1),
        )  # fmt: skip
        with st.container(horizontal=True, gap="small"):
            acts.button("Play", "play the year", icon=":material/play_arrow:", key=f"{key}.play", on_click=_act,
                        args=(_begin,))  # fmt: skip
            acts.button("To the next surprise", "play", icon=":material/notifications:", key=f"{key}.surprise",
                        on_click=_act, args=(_begin, None, True))  # fmt: skip
    st.caption(
        f"{month_told(month)}: customers come up for renewal, production answers them, outcomes of the month before "
        f"become known, monitors run. In real life cron would press this: `{CRON}`"
    )


def _move(key: str) -> None:
    """Draw what moves the date where no customers come: nobody's own customers are made up."""
    if state.read(company.last):
        st.markdown(f"**{company.NO_MORE}** {company.ANEW}")
    else:
        st.markdown(
            ":gray[No customers come by themselves here: yours are not made up. The date can be moved by hand.]"
        )
    tomorrow = datetime_of(state.read(Workspace.now)).date() + timedelta(days=1)
    day = st.date_input("Move the date to", min_value=tomorrow, value=tomorrow, key=f"{key}.day", format="YYYY-MM-DD")
    acts.button("Move it", "move the date", icon=":material/event:", key=f"{key}.go", on_click=_act,
                args=(_moved, day.isoformat()))  # fmt: skip
    if not state.read(Workspace.clock)["simulated"]:
        st.caption("From then on the date stands still until somebody moves it. It never goes back.")


def _undo(key: str, short: bool = False) -> None:
    """Draw the button that takes the last month back: not in a chapter, where what was guessed must stay guessed."""
    if location.place().chapter or state.event() is not None:
        return
    if what := state.read(playing.can_take_back):
        st.button(
            "Take it back" if short else f"Take {what} back", icon=":material/undo:", key=key, type="tertiary",
            on_click=_act, args=(_take_back, what), help="All is as it was before; what happened since is kept.",
        )  # fmt: skip


def _says(seen: Seen) -> str:
    return f"In line, place {seen.place}" if seen.place else seen.says or "One moment"


def _pause(seen: Seen, key: str) -> None:
    st.button(
        "It pauses after this month" if seen.stopping else "Pause", icon=":material/pause:", key=key,
        disabled=seen.stopping, on_click=jobs().cancel, args=(_job(),),
    )  # fmt: skip


# The card


def card(page: str) -> bool:
    """Draw what months bring, while they pass and until somebody has read it; tell whether there is anything to say.

    Parameters
    ----------
    page : str
        The screen below: Monitor tells by itself what was raised, and has the buttons of the next month.
    """
    if state.event() is not None:
        return False
    if jobs().of(_job()):
        with st.container(key="corner-card", gap="small"):
            _passing()
        return True
    if not (first := session.PLAYED.get()):
        return False
    month, problem = state.read(company.last), jobs().refusal(_job())
    brought = month if month and month.month >= first else None
    if not (brought or problem):  # it was paused before a month began
        session.PLAYED.set("")
        return False
    with st.container(key="corner-card", gap="small"):
        if brought:
            _brought(brought, first, page == "monitor")
        if problem:
            cards.error(problem)
        _after(page == "monitor")
    return True


def _passing() -> None:
    """Look how far it is, and draw the whole page anew whenever a month is over."""
    before = state.read(company.to_come)

    @st.fragment(run_every=watch.TICK)
    def look() -> None:
        state.renew()
        seen = jobs().of(_job())
        if seen is None or state.read(company.to_come) != before:
            st.rerun()
        st.progress(seen.fraction or 0.0, cards.plain(_says(seen)))
        _pause(seen, "months.pause")

    look()


def _brought(month: company.Month, first: str, told: bool) -> None:
    """Draw what a month brought; what was raised, where the screen below does not tell it."""
    last = month_told(month.month)
    st.markdown(f"**{last} is over**" if first == month.month else f"**{month_told(first)} to {last} are over**")
    steps = [one for one in month.steps if not (month.surprise and one.what == "monitors")]
    lines = [f":small[:material/{ICONS[one.what]}: {cards.plain(one.result)}]" for one in steps]
    st.markdown("  \n".join(lines))
    if month.surprise and not told:
        st.warning(cards.plain(month.surprise), icon=":material/notifications:")
        link("monitor", "Look at it", icon="monitor_heart")


def _after(told: bool) -> None:
    goes_on = state.read(company.to_come) and not (stops.holds_time() or stops.holds())
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        if goes_on and not told:
            st.button("Next month", icon=":material/skip_next:", key="months.next", on_click=_act, args=(_begin, 1))
        _undo("months.undo", short=True)
        st.button("Close", key="months.good", type="tertiary", on_click=session.PLAYED.set, args=("",))


# What the buttons do


def _job() -> tuple[str, str]:
    return playing.name(state.today().workspace.path)


def _act(what: Callable[..., None], *arguments: Any) -> None:
    """Do something, for the click of a button; a refusal is told in the menu."""
    try:
        what(*arguments)
    except MlopsError as problem:
        session.NOT_PASSED.set(problem)


def _begin(most: int | None = None, until_surprise: bool = False) -> None:
    if session.second_click("months"):
        return
    ws = state.today().workspace
    limits.before_keeping(location.home())
    session.PLAYED.set(company.to_come(ws) or "")
    session.MONTHS_BEGUN.set(session.MONTHS_BEGUN.get() + 1)
    jobs().begin(_job(), lambda job: playing.carry_out(ws.path, job, most, until_surprise))


def _moved(day: str) -> None:
    playing.move(state.own(), f"{day}T09:00:00Z")


def _take_back(what: str) -> None:
    limits.before_another(location.home())
    folders.take_back(state.own())
    session.PLAYED.set("")
    session.say(f"{what[0].upper()}{what[1:]} is taken back. What happened since is kept.")
