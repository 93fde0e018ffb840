"""The UI kit: the one place that touches session state, caches and layout. Pages import `ui` and stay short."""

from playground.ui.kit.cards import empty, errors, tabs
from playground.ui.kit.hood import under_the_hood
from playground.ui.kit.lists import any_runs, choose_live, datasets, models, trained_runs
from playground.ui.kit.panel import draw as panel
from playground.ui.kit.shell import corner, header, is_teachers, navigation
from playground.ui.kit.state import chain

__all__ = [
    "any_runs",
    "chain",
    "choose_live",
    "corner",
    "datasets",
    "empty",
    "errors",
    "header",
    "is_teachers",
    "models",
    "navigation",
    "panel",
    "tabs",
    "trained_runs",
    "under_the_hood",
]
