"""When to retrain: the rule, whether it is due, and the one button, which does what cron would do at night.

A retraining goes one way: rows whose outcomes are known today become a version, a run learns from it, the run becomes a
model version, the release check asks it, and it is promoted or refused. Each of these is a link, and on record.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import streamlit as st

from mlops import Workspace
from playground import limits, words
from playground.harm_words import labelled
from playground.jobs import Job, jobs
from playground.run_names import spoken
from playground.ui.kit import acts, cards, location, session, state, watch
from playground.ui.kit.links import link

WHEN: Mapping[str, str] = {
    "never": "Never", "scheduled": "Every month", "on_outcomes": "When outcomes show harm",
    "on_drift": "When inputs move",
}  # fmt: skip
"""When of a rule -> what people say."""

MEANS: Mapping[str, str] = {
    "never": "Somebody has to think of it.",
    "scheduled": "Simple, and a good model is retrained as well.",
    "on_outcomes": "It waits until harm is certain: a month late, but on rows that teach what changed.",
    "on_drift": "At once - but outcomes come late, so there may be nothing new to learn from yet.",
}
"""What a choice costs."""

ACT: Mapping[str, str] = {"suggest": "Suggest only", "retrain": "Retrain by itself"}


def draw(name: str, called: Mapping[str, str]) -> None:
    """Draw whether a retraining is due, the button, what came of the last one, and the rule.

    Parameters
    ----------
    name : str
        Of the model.
    called : mapping
        Column -> what people call it.
    """
    job = ("retrain", str(state.workspace().path.absolute()), name)
    working = jobs().of(job)

    @st.fragment(run_every=watch.every(working is not None))
    def board() -> None:
        seen = jobs().of(job)
        if (working is None) != (seen is None):
            st.rerun()  # what came of it is on record
        with st.container(border=True, key="retraining", gap="small"):
            if seen:
                state_text = cards.state_text("queued" if seen.place else "running")
                watch.job(seen, job, f"**Retraining** {state_text}", "retrain.cancel")
            else:
                _now(name, job)

    board()
    for one in state.read(_done, name)[:1]:
        _came(one, called)
    _rule(name)


def _now(name: str, job: tuple[str, ...]) -> None:
    """Say whether a retraining is due, and draw the button."""
    due = state.read(_due, name)
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        is_due = ":orange[:material/update: **due**]" if due.due else ":gray[:material/schedule: **not due**]"
        st.markdown(f"{is_due} · {cards.plain(due.why)}", width="stretch")
        acts.button(
            "Retrain now", "retrain", icon=":material/model_training:", key="retrain.go", disabled=not due.months,
            type="primary" if due.due else "secondary", on_click=_begin, args=(name, job),
        )  # fmt: skip
    learns = f" It would learn from {', '.join(reversed(due.months))}." if due.due else ""
    st.markdown(
        ":small[:gray[Joins the latest months whose outcomes are known, trains the live config on them, and asks the "
        f"release check on rows that neither model has seen. It goes live only if it passes.{cards.plain(learns)}]]"
    )
    if problem := jobs().refusal(job):
        cards.error(problem)


def _came(one: Any, called: Mapping[str, str]) -> None:
    """Draw the way of a retraining, each step of it a link, and what came of it."""
    with st.container(border=True, key="retrained", gap="xsmall"):
        st.markdown(f"**The last retraining** :small[:gray[{words.date(one.at)}, by {cards.plain(one.by)}]]")
        outcome = one.gate["outcome"]
        check = cards.state_text(outcome, f"release check: {outcome}")
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            link("data", one.window, icon="database", version=one.window)
            st.markdown(":gray[→]", width="content")
            link("run", spoken(one.run_id), icon="science", id=one.run_id)
            st.markdown(":gray[→]", width="content")
            link("model", f"v{one.candidate.partition('@')[2]}", icon="deployed_code", ref=one.candidate)
            st.markdown(f":gray[→] {check} :gray[on {cards.plain(one.checked_on)} →]", width="content")
            end = cards.state_text("live", "promoted") if one.promoted else cards.state_text("rejected", "not promoted")
            st.markdown(end, width="content")
        st.markdown(f":small[{cards.plain(one.why)}]")
        for left in one.left_out:
            st.markdown(f":small[:orange[:material/plumbing:] Left out: {cards.plain(left['data'])}. "
                        f"{cards.plain(labelled(left['why'], called))}]")  # fmt: skip


def _rule(name: str) -> None:
    """Draw the rule and, once another one is chosen, the button that sets it."""
    rule = state.read(_rule_of, name)
    st.markdown("**The rule**")
    when = str(st.segmented_control("When", [*WHEN], default=rule.when, required=True, key=f"retrain.when.{name}",
                                    format_func=WHEN.__getitem__))  # fmt: skip
    st.caption(MEANS[when])
    act = rule.act
    if when != "never":
        act = str(st.segmented_control("Then", [*ACT], default=rule.act, required=True, key=f"retrain.act.{name}",
                                       format_func=ACT.__getitem__))  # fmt: skip
    if (when, act) == (rule.when, rule.act):
        said = f" Set by {rule.set_by}: {rule.reason or 'no reason given'}." if rule.at else ""
        st.caption(cards.plain(f"This is the rule.{said}"))
        return
    with st.container(horizontal=True, vertical_alignment="bottom"):
        reason = st.text_input("Why?", key=f"retrain.because.{name}", max_chars=200, placeholder="What it is good for")
        if acts.button("Make it the rule", "set the rule", icon=":material/rule:", key="retrain.set"):
            with cards.errors():
                state.workspace().retraining.set_rule("production", name, when=when, act=act, reason=reason or "")
                session.say(f"The rule: {WHEN[when].lower()}" + (f", {ACT[act].lower()}." if when != "never" else "."))
                st.rerun()


def _begin(name: str, job: tuple[str, ...]) -> None:
    """Begin the retraining, for the click of the button; what a seat has no room for is refused before."""
    if session.second_click("retrain"):
        return
    ws = state.workspace()

    def work(task: Job) -> None:
        limits.before_training(ws, home)
        ws.retraining.retrain("production", name, reason="somebody pressed Retrain now", on_step=task.tell)

    home = location.home()
    jobs().begin(job, work)


def _due(ws: Workspace, name: str) -> Any:
    return ws.retraining.due("production", name)


def _rule_of(ws: Workspace, name: str) -> Any:
    return ws.retraining.rule("production", name)


def _done(ws: Workspace, name: str) -> Any:
    return ws.retraining.list("production", name)
