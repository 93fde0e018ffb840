"""A question about one moment: what was live then? It is part of the URL, and history shows that moment."""

from __future__ import annotations

import zoneinfo
from contextlib import suppress
from datetime import datetime
from typing import Any

import streamlit as st

from mlops import Workspace
from mlops.base.clock import parse_instant
from mlops.base.environments import ENVIRONMENTS
from mlops.base.errors import InvalidError, NotYetError
from mlops.base.records import ref_of
from playground import words
from playground.ui.kit import cards, lists, session, state, stops
from playground.ui.kit import history as kit
from playground.ui.kit.links import link

_FIRST = (*kit.ZONES, "America/Los_Angeles", "Europe/London", "Asia/Kolkata", "Asia/Tokyo")
"""Time zones at the top of the list."""


def history() -> None:
    """Draw what belongs to the line of time above: its events as a table, and the question about one moment."""
    covered = stops.covered("history")
    if covered and session.held("history.table") is None:
        session.hold("history.table", True)  # the list is what the answer is to be found in
    with st.container(gap="xsmall"):
        kit.table(state.history())
        if not covered:
            _moment()


def _moment() -> None:
    """Draw the question behind a drawer, which a link with a question finds open."""
    if "on" in st.query_params and session.held("release.ask") is None:
        session.hold("release.ask", True)
    drawer = st.expander(
        "Ask about a moment", icon=":material/pin_drop:", type="compact", key="release.ask", on_change="rerun"
    )
    cards.inside(drawer, _question)


def _question() -> None:
    instant = state.workspace().now()
    # Where the clock moves, a question that began with it would move as well.
    session.ASKED_AT.set(min(session.ASKED_AT.get() or instant, instant))
    now = datetime.fromisoformat(session.ASKED_AT.get())
    day, hour, zone, place = st.columns(4)
    tz = str(zone.selectbox("Time zone", _zones(), key="tz", bind="query-params", filter_mode="contains"))
    # Nobody is offered a day that has not come; of a link to one the input would make today, and the answer be wrong.
    linked = st.query_params.get("on", "")
    today = datetime.fromisoformat(instant).astimezone(zoneinfo.ZoneInfo(tz)).date()
    date = day.date_input("Date", value=min(now.date(), today), max_value=today, key="on", bind="query-params")
    if session.held("time") is None:  # of a link of old the input does not find it: it was renamed in this very run
        with suppress(ValueError):
            session.hold("time", datetime.fromisoformat(f"2000-01-01T{st.query_params.get('time')}").time())
    time = hour.time_input(
        "Time", value=now.time().replace(second=0, microsecond=0), key="time", bind="query-params", step=60
    )
    environment = place.selectbox("Environment", ENVIRONMENTS, index=2, key="env", bind="query-params")
    if date is None or time is None:
        return
    with cards.errors():
        _answers(f"{linked if linked > str(today) else date} {time:%H:%M:%S}", str(environment), tz)


def _answers(asked: str, environment: str, tz: str) -> None:
    try:
        answers = state.read(_live_at, asked, environment, tz)
    except NotYetError as problem:
        st.info(cards.plain(problem.message), icon=":material/hourglass_top:")
        return
    except InvalidError as problem:  # the clocks were changed in this hour, and here nobody can type an offset
        st.warning(f"{cards.plain(problem.message)} Ask about one of the two in UTC.", icon=":material/schedule:")
        return
    for answer in answers:
        _answer(answer)
    if not answers:
        at = words.moment(parse_instant(asked, tz))
        st.info(f"Nothing was live in {environment} at {at}.", icon=":material/history:")


def _answer(answer: Any) -> None:
    st.success(
        f"**{cards.plain(lists.told(answer.model))}** was live in {answer.environment} at {words.moment(answer.at)}.",
        icon=":material/history:",
    )
    cards.facts({
        "Model": f"{answer.model['name']} v{answer.model['version']}",
        "Live": f"{words.moment(answer.since)} – {words.moment(answer.until) or 'now'}",
        "Deployed by": f"{answer.deployed_by}: {answer.reason}",
        "Data": f"{ref_of(answer.data)}, {words.short(answer.data['sha256'])}",
        "Config": words.short(answer.config_sha256),
        "Run": words.short(answer.run_id),
    })  # fmt: skip
    link("run", "Open its run", icon="science", id=answer.run_id)


def _zones() -> list[str]:
    return list(dict.fromkeys([*_FIRST, *sorted(zoneinfo.available_timezones())]))


def _live_at(ws: Workspace, time: str, environment: str, tz: str) -> list[Any]:
    return ws.releases.all_live_at(time, environment, tz)
