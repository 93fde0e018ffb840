"""What came of breaking a run on purpose: two chains, the first node in which they differ, and why, in one sentence.

A plain record, read from the two runs in the copy; where another package version could not be fetched, from two runs
that were really made elsewhere (`prepared`). Nothing in it is decided beforehand.

    python -m playground.broken        make those two anew, with a network, and keep them
"""

from __future__ import annotations

import difflib
import json
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

from mlops import Workspace, sample
from mlops.base import clock
from mlops.base.records import ref_of
from mlops.experiments import configs, pins
from mlops.experiments.pins import PinName
from mlops.experiments.runs import Run
from mlops.release.lineage import Edge, Lineage
from mlops.release.lineage import Node as Origin
from playground import breaking, breaks, lanes, words
from playground.breaking import ATTEMPT, SIDE, TAG, attempts
from playground.breaks import Break
from playground.drawing import beside
from playground.drawn_chain import DrawnChain
from playground.first_config import SAMPLE_CONFIG
from playground.jobs import Job
from playground.lanes import Lane

PREPARED = Path(__file__).with_name("prepared_break.json")
"""Two runs of the sample that were really made, with two versions of a package."""


@dataclass(frozen=True)
class Broken:
    """Two runs, of which the second one was broken."""

    chain: DrawnChain
    runs: tuple[Any, ...]
    """One as long as the second has not begun."""
    first: PinName | None = None
    """The first pin that does not promise the same to both; None as long as there are not two results."""
    why: str = ""
    """In one sentence: what moved, or what was never fixed."""
    came: str = ""
    """What it did to the model."""
    warned: str = ""
    """What the runs said by themselves."""
    lines: str = ""
    """The changed line, as a unified diff; empty where no code changed."""
    really: str = ""
    """Where and when these runs were made, if it was not here and now."""

    @property
    def over(self) -> bool:
        """Whether both came to something."""
        return len(self.runs) == 2 and all(run.status == "finished" for run in self.runs)


def read(copy: Workspace, name: str) -> Broken | None:
    """Return what came of the newest attempt to break a run in a copy; None before there is any.

    Parameters
    ----------
    name : str
        Id of the break.
    """
    made = {
        run.tags[SIDE]: run
        for run in copy.runs.list(f"tags.{TAG} = '{name}' and tags.{ATTEMPT} = '{attempts(copy, name)}'")
    }
    if "1" not in made:
        return None
    return told(breaks.named(name), [lanes.of_run(copy, made[side]) for side in sorted(made)])


def told(broken: Break, found: Sequence[Lane], really: str = "") -> Broken:
    """Return two runs, or the first of them, as they are shown."""
    runs = tuple(lane.run for lane in found)
    notes = {run.run_id: run.note for run in runs}
    nodes = beside(*found).nodes
    chain = replace(beside(*found), nodes=tuple(replace(one, label=notes.get(one.hash, one.label)) for one in nodes))
    result = Broken(chain, runs, really=really)
    if not result.over:
        return result
    older, newer = runs
    first = pins.first_divergence(pins.pins(older), pins.pins(newer))
    return replace(
        result,
        chain=_named(chain, first, newer),
        first=first,
        why=_why(first, older, newer),
        came=_came(older, newer),
        warned=_warned(newer, older),
        lines=_lines() if broken.id == "code" else "",
    )


def _named(chain: DrawnChain, first: PinName | None, newer: Any) -> DrawnChain:
    """Return a chain in which the first node that differs says in which way."""
    if first == "software":
        label = _package(newer)
    elif first == "seed" and newer.seed is None:
        label = "no seed"
    else:
        return chain
    return replace(chain, nodes=tuple(replace(node, label=label) if node.first else node for node in chain.nodes))


def _package(run: Any) -> str:
    return f"{breaks.PACKAGE} {run.software['packages'].get(breaks.PACKAGE)}"


