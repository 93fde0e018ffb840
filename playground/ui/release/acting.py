"""Acts on the Release screen: what a button saw when it was drawn, and what is said once it was pressed."""

from __future__ import annotations

from typing import NoReturn

import streamlit as st

from playground.ui.kit import lists, session


def done(said: str) -> NoReturn:
    """Say what an act did, and draw the screen anew."""
    session.LIVE.set(None)
    session.say(said)
    st.rerun()


def key(button: str, environment: str, name: str) -> str:
    """Return the key of a button that changes what is live under a name.

    It names what was live when the button was drawn: if somebody else releases meanwhile, a click on the old button
    does nothing, and the page shows what is live now.
    """
    return f"release.{button}.{environment}.{name}.{live_id(environment, name)}"


def live_id(environment: str, name: str) -> str | None:
    """Return the id of what is live under a name in an environment."""
    return next((one.deployment_id for one in lists.live(environment) if one.model["name"] == name), None)
