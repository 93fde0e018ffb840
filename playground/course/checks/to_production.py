"""Checks of the lab "Notebook to production": what a notebook hides, becomes, and leaves as."""

from __future__ import annotations

from mlops import Workspace
from mlops.base.records import ref_of
from mlops.experiments import configs
from playground import closing, messages
from playground.course.people import NEXT_MONTH, counts
from playground.course.verdict import Baseline, Verdict, Where, check
from playground.notebook import becoming, listings, told
from playground.notebook.nbformat import shipped
from playground.notebook.told import Part
from playground.words import counted, short

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


@check
def script_is_live(ws: Workspace, baseline: Baseline) -> Verdict:
    """Tell whether what is live in production is the notebook's model, trained by the pipeline with a seed."""
    kind = configs.load(becoming.CONFIG).params["model.type"]
    expected = f"live in production: a {kind} that the pipeline trained, with a seed, by you"
    why = "A run can be had again. A cell that somebody ran on Friday cannot."
    by = {one["subject"]: one["actor"] for one in reversed(ws.log(baseline.event)) if one["kind"].startswith("run.")}
    seen = ""
    for live in reversed(ws.releases.all_live("production")):
        run = ws.runs.get(ws.models.get(ref_of(live.model)).run_id)
        trained = f"{run.params.get('model.type')}, {'no seed' if run.seed is None else f'seed {run.seed}'}"
        seen = seen or f"{ref_of(live.model)}: {trained}, run {short(run.run_id)}"
        if run.params.get("model.type") == kind and run.seed is not None and counts(by.get(run.run_id, NEXT_MONTH)):
            return Verdict(True, seen, expected, why, Where("release", "Release, what is live", {}, live.deployment_id))
    if seen or by:
        at = seen or f"{counted(len(by), 'run')}, and nothing is live in production"
        return Verdict(False, at, expected, why, Where("release", "Release, Promote"))
    where = Where("train", TAB, {"open": "notebook"})
    return Verdict(False, "nothing is trained here yet", expected, why, where)


@check
def project_is_brought_in(ws: Workspace, baseline: Baseline) -> Verdict:
    """Tell whether the project was written, its tests passed, and a change was merged whose message says why."""
    expected = "a project whose tests passed, with a change merged whose message says why"
    why = "What leaves with its tests and a history can be taken over by somebody who never met you."
    where = Where("guide", "Guide, Your project", {"part": "Your project"})
    noted = ws.journal.read(closing.SUBJECT) or {}
    if not noted.get("project"):
        return Verdict(False, "no project was written here", expected, why, where)
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
