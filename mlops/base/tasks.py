"""Tasks: what a model can learn to predict, and from how many different words."""

from __future__ import annotations

from typing import Literal, get_args

Task = Literal["binary", "multiclass", "regression"]
TASKS: tuple[Task, ...] = get_args(Task)
Label = str | int | float | bool
"""A value of the target, in its own type."""

MAX_LEVELS = 100
"""Levels of a text column beyond this many, the rarest ones, share one column of the model."""
