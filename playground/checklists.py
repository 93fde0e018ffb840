"""The module's checklists, each line bound to what the workspace really holds.

A line is *verified* here with its evidence, still *open*, *elsewhere* (nothing on this machine could tell),
or *yours* to say.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

from mlops.base.records import ref_of
from playground.chain import Chain
from playground.words import short

Status = Literal["verified", "open", "elsewhere", "yours"]


@dataclass(frozen=True)
class Verdict:
    """What is known about one line now."""

    status: Status
    evidence: str
    """What was seen, or what to do."""
    page: str = ""
    """Screen where it is seen or done."""


@dataclass(frozen=True)
class Line:
    """One line of a checklist."""

    text: str
    check: Callable[[Chain], Verdict]


def verdicts(name: str, chain: Chain) -> list[tuple[Line, Verdict]]:
    """Return every line of a checklist with its verdict.

    Examples
    --------
    >>> [verdict.status for _, verdict in verdicts("Reproducibility", Chain())]
    ['open', 'open', 'open', 'open', 'open']
    """
    return [(line, line.check(chain)) for line in CHECKLISTS[name]]


def _of_run(found: Callable[[Any], str], otherwise: str, page: str = "train") -> Callable[[Chain], Verdict]:
    """Make a check that looks at the newest run; `found` returns the evidence or nothing."""

    def check(chain: Chain) -> Verdict:
        if not chain.run:
            return Verdict("open", "Train a run first.", "train")
        evidence = found(chain.run)
        run = f"Run {short(chain.run.run_id)}"
        return (
            Verdict("verified", f"{run}: {evidence}", "run")
            if evidence
            else Verdict("open", f"{run}: {otherwise}", page)
        )

    return check


def _of_chain(field: str, found: Callable[[Any], str], otherwise: str, page: str) -> Callable[[Chain], Verdict]:
    """Make a check that looks at one link of the chain."""

    def check(chain: Chain) -> Verdict:
        record = getattr(chain, field)
        return Verdict("verified", found(record), page) if record else Verdict("open", otherwise, page)

    return check


def _elsewhere(why: str) -> Callable[[Chain], Verdict]:
    return lambda chain: Verdict("elsewhere", why)


def _yours(how: str, page: str = "") -> Callable[[Chain], Verdict]:
    return lambda chain: Verdict("yours", how, page)


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
            _of_chain("dataset", lambda one: f"{one.ref}, content {short(one.sha256)}", "Keep a version.", "data"),
        ),
        Line("Config is outside the code", CONFIG),
        Line("Seeds are set", SEED),
        Line(
            "Experiments are logged",
            _of_chain("run", lambda run: f"newest run {short(run.run_id)}", "Train a run.", "compare"),
        ),
        Line(
            "Models have versions and metadata",
            _of_chain("model", lambda one: f"{one.ref}, file {short(one.sha256)}", "Register a run.", "release"),
        ),
        Line("Tests are written", _elsewhere("Tests live in your project, outside this workspace.")),
        Line("Documentation is up to date", _elsewhere("Only a reader can tell.")),
    ),
    "Done": (
        Line("I can place each screen in the four phases", _yours("Say them without looking.")),
        Line(
            "I ran the chain",
            _of_chain(
                "production", lambda one: f"{one.model['name']} v{one.model['version']} is live", "Run it.", "start"
            ),
        ),
        Line("I can version code, data and models", _yours("Restore an old data version.", "data")),
        Line("I can say what an experiment must record", _yours("Look at one run.", "compare")),
        Line("I worked through the notebook", _elsewhere("It runs outside this app.")),
        Line("I passed the quiz", _yours("When you have.")),
    ),
}
"""Name -> lines."""
