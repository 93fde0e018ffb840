"""Checks of configs in three worlds: what was agreed is written down, the rest is gone, and the next drift is heard.

What the files said when a lab began is kept by the releases that were live then; what somebody agreed to, a tag of the
run says. What a file says is known of today alone: in the past, where no file can be asked, these checks let it pass.
"""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from mlops import Workspace
from mlops.base.environments import ENVIRONMENTS
from mlops.base.records import ref_of
from mlops.experiments import config_files, configs
from mlops.release.worlds import WhatRunsWhere
from playground import words
from playground.course.answers import Answer, answer
from playground.course.checks.noted import answered
from playground.course.fixtures.three_worlds import AGREED, MODEL
from playground.course.verdict import Baseline, Verdict, Where, about_files, check

TABLE = Where("release", "Release, What runs where", {"view": "What runs where"})


@dataclass(frozen=True)
class Begun:
    """What is on record of how a lab began."""

    said: Mapping[str, Mapping[str, Any]]
    """By environment: what the files said for it when it was released."""
    agreed: Mapping[str, Mapping[str, Any]]
    """By environment: what ran there, was set by hand, and is meant: its run is tagged so."""

    @property
    def keys(self) -> frozenset[str]:
        """The keys that somebody agreed to, wherever."""
        return frozenset(key for found in self.agreed.values() for key in found)

    @property
    def apart(self) -> tuple[str, ...]:
        """The keys of which the files said another value for another environment: what overlays are for."""
        keys = dict.fromkeys(key for said in self.said.values() for key in said)
        return tuple(key for key in keys if len({repr(said.get(key)) for said in self.said.values()}) > 1)


def begun(ws: Workspace, baseline: Baseline, model: str) -> Begun:
    """Return how the configs of a model stood when a lab began, as the releases of that time keep it."""
    then = ws.at(event=baseline.event)
    found, agreed = then.worlds.read(model), {}
    for one in found.worlds:
        key = then.runs.get(then.models.get(ref_of(one.model)).run_id).tags.get(AGREED)
        agreed[one.environment] = {key: _value(found, key, one.environment)["running"]} if key else {}
    said = {place: {one.key: one.values[place]["rendered"] for one in found.settings} for place in agreed}
    return Begun(said, agreed)


@answer
def in_overlays(ws: Workspace, baseline: Baseline) -> Answer:
    """Of how many keys an overlay said that they differ, when the lab began."""
    keys = begun(ws, baseline, MODEL).apart
    return Answer(len(keys), {"keys": ", ".join(keys)})


@check
@about_files(TABLE)
def agreed_is_written(ws: Workspace, baseline: Baseline, model: str) -> Verdict:
    """Tell whether what was set by hand and agreed stands in the overlay of its environment."""
    expected = "what was agreed stands in the overlay of its environment, with the value that runs"
    why = "What only a release knows is lost with the next training; what a file says, everybody can read."
    found = ws.worlds.read(model)
    missing, written = [], []
    for place, keys in begun(ws, baseline, model).agreed.items():
        for key, value in keys.items():
            one = _value(found, key, place)
            is_there = one.get("now") == value and one.get("file") == _overlay(found, place)
            (written if is_there else missing).append(f"{key} {_shown(value)} in {one.get('file')}")
    if missing:  # which key that is, is a question of its own
        seen = f"{words.counted(len(missing), 'value')} that runs and was agreed stands in no overlay"
        return Verdict(False, seen, expected, why, TABLE)
    return Verdict(True, "; ".join(written) or "nothing was agreed", expected, why, TABLE)


@check
@about_files(TABLE)
def rest_is_gone(ws: Workspace, baseline: Baseline, model: str) -> Verdict:
    """Tell whether the files say nothing new but what was agreed, and still all that they said."""
    expected = "the files say what they said when each version went live, and what was agreed"
    why = "An edit that nobody stands up for is no decision: writing it down does not make it one."
    found, before = ws.worlds.read(model), begun(ws, baseline, model)
    if problem := next((one.problem for one in found.worlds if one.problem), None):
        return Verdict(False, f"nobody can tell what the files say: {problem}", expected, why, TABLE)
    other: dict[str, list[str]] = {}
    for place, said in before.said.items():
        for key in dict.fromkeys([*said, *(one.key for one in found.settings)]):
            if key not in before.keys and (now := _value(found, key, place).get("now")) != said.get(key):
                told = f"{key}: the files say {_shown(now)}, and said {_shown(said.get(key))}"
                other.setdefault(told, []).append(place)
    if other:
        seen = "; ".join(f"{told}, for {', '.join(places)}" for told, places in [*other.items()][:2])
        return Verdict(False, seen, expected, why, TABLE)
    return Verdict(True, f"{len(before.said)} environments, and no other key was changed", expected, why, TABLE)


