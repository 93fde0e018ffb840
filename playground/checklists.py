"""The module's checklists, each line bound to what the learner really did.

A line is *verified* here with its evidence and, where one event made it so, that event; still *open*; or *yours* to
say, where nothing on this machine could tell. What a button did at once, a colleague, or a demonstration, ticks nothing
(`acts`), and neither does a stop that was skipped.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal

from mlops import Workspace
from mlops.base.records import ref_of
from playground import closing, course, notebook_lab, quiz, screens
from playground.acts import Act, Acts, Kind
from playground.course import Progress, StopState
from playground.quiz import Quiz
from playground.words import short

STOPS, PROJECT, QUIZ, NOTEBOOK = "Stops", "Your project", "Quiz", "Notebook lab"
"""Tabs of the guide on which open lines are done."""

Status = Literal["verified", "open", "yours"]


@dataclass(frozen=True)
class Learner:
    """What is known of a learner; each part is looked at when a line first asks for it."""

    ws: Workspace
    own: Mapping[Kind, Act] = field(default_factory=dict)
    """What they made, the newest of each kind."""

    @cached_property
    def progress(self) -> Progress:
        """How far they are in the course."""
        return course.read(self.ws)

    @cached_property
    def quiz(self) -> Quiz:
        """How far they are in the quiz."""
        return quiz.read(self.ws)

    @cached_property
    def proven(self) -> Mapping[str, closing.Fact]:
        """What their project proves, by the text of its line."""
        return {one.text: one for one in closing.facts(closing.read(self.ws))}

    def solved(self, stop: str) -> bool:
        """Tell whether they solved a stop or a lab, with hints or without."""
        found: StopState = self.progress.stops[stop]
        return found.status in ("solved", "with_hints")


@dataclass(frozen=True)
class Verdict:
    """What is known about one line now."""

    status: Status
    evidence: str
    """What was seen, or what to do."""
    page: str = ""
    """Screen where it is seen or done."""
    query: Mapping[str, str] = field(default_factory=dict)
    """What the link to the screen carries."""
    tab: str = ""
    """Tab of the guide where it is done."""
    event: int | None = None
    """The event of the learner's own that verifies it."""
    at: str = ""
    """When that was, on the workspace's calendar."""


Check = Callable[[Learner], Verdict]


@dataclass(frozen=True)
class Line:
    """One line of a checklist."""

    text: str
    check: Check


def verdicts(ws: Workspace, name: str, acts: Acts) -> list[tuple[Line, Verdict]]:
    """Return every line of a checklist with its verdict.

    Examples
    --------
    >>> import tempfile
    >>> empty = Workspace.open(tempfile.mkdtemp())
    >>> [verdict.status for _, verdict in verdicts(empty, "Reproducibility", Acts())]
    ['open', 'open', 'open', 'open', 'open']
    """
    learner = Learner(ws, acts.newest(ws))
    return [(line, line.check(learner)) for line in CHECKLISTS[name]]


# What makes a check


def _verified(act: Act, evidence: str, page: str, **query: str) -> Verdict:
    return Verdict("verified", evidence, page, query, event=act.event, at=act.at)


def _of_run(found: Callable[[Any], str], otherwise: str, page: str = "train") -> Check:
    """Make a check that looks at the newest run of the learner's; `found` returns the evidence or nothing."""

    def check(learner: Learner) -> Verdict:
        if (act := learner.own.get("run")) is None:
            return Verdict("open", "Train a run of your own first.", "train")
        run, evidence = f"Run {short(act.record.run_id)}", found(act.record)
        if evidence:
            return _verified(act, f"{run}: {evidence}", "run", id=act.record.run_id)
        return Verdict("open", f"{run}: {otherwise}", page)

    return check


def _of(kind: Kind, found: Callable[[Any], str], otherwise: str, page: str) -> Check:
    """Make a check that asks for the newest thing of a kind that the learner made."""

    def check(learner: Learner) -> Verdict:
        act = learner.own.get(kind)
        return _verified(act, found(act.record), page) if act else Verdict("open", otherwise, page)

    return check


def _of_project(fact: str) -> Check:
    """Make a check of what only the learner's project can prove."""

    def check(learner: Learner) -> Verdict:
        found = learner.proven[fact]
        if found.ok:
            return Verdict("verified", f"in your project: {found.evidence}")
        return Verdict("open", f"{found.evidence.capitalize()}, in your project", tab=PROJECT)

    return check


def _of_stop(stop: str, taught: str) -> Check:
    """Make a check of a stop that was solved."""

    def check(learner: Learner) -> Verdict:
        about = course.stop(stop)
        if learner.solved(stop):
            return Verdict("verified", f"{about.heading} solved: {taught}")
        return Verdict(
            "open", f"Solve {about.called}, {about.title}" if about.number else f"Solve {about.called}", tab=STOPS
        )

    return check


def _either(*checks: Check) -> Check:
    """Make a check of several ways to do one thing: the first that is verified; else what the first asks for."""

    def check(learner: Learner) -> Verdict:
        found = [one(learner) for one in checks]
        return next((one for one in found if one.status == "verified"), found[0])

    return check


