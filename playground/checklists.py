"""The module's checklists, each line bound to what the learner really did.

A line is *verified* here with its evidence and the event, still *open*, *elsewhere* (nothing on this machine could
tell), or *yours* to say. What a button did at once, a colleague, or a demonstration, ticks nothing (`acts`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from mlops.base.records import ref_of
from playground.acts import Act, Kind
from playground.words import short

Own = Mapping[Kind, Act]
"""What the learner made, the newest of each kind."""

Status = Literal["verified", "open", "elsewhere", "yours"]


@dataclass(frozen=True)
class Verdict:
    """What is known about one line now."""

    status: Status
    evidence: str
    """What was seen, or what to do."""
    page: str = ""
    """Screen where it is seen or done."""
    act: Act | None = None
    """The learner's act that verifies it."""


@dataclass(frozen=True)
class Line:
    """One line of a checklist."""

    text: str
    check: Callable[[Own], Verdict]


def verdicts(name: str, own: Own) -> list[tuple[Line, Verdict]]:
    """Return every line of a checklist with its verdict.

    Examples
    --------
    >>> [verdict.status for _, verdict in verdicts("Reproducibility", {})]
    ['open', 'open', 'open', 'open', 'open']
    """
    return [(line, line.check(own)) for line in CHECKLISTS[name]]


def _of_run(found: Callable[[Any], str], otherwise: str, page: str = "train") -> Callable[[Own], Verdict]:
    """Make a check that looks at the newest run of the learner's; `found` returns the evidence or nothing."""

    def check(own: Own) -> Verdict:
        if (act := own.get("run")) is None:
            return Verdict("open", "Train a run of your own first.", "train")
        run, evidence = f"Run {short(act.record.run_id)}", found(act.record)
        if evidence:
            return Verdict("verified", f"{run}: {evidence}", "run", act)
        return Verdict("open", f"{run}: {otherwise}", page)

    return check


def _of(kind: Kind, found: Callable[[Any], str], otherwise: str, page: str) -> Callable[[Own], Verdict]:
    """Make a check that asks for the newest thing of a kind that the learner made."""

    def check(own: Own) -> Verdict:
        act = own.get(kind)
        return Verdict("verified", found(act.record), page, act) if act else Verdict("open", otherwise, page)

    return check


def _elsewhere(why: str) -> Callable[[Own], Verdict]:
    return lambda own: Verdict("elsewhere", why)


def _yours(how: str, page: str = "") -> Callable[[Own], Verdict]:
    return lambda own: Verdict("yours", how, page)


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

CHECKLISTS: dict[str, tuple[Line, ...]] = {
    "Reproducibility": (
        Line("The software is pinned to exact versions", SOFTWARE),
        Line("The data is this data and no other", DATA),
        Line("The code has a commit", CODE),
        Line("Settings live in a config", CONFIG),
        Line("Chance has a seed", SEED),
    ),
    "MLOps": (
        Line("Code is under version control", CODE),
        Line("Dependencies are pinned", SOFTWARE),
        Line(
            "Data has versions",
            _of("dataset", lambda one: f"{one.ref}, content {short(one.sha256)}", "Keep a version.", "data"),
        ),
        Line("Config is outside the code", CONFIG),
        Line("Seeds are set", SEED),
        Line("Experiments are logged", _of("run", lambda run: f"run {short(run.run_id)}", "Train a run.", "compare")),
        Line(
            "Models have versions and metadata",
            _of("model", lambda one: f"{one.ref}, file {short(one.sha256)}", "Register a run.", "release"),
        ),
        Line("Tests are written", _elsewhere("Tests live in your project, outside this workspace.")),
        Line("Documentation is up to date", _elsewhere("Only a reader can tell.")),
    ),
    "Done": (
        Line("I can place each screen in the four phases", _yours("Say them without looking.")),
        Line(
            "I took a model live",
            _of(
                "production",
                lambda one: f"{one['model']['name']} v{one['model']['version']} went live",
                "Promote one.",
                "release",
            ),
        ),
        Line("I can version code, data and models", _yours("Restore an old data version.", "data")),
        Line("I can say what an experiment must record", _yours("Look at one run.", "compare")),
        Line("I worked through the notebook", _elsewhere("It runs outside this app.")),
        Line("I passed the quiz", _yours("When you have.")),
    ),
}
"""Name -> lines."""
