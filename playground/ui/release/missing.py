"""The one act that is missing before a model may go live, as one button; and the way around it, after a refusal only.

Which act comes first, the core decides (`mlops.release.lamps.next_step`). Each is done here by a verb of the workspace,
and then the check is asked again, so that the lamp goes green before one's eyes.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import streamlit as st

from mlops.base.errors import RefusedError
from mlops.release.gate import NEVER_LIFTED, GateReport
from mlops.release.lamps import lamps, next_step
from playground import calendar, words
from playground.ui.kit import acts, cards, lists, session, state
from playground.ui.kit.links import link
from playground.ui.kit.model_card import FIELDS
from playground.ui.release import acting, gate


@dataclass(frozen=True)
class Missing:
    """An act that is missing."""

    icon: str
    missing: str
    """What is missing, in a sentence."""
    draw: Callable[[Any, GateReport], None]
    """Draws its button."""


def before(model: Any) -> None:
    """Draw what there is to do before anybody asked the check: rehearse, or ask."""
    rehearsed = "staging" in model.live_in
    if not rehearsed:
        _release(model, "staging", "Deploy to staging")
    with st.container(horizontal=True):
        if acts.button(
            "Run the release check", "check", icon=":material/rule:", key="release.gate",
            type="primary" if rehearsed else "secondary",
        ):  # fmt: skip
            _ask(model, None)
        gate.rule()


def after(model: Any, report: GateReport) -> None:
    """Draw the act that is missing, and the way to production once nothing stands in it."""
    found = lamps(report)
    passes, lamp = report.outcome == "pass", next_step(found)
    hopeless = next((one for one in found if one.refuses and not one.step), None)  # no act here mends it
    step = _STEPS.get(lamp.step or "") if lamp and not hopeless else None
    with st.container(border=True, gap="small", key="missing"):
        if step is not None:
            st.markdown(f":material/{step.icon}: **{step.missing}**")
            step.draw(model, report)
        elif passes:
            st.markdown(":green[:material/check_circle:] **Nothing stands in its way.**")
        else:
            why = hopeless.sentence if hopeless else ""
            st.markdown(f":material/block: **Not this one.** {cards.plain(why)}")
        if passes:
            _release(model, "production", "Promote to production", "primary" if step is None else "secondary")
        with st.container(horizontal=True, vertical_alignment="center"):
            if acts.button("Check again", "check", icon=":material/refresh:", key="release.gate", type="tertiary"):
                _ask(model, report.data)
            gate.rule()
    if lamp is None or lamp.step != "judge_on_newer_rows":
        other = st.expander(
            "Judge on other rows", icon=":material/balance:", type="compact", key="gate.other", on_change="rerun"
        )
        cards.inside(other, lambda: _newer_rows(model, report))
    if not passes:
        _in_spite_of_it(model, report)


def _ask(model: Any, data: str | None) -> None:
    with cards.errors():
        gate.ask(model.ref, data)
        st.rerun()


def _release(model: Any, environment: str, label: str, kind: Any = "primary") -> None:
    """Draw the reason and the button of a release."""
    left, right = st.columns([3, 1], vertical_alignment="bottom")
    key = f"release.reason.{environment}"  # the reason of a rehearsal is none for its release
    reason = left.text_input("Reason", key=key, max_chars=200, placeholder="Why now?") or ""
    if acts.button(
        label, "rehearse" if environment == "staging" else "release", right, type=kind, icon=":material/publish:",
        key=acting.key("release", environment, model.name), width="stretch",
    ):  # fmt: skip
        _deploy(model, environment, reason, None)


def _deploy(model: Any, environment: str, reason: str, override: str | None) -> None:
    if not reason.strip():
        st.warning("A release without a reason cannot be explained later. Say why.", icon=":material/edit_note:")
        return
    asked = gate.answer(model)
    calendar.before_release(ws := state.workspace())
    seen, data = acting.live_id(environment, model.name), gate.rows_of(model) if environment == "production" else None
    head = ws.head()
    with cards.errors():
        try:
            ws.deploy(model.ref, environment, reason, override=override, data=data, expected=seen)
        except RefusedError as problem:
            gate.refused(model, problem, head)
            return
        if environment == "staging" and asked:
            gate.ask(model.ref, asked.report.data)
        acting.done(f"{model.ref} is live in {environment}.")


def _in_spite_of_it(model: Any, report: GateReport) -> None:
    """Offer to release it all the same, with a reason; where a check failed that nobody may lift, offer nothing."""
    if any(check["name"] in NEVER_LIFTED and check["outcome"] != "pass" for check in report.checks):
        return
    with st.expander("Release it in spite of the check", icon=":material/warning:", type="compact"):
        st.caption("It goes live although the check did not pass. Your reason stands beside the release for good.")
        left, right = st.columns([3, 1], vertical_alignment="bottom")
        override = left.text_input(
            "Why must it go live all the same?",
            key="release.override",
            max_chars=200,
            placeholder="Who decided, and why",
        )
        if acts.button(
            "Release it all the same", "release", right, icon=":material/warning:", width="stretch",
            key=acting.key("override", "production", model.name), disabled=not (override or "").strip(),
        ):  # fmt: skip
            _deploy(model, "production", str(override), override)


def _rehearse(model: Any, report: GateReport) -> None:
    _release(model, "staging", "Deploy to staging")


def _newer_rows(model: Any, report: GateReport) -> None:
    """Offer the versions whose rows are new to both, with how many; where nobody counted, those with the target."""
    options = rows_to_choose(model, report)
    if not options:
        st.caption(
            "Once there is a newer data version with outcomes, the two can be compared on its rows: the outcomes of a "
            "month are known at the end of the next one."
        )
        link("data", "Add newer rows", icon="database")
        return
    left, right = st.columns([3, 1], vertical_alignment="bottom")
    chosen = left.selectbox("Month", [*options], key="gate.rows", format_func=options.__getitem__)
    if acts.button(
        "Judge on these rows", "check", right, type="primary", icon=":material/balance:", key="gate.again",
        width="stretch",
    ):  # fmt: skip
        _ask(model, str(chosen))


def rows_to_choose(model: Any, report: GateReport) -> dict[str, str]:
    """Return data versions to judge on, newest first, each as a person tells them apart."""
    known = {one["data"]: f" · {words.counted(one['rows'], 'new row')}" for one in report.newer_rows or ()}
    asked, used = (model.target, model.task), report.data or model.data_version
    versions = [one for one in lists.datasets() if (one.target, one.task) == asked and one.ref != used]
    return {
        one.ref: f"{one.ref}{known.get(one.ref, '')}{f' · {one.message}' if one.message else ''}"
        for one in versions
        if one.ref in known or not known
    }


def _card(model: Any, report: GateReport) -> None:
    """Draw the fields of the card that nobody has filled in, and the button that keeps them."""
    with st.form("missing.card", border=False):
        said = {}
        for field, place in zip(model.unsaid, st.columns(len(model.unsaid)), strict=True):
            most, asked = FIELDS[field]
            said[field] = place.text_input(asked, key=f"missing.{field}.{model.ref}", max_chars=most) or ""
        if acts.submit("Complete the card", "complete it", type="primary", icon=":material/badge:"):
            with cards.errors():
                state.workspace().models.describe(model.ref, **{field: text for field, text in said.items() if text})
                _asked_again(model, report, f"The card of {model.ref} says more now.")


def _asked_again(model: Any, report: GateReport, said: str) -> None:
    gate.ask(model.ref, report.data)
    session.say(said)
    st.rerun()


def _reproduce(model: Any, report: GateReport) -> None:
    st.caption("Whoever wants to rely on it trains it again from its record: same data, config, code, software, seed.")
    link("run", "Reproduce it", icon="replay", id=model.run_id)


def _config(model: Any, report: GateReport) -> None:
    """Ask whether the edit of the config file was meant: put it back, or write it down where everybody reads it."""
    found = next(one for one in report.findings or () if one["name"] == "config_as_intended")
    place, worlds = report.environment, state.workspace().worlds
    keys = [str(one["key"]) for one in worlds.judge(model.ref, place).differences if one["state"] == "edited"]
    st.caption(cards.plain(found["why"]))
    reason = st.text_input("Why?", key="missing.because", max_chars=200, placeholder="Was it meant, and by whom?") or ""
    with st.container(horizontal=True):
        if acts.button("Put it back", "put it back", type="primary", icon=":material/undo:", key="missing.back"):
            _edit(model, report, keys, worlds.put_back, reason, f"{place} is as it was written.")
        if acts.button("It was meant", "say so", icon=":material/edit_document:", key="missing.codify"):
            _edit(model, report, keys, worlds.codify, reason, f"The overlay of {place} says so now.")


def _edit(
    model: Any, report: GateReport, keys: Sequence[str], edit: Callable[..., Any], reason: str, said: str
) -> None:
    with cards.errors():
        for key in keys:
            edit(report.environment, key, reason, version=model.ref)
        _asked_again(model, report, said)


_STEPS: Mapping[str, Missing] = {
    "deploy_to_staging": Missing("fact_check", "Rehearse it: the same version must have been in staging.", _rehearse),
    "judge_on_newer_rows": Missing("balance", "Judge both on rows that neither has seen.", _newer_rows),
    "complete_card": Missing("badge", "Say what it is for, who answers for it, and when it must not be used.", _card),
    "put_config_back": Missing("tune", "Somebody edited its config file since. Meant, or not meant?", _config),
    "reproduce": Missing("replay", "Train it again, and see whether it comes out the same.", _reproduce),
}
"""Step -> what is drawn for it."""
