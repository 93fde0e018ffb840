"""Health: whether a loaded model answers its examples as it did when it was trained.

The bytes of its file can be right and its answers wrong: other packages compute otherwise. So before anybody relies on
a model it answers a few rows whose answers are on record, and every digit counts.
"""

from __future__ import annotations

from mlops.base.errors import IntegrityError
from mlops.models import scoring
from mlops.models.matrix import Cells
from mlops.release.registry import LoadedModel


def check(model: LoadedModel) -> None:
    """Let a loaded model answer its examples.

    Raises
    ------
    IntegrityError
        If one answer differs, in any digit, from the one it gave when it was trained, or it cannot answer at all.
    """
    expected = [example["answer"] for example in model.metadata["examples"]]
    asked = Cells.of_rows([example["row"] for example in model.metadata["examples"]], model.signature)
    try:
        observed = scoring.probabilities(model.pipeline, asked, model.signature).tolist()
    except Exception as error:  # a model is a program of other packages: anything may come out of it
        raise IntegrityError(
            f"{model.version.ref} cannot answer its examples: {type(error).__name__}: {error}.",
            "Check the installed packages against requirements.txt of its run.",
        ) from error
    if wrong := [pair for pair in zip(observed, expected, strict=True) if pair[0] != pair[1]]:
        raise IntegrityError(
            f"{model.version.ref} answers {len(wrong)} of its {len(expected)} examples otherwise than when it was "
            f"trained{_by_how_much(*max(wrong, key=lambda pair: _apart(*pair)))}.",
            "Check the installed packages against requirements.txt of its run.",
        )


def _apart(observed: float | list[float], expected: float | list[float]) -> float:
    """Return how far two answers are apart: two numbers, or the probabilities of several classes."""
    if isinstance(observed, list) and isinstance(expected, list):
        return max((abs(one - other) for one, other in zip(observed, expected, strict=True)), default=0.0)
    return abs(observed - expected) if isinstance(observed, float) and isinstance(expected, float) else 0.0


def _by_how_much(observed: float | list[float], expected: float | list[float]) -> str:
    """Return the largest difference as people read numbers; two answers that look the same differ by 3e-16."""
    apart = _apart(observed, expected)
    if isinstance(observed, list) or isinstance(expected, list) or not apart:
        return f", by {apart:.2g} at most" if apart else ""
    return f": {observed:.3g} where it was {expected:.3g}, {apart:.2g} apart"
