"""Retold: the line that does what an event tells, as somebody would type it.

A history can be read, and it can be done again: each event of somebody's act has one line of this program that brings
about the same. Some events have none: what a step of a training recorded, what another program logged.
"""

from __future__ import annotations

import json
import math
import shlex
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mlops import sample
from mlops.base.records import ref_of
from mlops.cli.data import ROLES
from mlops.data.reading import MISSING
from mlops.experiments.lifecycle import SWEEP

if TYPE_CHECKING:
    from mlops import Workspace
    from mlops.training.sweeps import Sweep

Event = Mapping[str, Any]
Options = Mapping[str, Any]
"""Option -> value; None is not said, a tuple is said once for each."""


def line(ws: Workspace, event: Event) -> str | None:
    """Return the line that does what an event tells; None if no line does.

    Parameters
    ----------
    ws : Workspace
        Where it happened.
    event : mapping
        As in `Workspace.log`. Of a trial it is the line of its sweep.

    Examples
    --------
    >>> import tempfile
    >>> from mlops import Workspace
    >>> ws = Workspace.open(Path(tempfile.mkdtemp()) / "workspace")
    >>> clock = ws.set_clock("2024-03-15")
    >>> line(ws, ws.log()[-1]).partition(" --workspace")[0]
    'mlops clock set 2024-03-15T00:00:00.000000Z'
    """
    tell = _LINES.get(event["kind"])
    words = tell(ws, event, event["payload"]["changes"]) if tell else None
    return written(ws, words) if words else None


def newest(ws: Workspace, kinds: Collection[str] = (), most: int | None = 1) -> list[tuple[Event, str]]:
    """Return the newest acts that have a line, and their lines, oldest first.

    Parameters
    ----------
    kinds : collection of str
        Nouns of events, such as ``run``; all if none is given.
    most : int or None
        How many at most; None for all.
    """
    acts = (event for event in _acts(ws.log()) if not kinds or _noun(event) in kinds)
    told = ((event, said) for event in acts if (said := line(ws, event)))
    return list(islice(told, most))[::-1]


def _acts(events: Sequence[Event]) -> Iterator[Event]:
    """Yield the acts, newest first: the trials of a sweep are one, and so are a release and the check that it asked."""
    following: Event | None = None
    for event in reversed(events):
        if following is None or not _one_act(event, following):
            yield event
        following = event


def _one_act(event: Event, following: Event) -> bool:
    asked, then = event["payload"]["changes"], following["payload"]["changes"]
    if event["kind"] == "gate.evaluate":
        return bool(then.get("gate") == asked)
    trial = (asked.get("tags") or {}).get(SWEEP)
    return event["kind"] == following["kind"] == "run.queue" and trial is not None and then["tags"].get(SWEEP) == trial


def request(ws: Workspace, logged: Mapping[str, Any]) -> str:
    """Return the line that asks for a logged prediction again, of the version that answered it."""
    return written(ws, ["predict", ref_of(logged["model"]), *_options({"row": json.dumps(logged["row"])})])


def _noun(event: Event) -> str:
    return str(event["kind"]).partition(".")[0]


def words(*said: str, **options: Any) -> list[str]:
    """Return the words of a line; options are named as keywords, what is None is left out."""
    return [*said, *_options(options)]


def _options(options: Options) -> Iterator[str]:
    for name, value in options.items():
        for one in value if isinstance(value, tuple) else (value,):
            if one is not None and one != "":
                yield from ("-m" if name == "m" else f"--{name.replace('_', '-')}", str(one))


def written(ws: Workspace, words: Sequence[str]) -> str:
    """Return a line as a shell takes it; a workspace that is not the usual one is named."""
    if (folder := _from_here(ws.path)) != "workspace":
        words = [*words, "--workspace", folder]
    return shlex.join(["mlops", *words])


def _from_here(path: Path) -> str:
    here = Path.cwd()
    return str(path.relative_to(here) if path.is_relative_to(here) else path)


def _file(name: str) -> str:
    """Return where a file of the sample lies; of any other one only its name is known."""
    path = sample.FILE.with_name(name)
    return _from_here(path) if path.is_file() else name


