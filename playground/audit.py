"""The audit log: every event of a workspace as a sentence, with who, when, and what it is about.

A sentence says what was done, so that it goes on from a name: "Lena rolled production back from v1.1.0 to v1.0.0:
complaints since 17:00". What it names is kept beside it as links, by which a screen leads there and finds it again.
Nothing is drawn here: see `ui/release/audit`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from threading import Lock
from typing import Any, Literal

from mlops import Workspace
from mlops.base.records import ref_of
from mlops.release.gate import WAY_OUT
from playground import words

Kind = Literal[
    "release", "check", "model", "training", "data", "config", "prediction", "monitoring", "course", "workspace"
]

KINDS: Mapping[Kind, tuple[str, str]] = {
    "release": ("Releases", "publish"),
    "check": ("Release checks", "rule"),
    "model": ("Models", "deployed_code"),
    "training": ("Trainings", "science"),
    "data": ("Data and outcomes", "database"),
    "config": ("Config files", "tune"),
    "prediction": ("Predictions", "bolt"),
    "monitoring": ("Monitoring", "monitor_heart"),
    "course": ("Course", "school"),
    "workspace": ("Calendar", "event"),
}
"""Kind of an event -> what a filter calls it, and its icon."""

_KIND_OF: Mapping[str, Kind] = {
    "deployment": "release", "gate": "check", "gate_rule": "check", "model": "model", "run": "training",
    "dataset": "data", "labels": "data", "config": "config", "batch": "prediction", "segment": "prediction",
    "shadow_segment": "prediction",
    "shadow": "monitoring", "shadow_batch": "monitoring",
    "alert": "monitoring", "month": "monitoring", "retrain_rule": "monitoring", "retraining": "monitoring",
    "journal": "course",
}  # fmt: skip
"""Noun of an event -> its kind; all others are about the workspace itself."""


@dataclass(frozen=True)
class Thing:
    """Something that a sentence names, and the screen that shows it."""

    screen: str
    label: str
    query: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Entry:
    """One event as a person reads it."""

    event: int
    """Its number."""
    at: str
    """When, on the workspace's calendar."""
    wall: str
    """When, by the clock on the wall."""
    who: str
    kind: Kind
    sentence: str
    """What was done; "who" stands before it."""
    things: tuple[Thing, ...]
    subject: str
    sha256: str
    """Its hash, in which those of all events before it are."""

    def names(self, text: str) -> bool:
        """Tell whether it is about something with this text in its name, in its sentence or among its links."""
        told = (self.sentence, self.subject, *(one.label for one in self.things))
        return text.casefold() in " ".join(told).casefold()


def shown(
    entries: Sequence[Entry],
    kinds: Iterable[str] = (),
    people: Iterable[str] = (),
    about: str = "",
    since: str = "",
    until: str = "",
) -> list[Entry]:
    """Return the entries that somebody asked for, newest first; what is not asked about is left open.

    Parameters
    ----------
    since, until : str
        Instants of the calendar, or their beginnings such as a day; the last day is included.
    """
    kinds, people = frozenset(kinds), frozenset(people)
    return [
        one
        for one in reversed(entries)
        if (not kinds or one.kind in kinds)
        and (not people or one.who in people)
        and (not about.strip() or one.names(about.strip()))
        and since <= one.at
        and (not until or one.at[: len(until)] <= until)
    ]


def rows(entries: Sequence[Entry]) -> list[dict[str, Any]]:
    """Return a row for each entry, as the table and its download have it."""
    return [
        {
            "when": words.moment(one.at),
            "what happened": one.sentence,
            "who": one.who,
            "kind": KINDS[one.kind][0],
            "on the wall": words.moment(one.wall),
            "event": one.event,
        }
        for one in entries
    ]


class Log:
    """The entries of one workspace, oldest first; whoever looks again reads the events that came since."""

    def __init__(self) -> None:
        self._entries: list[Entry] = []
        self._seen = 0
        self._teller = _Teller()
        self._lock = Lock()

    def entries(self, ws: Workspace) -> tuple[Entry, ...]:
        """Return every event as an entry."""
        with self._lock:
            for event in ws.log(since=self._seen):
                self._seen = event["seq"]
                self._entries.append(self._teller.entry(event))
            return tuple(self._entries)


def read(ws: Workspace) -> tuple[Entry, ...]:
    """Return every event of a workspace as an entry, oldest first."""
    return Log().entries(ws)


Changes = Mapping[str, Any]


