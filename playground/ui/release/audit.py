"""The audit log on screen: sentences with filters and links, and the proof that nobody changed what they say."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import pandas as pd
import streamlit as st

from mlops import Workspace
from playground import audit, words
from playground.audit import KINDS, Entry, Log
from playground.ui.kit import cards, session, state
from playground.ui.kit.links import link
from playground.ui.release import decision, forged

SHOWN = 500
"""Sentences on screen at once, the newest that were asked for; the file has all of them."""

HEIGHT = 420

_ICONS = {"model": "deployed_code", "run": "science", "data": "database", "release": "rule"}


def audit_log() -> None:
    """Draw every event, newest first, with filters; the one that is chosen with its links; and the proof."""
    if forged.is_on():
        forged.draw()
    entries = state.read(state.made(("audit",), Log).entries)
    found = _filtered(entries)
    _said(entries, found)
    chosen = _table(found)
    if chosen is not None:
        _entry(chosen)
    cards.download(lambda: pd.DataFrame(audit.rows(found)), "audit-log", "Download as CSV")
    _proof()


def _filtered(entries: Sequence[Entry]) -> list[Entry]:
    """Draw the filters, and return what they leave, newest first."""
    there = {one.kind for one in entries}
    people = list(dict.fromkeys(one.who for one in reversed(entries)))
    with st.container(horizontal=True, vertical_alignment="bottom"):
        about = st.text_input(
            "About", key="audit.about", icon=":material/search:", placeholder="v1.1.0, a run, complaints", width=260
        )
        kinds = st.multiselect(
            "What", [kind for kind in KINDS if kind in there], format_func=lambda kind: KINDS[kind][0],
            key="audit.kinds", placeholder="Everything", width=260,
        )  # fmt: skip
        who = st.multiselect("Who", people, key="audit.people", placeholder="Everybody", width=220)
        since, until = _days(entries)
    return audit.shown(entries, kinds, who, about or "", since, until)


def _days(entries: Sequence[Entry]) -> tuple[str, str]:
    """Draw the choice of days on the workspace's calendar; return the first and the last, empty where nobody chose."""
    days = [date.fromisoformat(one.at[:10]) for one in (entries[0], entries[-1])]
    chosen: Any = st.date_input(
        "When", value=(), min_value=days[0], max_value=days[1], key="audit.days", width=240,
        help="On the calendar of this workspace, in UTC: the first day and the last.",
    )  # fmt: skip
    picked = [f"{one}" for one in chosen] if isinstance(chosen, Sequence) else [f"{chosen}"]
    return (picked[0], picked[-1]) if picked else ("", "")


def _said(entries: Sequence[Entry], found: Sequence[Entry]) -> None:
    many = f"**{len(found):,}** of {words.counted(len(entries), 'event')}"
    shown = f", the newest {SHOWN} of them below" if len(found) > SHOWN else ""
    apart = any(one.at[:16] != one.wall[:16] for one in entries)
    both = " *When* is the calendar of this workspace, *on the wall* the clock of this machine." if apart else ""
    st.markdown(f"{many}{shown}.{both}")


def _table(found: Sequence[Entry]) -> Entry | None:
    """Draw the sentences; return the one that is chosen."""
    if not found:
        st.markdown(":gray[No event is like that. Take a filter away.]")
        return None
    shown = found[:SHOWN]
    table = pd.DataFrame(audit.rows(shown))
    event: Any = st.dataframe(
        table, hide_index=True, height=min(HEIGHT, 36 * (len(shown) + 1) + 2), on_select="rerun",
        selection_mode="single-row", key="release.audit",
        column_config={"what happened": st.column_config.TextColumn(width=620), "kind": None},
        alt=f"{words.counted(len(shown), 'event')}, newest first",
    )  # fmt: skip
    picked = event["selection"]["rows"]
    return shown[picked[0]] if picked and picked[0] < len(shown) else None


def _entry(one: Entry) -> None:
    """Draw one event: its sentence, what it names, and the moment after it."""
    icon = KINDS[one.kind][1]
    with st.container(border=True, gap="xsmall", key="audit.entry"):
        st.markdown(f":material/{icon}: **{cards.plain(one.who)}** {cards.plain(one.sentence)}.")
        wall = f" · on the wall {words.moment(one.wall)}" if one.at[:16] != one.wall[:16] else ""
        st.caption(f"Event {one.event} · {words.moment(one.at)}{wall} · hash {words.short(one.sha256)}")
        with st.container(horizontal=True):
            for thing in one.things:
                link(thing.screen, thing.label, icon=_ICONS.get(thing.screen, "arrow_forward"), **dict(thing.query))
            if one.kind in ("release", "check") and state.read(decision.is_kept, one.event):
                link("release", "See the decision", icon="lightbulb", decision=str(one.event))
            link("release", "See everything as it was then", icon="history", at=str(one.event))


def _proof() -> None:
    """Draw the button that recomputes everything, what came of it, and the hash to keep elsewhere."""
    with st.container(border=True, gap="small", key="audit.proof"):
        st.markdown("**Was anything changed afterwards?**")
        st.caption(
            "Each event holds the hash of the one before it. Proving recomputes all of them, everything derived from "
            "them, and the hash of every file."
        )
        if state.event() is not None:
            st.markdown(":gray[A past cannot be proven apart from what follows. Back to today to do that.]")
            return
        if st.button("Prove it", icon=":material/verified_user:", key="audit.verify"):
            ws = state.workspace()
            session.VERIFIED.set((ws.id, state.head(), _verified(ws)))
        proven = session.VERIFIED.get()
        if proven is not None and proven[0] == state.workspace().id:
            _report(proven[2], state.head() - proven[1])
        st.caption(
            "The hash of the last event. Keep it outside this folder: whoever takes the newest events away cannot "
            "make it again."
        )
        st.code(state.read(_head_hash), language=None)


def _verified(ws: Workspace) -> Mapping[str, Any]:
    bar = st.progress(0.0, "Reading the history")

    def on_file(done: int, of: int) -> None:
        if done % max(of // 50, 1) == 0:
            bar.progress(done / max(of, 1), f"{done:,} of {of:,} files")

    try:
        return ws.verify(on_file)
    finally:
        bar.empty()


def _report(report: Mapping[str, Any], since: int) -> None:
    later = f" {words.counted(since, 'event').capitalize()} came since." if since > 0 else ""
    if report["ok"]:
        st.success(
            f"All {report['events']:,} events and {report['artifacts']:,} files are as they were recorded.{later}",
            icon=":material/verified_user:",
        )
        return
    first = report["problems"][0]
    st.error(
        f"{words.counted(len(report['problems']), 'problem').capitalize()}. The first: "
        f"{cards.plain(first['what'])}, {cards.plain(first['where'])}.{later}",
        icon=":material/gpp_bad:",
    )
    table = pd.DataFrame(report["problems"]).astype(str)
    st.dataframe(table, hide_index=True, alt="What is not as it was recorded")
    cards.download(table, "problems")


def _head_hash(ws: Workspace) -> str:
    events = ws.log(since=max(ws.head() - 1, 0))
    return str(events[-1]["sha256"]) if events else ""