def _data_add(ws: Workspace, event: Event, added: Mapping[str, Any]) -> list[str]:
    name, message = added["name"], added["message"]
    if same := _again(ws, event["seq"], added):
        return words("data", "add", newest=same, m=message)
    said = added.get("reading") or {}
    codes = [code for code in said.get("missing", ()) if code not in MISSING]
    return words(
        "data",
        "add",
        _file(added["source"]),
        name=name,
        **{role: added[role] for role in ROLES},
        columns=_file(sample.COLUMNS.name)
        if added.get("described") and Path(_file(added["source"])).is_file()
        else None,
        dates=said.get("dates"),
        also_missing=",".join(codes) or None,
        m=message,
    )


def _again(ws: Workspace, seq: int, added: Mapping[str, Any]) -> str | None:
    """Return the earlier version that was made the newest again: only this adds a content with its roles twice."""
    alike = ("name", "sha256", *ROLES)
    for earlier in reversed(ws.log()[: seq - 1]):
        if earlier["kind"] == "dataset.add":
            before = earlier["payload"]["changes"]
            if all(before[key] == added[key] for key in alike):
                return f"{before['name']}@{before['version']}"
    return None


def _labels_add(ws: Workspace, event: Event, added: Mapping[str, Any]) -> list[str]:
    at_once = added["known_from"] == added["known_until"]  # or else the file itself says when
    file = _file(added["source"])
    return words("labels", "add", file, dataset=added["dataset"], known_at=added["known_until"] if at_once else None)


def _train(ws: Workspace, event: Event, asked: Mapping[str, Any]) -> list[str] | None:
    if "params" not in asked:  # a worker began what was queued
        return None
    run = ws.runs.get(event["subject"])
    note, tags = asked["note"], asked["tags"]
    if SWEEP in tags:
        return _sweep(ws, ws.sweeps.get(tags[SWEEP]), run)
    return words("train", **_config(ws, run), data=ref_of(run.data), note=note, tag=_pairs(tags))


def _sweep(ws: Workspace, sweep: Sweep, run: Any) -> list[str] | None:
    """Return the line of a sweep, if its grid can be told: every combination was tried."""
    queued = [event["subject"] for event in ws.log() if event["kind"] == "run.queue"]
    trials = sorted(sweep.trials, key=lambda trial: queued.index(trial.run_id))
    values = {key: list(dict.fromkeys(json.dumps(trial.params[key]) for trial in trials)) for key in sweep.keys}
    if math.prod(map(len, values.values())) != len(trials):
        return None
    grid = tuple(f"{key}={','.join(value.strip(chr(34)) for value in tried)}" for key, tried in values.items())
    tags = {key: value for key, value in run.tags.items() if key != SWEEP}
    config = _config(ws, run, leave=sweep.keys)
    return words("sweep", **config, grid=grid, data=ref_of(run.data), note=run.note, tag=_pairs(tags))


def _config(ws: Workspace, run: Any, leave: Collection[str] = ()) -> dict[str, Any]:
    """Return the options that give the config of a run: its file, or else what the run keeps of it."""
    file = getattr(run, "config_file", None)
    if not file:
        return {"config": _from_here(ws.path / "experiments" / run.run_id / "config.yaml")}
    path = Path(file["path"])  # from the workspace, or from the root of this machine
    set_to = {key: json.dumps(run.params[key]) for key in file["by_hand"] if key not in leave and key in run.params}
    return {"config": _from_here(ws.path / path), "env": file["environment"], "set": _pairs(set_to)}


def _pairs(said: Mapping[str, str]) -> tuple[str, ...]:
    return tuple(f"{key}={value}" for key, value in said.items())


def _run_end(ws: Workspace, event: Event, ended: Mapping[str, Any]) -> list[str] | None:
    return ["runs", "cancel", event["subject"]] if ended.get("status") == "cancelled" else None


def _run_tag(ws: Workspace, event: Event, changes: Mapping[str, Any]) -> list[str]:
    before = ws.at(event=event["seq"] - 1).runs.get(event["subject"]).tags
    new = {key: value for key, value in changes["tags"].items() if before.get(key) != value} or changes["tags"]
    return ["runs", "tag", event["subject"], *_pairs(new)[-1:]]


def _register(ws: Workspace, event: Event, made: Mapping[str, Any]) -> list[str]:
    return words("models", "register", made["run_id"], name=made["name"], version=made["version"], **made["card"])


