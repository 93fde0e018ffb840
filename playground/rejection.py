"""Rejecting a version for good: it stays on record, and nobody releases it again.

A live version cannot be rejected. What was rolled back in production is often still live in staging, where it was
rehearsed; there the earlier version comes back first, for the same reason.
"""

from __future__ import annotations

from typing import Any

from mlops import Workspace
from mlops.base.errors import InvalidError


def in_the_way(model: Any) -> str:
    """Return why a version cannot be rejected now; empty if it can.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> in_the_way(SimpleNamespace(live_in=("staging", "production"), status="candidate"))
    'It is live in production: roll back first.'
    >>> in_the_way(SimpleNamespace(live_in=("staging",), status="candidate"))
    ''
    """
    return "It is live in production: roll back first." if "production" in model.live_in else ""


def reject(ws: Workspace, model: Any, reason: str) -> list[str]:
    """Reject a version; where it is still live, but in production, the earlier version comes back first.

    Returns
    -------
    list of str
        What was done, in sentences.

    Raises
    ------
    MlopsError
        If it is live in production, there is no reason, or nothing earlier can take over where it is live. What was
        done before that stays done, and on record.
    """
    if not reason.strip():
        raise InvalidError("A rejection without a reason cannot be explained later.", "Say why.")
    done = []
    for place in [] if in_the_way(model) else model.live_in:
        back = ws.rollback(place, reason, model=model.name)
        done.append(f"v{back.model['version']} is live in {place} again.")
    ws.models.reject(model.ref, reason)
    return [*done, f"{model.ref} is rejected: nobody can release it any more."]
