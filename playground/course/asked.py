"""Cells of a table as plain JSON has them: what a caller sends."""

from __future__ import annotations

from typing import Any


def plain(value: Any) -> Any:
    """Return a cell as plain JSON has it; what is missing is null.

    Examples
    --------
    >>> plain(float("nan")), plain(3), plain("web")
    (None, 3, 'web')
    """
    value = value.item() if hasattr(value, "item") else value
    return None if value is None or value != value or str(value) == "<NA>" else value
