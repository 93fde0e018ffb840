"""Lamps: the answer of a release check as six questions, each with one sentence and the one act that is missing.

A lamp says what the checks and findings of a `GateReport` say, and nothing else: it decides nothing. `refuses` tells
which of them stands in the way; a lamp can be red and still refuse nothing, as one of a card that nobody wrote.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from mlops.base.records import Record
from mlops.release.findings import Step
from mlops.release.gate import WAY_OUT, GateReport

Light = Literal["pass", "fail", "unknown"]

QUESTIONS: Mapping[str, tuple[str, tuple[str, ...], tuple[str, ...]]] = {
    "files": ("Are its files what was recorded?", ("integrity",), ("reproduced",)),
    "columns": ("Will its columns be there when somebody asks?", ("schema",), ("leaks",)),
    "config": ("Is its config the one that is meant?", ("config",), ("config_as_intended",)),
    "rows": ("Are there rows that neither has seen?", ("rows",), ("attempts",)),
    "better": ("Is it better, or lucky?", ("performance",), ("slices",)),
    "card": ("Was it rehearsed, and does its card say what it is for?", ("staging",), ("card",)),
}
"""Each lamp: what it asks, the checks that answer, and the findings beside them."""

STEPS: Mapping[str, Step] = {
    "staging": "deploy_to_staging",
    "rows": "judge_on_newer_rows",
    "performance": "judge_on_newer_rows",
}
"""What is missing where a check does not pass; findings say it themselves."""

OPTIONAL = ("reproduced", "slices")
"""Findings of which it is no warning that nobody knows: nobody has to build it again, and groups can be small."""

LIGHTS: tuple[Light, ...] = ("fail", "unknown", "pass")
"""The gravest first."""


@dataclass(frozen=True)
class Lamp(Record):
    """One of the six questions."""

    id: str
    question: str
    outcome: Light
    """unknown: it cannot be told yet."""
    sentence: str
    step: Step | None
    """The act that is missing, if somebody can do one."""
    refuses: bool
    """Whether this is what stands in the way."""


def lamps(report: GateReport) -> tuple[Lamp, ...]:
    """Return the six lamps of a report, in the order in which they are asked; also of one that is long on record."""
    known = {one["name"]: one for one in (*report.checks, *(report.findings or ()))}
    return tuple(_lamp(report, name, known) for name in QUESTIONS)


def next_step(found: Sequence[Lamp]) -> Lamp | None:
    """Return the lamp whose act comes first: of those that stand in the way, then of the others that are not green."""
    waiting = [one for one in found if one.step and one.outcome != "pass"]
    # Rehearsed first: only then is it worth a look at the rest.
    return min(waiting, key=lambda one: (not one.refuses, one.step != "deploy_to_staging"), default=None)


def _lamp(report: GateReport, name: str, known: Mapping[str, Mapping[str, Any]]) -> Lamp:
    question, checks, findings = QUESTIONS[name]
    asked = [known[one] for one in (*checks, *findings) if one in known]
    if not any(one["name"] in checks for one in asked):
        return Lamp(name, question, "unknown", _not_asked(report), None, False)
    gravest = min(asked, key=lambda one: LIGHTS.index(_light(one)))
    wrong = [one for one in asked if _light(one) != "pass"]
    sentence = " ".join(one["why"].replace(WAY_OUT, "") for one in wrong or asked[:1])
    return Lamp(name, question, _light(gravest), sentence, _step(asked), any(one["name"] in checks for one in wrong))


def _light(one: Mapping[str, Any]) -> Light:
    if one["outcome"] == "fail":
        return "fail"
    return "pass" if one["outcome"] == "pass" or one["name"] in OPTIONAL else "unknown"


def _step(asked: Sequence[Mapping[str, Any]]) -> Step | None:
    """Return the act that helps with the first answer that is wrong; where none is, with the first that is open."""
    known = [one for one in asked if one["outcome"] != "pass"]
    first = next((one for one in known if _light(one) != "pass"), known[0] if known else None)
    if first is None or (first["name"], first["outcome"]) == ("performance", "fail"):
        return None  # where it is worse, other rows would say the same: what is missing is a better model
    step: Step | None = STEPS.get(first["name"]) or first.get("step")
    return step


def _not_asked(report: GateReport) -> str:
    if report.environment != "production":
        return f"Only production asks; {report.environment} is where one tries."
    return "Not asked before its files are in order."
