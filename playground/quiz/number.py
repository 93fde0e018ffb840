"""Number: what a question names; the learner's own, computed from the workspace, or an example where there is none yet.

Each says where it comes from. What has not been done yet has no number of one's own: then the question is about an
example, and the line below it says so. Numbers of one thing fit together, so they are all the learner's own or none is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from mlops import Workspace, sample
from mlops.base.errors import MlopsError
from mlops.base.records import ref_of
from playground import course, say_facts, words, year
from playground.course import answers, seeds
from playground.course.mission import NOTEBOOK


@dataclass(frozen=True)
class Number:
    """A number, or a name, as it stands in a question."""

    value: str
    source: str
    """What it is and whose; of an example, what to do for one of one's own."""
    own: bool = True
    """Whether it is the learner's own; else it is an example."""

    @property
    def told(self) -> str:
        """What it is, beside itself."""
        return self.source.replace(f" {self.value}", "").rstrip(",")


@dataclass(frozen=True)
class Kind:
    """A number that questions may name."""

    find: Callable[[Workspace], Number | None]
    """Finds it; None where there is nothing yet to find it in."""
    example: str
    instead: str
    """What to do for one of one's own; numbers that share it are of one thing."""


def numbers(ws: Workspace, names: Iterable[str]) -> dict[str, Number]:
    """Return numbers by name, the learner's own where there are some: all that are of one thing, or none of them.

    Examples
    --------
    >>> import tempfile
    >>> numbers(Workspace.open(tempfile.mkdtemp()), ["threshold"])["threshold"]
    Number(value='0.35', source='Take a model live for one of your own.', own=False)
    """
    kinds = {name: NUMBERS[name] for name in names}
    own = {name: kind.find(ws) for name, kind in kinds.items()}
    missing = {kinds[name].instead for name, found in own.items() if found is None}
    return {
        name: found
        if found and kinds[name].instead not in missing
        else Number(kinds[name].example, kinds[name].instead, own=False)
        for name, found in own.items()
    }


def sources(found: Mapping[str, Number]) -> tuple[str, ...]:
    """Say whose numbers these are: the learner's own, each with where it comes from, or examples.

    Examples
    --------
    >>> sources({"auc": Number("0.8", "Take a model live for one of your own.", own=False)})
    ('For example 0.8. Take a model live for one of your own.',)
    >>> sources({"data": Number("customers@2", "your newest data, customers@2")})  # what stands there is not said twice
    ('customers@2: your newest data',)
    """
    own = [f"{one.value.rstrip('.')}: {one.told}" for one in found.values() if one.own]
    examples = [one for one in found.values() if not one.own]
    values = ", ".join(dict.fromkeys(one.value for one in examples if not one.value.endswith(".")))
    instead = " ".join(dict.fromkeys(one.source for one in examples))
    said = f"For example {values}. {instead}" if values else instead
    return tuple(filter(None, [*dict.fromkeys(own), said]))


# What is live


def _live(ws: Workspace) -> Any:
    """Return the version that went live last, of all that are live in production."""
    live = ws.releases.newest_live("production")
    return ws.models.get(ref_of(live.model)) if live else None


def _of_live(
    what: str, value: Callable[[Any], Any], text: Callable[[Any], str] = str
) -> Callable[[Workspace], Number | None]:
    """Make what finds a number of the live version; `value` returns None where it has no such number."""

    def find(ws: Workspace) -> Number | None:
        model = _live(ws)
        found = None if model is None else value(model)
        return None if found is None else Number(text(found), f"{what} {_named(model)}, live in production")

    return find


def _named(model: Any) -> str:
    return f"{model.name} v{model.version}"


def _auc(value: float) -> str:
    return f"{value:.3f}"


def _of_sample(model: Any) -> float | None:
    """Return the AUC of a model of the sample, whose notebook promised more; of other data no notebook is known."""
    auc = model.metrics.get("auc")
    return auc if auc and auc < float(NOTEBOOK) and model.data_version.startswith(f"{sample.NAME}@") else None


def _too_good(model: Any) -> float | None:
    """Return an AUC that a leak would come to: most of the way from an honest one to 1."""
    auc = model.metrics.get("auc")
    return None if auc is None else auc + 0.85 * (1 - auc)


def _probability(value: float) -> str:
    return f"{value:.2f}"


def _beside(share: float) -> Callable[[Any], float | None]:
    """Make what finds a probability on one side of the threshold, far enough from it that both can be read apart."""

    def find(model: Any) -> float | None:
        if model.threshold is None or not 0.05 <= model.threshold <= 0.95:
            return None
        return model.threshold + share * (model.threshold if share < 0 else 1 - model.threshold)

    return find


