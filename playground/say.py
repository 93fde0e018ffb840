"""Say / don't say: the same thing twice, as the trade says it and as a boss can use it, with numbers of the workspace.

The sentences are data (`say.yaml`), their numbers are computed (`say_facts`). The module's three translations are about
the learner's own work; one of a stop is about where that stop happens. As long as its numbers are not there, or what
came of a guess stays covered, a sentence is not ready: it then says what makes it so.
"""

from __future__ import annotations

import re
import string
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from mlops import MlopsError, Workspace
from mlops.base import strict_yaml
from playground import course
from playground.course import Progress, StopState
from playground.say_facts import FACTS

FILE = Path(__file__).with_suffix(".yaml")

GAP = "…"
"""Stands for a number that is not there yet."""


@dataclass(frozen=True)
class Template:
    """A sentence as it stands in the file."""

    id: str
    title: str
    facts: str
    page: str
    """The screen on which the numbers are seen."""
    needs: str
    dont: str
    do: str
    because: str
    numbers: Mapping[str, str]
    """Name of a number -> what it is."""
    stop: str = ""
    """Where the numbers come from; empty for the learner's own work."""


@dataclass(frozen=True)
class Part:
    """A piece of a sentence."""

    text: str
    number: str = ""
    """What it is, if it is a number of the workspace."""


@dataclass(frozen=True)
class Sentence:
    """What to say and what not to say about one thing."""

    id: str
    title: str
    stop: str
    """Id of the stop it belongs to; empty for the module's own three."""
    dont: str
    do: str
    parts: tuple[Part, ...]
    """What `do` is made of, its numbers apart."""
    because: str
    facts: Mapping[str, str] = field(default_factory=dict)
    """What a number is -> the number."""
    ready: bool = False
    needs: str = ""
    """What makes it ready; empty once it is."""
    page: str = ""
    chapter: str = ""
    """Folder of the chapter that the numbers are from; empty for the own work."""


@cache
def templates() -> tuple[Template, ...]:
    """Return all sentences as they stand in the file.

    Examples
    --------
    >>> [one.id for one in templates()][:3]
    ['mlops', 'versioning', 'pipelines']
    """
    told, _ = strict_yaml.parse(FILE.read_text(encoding="utf-8"), FILE.name)
    return tuple(Template(**one) for one in told)


def sentences(ws: Workspace) -> tuple[Sentence, ...]:
    """Return every sentence, with the numbers of a learner's own workspace and of the chapters beside it.

    Examples
    --------
    >>> import tempfile
    >>> found = sentences(Workspace.open(tempfile.mkdtemp()))
    >>> len(found), any(one.ready for one in found)
    (11, False)
    """
    progress = course.read(ws)
    return tuple(_sentence(ws, progress, one) for one in templates())


def _sentence(ws: Workspace, progress: Progress, one: Template) -> Sentence:
    state = progress.stops.get(one.stop)
    covered = state is not None and _is_covered(ws, progress, state.id)
    known, chapter = ({}, "") if covered else _known(ws, one, state)
    said = known or {}
    parts = tuple(_parts(one, said))
    return Sentence(
        one.id, one.title, one.stop, _filled(one.dont, said), "".join(part.text for part in parts), parts, one.because,
        facts={told: said[name].strip() for name, told in one.numbers.items() if said.get(name)},
        ready=bool(known), needs="" if known else one.needs, page=one.page, chapter=chapter,
    )  # fmt: skip


def _is_covered(ws: Workspace, progress: Progress, stop: str) -> bool:
    """Tell whether what came of any guess of a stop stays covered: its result would stand here."""
    return any(course.is_covered(ws, progress, stop, ask.id) for ask in course.stop(stop).mission.asks)


def _known(ws: Workspace, one: Template, state: StopState | None) -> tuple[Mapping[str, str], str]:
    """Return the numbers of a sentence and the chapter they are from: that of its stop, else the own work."""
    chapters = [state.chapter] if state and state.chapter else []
    for chapter in (*chapters, ""):
        with suppress(MlopsError):  # the chapter was taken away, or the data are others than those the number is about
            there = course.workspace(ws, one.stop) if chapter else ws
            if known := FACTS[one.facts](there):
                return known, chapter
    return {}, ""


def _parts(one: Template, known: Mapping[str, str]) -> Iterator[Part]:
    for text, name, _, _ in string.Formatter().parse(one.do):
        if text:
            yield Part(text)
        if name and (value := known.get(name, GAP)):
            yield Part(value, one.numbers[name] if re.search(r"\d", value) or value == GAP else "")


def _filled(text: str, known: Mapping[str, str]) -> str:
    return "".join(
        before + (known.get(name, GAP) if name else "") for before, name, _, _ in string.Formatter().parse(text)
    )
