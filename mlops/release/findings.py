"""Findings: what is worth knowing before a model goes live, and never stands in its way.

The checks of the gate refuse; findings tell. Whether its card says what it is for, whether somebody built it again,
whether a column may know the outcome, whether a group of people gets worse, how often luck was asked already, and
whether its config is what the environment's file says. They are kept with the decision, so that whoever looks back
sees what was known.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from mlops.base.environments import Environment
from mlops.base.records import Record
from mlops.base.view import View
from mlops.data.quality.leaks import SUSPICIONS
from mlops.experiments.runs import Run
from mlops.experiments.slices import ALPHA, Slice
from mlops.release.registry import ModelVersion
from mlops.release.releases import live_since
from mlops.release.worlds import Intended
from mlops.training.reproduce import GOOD

Found = Literal["pass", "fail", "unknown"]
Step = Literal["judge_on_newer_rows", "deploy_to_staging", "complete_card", "put_config_back", "reproduce"]
"""An act that would help."""


@dataclass(frozen=True)
class Finding(Record):
    """One thing that is worth knowing about a release."""

    name: str
    outcome: Found
    """unknown: nobody has looked, or it cannot be told."""
    observed: Any
    """What was found, for programs."""
    why: str
    """The same in words."""
    step: Step | None = None
    """The act that would help, where it does not pass."""


def card(candidate: ModelVersion) -> Finding:
    """Tell whether the card says what the model is for, who answers for it, and where it must not be used."""
    if blank := list(candidate.unsaid):
        why = f"The card of {candidate.ref} does not say yet: {', '.join(blank)}."
        return Finding("card", "fail", blank, why, "complete_card")
    owner = (candidate.card or {})["owner"]
    return Finding("card", "pass", [], f"Its card has purpose, owner and limits; {owner} answers for it.")


def reproduced(run: Run) -> Finding:
    """Tell whether somebody trained it again, and what came out."""
    last = run.reproduced
    if last is None:
        why = "Nobody has trained it again yet to see whether it comes out."
        return Finding("reproduced", "unknown", None, why, "reproduce")
    return Finding("reproduced", "pass" if last["verdict"] in GOOD else "fail", last["verdict"], last["why"])


def config(intended: Intended) -> Finding:
    """Tell whether it would run with what its config file says for the environment; see `worlds.judged`."""
    keys = [one["key"] for one in intended.differences]
    return Finding("config_as_intended", intended.outcome, keys, intended.why, intended.step)


def leaks(run: Run) -> Finding:
    """Tell which of its columns looked, when it was trained, as if they knew the outcome beforehand."""
    told = {one["column"]: one["message"] for one in run.warnings if one["code"] in SUSPICIONS}
    if told:
        why = f"{' '.join(told.values())} Would it be known when somebody asks?"
        return Finding("leaks", "fail", sorted(told), why)
    return Finding("leaks", "pass", [], "No column of its training looks as if it knew the outcome beforehand.")


def slices(found: Sequence[Slice] | None, live: ModelVersion | None) -> Finding:
    """Tell whether a group gets worse while all rows together do not."""
    if live is None:
        return Finding("slices", "pass", [], "Nothing is live under its name, so no group of rows can get worse.")
    if found is None:
        return Finding("slices", "unknown", [], "The two could not be compared, so no group of rows could be.")
    compared = [one for one in found if one.too_few is None]
    worse = [{"column": one.column, "value": one.value} for one in compared if one.worse]
    if not compared:
        return Finding("slices", "unknown", [], "No group of rows is large enough to be compared by itself.")
    if not worse:
        why = f"None of {len(compared)} groups of rows is certain to get worse; each by itself shows less than all."
        return Finding("slices", "pass", [], why)
    (first, *more) = [one for one in compared if one.worse]
    why = (
        f"Where {first.column} is {_shown(first.value)} it gets worse: {first.difference:+.3f}, between "
        f"{first.lower:+.3f} and {first.upper:+.3f}, on {first.rows:,} rows."
    )
    if more:
        why += f" So it does where {', and where '.join(f'{one.column} is {_shown(one.value)}' for one in more)}."
    return Finding("slices", "fail", worse, f"{why} Luck is allowed for in all {len(compared)} groups together.")


def attempts(view: View, candidate: ModelVersion, environment: Environment, rows_sha256: str | None) -> Finding:
    """Count the versions of a name that were judged on the same rows since the live one went live, this one included.

    The same version again gets the same answer, so it is no other attempt.
    """
    if rows_sha256 is None:
        return Finding("attempts", "unknown", None, "No rows were compared, so nobody has looked at them.")
    asked = view.select(
        "gate",
        "SELECT DISTINCT json_extract(record, '$.model.version') FROM records WHERE noun = 'gate' "
        "AND seq > ? AND json_extract(record, '$.rows_sha256') = ? AND json_extract(record, '$.model.name') = ? "
        "AND json_extract(record, '$.environment') = ?",
        (live_since(view, environment, candidate.name), rows_sha256, candidate.name, environment),
    )
    count = len({version for (version,) in asked} | {candidate.version})
    if count == 1:
        return Finding("attempts", "pass", 1, "It is the first version that is judged on these rows.")
    why = (
        f"It is one of {count} versions that were judged on these rows since the last release. If none of them were "
        f"good enough, one would still pass by luck in up to {min(count * ALPHA, 1):.0%} of such cases; newer rows "
        "would be fair."
    )
    return Finding("attempts", "unknown", count, why, "judge_on_newer_rows")


def _shown(value: Any) -> str:
    if value is None:
        return "missing"
    return ("yes" if value else "no") if isinstance(value, bool) else str(value)
