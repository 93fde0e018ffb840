"""A lie on screen: the chain of a copy, link by link, what is changed in it, and the hash that was kept elsewhere.

It draws the plain record of `playground.lie`, while the lab that is about it is on. Walking along the chain asks the
server nothing; what is written into the copy is a button. The browser part sets text alone, never HTML.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd
import streamlit as st

from playground import lie, words
from playground.lie import Lie, Link
from playground.ui.kit import acts, cards, location, session, state, stops

LAB = "lie"

NAMES = {"who": "Who", "reason": "Reason", "override": "Override", "note": "Note", "message": "Message"}
"""What can be made to say something else, in the words of the audit log."""

_links = st.components.v2.component(
    "lie_links",
    html='<div class="lie"></div>',
    css=Path(__file__).with_suffix(".css").read_text("utf-8"),
    js=Path(__file__).with_suffix(".js").read_text("utf-8"),
)

_CHOSEN: session.Kept[int] = session.Kept("lie.chosen", 0)
"""Number of the event that was chosen last."""
_PROVEN: session.Kept[tuple[Any, Mapping[str, Any]] | None] = session.Kept("lie.proven", None)
"""What the proof said of the copy, and of which moment."""


def is_on() -> bool:
    """Tell whether the chapter of the lab is on screen, today."""
    return location.place().chapter.partition("-")[0] == LAB and state.event() is None


def draw() -> None:
    """Draw the copy as it is, and what can be done to it; once somebody said what will give it away."""
    if stops.veiled("forged"):
        return
    copied = state.read(lie.read)
    found = copied or state.read(lie.before)
    with st.container(border=True, gap="small", key="lie"):
        st.markdown("**Hide a lie, on a copy**")
        st.caption(
            "Your own history stays as it is: it only notes what you do here. Choose a link: releases are filled."
        )
        picture = drawn(found, _CHOSEN.get())
        chosen = _links(data=picture, key="lie.links", on_chosen_change=lambda: None).chosen
        link = next((one for one in found.links if one.event == chosen), None)
        if link is not None and link.event != _CHOSEN.get():
            _CHOSEN.set(link.event)
            st.rerun()
        for link in found.links:
            if link.event == picture["chosen"]:
                _change(link)
        if copied is not None:
            _hide(copied)
            _hold(copied)
        shown = st.expander("Table", icon=":material/table:", type="compact", on_change="rerun", key="table.lie")
        cards.inside(shown, lambda: _table(found))


def drawn(found: Lie, chosen: int) -> dict[str, Any]:
    """Return the chain as the browser gets it."""
    kept, releases = found.kept, [one.event for one in found.links if one.kind == "release"]
    newest = (releases or [len(found.links)])[-1]
    return {
        "sentence": found.sentence,
        "state": "found" if kept and kept.tells and found.lies else
        "broken" if found.broken else "hidden" if found.lies else "true",
        "chosen": chosen or next(iter(found.lies), newest),
        "kept": {"event": kept.event, "tells": kept.tells, "sha256": words.short(kept.sha256)} if kept else None,
        "links": [
            {"event": one.event, "at": words.moment(one.at), "said": f"{one.who} {one.what}",
             "sha256": words.short(one.sha256), "fits": one.fits, "lies": one.lies, "release": one.kind == "release"}
            for one in found.links
        ],
    }  # fmt: skip


def _change(link: Link) -> None:
    """Draw what an event says, and the way to let it say something else."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        field = [*link.texts][-1]
        if len(link.texts) > 1:
            field = str(st.segmented_control(
                f"Event {link.event}", [*link.texts], default=field, required=True, format_func=NAMES.__getitem__,
                key=f"lie.field.{link.event}", label_visibility="collapsed",
            ))  # fmt: skip
        text = st.text_input(
            f"{NAMES[field]} of event {link.event}", link.texts[field], max_chars=500,
            key=f"lie.text.{link.event}.{field}",
        )  # fmt: skip
        if acts.button("Write it into the copy", "write", icon=":material/edit:", type="primary", key="lie.tell"):
            _act(lie.tell, link.event, field, text or "")


def _hide(found: Lie) -> None:
    """Draw what a liar does next: the hashes that fit, one by one or all; and what the proof says to it."""
    many = len(found.broken)
    with st.container(horizontal=True):
        if many and acts.button("Recompute the next hash", "recompute", icon=":material/link:", key="lie.one"):
            _act(lie.recompute, True)
        if many and acts.button(f"Recompute all {many}", "recompute", icon=":material/all_inclusive:", key="lie.all"):
            _act(lie.recompute)
        if st.button("Prove the copy", icon=":material/verified_user:", key="lie.prove"):
            _PROVEN.set((state.moment(), lie.prove(state.workspace())))
        if acts.button(
            "Throw the copy away", "throw it away", icon=":material/delete:", type="tertiary", key="lie.away"
        ):
            _act(lie.throw_away)
    proven = _PROVEN.get()
    if proven is not None and proven[0] == state.moment():
        _proof(found, proven[1])


def _proof(found: Lie, report: Mapping[str, Any]) -> None:
    if not report["ok"]:
        first = report["problems"][0]
        st.error(f"Found: {cards.plain(first['what'])}, {cards.plain(first['where'])}.", icon=":material/gpp_bad:")
        return
    lies = " And it lies." if found.lies else ""
    st.success(
        f"All {report['events']:,} events and {report['artifacts']:,} files of the copy prove each other.{lies}",
        icon=":material/verified_user:",
    )


def _hold(found: Lie) -> None:
    """Draw where a hash is pasted that was kept elsewhere, and what it says of the copy."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        said = st.text_input(
            "A hash that was kept elsewhere", found.kept.sha256 if found.kept else "", key="lie.kept", max_chars=80,
            placeholder="Paste it: 64 digits and letters", icon=":material/key:",
        )  # fmt: skip
        if acts.button("Hold it against the copy", "compare", icon=":material/compare_arrows:", key="lie.keep"):
            _act(lie.keep, said or "")
    if found.kept is not None:
        st.markdown(told(found))


def told(found: Lie) -> str:
    """Return what a hash that was kept elsewhere says of the copy."""
    kept = found.kept
    if kept is None:
        return ""
    said = f"`{words.short(kept.sha256)}` is"
    if kept.tells:
        return f":red[:material/gpp_bad:] {said} the hash of event {kept.event}, and the copy has another: found out."
    if kept.event is not None:
        return f":gray[:material/help:] {said} the hash of event {kept.event}, and the copy has it too."
    if kept.copied:
        return f":orange[:material/warning:] {said} a hash of the copy itself: it proves the lie."
    return f":gray[:material/help:] {said} the hash of no event."


def _act(what: Any, *given: Any) -> None:
    with cards.errors():
        what(state.workspace(), *given)
        st.rerun()


def _table(found: Lie) -> None:
    table = pd.DataFrame(found.table())
    st.dataframe(table, hide_index=True, alt=found.sentence)
    cards.download(table, "copy")
