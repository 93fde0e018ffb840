"""The colours of what is compared: seen in light and in dark."""

from __future__ import annotations

import re
import tomllib

import pytest

from playground import theme
from tests.screens import ROOT, contrast

STYLE = (ROOT / "playground" / "ui" / "style.css").read_text("utf-8")
SETTINGS = tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text("utf-8"))["theme"]


@pytest.mark.parametrize("mode", ["light", "dark"])
@pytest.mark.parametrize("colour", theme.RUNS)
def test_the_colour_of_a_run_stands_out_from_the_background(colour, mode):
    """3 : 1 at least, as WCAG 2 asks of what is no text."""
    assert contrast(colour, SETTINGS[mode]["backgroundColor"]) >= 3


def test_figures_without_colours_of_their_own_have_the_same_ones():
    """Streamlit's own charts begin with the colours of the runs."""
    assert SETTINGS["chartCategoricalColors"] == list(theme.RUNS[:7])


@pytest.mark.parametrize(
    ("what", "beside", "least"), [("stRadioOption", "backgroundColor", 3), ("data-tag", "primaryColor", 4.5)]
)
def test_what_can_be_chosen_and_what_was_is_seen(what, beside, least):
    """The ring of an option before it is chosen, and the name on a chip after."""
    [rule] = [line for line in STYLE.splitlines() if what in line]
    for mode, colour in zip(("light", "dark"), re.findall(r"#\w+", rule), strict=True):
        assert contrast(SETTINGS[mode][beside], "#ffffff" if colour == "#fff" else colour) >= least
