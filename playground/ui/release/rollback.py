"""Going back on the Release screen: what it would change, and the button that does it."""

from __future__ import annotations

from typing import Any

import streamlit as st

from mlops import Workspace
from mlops.base.environments import ENVIRONMENTS
from playground import calendar, words
from playground.ui.kit import acts, cards, lists, state
from playground.ui.release import acting

_NOT_COMPARED = {True: "none asked yet", False: "unknown"}
"""Whether the model before could answer -> what stands where no answers were compared."""


def roll_back() -> None:
    """Draw the preview of a rollback, and the button that does it."""
    environment = str(st.segmented_control(
        "Environment", ENVIRONMENTS, default="production", required=True, key="release.environment"
    ))  # fmt: skip
    names = [one.model["name"] for one in lists.live(environment)]
    if not names:
        st.markdown(f":gray[Nothing is live in {environment}.]")
        return
    name = names[0]
    if len(names) > 1:
        name = str(st.segmented_control("Model", names, default=name, required=True, key=f"release.of.{environment}"))
    with cards.errors():
        preview = state.read(_preview, environment, name)
        _preview_card(preview)
        reason = st.text_input("Reason", key="release.because", max_chars=200, placeholder="What happened?") or ""
        target = lists.told(preview.target)
        if acts.button(
            f"Roll back to {target}",
            "roll back",
            type="primary",
            icon=":material/undo:",
            key=acting.key("back", environment, name),
            disabled=not preview.compatible,
        ):
            calendar.before_release(ws := state.workspace())
            ws.rollback(environment, reason=reason, model=name, expected=acting.live_id(environment, name))
            acting.done(f"{target} is live in {environment} again.")


def _preview_card(preview: Any) -> None:
    change = preview.metric_change
    with st.grid(3, min_column_width=150):
        st.metric("From → to", f"v{preview.current['version']} → v{preview.target['version']}", border=True)
        flipped = (
            f"{preview.flipped:,} of {preview.compared:,}" if preview.compared else _NOT_COMPARED[preview.compatible]
        )
        st.metric("Answers that would change", flipped, border=True)
        label = f"{words.metric_name(change['metric'])} change" if change else "Metric change"
        st.metric(label, f"{change['change']:+.3f}" if change else "no shared rows", border=True)
    for check in preview.checks if not preview.compatible else ():
        if check["outcome"] == "fail":
            st.warning(
                f"{cards.plain(lists.told(preview.target))} cannot go live again: {cards.plain(check['why'])}",
                icon=":material/block:",
            )


def _preview(ws: Workspace, environment: str, name: str) -> Any:
    return ws.deployments.preview(environment, model=name)
