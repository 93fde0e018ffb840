"""Colours with one fixed meaning each, and the icon that goes with them.

They are after those of Okabe and Ito, which every kind of colour vision tells apart. What is drawn as lines and dots
stands out from both themes (3 : 1), for a figure does not know which one it is in. Colour is never alone: every state
is also an icon and a word. The surfaces around these colours are in `.streamlit/config.toml`.
"""

from __future__ import annotations

BLUE, ORANGE, GREEN, PURPLE = "#1F83C6", "#C58200", "#009E73", "#C26F9D"
SKY, VERMILION, GREY = "#56B4E9", "#D55E00", "#7F7F7F"

FIRST, SECOND = BLUE, ORANGE
"""The two things that a screen compares, in the order they were picked."""

RUNS = (BLUE, ORANGE, GREEN, PURPLE, "#C23B22", "#2E9AA6", GREY, "#8C6D1F", "#7466C0", "#B8496A")
"""Up to ten runs that a screen compares, in the order they were picked; the others are held against the first."""

RUN_NAMES = ("blue", "orange", "green", "violet", "red")
"""The first of these colours by the names that text is coloured with."""

STATES = {
    "live": ("green", "check_circle"),
    "pass": ("green", "check_circle"),
    "finished": ("green", "check_circle"),
    "inconclusive": ("orange", "help"),
    "stale": ("orange", "update"),
    "running": ("blue", "progress_activity"),
    "queued": ("gray", "schedule"),
    "candidate": ("blue", "deployed_code"),
    "ended": ("gray", "history"),
    "cancelled": ("gray", "cancel"),
    "interrupted": ("orange", "power_off"),
    "failed": ("red", "error"),
    "fail": ("red", "error"),
    "rejected": ("red", "block"),
}
"""State -> colour name and icon, for badges."""

ENVIRONMENTS = {"production": GREEN, "staging": SKY, "development": PURPLE}
"""Environment -> colour of what is live there."""

THINGS = {
    "dataset": ("violet", "database"),
    "config": ("gray", "tune"),
    "run": ("gray", "science"),
    "model": ("blue", "deployed_code"),
    "production": ("green", "storefront"),
    "staging": ("blue", "fact_check"),
    "development": ("violet", "construction"),
}
"""What has versions, and where they are live -> colour name and icon of its chip, everywhere."""

PINS = {"data": PURPLE, "code": "#8A94A0", "software": "#8A94A0", "config": ORANGE, "seed": ORANGE}
"""The five pins in the colours of the chain's inputs: code comes with its software, a config with its seed."""

ON_COLOUR = "#10171F"
"""Text on any of these colours, in both themes."""
