"""Tasks: what a model can learn to predict."""

from __future__ import annotations

from typing import Literal, get_args

Task = Literal["binary", "multiclass", "regression"]
TASKS: tuple[Task, ...] = get_args(Task)
Label = str | int | float | bool
"""A value of the target, in its own type."""