class _Teller:
    """Tells events one after the other: what a later one leaves out, such as the data of a run, an earlier one said."""

    def __init__(self) -> None:
        self._runs: dict[str, Changes] = {}

    def entry(self, event: Mapping[str, Any]) -> Entry:
        kind, subject, changes = event["kind"], event["subject"], event["payload"]["changes"]
        noun = kind.partition(".")[0]
        if noun == "run":
            self._runs[subject] = {**self._runs.get(subject, {}), **changes}
        tell = _TELL.get(kind)
        try:
            sentence = tell(self, subject, changes) if tell else f"{kind}: {subject}"
        except (KeyError, TypeError, AttributeError, IndexError):  # of another format, or edited by hand
            sentence = f"{kind}: {subject}"
        return Entry(
            event["seq"], event["at"], event["recorded_at"], event["actor"], _KIND_OF.get(noun, "workspace"),
            sentence, tuple(_things(event, changes, self._runs)), subject, event["sha256"],
        )  # fmt: skip

    def run(self, run_id: str) -> str:
        """Name a run by its name, its data and the beginning of its id."""
        known = self._runs.get(run_id, {})
        data = f" on {ref_of(known['data'])}" if known.get("data") else ""
        return f"{known.get('name', 'a run')}{data} (run {run_id[:7]})"

    def begin(self, run_id: str, changes: Changes) -> str:
        return f"began to train {self.run(run_id)}"

    def end(self, run_id: str, changes: Changes) -> str:
        if changes["status"] == "finished":
            score = words.score(changes.get("metrics", {}).get("validation", {}))
            return f"trained {self.run(run_id)}{f': validation {score}' if score else ''}"
        return f"trained {self.run(run_id)} in vain: {changes['status']}. {changes.get('error') or ''}".strip()


def _why(changes: Changes, key: str = "reason") -> str:
    """Return what a person gave as the reason, behind a colon."""
    return f": {changes[key]}" if changes.get(key) else ""


def _deployed(_: _Teller, __: str, changes: Changes) -> str:
    model, place, before = changes["model"], changes["environment"], changes.get("replaced")
    what = f"{model['name']} v{model['version']}"
    if changes["status"] == "failed":
        return f"tried to release {what} to {place}, and its health check failed{_why(changes)}"
    if changes["action"] == "rollback" and before:
        return f"rolled {place} back from v{before['version']} to v{model['version']}{_why(changes)}"
    instead = f", in place of v{before['version']}" if before and before["name"] == model["name"] else ""
    spite = ""
    if changes.get("override") and (changes.get("gate") or {}).get("outcome") != "pass":
        spite = f" (in spite of the release check: {changes['override']})"
    return f"released {what} to {place}{instead}{_why(changes)}{spite}"


def _checked(_: _Teller, __: str, changes: Changes) -> str:
    model, against = changes["model"], changes.get("against")
    answers = {"pass": "it passed", "fail": "it did not pass", "inconclusive": "the check could not decide"}
    failed = next((one["why"] for one in changes.get("checks", ()) if one["outcome"] != "pass"), "")
    beside = f" beside v{against['version']}" if against else ""
    why = f". {failed.removesuffix(WAY_OUT)}" if failed else ""
    return (
        f"checked {model['name']} v{model['version']} for {changes['environment']}{beside}: "
        f"{answers[changes['outcome']]}{why}"
    )


def _ruled(_: _Teller, place: str, changes: Changes) -> str:
    return f"set the rule of {place}: a model {words.rule(changes)}{_why(changes)}"


def _described(_: _Teller, ref: str, changes: Changes) -> str:
    card = changes["card"]
    owner = f"; {card['owner']} answers for it" if card.get("owner") else ""
    return f"wrote the card of {_version(ref)}: {card.get('purpose') or 'no purpose yet'}{owner}"


def _reproduced(teller: _Teller, run_id: str, changes: Changes) -> str:
    found = changes["reproduced"]
    first = f", {found['first_divergence']} differs first" if found.get("first_divergence") else ""
    return f"trained {teller.run(run_id)} again from its record: {str(found['verdict']).replace('_', ' ')}{first}"


def _edited(_: _Teller, __: str, changes: Changes) -> str:
    files = " and ".join(changes["files"])
    before, after = (words.setting(changes[which]) for which in ("before", "after"))
    if changes["action"] == "put_back":
        what = f"{changes['key']} of {changes['environment']}"
        return f"put {what} back from {before} to {after} in {files}{_why(changes)}"
    return f"wrote {changes['key']} {after} into {files}: meant for {changes['environment']}{_why(changes)}"


def _kept(_: _Teller, ref: str, changes: Changes) -> str:
    source = f" from {changes['source']}" if changes.get("source") else ""
    return f"kept {ref}, {changes['rows']:,} rows{source}{_why(changes, 'message')}"


def _scored(_: _Teller, __: str, changes: Changes) -> str:
    model = changes["model"]
    left = f", and left out {changes['rejected']:,}" if changes.get("rejected") else ""
    return f"scored {changes['rows']:,} rows of {changes['input']} with {model['name']} v{model['version']}{left}"


def _best(_: _Teller, month: str, changes: Changes) -> str:
    return f"noted {changes['best']:.3f} as the best AUC that anybody could reach in {month}: {changes['source']}"


def _retrain_rule(_: _Teller, __: str, changes: Changes) -> str:
    said = ", ".join(f"{word} {changes[word]}" for word in ("when", "act", "months") if changes.get(word) is not None)
    return f"set when {changes['model']} is retrained in {changes['environment']} ({said}){_why(changes)}"


