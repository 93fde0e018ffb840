"""What a person may say about a model: the fields of its card, wherever it is asked for."""

from __future__ import annotations

FIELDS = {
    "owner": (200, "Who answers for it?"),
    "purpose": (500, "What is it for?"),
    "limits": (500, "When must it not be used?"),
}
"""Field -> characters at most, and the question."""
