"""The step strip of a training: each step with its rows, its time, and whether it was kept from before."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import streamlit as st

STEPS = ("load", "validate", "split", "prepare", "train", "evaluate", "package")
_ICONS = {
    "done": ":green[:material/check_circle:]",
    "running": ":blue[:material/progress_activity:]",
    "failed": ":red[:material/error:]",
    "waiting": ":gray[:material/radio_button_unchecked:]",
}


@contextmanager
def follow(place: Any, says: str) -> Iterator[Callable[[Any], None]]:
    """Yield a function for `on_step` that keeps one line of progress up to date."""
    place.markdown(f"{says} …")

    def on_step(step: Any) -> None:
        done = STEPS.index(step.name) + (step.status == "done") if step.name in STEPS else 0
        rows = f" · {step.rows:,} rows" if step.rows else ""
        place.progress(min(done / len(STEPS), 1.0), text=f"{says}: {step.name}{rows}")

    yield on_step


def steps(done: dict[str, Any]) -> None:
    """Draw the seven steps in a row, those in `done` with what is known of them."""
    with st.grid(len(STEPS), min_column_width=90, gap="xsmall"):
        for name in STEPS:
            step = done.get(name)
            status = _of(step, "status") or "waiting"
            with st.container(gap=None):
                st.markdown(f"{_ICONS.get(status, _ICONS['waiting'])} {name}")
                st.caption(_said(step))


def _said(step: Any) -> str:
    rows, seconds = _of(step, "rows"), _of(step, "duration_s")
    parts = [
        f"{rows:,} rows" if rows else "",
        "cached" if _of(step, "cached") else f"{seconds:.2f} s" if seconds else "",
    ]
    return " · ".join(part for part in parts if part) or " "


def _of(step: Any, name: str) -> Any:
    return step.get(name) if isinstance(step, dict) else getattr(step, name, None)
