"""The tests fail where they should: each mistake of `tests.mutants` is seen by the test that is named with it.

Those of `mlops` and of the rest are carried out here and in `test_mutants_on_screens`: each file is one worker's.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.mutants import MUTANTS, PATIENCE, ROOT, Mutant, copy, of_this_turn, passes, seen

TURN = of_this_turn()
OF_THE_CORE = [mutant for mutant in TURN if mutant.file.startswith("mlops/")]


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.id)
def test_a_mutant_follows_the_code(mutant: Mutant) -> None:
    """Its line stands there once, its mistake is another one and, of Python, still that; and its test is there."""
    assert mutant.text() != (ROOT / mutant.file).read_text(encoding="utf-8")
    if mutant.file.endswith(".py"):
        compile(mutant.text(), mutant.file, "exec")
    file, _, name = mutant.test.partition("::")
    assert f"def {name.partition('[')[0]}(" in (ROOT / "tests" / file).read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def project() -> Iterator[Path]:
    """A copy of the project that may be damaged."""
    with copy() as root:
        yield root


@pytest.mark.slow
@pytest.mark.parametrize("mutant", OF_THE_CORE, ids=lambda mutant: mutant.id)
def test_a_mutant_is_seen(mutant: Mutant, project: Path) -> None:
    """With the mistake in it the test fails."""
    assert seen(mutant, project)


@pytest.mark.slow
@pytest.mark.parametrize("folder", sorted({mutant.test.rpartition("/")[0] for mutant in TURN}))
def test_without_a_mistake_the_same_tests_pass(folder: str, project: Path) -> None:
    """Else they would have seen anything. A folder at a time, for a screen that was drawn is no parent of processes."""
    tests = {mutant.test for mutant in TURN if mutant.test.rpartition("/")[0] == folder}
    assert passes(*sorted(tests), root=project, patience=10 * PATIENCE)
