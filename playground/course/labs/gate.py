"""The lab about the release check: the acts of its solution, and how many rows a lead needs."""

from __future__ import annotations

from mlops import Workspace
from mlops.base.records import ref_of
from playground.course.acts import MODEL, act, newest
from playground.course.answers import Answer, answer
from playground.course.verdict import Baseline


@act
def judge(ws: Workspace, data: str, version: str = "") -> None:
    """Ask the check of production about a version, the newest if none is named, on the rows of a data version."""
    ws.gate(f"{MODEL}@{version}" if version else newest(ws), "production", data)


@act
def train_twin(ws: Workspace, seed: int) -> None:
    """Train what is live once more, with another seed."""
    live = ws.releases.live("production", MODEL)
    run = ws.runs.get(ws.models.get(ref_of(live.model)).run_id)
    config = ws.runs.text(run.run_id, "config.yaml")
    ws.train(config, overrides={"training.random_state": seed}, data=ref_of(run.data), note="twin of what is live")


@act
def register_again(ws: Workspace) -> None:
    """Give the run of what is live a second version: a twin to the last digit."""
    live = ws.releases.live("production", MODEL)
    ws.models.register(ws.models.get(ref_of(live.model)).run_id, MODEL)


@act
def release_on(ws: Workspace, data: str, reason: str, version: str = "") -> None:
    """Release a version, the newest if none is named, by the check on the rows of a data version."""
    ws.deploy(f"{MODEL}@{version}" if version else newest(ws), "production", reason, data=data)


@answer
def rows_for_the_lead(ws: Workspace, baseline: Baseline) -> Answer | None:
    """On how many rows the check would see the challenger's lead in 80 of 100 cases, as its first check tells.

    The smallest difference that shows shrinks with the root of the rows: for one that is three times smaller it takes
    nine times as many.
    """
    asked = [one["payload"]["changes"] for one in ws.log() if one["kind"] == "gate.evaluate"]
    of = [one for one in asked if (one["environment"], one["model"]["name"]) == ("production", MODEL)]
    first = next((one for one in of if one["against"] and (one["difference"] or {}).get("difference")), None)
    if first is None:
        return None
    lead, least, rows = abs(first["difference"]["difference"]), first["detectable_difference"], first["rows"]
    needed = round(rows * (least / lead) ** 2, -2)
    return Answer(int(needed), {"rows": f"{rows:,}", "lead": f"{lead:.3f}", "least": f"{least:.3f}"})