def _gate(ws: Workspace, event: Event, report: Mapping[str, Any]) -> list[str]:
    return words("gate", ref_of(report["model"]), env=report["environment"], data=report["data"])


def _gate_rule(ws: Workspace, event: Event, rule: Mapping[str, Any]) -> list[str]:
    asked = {"require": rule["require"], "margin": rule["margin"], "reason": rule["reason"]}
    return words("gate-rule", env=rule["environment"], **asked)


def _deploy(ws: Workspace, event: Event, made: Mapping[str, Any]) -> list[str]:
    data = (made["gate"] or {}).get("data")
    said = {"reason": made["reason"], "override": made["override"], "data": data}
    return words("deploy", ref_of(made["model"]), env=made["environment"], **said)


def _rollback(ws: Workspace, event: Event, made: Mapping[str, Any]) -> list[str]:
    name, version = made["model"]["name"], made["model"]["version"]
    return words("rollback", env=made["environment"], model=name, to=version, reason=made["reason"])


def _batch(ws: Workspace, event: Event, report: Mapping[str, Any]) -> list[str]:
    place, output = report.get("environment"), report["output"]
    said = {"data": report.get("data_version") or _file(report["input"]), "output": output and Path(output).name}
    late = report.get("month") if report.get("month") != event["at"][:7] else None
    asked = f"{report['model']['name']}@{place}" if place else ref_of(report["model"])
    return words("batch-predict", model=asked, **said, month=late)


def _config_edit(ws: Workspace, event: Event, edit: Mapping[str, Any]) -> list[str]:
    verb = str(edit["action"]).replace("_", "-")
    return words("config", verb, edit["key"], env=edit["environment"], model=edit["model"], reason=edit["reason"])


def _described(ws: Workspace, event: Event, changes: Mapping[str, Any]) -> list[str]:
    before = ws.at(event=event["seq"] - 1).models.get(event["subject"]).card or {}
    new = {field: text for field, text in changes["card"].items() if before.get(field, "") != text}
    return words("models", "card", event["subject"], **new)


def _shadow(ws: Workspace, event: Event, began: Mapping[str, Any]) -> list[str]:
    line = words("shadow", env=began["environment"], model=began["model"], start=ref_of(began["candidate"]))
    return line if began["after"] else [*line, "--back"]


def _shadow_stop(ws: Workspace, event: Event, ended: Mapping[str, Any]) -> list[str] | None:
    before, following = ws.at(event=event["seq"] - 1).shadow.list(), ws.log(event["seq"])[:1]
    if following and following[0]["kind"] == "shadow.start":  # one act: another one answers instead
        return None
    one = next(one for one in before if one.shadow_id == event["subject"])
    return [*words("shadow", env=one.environment, model=one.model, reason=ended["reason"]), "--stop"]


def _clock(ws: Workspace, event: Event, changes: Mapping[str, Any]) -> list[str]:
    return ["clock", "set", changes["simulated"] or "wall"]


_LINES: Mapping[str, Callable[[Workspace, Event, Mapping[str, Any]], list[str] | None]] = {
    "dataset.add": _data_add,
    "labels.add": _labels_add,
    "run.queue": _train,
    "run.start": _train,
    "run.end": _run_end,
    "run.note": lambda ws, event, changes: ["runs", "note", event["subject"], changes["note"]],
    "run.tag": _run_tag,
    "run.reproduce": lambda ws, event, changes: ["runs", "reproduce", event["subject"]],
    "model.register": _register,
    "model.describe": _described,
    "model.reject": lambda ws, event, changes: words(
        "models", "reject", event["subject"], reason=changes["reject_reason"]
    ),
    "gate.evaluate": _gate,
    "gate_rule.set": _gate_rule,
    "deployment.deploy": _deploy,
    "deployment.rollback": _rollback,
    "batch.predict": _batch,
    "alert.raise": lambda ws, event, alert: words("alerts", "update", env=alert["environment"], model=alert["model"]),
    "alert.acknowledge": lambda ws, event, changes: words(
        "alerts", "acknowledge", event["subject"], reason=changes["reason"]
    ),
    "shadow.start": _shadow,
    "shadow.stop": _shadow_stop,
    "config.put_back": _config_edit,
    "config.codify": _config_edit,
    "clock.set": _clock,
}
"""Kind of event -> the words of the line that brings it about."""
