"""Environments: the places where a model can be live, in the order of release."""

from __future__ import annotations

from typing import Literal

from mlops.base.errors import InvalidError, shown

Environment = Literal["development", "staging", "production"]
ENVIRONMENTS: tuple[Environment, ...] = ("development", "staging", "production")


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
