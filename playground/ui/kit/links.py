"""Ways from one screen to another; each carries whose workspace it is about."""

from __future__ import annotations

from typing import Any, NoReturn

import streamlit as st

from playground.ui.kit import location

PAGES: dict[str, Any] = {}
"""Screen name -> a Streamlit page, because links need objects; those of any session name the same screens."""


def goto(name: str, **query: str) -> NoReturn:
    """Open another screen; naming the query also clears the one of this screen."""
    st.switch_page(PAGES[name], query_params={**location.address(), **query})


def link(name: str, label: str, icon: str | None = None, **query: str | list[str]) -> None:
    """Draw a link to another screen."""
    st.page_link(
        PAGES[name],
        label=label,
        icon=icon and f":material/{icon}:",
        query_params={**location.address(), **query} or None,
    )


def difference(before: str, after: str, label: str = "Everything that differs") -> None:
    """Draw a link to the page on which everything that differs between two runs stands."""
    link("difference", label, icon="difference", runs=f"{before},{after}")
