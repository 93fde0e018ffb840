"""The five pins of runs on a screen: a row for each run, letters to compare, a hash on hover or focus.

It draws the plain record of `playground.pinned`; the browser part only ever sets text.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import streamlit as st

from mlops.experiments.pins import NAMES
from playground.pinned import Pinned, pinned
from playground.ui.kit import cards

LEGEND = "Equal letters promise equal bytes; a dash is not pinned."

_rows = st.components.v2.component(
    "five_pins",
    html='<div class="box"><table></table></div>',
    css=Path(__file__).with_suffix(".css").read_text("utf-8"),
    js=Path(__file__).with_suffix(".js").read_text("utf-8"),
)


def of_runs(runs: Sequence[Any], key: str) -> None:
    """Draw the pins of runs, all held against the first one, and the same in a sentence."""
    of(pinned(runs), key)


def of(found: Pinned, key: str) -> None:
    """Draw lines of pins, and the same in a sentence."""
    _rows(data=drawn(found), key=key)
    st.caption(f"{cards.plain(found.sentence)} {LEGEND if len(found.lines) > 1 else ''}")


def drawn(found: Pinned) -> dict[str, Any]:
    """Return what the browser draws."""
    return {
        "caption": "The five pins: data, code, software, config, seed",
        "names": [{"name": name, "first": name == found.first} for name in NAMES],
        "lines": [asdict(line) for line in found.lines],
    }
