"""The UI kit: the one place that touches session state, caches and layout. Pages import `ui` and stay short."""

from playground.ui.kit.cards import empty, errors, plain
from playground.ui.kit.hood import under_the_hood
from playground.ui.kit.shell import goto, header, link, navigation
from playground.ui.kit.state import (
    all_datasets,
    all_models,
    any_runs,
    chain,
    choose_live,
    read,
    trained_runs,
    workspace,
)
from playground.ui.start.builder import building, chain_builder

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
