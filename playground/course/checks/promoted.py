"""Checks of a promotion: what is live leads back to all that made it, went live by evidence, and runs as written."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mlops import Workspace
from mlops.base.records import ref_of
from mlops.experiments import configs
from playground import words
from playground.course.checks import links
from playground.course.people import counts
from playground.course.verdict import Baseline, Verdict, Where, about_files, check, events_since
from playground.words import short

PROMOTE = Where("release", "Release, Promote", {"view": "Promote"})


def live_of(ws: Workspace, model: str) -> Any:
    """Return what is live of a name in production; None where nothing is, also where nobody has registered it yet."""
    return next((one for one in ws.releases.all_live("production") if one.model["name"] == model), None)


def promoted(ws: Workspace, baseline: Baseline, model: str) -> Any:
    """Return what the learner released to production since the stop began, and is live there; None if nothing is."""
    live = live_of(ws, model)
    mine = {
        event["subject"]
        for event in events_since(ws, baseline)
        if event["kind"].startswith("deployment.") and counts(event["actor"])
    }
    return live if live is not None and live.deployment_id in mine else None


def _not_yet(ws: Workspace, model: str, expected: str, why: str) -> Verdict:
    """Say what there is as long as the learner has released nothing, and where it goes on."""
    return Verdict(False, _so_far(ws, model), expected, why, PROMOTE)


def _so_far(ws: Workspace, model: str) -> str:
    mine = [one for one in ws.models.list() if one.name == model and one.status == "candidate" and not one.live_in]
    staged = ws.releases.live("staging", model)
    live = ws.releases.live("production", model)
    if staged and live and staged.model != live.model:
        return f"v{staged.model['version']} is in staging, v{live.model['version']} still in production"
    if mine:
        return f"{mine[0].ref} is registered and live nowhere"
    return f"v{live.model['version']} is live, as at the start" if live else "nothing is live in production"


def _page(ref: str) -> Where:
    return Where("model", "Model, where it came from", {"ref": ref}, ref)


@check
def promoted_is_traced(ws: Workspace, baseline: Baseline, model: str) -> Verdict:
    """Tell whether the promoted version leads back to its run, and that to data, config and software."""
    expected = "a version that you released to production, and its run with data, config and software"
    why = "Who is asked about an answer next year follows these links, and guesses nothing."
    live = promoted(ws, baseline, model)
    if live is None:
        return _not_yet(ws, model, expected, why)
    version = ws.models.get(ref_of(live.model))
    if missing := links.missing_link(ws, version) or _untold(ws.runs.get(version.run_id)):
        return Verdict(False, f"{version.ref} {missing}", expected, why, _page(version.ref))
    run = ws.runs.get(version.run_id)
    packages = len(run.software["packages"])
    seen = f"{version.ref}: run {short(run.run_id)}, {ref_of(run.data)}, config {short(run.config_sha256)}, "
    return Verdict(True, f"{seen}{packages} packages", expected, why, _page(version.ref))


def _untold(run: Any) -> str:
    """Return what a run does not tell about itself; nothing if all is there."""
    if run.config_sha256 != configs.sha256_of_params(run.params):
        return f"has another config than run {short(run.run_id)} was recorded with"
    return "" if run.software.get("packages") else f"was made by a run that recorded no software ({short(run.run_id)})"


@check
def card_is_complete(ws: Workspace, baseline: Baseline, model: str) -> Verdict:
    """Tell whether the card of the promoted version says what it is for, who answers for it, and its limits."""
    expected = "the card of what you released: purpose, owner, limits"
    why = "A number says how good a model is, never what for."
    live = promoted(ws, baseline, model)
    if live is None:
        return _not_yet(ws, model, expected, why)
    version = ws.models.get(ref_of(live.model))
    if version.unsaid:
        seen = f"the card of {version.ref} does not say: {', '.join(version.unsaid)}"
        return Verdict(False, seen, expected, why, Where("model", "Model, its card", {"ref": version.ref}, version.ref))
    seen = f"{version.ref}: {str((version.card or {})['owner'])[:60]} owns it, and purpose and limits are said"
    return Verdict(True, seen, expected, why, _page(version.ref))


@check
def passed_on_new_rows(ws: Workspace, baseline: Baseline, model: str) -> Verdict:
    """Tell whether the promoted version passed the release check on rows that neither had seen, without an override."""
    expected = "a release of yours to production that passed the check on rows new to both, without an override"
    why = "A lead on the rows it was chosen on is half a promise. Rows that neither has seen tell."
    live = promoted(ws, baseline, model)
    if live is None:
        return _not_yet(ws, model, expected, why)
    where = Where(PROMOTE.page, PROMOTE.text, PROMOTE.query, live.deployment_id)
    asked, name = live.gate or {}, f"v{live.model['version']}"
    if live.override is not None or asked.get("outcome") != "pass":
        seen = f"{name} went live in spite of the check, which said {asked.get('outcome', 'nothing')}"
        return Verdict(False, seen, expected, why, where)
    if not (asked.get("rows") and asked.get("difference")):
        return Verdict(False, f"{name} went live, and no rows were compared", expected, why, where)
    gain = asked["difference"]
    seen = f"{name} passed on {asked['rows']:,} rows that neither had seen: {gain['difference']:+.4f}, "
    return Verdict(True, f"{seen}at worst {gain['lower']:+.4f}", expected, why, where)


@check
def rule_unchanged(ws: Workspace, baseline: Baseline, model: str) -> Verdict:
    """Tell whether the rule of production is the one of the start, and the promoted version was judged by it."""
    expected = "the rule of production as it was at the start"
    why = "Who moves the line after the throw always hits it."
    where = Where("release", "Release, the rule", {"view": "Promote"})
    now = ws.gate_rules.get("production")
    changed = [event for event in events_since(ws, baseline) if event["kind"] == "gate_rule.set"]
    if not changed:
        return Verdict(True, _ruled(vars(now)), expected, why, where)
    then = ws.at(event=baseline.event).gate_rules.get("production")
    live = promoted(ws, baseline, model)
    judged = (live.gate or {}).get("rule") if live else None
    if _ruled(vars(now)) != _ruled(vars(then)):
        where = Where("release", where.text, where.query, "production", changed[-1]["seq"])
        return Verdict(False, f"{_ruled(vars(now))}; at the start: {_ruled(vars(then))}", expected, why, where)
    if judged and _ruled(judged) != _ruled(vars(then)):
        seen = f"v{live.model['version']} was judged by another rule: {_ruled(judged)}"
        return Verdict(False, seen, expected, why, where)
    return Verdict(True, _ruled(vars(now)), expected, why, where)


def _ruled(rule: Mapping[str, Any]) -> str:
    return f"it {words.rule(rule)}"


LAMP = Where("release", "Release, the config lamp", {"view": "Promote"})


@check
@about_files(LAMP)
def runs_as_written(ws: Workspace, baseline: Baseline, model: str) -> Verdict:
    """Tell whether production runs the very config that its file says now."""
    expected = "production runs with what its config file says, key by key"
    why = "Else the next training, by anybody, brings a change that nobody decided."
    found = ws.worlds.read(model)
    here = next((one for one in found.worlds if one.environment == "production"), None)
    if here is None:
        return Verdict(False, "nothing is live in production", expected, why, LAMP)
    if here.problem or here.now_sha256 is None:
        seen = f"nobody can tell what the file says: {here.problem or 'it was trained without one'}"
        return Verdict(False, seen, expected, why, LAMP)
    if here.effective_sha256 == here.now_sha256:
        seen = f"v{here.model['version']} runs with config {short(here.now_sha256)}, as {here.file} says"
        return Verdict(True, seen, expected, why, LAMP)
    apart = [(one.key, one.values["production"]) for one in found.differing if "production" in one.values]
    told = [
        f"{key} runs as {one['running']}, the file says {one['now']}"
        for key, one in apart
        if one["running"] != one["now"]
    ]
    return Verdict(False, "; ".join(told[:3]) or "its file says something else", expected, why, LAMP)