# What was kept and trained


def _data(ws: Workspace) -> Any:
    return next(iter(ws.datasets.list()), None)


def _of_data(what: str, value: Callable[[Any], str]) -> Callable[[Workspace], Number | None]:
    def find(ws: Workspace) -> Number | None:
        found = _data(ws)
        return None if found is None else Number(value(found), f"{what} {found.ref}")

    return find


def _versions(ws: Workspace) -> Number | None:
    newest = _data(ws)
    versions = [one for one in ws.datasets.list() if one.name == newest.name] if newest else []
    if len(versions) < 2:
        return None
    return Number(f"{len(versions)} versions", f"versions of {newest.name}")


def _runs(ws: Workspace) -> Number | None:
    many = len(ws.runs.table(["run_id"], "status = 'finished'"))
    return Number(f"{many} runs", "finished runs in your workspace") if many > 1 else None


def _packages(ws: Workspace) -> Number | None:
    for row in ws.runs.table(["run_id", "software.packages"], "status = 'finished'", limit=1):
        if packages := row["software.packages"]:
            return Number(str(len(packages)), f"packages on record with run {words.short(row['run_id'])}")
    return None


def _unseeded(ws: Workspace) -> Number | None:
    """Find what the newest run without a seed came to."""
    fields = ["run_id", "seed", "metrics.validation.auc"]
    for row in ws.runs.table(fields, "status = 'finished' and data.version >= 1"):
        if row["seed"] is None and (auc := row["metrics.validation.auc"]) is not None:
            return Number(_auc(auc), f"validation AUC of run {words.short(row['run_id'])}, trained without a seed")
    return None


def _answered(more: float = 0.0) -> Callable[[Workspace], Number | None]:
    """Make what finds the newest probability that was answered, or one as a second preparation would give it."""

    def find(ws: Workspace) -> Number | None:
        for request in ws.predictions.list(limit=NEWEST):
            if isinstance(score := request["score"], float) and 0.05 <= score <= 0.95 - TWICE:
                what = "made up, a little above" if more else "from"
                said = f"{what} the newest answer of {words.version(request['model'], named=True)}"
                return Number(_probability(score + more), said)
        return None

    return find


def _moved(ws: Workspace) -> Number | None:
    found = answers.pins_moved(ws, None)  # type: ignore[arg-type]
    said = f"In your runs {found.value} of the five have moved so far."
    return Number(said, "counted over your finished runs") if found.value else None


# What was guessed in the tour, and what it came to


def _came_to(ws: Workspace, stop: str, ask: str) -> course.Reveal | None:
    """Return what came of a guess of the tour; None as long as it stays covered, or its chapter is gone."""
    try:
        found = course.reveal(ws, stop, ask)
    except MlopsError:
        return None
    return found if found and found.ready else None


def _of_check(what: str, value: Callable[[course.Reveal], str]) -> Callable[[Workspace], Number | None]:
    """Make what finds a number of the learner's own release check, where the successor was ahead at all."""

    def find(ws: Workspace) -> Number | None:
        found = _came_to(ws, "promote", "ahead")
        if found is None or found.facts["lead"] < 0.0005:
            return None
        return Number(value(found), f"{what} of your own release check, in stop 5")

    return find


def _sent(ws: Workspace) -> Number | None:
    """Find how many answers the bad release of stop 7 had given, once it was rolled back."""
    found = _came_to(ws, "rollback", "sent") and say_facts.gone_back(course.workspace(ws, "rollback"))
    if not found:
        return None
    sent = found["sent"]
    return Number(f"{sent} answer{'' if sent == '1' else 's'}", f"given by {found['bad']} in stop 7")


def _month(which: int, value: Callable[[year.Month], str]) -> Callable[[Workspace], Number | None]:
    """Make what finds the first month of the learner's year, or the lowest after it."""

    def find(ws: Workspace) -> Number | None:
        found = _fall(ws)
        return Number(value(found[which]), f"from your year {year.STORY}, in stop 8") if found else None

    return find


def _known(ws: Workspace) -> Sequence[year.Month]:
    """Return the months of the learner's year whose outcomes are known, once its guess was made."""
    seen = _came_to(ws, "year", "line") is not None
    return year.read(course.workspace(ws, "year"), year.STORY, waived=True).known if seen else ()


