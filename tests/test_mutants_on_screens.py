"""Mistakes in what stands above `mlops`, each seen by its test; see `test_mutants`."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.mutants import Mutant, copy, of_this_turn, seen

ABOVE = [mutant for mutant in of_this_turn() if not mutant.file.startswith("mlops/")]


@pytest.fixture(scope="module")
def project() -> Iterator[Path]:
    """A copy of the project that may be damaged."""
    with copy() as root:
        yield root


@pytest.mark.slow
@pytest.mark.parametrize("mutant", ABOVE, ids=lambda mutant: mutant.id)
def test_a_mutant_is_seen(mutant: Mutant, project: Path) -> None:
    """With the mistake in it the test fails."""
    assert seen(mutant, project)
