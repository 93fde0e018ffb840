"""Going back on the Release screen: which version, what it would change, and the button that does it."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime
from typing import Any

import streamlit as st

from mlops import Workspace
from mlops.base.environments import ENVIRONMENTS
from mlops.base.errors import IntegrityError, RefusedError
from mlops.base.records import ref_of
from playground import calendar, words
from playground import dots as records
from playground.ui.kit import acts, cards, lists, rejecting, session, state
from playground.ui.kit.links import link
from playground.ui.release import acting, dots


def roll_back() -> None:
    """Draw the way back: what may come back, what would change, and the button; once pressed, what came of it."""
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
        live = next(one for one in lists.live(environment) if one.model["name"] == name)
        if live.action == "rollback" and session.FURTHER.get() != live.deployment_id:
            _done(live)
        else:
            _choose(live)


def _choose(live: Any) -> None:
    """Draw the choice of a version, its preview, and the button."""
    environment, name = live.environment, live.model["name"]
    earlier = state.read(_earlier, environment, name)
    if not earlier:
        st.markdown(
            f":gray[Nothing earlier was live in {environment} as {cards.plain(name)}: there is no way back yet.]"
        )
        return
    first = state.read_requests(_first, environment, name)
    version = _version(live, earlier, first and first.target["version"])
    if version is None:
        return
    same = first and first.target["version"] == version
    preview = first if same else state.read_requests(_preview, environment, name, version)
    _said(preview)
    if preview.compatible:
        dots.draw(_dots(preview, preview.current, preview.target), name, f"{live.deployment_id}>{version}")
    reason = st.text_input("Reason", key="release.because", max_chars=200, placeholder="What happened?") or ""
    if acts.button(
        f"Roll back to {lists.told(preview.target)}",
        "roll back",
        type="primary",
        icon=":material/undo:",
        key=acting.key("back", environment, name),
        disabled=not preview.compatible,
    ):
        calendar.before_release(ws := state.workspace())
        ws.rollback(environment, reason=reason, model=name, to=version, expected=live.deployment_id)
        acting.done(f"{lists.told(preview.target)} is live in {environment} again.")


def _version(live: Any, earlier: Sequence[Any], before: str | None) -> str | None:
    """Draw which versions may come back, newest first; the one before, if one is left, is chosen to begin with."""
    versions = [one.model["version"] for one in earlier]
    told = {one.model["version"]: _told(one) for one in earlier}
    return st.selectbox(
        "Go back to", versions, index=versions.index(before) if before else None, format_func=told.__getitem__,
        key=f"release.to.{live.deployment_id}", placeholder="Nothing is left that was live before it; choose another",
    )  # fmt: skip


def _told(one: Any) -> str:
    rejected = any(model.ref == ref_of(one.model) and model.status == "rejected" for model in lists.models())
    version = f"v{one.model['version']}{' · rejected' if rejected else ''}"
    return f"{version} · live {_span(one.since, one.until)} · {one.reason}"


def _span(since: str, until: str) -> str:
    """Return from when until when, in UTC; the day once if it is one.

    Examples
    --------
    >>> _span("2024-03-15T18:20:00.000000Z", "2024-03-15T21:00:00.000000Z")
    '15 Mar 2024 18:20 – 21:00 UTC'
    """
    first, last = datetime.fromisoformat(since), datetime.fromisoformat(until)
    end = f"{last:%H:%M}" if first.date() == last.date() else f"{last.day} {last:%b %Y %H:%M}"
    return f"{first.day} {first:%b %Y %H:%M} – {end} UTC"


def _said(preview: Any) -> None:
    """Say why a version cannot come back, or what it means for the metric where it can."""
    for check in preview.checks if not preview.compatible else ():
        if check["outcome"] == "fail":
            st.warning(
                f"{cards.plain(lists.told(preview.target))} cannot go live again: {cards.plain(check['why'])}",
                icon=":material/block:",
            )
    if change := preview.metric_change:
        st.markdown(
            f"{cards.state_text('pass', 'compatible')} · On {change['rows']:,} rows from which neither has learned, "
            f"{words.metric_name(change['metric'])} goes from {words.number(change['from'])} to "
            f"{words.number(change['to'])}."
        )


def _done(live: Any) -> None:
    """Draw what came of a rollback: the dots at rest, what happens next, and the version that was left."""
    place, left = live.environment, live.replaced
    st.success(
        f"**{cards.plain(lists.told(live.model))}** is live in {place} again since {words.moment(live.since)}, by "
        f"{cards.plain(live.deployed_by)}: {cards.plain(live.reason)}",
        icon=":material/undo:",
    )
    asked = state.read_requests(_what_if, place, ref_of(left), ref_of(live.model))
    if asked is not None:
        dots.draw(_dots(asked, left, live.model), live.model["name"], live.deployment_id, done=True)
    st.markdown(
        f"What happens next: every new request is answered by {cards.plain(lists.told(live.model))}. What was already "
        f"sent stays as it was, and can be replayed. {cards.plain(lists.told(left))} stays on record."
    )
    with st.container(border=True):
        rejecting.offer(next(one for one in lists.models() if one.identity == left), "release")
    with st.container(horizontal=True, vertical_alignment="center"):
        link("predict", "What was sent", icon="replay", open="logged")
        if st.button("Choose another version", icon=":material/undo:", key="release.further", type="tertiary"):
            session.FURTHER.set(live.deployment_id)
            st.rerun()


def _dots(asked: Any, now: Any, then: Any) -> records.Dots:
    several = len({one.name for one in lists.models()}) > 1
    return records.of(asked, now, then, lists.metadata(ref_of(now))["signature"], several)


def _earlier(ws: Workspace, environment: str, name: str) -> list[Any]:
    return ws.releases.earlier(environment, name)


def _first(ws: Workspace, environment: str, name: str) -> Any:
    """Return what a rollback would do if nobody chose; None if all that may come back by itself was rejected."""
    with suppress(RefusedError):
        return ws.deployments.preview(environment, model=name)
    return None


def _preview(ws: Workspace, environment: str, name: str, version: str) -> Any:
    return ws.deployments.preview(environment, model=name, to=version)


def _what_if(ws: Workspace, environment: str, left: str, live: str) -> Any:
    """Return what both versions answer to what was asked; None if one of them cannot be loaded any more."""
    with suppress(IntegrityError):
        return ws.predictions.what_if(ws.models.load(left), ws.models.load(live), environment)
    return None
