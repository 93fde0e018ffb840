"""Checks of the chain: what leads back to what, and in which order it went live."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from mlops import MlopsError, Workspace
from mlops.base.records import ref_of
from playground.course.verdict import Baseline, Verdict, Where, check
from playground.words import moment, short

FEW, MORE, MOST = 100, 1_000, 10_000
"""Newest requests that are read at first, and then if those are all of this stop."""


@check
def model_traced(ws: Workspace, baseline: Baseline) -> Verdict:
    """Tell whether a registered model leads back to its run, and that run to its data, by equal hashes."""
    expected = "a registered model, the run that made its file, and the data version that run learned from"
    broken = "nothing is registered"
    for model in ws.models.list():
        if not (missing := missing_link(ws, model)):
            run = ws.runs.get(model.run_id)
            said = f"{model.ref} is the file of run {short(run.run_id)}, which learned from {ref_of(run.data)}"
            why = "Each link names the next by its hash, so none can be swapped unnoticed."
            return Verdict(True, said, expected, why, _model(model.ref))
        broken = f"{model.ref} {missing}"
    runs = ws.runs.list("status = 'finished'", limit=1)
    if runs and broken == "nothing is registered":
        seen = f"run {short(runs[0].run_id)} has ended and has no version yet"
        where = Where("run", "Run, its header", {"id": runs[0].run_id}, runs[0].run_id)
        return Verdict(False, seen, expected, "A file without a version cannot be asked for again.", where)
    data = ws.datasets.list()
    seen = f"{data[0].ref} is kept, and {broken}" if data else f"no data is kept, and {broken}"
    where = Where("start", "Start, the chain") if broken == "nothing is registered" else Where("release", "Release")
    return Verdict(False, seen, expected, "A model is not a file: it is a chain of versions.", where)


def missing_link(ws: Workspace, model: Any) -> str:
    """Return what a model does not lead back to; nothing if all is there."""
    try:
        run = ws.runs.get(model.run_id)
        data = ws.datasets.get(ref_of(run.data))
    except (MlopsError, KeyError, TypeError):
        return "names a run or data that is not here"
    if run.model_sha256 != model.sha256:
        return f"is not the file that run {short(run.run_id)} made"
    return "" if data.sha256 == run.data["sha256"] else f"learned from other bytes than {data.ref} has"


def _model(ref: str) -> Where:
    return Where("model", "Model, where it came from", {"ref": ref}, ref)


@check
def staging_before_production(ws: Workspace, baseline: Baseline) -> Verdict:
    """Tell whether what is live in production was live in staging before."""
    expected = "a version that went live in staging first, and then in production"
    live = ws.releases.all_live("production")
    rehearsed = ws.releases.timeline("staging")
    why = "Staging is the rehearsal: what fails there, no customer sees."
    order = _order(ws) if live and rehearsed else {}
    for one in live:
        before = next((other for other in rehearsed if _came_first(other, one, order)), None)
        if before is not None:
            seen = f"{ref_of(one.model)} in staging {moment(before.at)}, in production {moment(one.at)}"
            return Verdict(True, seen, expected, why, _release(one.deployment_id))
    if live:
        seen = f"{ref_of(live[-1].model)} is live in production and was never live in staging before"
        return Verdict(False, seen, expected, why, _release(live[-1].deployment_id))
    there = [ref_of(one.model) for one in ws.releases.all_live("staging")]
    seen = f"{there[-1]} is in staging, nothing in production" if there else "nothing is live, in staging or production"
    return Verdict(False, seen, expected, why, Where("release", "Release, what is live"))


def _order(ws: Workspace) -> dict[str, int]:
    """Return the number of the event of every deployment: on a simulated day they all have the same time."""
    return {event["subject"]: event["seq"] for event in ws.log() if event["kind"].startswith("deployment.")}


def _came_first(staging: Any, production: Any, order: dict[str, int]) -> bool:
    before = order[staging.deployment_id] < order[production.deployment_id]
    return before and staging.status == "live" and staging.model == production.model


def _release(deployment_id: str) -> Where:
    return Where("release", "Release, history", {}, deployment_id)


@check
def live_model_asked(ws: Workspace, baseline: Baseline) -> Verdict:
    """Tell whether a model answered a request since the stop began, as the one in production or as it is live there."""
    expected = "one customer asked about, answered by the model in production, on record"
    why = "An answer that names its model can be explained months later."
    where = Where("predict", "Predict, one customer", {"open": "one"})
    live = [one.model for one in ws.releases.all_live("production")]
    other = ""
    for request in requests_since(ws, baseline):
        if request["environment"] == "production" or request["model"] in live:
            seen = f"prediction {short(request['prediction_id'])}, answered by {ref_of(request['model'])}"
            return Verdict(True, seen, expected, why, Where("predict", where.text, {}, request["prediction_id"]))
        other = other or f"the newest answer is by {ref_of(request['model'])}, which is not live in production"
    nothing = "nobody has been asked about since this stop began" if live else "nothing is live that could answer"
    return Verdict(False, other or nothing, expected, why, where)


def requests_since(ws: Workspace, baseline: Baseline) -> Iterator[dict[str, Any]]:
    """Yield what was asked since a stop began, newest first; what came before is not read."""
    seen = 0
    for limit in (FEW, MORE, MOST):
        found = ws.predictions.list(limit)
        for request in found[seen:]:
            if request["after"] <= baseline.event:
                return
            yield request
        if len(found) < limit:
            return
        seen = len(found)
