"""The colours of what is compared: seen in light and in dark."""

from __future__ import annotations

import tomllib

import pytest

from playground import theme
from tests.screens import ROOT, contrast

SETTINGS = tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text("utf-8"))["theme"]


@pytest.mark.parametrize("mode", ["light", "dark"])
@pytest.mark.parametrize("colour", theme.RUNS)
def test_the_colour_of_a_run_stands_out_from_the_background(colour, mode):
    """3 : 1 at least, as WCAG 2 asks of what is no text."""
    assert contrast(colour, SETTINGS[mode]["backgroundColor"]) >= 3


def test_figures_without_colours_of_their_own_have_the_same_ones():
    """Streamlit's own charts begin with the colours of the runs."""
    assert SETTINGS["chartCategoricalColors"] == list(theme.RUNS[:7])