@check
@about_files(TABLE)
def all_run_as_written(ws: Workspace, baseline: Baseline, model: str) -> Verdict:
    """Tell whether every environment runs the very config that its files say now."""
    expected = "in each environment what runs is what its files say"
    why = "Staging proves something about production only where nothing differs by hand."
    found = ws.worlds.read(model)
    here = {one.environment: one for one in found.worlds}
    if missing := [place for place in ENVIRONMENTS if place not in here]:
        return Verdict(False, f"nothing is live in {missing[0]}", expected, why, TABLE)
    if unknown := next((one for one in found.worlds if one.now_sha256 is None), None):
        seen = f"nobody can tell what the file of {unknown.environment} says"
        return Verdict(False, f"{seen}: {unknown.problem or 'it was trained without one'}", expected, why, TABLE)
    apart: dict[tuple[str, str, str], list[str]] = {}
    for one in found.differing:
        for place, value in one.values.items():
            if value["running"] != value["now"]:
                says = f"{value['file']} says {_shown(value['now'])}"
                apart.setdefault((one.key, _shown(value["running"]), says), []).append(place)
    if apart:
        told = [f"{key} runs at {runs} in {', '.join(places)}, {says}" for (key, runs, says), places in apart.items()]
        return Verdict(False, "; ".join(told[:3]), expected, why, TABLE)
    seen = ", ".join(f"{one.environment} v{one.model['version']}" for one in found.worlds)
    return Verdict(True, f"{seen}: each as its files say", expected, why, TABLE)


@check
def told_what_was_agreed(ws: Workspace, baseline: Baseline, model: str, stop: str, question: str) -> Verdict:
    """Tell whether the key that was named is the one whose run says that it was agreed."""
    expected = "the key that a run says was agreed, and no file has"
    why = "A config does not say whether it is meant. Who decided it says so: in a note, a reason, a file."
    where = Where("release", "Release, Audit log", {"view": "Audit log"})
    said = answered(ws, stop, question)
    if not said:
        return Verdict(False, "no answer yet", expected, why, where)
    ok = said in begun(ws, baseline, model).keys
    return Verdict(ok, f"your answer {said}{'' if ok else ', which nobody agreed to'}", expected, why, where)


@check
@about_files(TABLE)
def fresh_drift_is_heard(ws: Workspace, baseline: Baseline, model: str) -> Verdict:
    """Change every number of the shared file on a copy, and tell whether each is named wherever no overlay differs."""
    expected = "on a copy, each number that is changed in the shared file is named wherever no overlay differs"
    why = "An overlay that repeats what the file says makes a key meant: then nothing is ever heard of it again."
    file = next((one.file for one in ws.worlds.read(model).worlds if one.file), "")
    if not (ws.path / file).is_file() or Path(file).is_absolute():
        return Verdict(False, "there is no config file in this workspace to change", expected, why, TABLE)
    changed, silent = unheard(ws.path, ws.head(), _texts(ws), model, file)
    name = Path(file).name
    if silent:
        key, place = silent[0]
        seen = f"on a copy {key} was changed in {name}, and nobody would hear of it in {place}"
        return Verdict(False, f"{seen} ({len(silent)} such)", expected, why, TABLE)
    seen = f"on a copy {words.counted(changed, 'number')} changed in {name}, and each was named"
    return Verdict(changed > 0, seen, expected, why, TABLE)


@lru_cache(maxsize=128)  # everybody who looks at the panel asks, and a copy takes a twentieth of a second
def unheard(
    path: Path, head: int, texts: tuple[tuple[str, str], ...], model: str, file: str
) -> tuple[int, tuple[tuple[str, str], ...]]:
    """Change the numbers of a config file on a copy; return how many, and of which no environment hears that should."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        copy = Workspace.open(path, create=False).fork(Path(folder) / "copy")
        shared = copy.path / file
        base, text = configs.load(shared).params, shared.read_text(encoding="utf-8")
        numbers = [key for key, value in base.items() if type(value) in (int, float)]
        before = {one.key: one.values for one in copy.worlds.read(model).settings}
        for key in numbers:
            text = config_files.with_value(text, key, another(base[key]))
        shared.write_text(text, encoding="utf-8", newline="\n")
        stray = {one.key: one.stray for one in copy.worlds.read(model).unintended}
    return len(numbers), tuple(
        (key, place)
        for key in numbers
        for place in ENVIRONMENTS
        if before[key].get(place, {}).get("now") == base[key] and place not in stray.get(key, ())
    )


def another(value: Any) -> Any:
    """Return a number near one, which is as valid.

    Examples
    --------
    >>> another(100), another(0.35)
    (101, 0.315)
    """
    return value + 1 if isinstance(value, int) else round(0.9 * float(value), 6)


def _texts(ws: Workspace) -> tuple[tuple[str, str], ...]:
    """Return what the config files of a workspace say: they change without an event."""
    found = sorted((ws.path / config_files.FOLDER).glob("*.y*ml"))
    return tuple((one.name, one.read_text(encoding="utf-8", errors="replace")) for one in found)


def _value(found: WhatRunsWhere, key: str, place: str) -> Mapping[str, Any]:
    return next((one.values.get(place, {}) for one in found.settings if one.key == key), {})


def _overlay(found: WhatRunsWhere, place: str) -> str | None:
    return next((one.overlay for one in found.worlds if one.environment == place), None)


def _shown(value: Any) -> str:
    return "nothing" if value is None else words.setting(value)
