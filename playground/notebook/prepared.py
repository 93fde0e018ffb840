"""What the shipped notebook is worth, judged beforehand: to judge it takes nine runs and two trainings, a minute or so.

What came out lies in ``prepared.json``, under the key of all that it came from: the notebook, its data, and the code
that judges. Where the key does not fit any more - somebody changed the notebook - there is nothing prepared, and
whoever asks judges anew.

    python -m playground.notebook        judge anew, and keep what came out
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from typing import Any

from playground.notebook import becoming, judging, nbformat, running
from playground.notebook.judging import Claim, Measured, Verdict
from playground.notebook.nbformat import Cell, shipped

PREPARED = Path(__file__).with_name("prepared.json")
MADE_FROM = (
    *(nbformat.SHIPPED, running.DATA, running.KERNEL),
    *(Path(str(module.__file__)) for module in (nbformat, running, judging, becoming)),
)
"""Files on which the result depends."""


@dataclass(frozen=True)
class Result:
    """What the notebook is worth."""

    verdicts: tuple[Verdict, ...]
    """One for each number, in the order of the file."""
    pipeline: Mapping[str, str]
    """Id of a cell -> the number of the pipeline; see `becoming.numbers`."""
    mended: str
    """The AUC that the notebook prints once nothing but its worst cell is mended; see `judging.mended`."""


@dataclass(frozen=True)
class Gap:
    """The number that its author was proud of, the honest one, and the one cell that made the difference."""

    name: str
    claimed: str
    """As the file says it."""
    honest: str
    """What the notebook prints with that one cell mended, and everything else as it was."""
    pipeline: str
    """What the pipeline says, with its interval."""
    cell: Cell
    mended: str
    """The cell as it should have been."""
    why: str


def judged() -> Result:
    """Judge the notebook by really running it; takes about a minute of a core."""
    return Result(judging.judge(), becoming.numbers(), judging.mended())


@cache
def prepared() -> Result | None:
    """Return what was judged beforehand; None if the notebook, its data or the judge is another one by now."""
    kept = json.loads(PREPARED.read_text("utf-8"))
    return _read(kept) if kept["key"] == key() else None


def gap(result: Result) -> Gap:
    """Return what made the gap between the notebook's best number and the honest one.

    Examples
    --------
    >>> found = gap(prepared())
    >>> found.name, found.claimed, found.honest, found.cell.id
    ('AUC', '0.988', '0.821', 'balance')
    """
    leak = next(verdict for verdict in result.verdicts if verdict.cause == "leak")
    return Gap(
        name=leak.claim.name,
        claimed=leak.claim.value,
        honest=result.mended,
        pipeline=result.pipeline[leak.claim.cell],
        cell=shipped().cell(judging.MENDED.cell),
        mended=judging.MENDED.source,
        why=leak.why.partition(" Split first")[0],
    )


def key() -> str:
    """Return the hash of all that the result depends on; ends of lines do not count, other systems have others."""
    hashes = [hashlib.sha256(path.read_bytes().replace(b"\r\n", b"\n")).hexdigest() for path in MADE_FROM]
    return hashlib.sha256("".join(hashes).encode()).hexdigest()


def text(result: Result) -> str:
    """Return a result as the file has it."""
    return json.dumps({"key": key(), **asdict(result)}, indent=1, ensure_ascii=False) + "\n"


def _read(kept: Mapping[str, Any]) -> Result:
    return Result(tuple(map(_verdict, kept["verdicts"])), kept["pipeline"], kept["mended"])


def _verdict(kept: Mapping[str, Any]) -> Verdict:
    evidence = tuple(Measured(**one) for one in kept["evidence"])
    return Verdict(Claim(**kept["claim"]), kept["cause"], kept["why"], evidence)
