"""The UI kit: the one place that touches session state, caches and layout. Pages import `ui` and stay short."""

from playground.ui.builder import building, chain_builder
from playground.ui.cards import empty, errors, plain
from playground.ui.hood import under_the_hood
from playground.ui.shell import goto, header, link, navigation
from playground.ui.state import all_datasets, all_models, any_runs, chain, choose_live, read, trained_runs, workspace

__all__ = [
    "all_datasets",
    "all_models",
    "any_runs",
    "building",
    "chain",
    "chain_builder",
    "choose_live",
    "empty",
    "errors",
    "goto",
    "header",
    "link",
    "navigation",
    "plain",
    "read",
    "trained_runs",
    "under_the_hood",
    "workspace",
]