def _all(**checks: Check) -> Check:
    """Make a check of several things that belong together; open as long as one of them is."""

    def check(learner: Learner) -> Verdict:
        found = {part: one(learner) for part, one in checks.items()}
        for part, one in found.items():
            if one.status != "verified":
                missing = f"{part.capitalize()}: {one.evidence[:1].lower()}{one.evidence[1:]}"
                return Verdict(one.status, missing, one.page, one.query, one.tab)
        return Verdict("verified", "; ".join(f"{part}: {one.evidence}" for part, one in found.items()))

    return check


def _every_phase(learner: Learner) -> Verdict:
    """Look for a stop in each phase."""
    solved = [one for one in course.EVERY if learner.solved(one.id)]
    for phase in screens.PHASES:
        if not any(one.phase == phase.number for one in solved):
            first = next(one for one in course.EVERY if one.phase == phase.number)
            open_phase = f"Nothing of phase {phase.number}, {phase.name}, is solved yet; {first.called} is part of it."
            return Verdict("open", open_phase, tab=STOPS)
    return Verdict("verified", f"Solved in all four phases: {', '.join(one.called for one in solved)}")


def _passed(learner: Learner) -> Verdict:
    found = learner.quiz
    if not found.passed:
        return Verdict("open", found.said(), tab=QUIZ)
    right = "" if found.passed_before else f"{found.right} of {len(found.all)} right"
    return Verdict("verified", right or "Passed in an earlier attempt", event=found.event)


def _signed(learner: Learner) -> Verdict:
    found = notebook_lab.done(learner.ws)
    if found.event is None:  # it may have run on another machine, or in a class, where it cannot sign
        return Verdict("yours", f"{found.evidence} Where it ran elsewhere, you say so.")
    return Verdict("verified" if found.ok else "open", found.evidence, tab=NOTEBOOK, event=found.event)


# What is seen in a run


def _commit(run: Any) -> str:
    code = run.code or {}
    return f"commit {short(code['git_commit'])}" if code.get("git_commit") and not code.get("dirty") else ""


def _packages(run: Any) -> str:
    packages = (run.software or {}).get("packages") or {}
    return f"{len(packages)} package versions recorded" if packages else ""


def _data(run: Any) -> str:
    return f"{ref_of(run.data)}, content {short(run.data['sha256'])}"


def _seed(run: Any) -> str:
    return "" if run.seed is None else f"seed {run.seed}"


def _config(run: Any) -> str:
    return f"config {short(run.config_sha256)}, {len(run.params)} values" if run.params else ""


CODE = _of_run(_commit, "trained from code without a clean commit. Commit, then train.")
SOFTWARE = _of_run(_packages, "no package versions recorded.")
DATA = _of_run(_data, "no data recorded.", "data")
CONFIG = _of_run(_config, "no config recorded.")
SEED = _of_run(_seed, "unseeded. Set training.random_state.")
KEPT = _of("dataset", lambda one: f"{one.ref}, content {short(one.sha256)}", "Keep a version.", "data")
REGISTERED = _of("model", lambda one: f"{one.ref}, file {short(one.sha256)}", "Register a run.", "release")
TOOK_LIVE = _of("production", lambda one: f"{ref_of(one['model'])} went live", "Promote a version.", "release")
IN_GIT = _of_project("Code in version control")

CHECKLISTS: dict[str, tuple[Line, ...]] = {
    "Reproducibility": (
        Line("The software is pinned to exact versions", SOFTWARE),
        Line("The data is this data and no other", DATA),
        Line("The code has a commit", CODE),
        Line("Settings live in a config", CONFIG),
        Line("Chance has a seed", SEED),
    ),
    "MLOps": (
        Line("Code is under version control", _either(IN_GIT, CODE)),
        Line("Dependencies are pinned", SOFTWARE),
        Line("Data has versions", KEPT),
        Line("Config is outside the code", CONFIG),
        Line("Seeds are set", SEED),
        Line("Experiments are logged", _of("run", lambda run: f"run {short(run.run_id)}", "Train a run.", "compare")),
        Line("Models have versions and metadata", REGISTERED),
        Line("Tests are written", _of_project("Tests written")),
        Line("Documentation is up to date", _of_project("Documentation updated")),
    ),
    "Done": (
        Line("I understood the life cycle of a model", _either(_every_phase, TOOK_LIVE)),
        Line(
            "I explored the playground",
            _all(
                phases=_of_stop("notebook", "from data to a live model"),
                versions=_of_stop("freeze", "which data a model learned from"),
                experiments=_of_stop("compare", "four runs, compared"),
                pipeline=_of_project("Tests written"),
            ),
        ),
        Line(
            "I know how to version code, data and models",
            _all(
                code=_either(IN_GIT, CODE),
                data=_either(KEPT, _of_stop("freeze", "a second version kept")),
                models=_either(REGISTERED, _of_stop("promote", "a version registered")),
            ),
        ),
        Line("I understood experiment tracking", _of_stop("compare", "the candidate has a note that says why")),
        Line("I completed the notebook lab", _signed),
        Line("I passed the quiz", _passed),
    ),
}  # fmt: skip
"""Name -> lines."""
