"""Checks of the lab "Notebook to production": what a notebook hides, becomes, and leaves as."""

from __future__ import annotations

from mlops import Workspace
from mlops.base.records import plain, ref_of
from mlops.experiments import configs
from mlops.experiments.runs import Run
from playground import closing, messages
from playground.course.checks.noted import trained
from playground.course.verdict import Baseline, Verdict, Where, check
from playground.notebook import becoming, listings, told
from playground.notebook.nbformat import shipped
from playground.notebook.told import Part
from playground.words import counted, setting, short

TAB = "Train, Notebook to script"

WHY: dict[Part, str] = {
    "causes": "A number without its cause will be told again on Monday. Run the cells, in more than one order.",
    "places": "What no step carries out, nobody can run again; what moves nothing is better left behind.",
    "faults": "Printed code is often code that nobody ran. Its error names the line, one at a time.",
}
NOUNS: dict[Part, str] = {"causes": "number", "places": "cell", "faults": "fault"}


def _told(ws: Workspace, part: Part) -> Verdict:
    said, so = told.read(ws), told.truth(part)
    right, wrong = said.right(part), said.wrong(part)
    asked = {
        "causes": "each with the cause that running it shows",
        "places": "each in a step, or dropped",
        "faults": "each at its line",
    }
    expected = f"{counted(len(so), NOUNS[part])}, {asked[part]}"
    seen = f"{len(right)} of {len(so)} right"
    if wrong:
        seen += f"; not so: {', '.join(f'{_name(part, one)} ({said.of(part)[one]})' for one in wrong[:3])}"
    return Verdict(len(right) == len(so), seen, expected, WHY[part], Where("train", TAB, {"open": "notebook"}))


def _name(part: Part, name: str) -> str:
    """Return what something is called on the screen."""
    if part == "faults":
        listing, _, number = name.partition("-")
        return f"{listings.named(listing).file}, fault {number}"
    count = shipped().cell(name).count
    return f"cell [{count}]"


@check
def numbers_have_their_causes(ws: Workspace, baseline: Baseline) -> Verdict:
    """Tell whether each number of the notebook was given the cause that running it anew gives."""
    return _told(ws, "causes")


@check
def cells_have_their_steps(ws: Workspace, baseline: Baseline) -> Verdict:
    """Tell whether each cell was given the step of the pipeline that it becomes, or none where it becomes none."""
    return _told(ws, "places")


@check
def listings_have_their_faults(ws: Workspace, baseline: Baseline) -> Verdict:
    """Tell whether the lines were found that break when the listings are run."""
    return _told(ws, "faults")


def _other_than_the_script(ws: Workspace, baseline: Baseline, run: Run) -> str:
    """Return in what a run is not the script that the notebook becomes; nothing if it is that, trained by the learner.

    The cells decide which model it is, of which columns and of which data; how sure is sure enough may be decided anew.
    """
    other = configs.diff_params(configs.load(becoming.CONFIG).params, plain(run.params))
    if one := next((one for one in other if one["key"].startswith(("model.", "features."))), None):
        return f"{one['key']} {setting(one['after'])}, the notebook's is {setting(one['before'])}"
    if run.data["sha256"] not in {one.sha256 for one in ws.at(event=baseline.event).datasets.list()}:
        return f"it learned from {ref_of(run.data)}, which is not the notebook's data"
    if run.seed is None:
        return "no seed was kept"
    return "" if run.run_id in trained(ws, baseline) else "it was not trained by you"


@check
def script_is_live(ws: Workspace, baseline: Baseline) -> Verdict:
    """Tell whether what is live in production is the notebook's model, trained by the pipeline with a seed."""
    expected = "live in production: the model of the notebook's config, trained by you with a seed, without an override"
    why = "A run can be had again. A cell that somebody ran on Friday cannot."
    seen = ""
    for live in reversed(ws.releases.all_live("production")):
        run = ws.runs.get(ws.models.get(ref_of(live.model)).run_id)
        other = _other_than_the_script(ws, baseline, run) or ("it went live by an override" if live.override else "")
        told = f"{ref_of(live.model)}, run {short(run.run_id)}"
        if not other:
            told += f": a {run.params['model.type']}, seed {run.seed}"
            return Verdict(True, told, expected, why, Where("release", "Release, what is live", {}, live.deployment_id))
        seen = seen or f"{told}: {other}"
    if seen or (begun := trained(ws, baseline)):
        at = seen or f"{counted(len(begun), 'run')}, and nothing is live in production"
        return Verdict(False, at, expected, why, Where("release", "Release, Promote"))
    where = Where("train", TAB, {"open": "notebook"})
    return Verdict(False, "nothing is trained here yet", expected, why, where)


@check
def project_is_brought_in(ws: Workspace, baseline: Baseline) -> Verdict:
    """Tell whether the script's project was written, its tests passed, and a change was merged whose message says why.

    What was done is asked of the journal: a check starts no process, and git would be one.
    """
    expected = "a project of the script's model whose tests passed, with a change merged whose message says why"
    why = "What leaves with its tests and a history can be taken over by somebody who never met you."
    where = Where("guide", "Guide, Your project", {"part": "Your project"})
    noted = ws.journal.read(closing.SUBJECT) or {}
    if closing.beside(ws, noted.get("folder") or "") is None:
        return Verdict(False, "there is no project here", expected, why, where)
    if other := _other_than_the_script(ws, baseline, ws.runs.get(noted["project"]["run_id"])):
        seen = f"the project is of {noted['project']['model']}: {other}"
        return Verdict(False, seen, expected, why, where)
    tests = noted.get("tests") or ()
    failed = sum(one["outcome"] == "failed" for one in tests)
    passed = sum(one["times"] for one in tests if one["outcome"] == "passed")
    ran = (
        f"{counted(failed, 'test')} failed"
        if failed
        else f"{counted(passed, 'test')} passed"
        if tests
        else "no test ran"
    )
    if not noted["project"].get("commits"):  # no git on this machine: there is no history to bring anything into
        return Verdict(bool(passed) and not failed, f"{ran}; git is not on this machine", expected, why, where)
    message = noted.get("message") or ""
    change = f"merged: {messages.named(message).first}" if noted.get("merged") else "no change is merged"
    ok = bool(passed and not failed and noted.get("merged")) and messages.named(message).good
    return Verdict(ok, f"{ran}; {change}", expected, why, where)