def _alarm(ws: Workspace) -> Number | None:
    """Find the first month whose inputs moved."""
    found = next((one for one in _known(ws) if one.inputs == "drift"), None)
    return Number(found.name, f"the first of your year {year.STORY} whose inputs moved, in stop 8") if found else None


def _fall(ws: Workspace) -> tuple[year.Month, year.Month] | None:
    """Return the first month, and the lowest one whose inputs were as ever; None where no such month fell behind."""
    known = _known(ws)
    if not known:
        return None
    first, *later = known
    fallen = [one for one in later if one.inputs == "none" and first.auc - one.auc >= year.FAR]
    return (first, min(fallen, key=lambda one: one.auc)) if fallen else None


def _month_name(month: year.Month) -> str:
    return month.name


def _month_auc(month: year.Month) -> str:
    return _auc(month.auc or 0.0)


def _seeds(value: Callable[[seeds.Seeds], str]) -> Callable[[Workspace], Number | None]:
    return lambda ws: Number(value(seeds.prepared()), "five real runs, trained before for stop 3")


def _ends(values: tuple[float, ...]) -> str:
    return f"{min(values):.3f} to {max(values):.3f}"


NEWEST = 100
"""Newest answers that are looked through for a probability."""

TWICE = 0.03
"""How far two answers lie apart in the example of a row that is prepared twice."""

LIVE = "Take a model live for one of your own."
KEEP = "Keep a version of your data for one of your own."
TRAIN = "Train a run for one of your own."
ASK = "Ask a model about one customer for one of your own."
CHECK = "Guess in stop 5 for a number of your own."
MONTHS = "Let the months of stop 8 pass for your own."

NUMBERS: dict[str, Kind] = {
    "notebook": Kind(lambda ws: Number(NOTEBOOK, "what the notebook of stop 1 says"), "", ""),
    "live": Kind(_of_live("the version", _named), "churn_model v1.0.0", LIVE),
    "auc": Kind(_of_live("test AUC of", lambda model: model.metrics.get("auc"), _auc), "0.822", LIVE),
    "honest": Kind(_of_live("test AUC of", _of_sample, _auc), "0.822", "Run the chain for one of your own."),
    "too_good": Kind(_of_live("made up, well above the test AUC of", _too_good, _auc), "0.973", LIVE),
    "threshold": Kind(_of_live("threshold of", lambda model: model.threshold, "{:g}".format), "0.35", LIVE),
    "below": Kind(_of_live("a little below the threshold of", _beside(-0.2), _probability), "0.28", LIVE),
    "above": Kind(_of_live("a little above the threshold of", _beside(0.2), _probability), "0.48", LIVE),
    "data": Kind(_of_data("your newest data,", lambda data: data.ref), "customers@1", KEEP),
    "data_hash": Kind(_of_data("content of", lambda data: words.short(data.sha256)), "b979a3a", KEEP),
    "rows": Kind(_of_data("rows of", lambda data: f"{data.rows:,}"), "9,000", KEEP),
    "versions": Kind(_versions, "2 versions", "Keep a second version of your data for a number of your own."),
    "runs": Kind(_runs, "12 runs", "Train two runs for a number of your own."),
    "packages": Kind(_packages, "12", TRAIN),
    "moved": Kind(_moved, "Often several of them move at once.", "Train two runs that differ to see which moved."),
    "spread": Kind(_seeds(lambda found: _ends(found.own)), "", ""),
    "same": Kind(_seeds(lambda found: _ends(found.same)), "", ""),
    "same_rows": Kind(_seeds(lambda found: f"{found.same_rows:,}"), "", ""),
    "unseeded": Kind(_unseeded, "0.841", "Train a run without a seed, as in stop 3, for one of your own."),
    "answered": Kind(_answered(), "0.41", ASK),
    "twice": Kind(_answered(TWICE), "0.44", ASK),
    "sent": Kind(_sent, "200 answers", "Roll back in stop 7 for a number of your own."),
    "ahead": Kind(_of_check("shuffles", lambda found: str(found.answer)), "71", CHECK),
    "lead": Kind(_of_check("the lead", lambda found: _auc(found.facts["lead"])), "0.004", CHECK),
    "moved_month": Kind(_alarm, "May", MONTHS),
    "first_month": Kind(_month(0, _month_name), "January", MONTHS),
    "first_auc": Kind(_month(0, _month_auc), "0.82", MONTHS),
    "low_month": Kind(_month(1, _month_name), "September", MONTHS),
    "low_auc": Kind(_month(1, _month_auc), "0.76", MONTHS),
}  # fmt: skip
"""Every number that a question may name."""