def _silent(_: _Teller, __: str, changes: Changes) -> str:
    what, name = changes["candidate"]["version"], changes["model"]
    also = "" if changes["after"] else ", also to what was asked before"
    return f"let {name} v{what} answer silently beside what is live in {changes['environment']}{also}"


def _dated(_: _Teller, __: str, changes: Changes) -> str:
    to = changes["simulated"]
    return "set the calendar back to wall time" if to is None else f"set the calendar to {words.when(to)}"


def _noted(_: _Teller, subject: str, changes: Changes) -> str:
    what, _, about = subject.partition("/")
    said = ", ".join(key.replace("_", " ") for key in changes)
    return f"noted for the {what}{f', {about}' if about else ''}: {said}"


_TELL: Mapping[str, Callable[[_Teller, str, Changes], str]] = {
    "deployment.deploy": _deployed,
    "deployment.rollback": _deployed,
    "gate.evaluate": _checked,
    "gate_rule.set": _ruled,
    "model.register": lambda teller, ref, changes: f"registered {_version(ref)} of {teller.run(changes['run_id'])}",
    "model.describe": _described,
    "model.reject": lambda _, ref, changes: f"rejected {_version(ref)}{_why(changes, 'reject_reason')}",
    "run.queue": lambda teller, run_id, _: f"asked for a training of {teller.run(run_id)}",
    "run.start": _Teller.begin,
    "run.end": _Teller.end,
    "run.log": lambda teller, run_id, _: f"logged {teller.run(run_id)}, which was trained elsewhere",
    "run.interrupt": lambda teller, run_id, _: f"found that {teller.run(run_id)} was interrupted",
    "run.note": lambda teller, run_id, changes: f"noted on {teller.run(run_id)}{_why(changes, 'note')}",
    "run.tag": lambda teller, run_id, changes: f"tagged {teller.run(run_id)}: {_tags(changes)}",
    "run.untag": lambda teller, run_id, changes: f"took a tag from {teller.run(run_id)}; left: {_tags(changes)}",
    "run.open_test": lambda teller, run_id, _: f"looked at the test metrics of {teller.run(run_id)}",
    "run.reproduce": _reproduced,
    "config.put_back": _edited,
    "config.codify": _edited,
    "dataset.add": _kept,
    "dataset.describe": lambda _, ref, changes: f"described columns of {ref}",
    "dataset.roles": lambda _, ref, changes: f"changed the roles of {ref}",
    "labels.add": lambda _, __, changes: f"added {changes['rows']:,} outcomes of {changes['dataset']}",
    "batch.predict": _scored,
    "alert.raise": lambda _, __, changes: f"was alerted ({changes['level']}): {changes['what']}",
    "alert.acknowledge": lambda _, alert, changes: f"acknowledged alert {alert}{_why(changes)}",
    "alert.resolve": lambda _, alert, __: f"found that alert {alert} is over",
    "month.best": _best,
    "retrain_rule.set": _retrain_rule,
    "shadow.start": _silent,
    "shadow.stop": lambda _, __, changes: f"ended a silent candidate{_why(changes)}",
    "shadow_batch.answer": lambda _, __, changes: f"answered a file silently, {changes['rows']:,} rows",
    "retraining.end": lambda _, __, changes: (
        f"retrained {changes['model']} as {changes['candidate']}{_why(changes)}. {changes['why']}"
    ),
    "segment.seal": lambda _, __, changes: f"sealed {changes['requests']:,} answered requests",
    "shadow_segment.seal": lambda _, __, changes: f"sealed {changes['requests']:,} answers of a silent candidate",
    "clock.set": _dated,
    "workspace.upgrade": lambda _, __, changes: f"brought the workspace to format {changes['format']}",
    "journal.write": _noted,
}
"""Kind of an event -> its sentence."""


def _version(ref: str) -> str:
    name, _, number = ref.partition("@")
    return f"{name} v{number}"


def _tags(changes: Changes) -> str:
    return ", ".join(f"{key} = {value}" for key, value in changes["tags"].items()) or "none"


def _things(event: Mapping[str, Any], changes: Changes, runs: Mapping[str, Changes]) -> Iterable[Thing]:
    """Yield what an event names, as far as a screen shows it."""
    noun, subject = event["kind"].partition(".")[0], event["subject"]
    models = [subject] if noun == "model" else []
    for field in ("model", "replaced", "against"):
        if isinstance(one := changes.get(field), Mapping) and one.get("version"):
            models.append(ref_of(one))
    for ref in dict.fromkeys(models):
        yield Thing("model", _version(ref), (("ref", ref),))
    run_id = subject if noun == "run" else changes.get("run_id")
    if isinstance(run_id, str) and run_id in runs:
        yield Thing("run", f"run {run_id[:7]}", (("id", run_id),))
    data = (runs.get(subject, {}).get("data") or None) if noun == "run" else None
    ref = subject if noun == "dataset" else ref_of(data) if data else changes.get("data") if noun == "gate" else None
    if isinstance(ref, str):
        yield Thing("data", ref, (("version", ref),))
    if noun == "gate" or (noun == "deployment" and changes.get("gate")):
        yield Thing("release", "what the check said", (("decision", str(event["seq"])),))