def _why(first: PinName | None, older: Any, newer: Any) -> str:
    """Say in one sentence what moved."""
    match first:
        case "data":
            return (
                f"The file kept its name and its shape, and its content is another one: {ref_of(older.data)} became "
                f"{ref_of(newer.data)}."
            )
        case "code":
            return "One word in one line of the package is another one; config and data know nothing of it."
        case "software":
            moved = ", ".join(_moved(older, newer))
            return f"The same code ran on other packages: {moved}."
        case "config":
            changes = configs.diff_params(older.as_dict()["params"], newer.as_dict()["params"])
            let_in = _let_in(older, newer)
            said = f"{let_in} is no longer left out" if let_in else words.changes(changes)
            return f"One key of the config: {said}. The data are the same in both."
        case "seed":
            return (
                "Data, code, software and config are the same in both, and no seed was kept: each training draws its "
                "own rows and its own luck, and nobody can draw them again."
            )
    return "All five pins are the same in both."


def _moved(older: Any, newer: Any) -> list[str]:
    before, after = (dict(run.software.get("packages") or {}) for run in (older, newer))
    return [f"{name} {before.get(name)} → {after[name]}" for name in after if before.get(name) != after[name]]


def _let_in(older: Any, newer: Any) -> str:
    left_out = [set(run.params.get("features.exclude") or ()) for run in (older, newer)]
    return ", ".join(sorted(left_out[0] - left_out[1]))


def _came(older: Any, newer: Any) -> str:
    """Say what it did to the model: the file, its answers, and how good it seems."""
    if older.model_sha256 == newer.model_sha256:
        return "The model is the same, to the last byte."
    if older.predictions_sha256 == newer.predictions_sha256:
        return "Same answers, other file: every score is equal, and the bytes of the model are not."
    scores = " and ".join(words.score(run.metrics["validation"]) for run in (older, newer))
    rows = "" if older.rows_sha256["validation"] == newer.rows_sha256["validation"] else ", each on other rows"
    return f"Another model: {scores} on the validation rows{rows}."


def _warned(newer: Any, older: Any) -> str:
    known = {one["code"] for one in older.warnings} - {"unseeded"}
    return next((str(one["message"]) for one in newer.warnings if one["code"] not in known), "")


@cache
def _lines() -> str:
    """Return the changed line as a unified diff of the file it stands in."""
    name, line, other = breaks.LINE
    before = (breaks.SOURCE / name).read_text("utf-8")
    after = before.replace(line, other)
    texts = (text.splitlines() for text in (before, after))
    return "\n".join(difflib.unified_diff(*texts, f"mlops/{name}", f"mlops/{name}", n=1, lineterm=""))


# The prepared one


@cache
def prepared() -> Broken:
    """Return the break that needs a network, as it was really made once."""
    kept = json.loads(PREPARED.read_text("utf-8"))
    return told(breaks.named("package"), [_thawed(one) for one in kept["lanes"]], kept["really"])


def prepare(copy: Workspace) -> str:
    """Break a run of a workspace with another package version, and return what came of it as the file has it."""
    base = breaks.base_of(copy)
    assert base is not None
    breaking.carry_out(copy.path, base, breaks.named("package"), Job(lambda job: None))
    found = read(copy, "package")
    assert found is not None and found.over
    older = found.runs[0]
    day = words.day(clock.wall_time())
    really = f"really run on {day}, with Python {older.software['python']} on {older.software['platform']}"
    frozen = [_frozen(lanes.of_run(copy, run)) for run in found.runs]
    return json.dumps({"really": really, "lanes": frozen}, indent=1, ensure_ascii=False) + "\n"


def _frozen(lane: Lane) -> dict[str, Any]:
    assert lane.found is not None
    return {"run": lane.run.as_dict(), "rows": lane.rows, "lineage": lane.found.as_dict()}


def _thawed(known: Mapping[str, Any]) -> Lane:
    lineage = known["lineage"]
    nodes = tuple(Origin.of(one) for one in lineage["nodes"])
    edges = tuple(Edge(one["from"], one["to"], one["seq"]) for one in lineage["edges"])
    return Lane(Run.of(known["run"]), found=Lineage(lineage["ref"], nodes, edges), rows=known["rows"])


def main() -> None:
    """Make the prepared one anew, on the sample."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        ws = Workspace.open(Path(folder) / "workspace")
        sample.add(ws)
        ws.train(SAMPLE_CONFIG)
        PREPARED.write_text(prepare(ws), encoding="utf-8", newline="\n")
    print(f"{PREPARED.name}: really run anew")


if __name__ == "__main__":
    main()
