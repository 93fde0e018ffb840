"""Break it on purpose: choose what, guess which pin moves first, and watch two real trainings on a copy."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import streamlit as st

from mlops import MlopsError
from mlops.experiments.pins import NAMES
from playground import breaking, breaks, broken, folders, limits
from playground import waiting as waiting_for
from playground.breaking import NoPackageError
from playground.breaks import Base, Break
from playground.broken import Broken
from playground.jobs import Seen, jobs
from playground.ui.kit import acts, cards, chain, links, location, pins, session, state, watch

TITLE = "Break it on purpose"
"""Of the tab."""

_WHICH = "break.which"
"""Key of a widget."""


def panel() -> None:
    """Draw the five breaks, the question about the chosen one, and what came of it."""
    place = location.place()
    if place.copy or place.chapter:
        _not_here()
        return
    base = state.read_own(breaks.base_of)
    if base is None:
        cards.empty("To break something, there must be a run of your own.", "train", "Train one", open="run")
        return
    run = cards.plain(base.run_id[:7])
    st.markdown(
        f"**Five ways to lose a model.** Each is really done to a copy of your work, where {run} is trained twice; "
        "your own work stays as it is."
    )
    name = st.pills(
        "What to break", [one.id for one in breaks.BREAKS], default=breaks.BREAKS[0].id, required=True, key=_WHICH,
        format_func=_label, label_visibility="collapsed", persist_state="session", wrap=True,
    )  # fmt: skip
    _one(breaks.named(str(name)), base)


def _label(name: str) -> str:
    one = breaks.named(name)
    return f":material/{one.icon}: {one.title}"


def _not_here() -> None:
    st.markdown(":gray[Things are broken on a copy of your own work, and this is not your own work.]")
    st.button("Back to mine", icon=":material/undo:", key="break.home", on_click=_home)


def _home() -> None:
    location.go_into("")
    location.open_copy("")


def _one(chosen: Break, base: Base) -> None:
    """Draw one break: the question, or how far it is, or what came of it."""
    working = jobs().of(_job(chosen))

    @st.fragment(run_every=watch.every(working is not None))
    def board() -> None:
        seen = jobs().of(_job(chosen))
        if (working is None) != (seen is None):
            st.rerun()  # from now on it looks by itself, or no more; also where the click was in here
        found = _found(chosen.id)
        if seen:
            _under_way(chosen, seen, found)
        elif found and found.over:
            _result(chosen, found, base)
        else:
            _question(chosen, base)

    board()


def _found(name: str) -> Broken | None:
    """Return what came of a break in the copy; where the package could not be fetched, the prepared one."""
    copy = folders.copy_of(location.home(), _kept(name, "copy"))
    if copy is None:
        return None
    if isinstance(jobs().refusal(_job(breaks.named(name))), NoPackageError):
        return broken.prepared()
    look = state.beside(copy)
    return look.answer(look.head, broken.read, (name,))


def _job(chosen: Break) -> tuple[str, ...]:
    return ("break", str(location.home().absolute()), chosen.id)


# Before


def _question(chosen: Break, base: Base) -> None:
    with st.container(border=True, key="break-card", gap="small"):
        st.markdown(chosen.does)
        if problem := jobs().refusal(_job(chosen)):
            cards.error(problem)
        st.markdown("**Which of the five moves first?**")
        key = f"break.guess.{chosen.id}"
        with st.container(horizontal=True, vertical_alignment="center"):
            guess = st.segmented_control("Your guess", NAMES, key=key, label_visibility="collapsed")
            busy = _busy()
            acts.button(
                "Break it", "break it", type="primary", icon=":material/bolt:", key="break.go",
                disabled=guess is None or busy, on_click=_begin, args=(chosen, base, guess),
            )  # fmt: skip
            if guess is None and not busy:
                acts.button("Without a guess", "break it", type="tertiary", key="break.waive", on_click=_begin,
                            args=(chosen, base, ""))  # fmt: skip
        if problem := session.REFUSED.take():
            cards.error(problem)


def _busy() -> bool:
    """Tell whether something else is being broken here, and say so."""
    other = next((one for one in breaks.BREAKS if jobs().of(_job(one))), None)
    if other:
        st.markdown(f":small[:gray[{other.title} is at work.]]", width="content")
    return other is not None


def _begin(chosen: Break, base: Base, guess: str) -> None:
    """Break it, for the click of a button: the copy is made at once, the rest is a job."""
    if session.second_click("break"):
        return
    home, kept = location.home(), session.BROKEN.get()
    try:
        limits.before_training(state.own(), home, trials=2)
        if folders.copy_of(home, kept.get("copy", "")) is None:
            limits.before_another(home)
        copy, number = breaking.copy_for(state.own(), home, kept.get("copy", ""), base)
    except MlopsError as problem:
        session.REFUSED.set(problem)
        return
    session.BROKEN.set({**kept, "copy": number, f"{chosen.id}.copy": number, f"{chosen.id}.guess": guess})
    jobs().begin(_job(chosen), lambda job: breaking.carry_out(copy.path, base, chosen, job))


# While


def _under_way(chosen: Break, seen: Seen, found: Broken | None) -> None:
    with st.container(border=True, key="break-card", gap="small"):
        with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
            st.markdown(f"**{chosen.title}** {cards.state_text('queued' if seen.place else 'running')} {_time(seen)}")
            acts.button(
                "Cancel", "cancel", icon=":material/cancel:", key="break.cancel", disabled=seen.stopping,
                on_click=jobs().cancel, args=(_job(chosen),),
            )  # fmt: skip
        st.progress(min(seen.fraction or 0.0, 1.0), cards.plain(seen.says) if seen.says else "Waiting for its turn")
        if found and not found.over and any(run.status == "running" for run in found.runs):
            chain.beside(found.chain, _address(chosen), chosen.id)


def _time(seen: Seen) -> str:
    if seen.place:
        where = "next in line" if seen.place == 1 else f"{waiting_for.ordinal(seen.place)} in line"
        return f":small[:gray[{where}]]"
    return f":small[:gray[{seen.elapsed:.0f} s]]"


# After


def _result(chosen: Break, found: Broken, base: Base) -> None:
    with st.container(border=True, key="break-card", gap="small"):
        if found.really:
            st.markdown(f":orange-badge[:material/inventory: prepared: {cards.plain(found.really)}]")
            st.markdown(
                ":small[:gray[This machine reaches no index of packages, so nothing was trained here just now.]]"
            )
        _answered(found, _kept(chosen.id, "guess"))
        opened = chain.beside(found.chain, _address(chosen), chosen.id)
        if opened and not found.really:
            links.goto(opened.page, **{**opened.query, **_address(chosen)})
        st.markdown(f"{cards.plain(found.why)} **{cards.plain(found.came)}**")
        if found.warned:
            st.markdown(f":orange[:material/warning:] The run itself warned: {cards.plain(found.warned)}")
        if found.lines:
            st.code(found.lines, language="diff", wrap_lines=True)
        pins.of_runs(found.runs, key=f"break.pins.{chosen.id}")
        st.markdown(f":green[:material/shield:] **So that it does not happen:** {cards.plain(chosen.mend)}")
        with st.container(horizontal=True, vertical_alignment="center"):
            if not found.really:
                ids = [run.run_id for run in found.runs]
                links.link(
                    "compare", "Compare the two, on the copy", icon="compare_arrows", run=ids, **_address(chosen)
                )
            acts.button(
                "Again", "break it", icon=":material/refresh:", key="break.again", type="tertiary", disabled=_busy(),
                on_click=_begin, args=(chosen, base, _kept(chosen.id, "guess")),
            )  # fmt: skip
    with st.expander("Table", icon=":material/table:", type="compact", key=f"break.table.{chosen.id}"):
        st.dataframe(found.chain.table(), hide_index=True, alt=found.chain.sentence)


def _answered(found: Broken, guess: str) -> None:
    """Say which pin moved first, and what was guessed."""
    if found.first == "seed" and found.runs[1].seed is None:
        said = "The seed: it was never fixed"
    else:
        said = f"{str(found.first).capitalize()} moved first" if found.first else "Nothing moved"
    st.subheader(said, anchor=False)
    if guess:
        st.markdown(f":small[{'You said so.' if guess == found.first else f'You said {guess}.'}]")


def _kept(name: str, what: str) -> str:
    """Return the copy in which a break was tried last, or the guess about it; empty if there is none."""
    return session.BROKEN.get().get(f"{name}.{what}", "")


def _address(chosen: Break) -> Mapping[str, Any]:
    """Return what a link into the copy needs."""
    return {"copy": _kept(chosen.id, "copy")}
