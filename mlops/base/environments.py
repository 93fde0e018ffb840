"""Environments: the places where a model can be live, in the order of release."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from mlops.base.errors import InvalidError, shown

Environment = Literal["development", "staging", "production"]
ENVIRONMENTS: tuple[Environment, ...] = ("development", "staging", "production")


ALIASES: Mapping[str, Environment] = {"champion": "production", "challenger": "staging"}
"""What the field calls the version that is live somewhere: ``churn_model@champion``."""


def place_of(word: str) -> Environment | None:
    """Return the environment that a word after the @ of a model means: its name or its alias; None if it is neither.

    Examples
    --------
    >>> place_of("champion"), place_of("staging"), place_of("1.0.0")
    ('production', 'staging', None)
    """
    return ALIASES.get(word) or next((one for one in ENVIRONMENTS if one == word), None)


def check_environment(name: str) -> Environment:
    """Return the environment with this name.

    Examples
    --------
    >>> check_environment("production")
    'production'
    """
    for environment in ENVIRONMENTS:
        if name == environment:
            return environment
    raise InvalidError(f"{shown(name)} is not an environment.", f"Use {', '.join(ENVIRONMENTS)}.")
