"""Releases: which model is and was live where, since when, and why. The one home of these questions.

A deployment is a row of history, not a pointer. In an environment one version of each model name is live at a time; it
is live from its deployment's `since` until the next one of its name, the end not included. A rollback is a new
deployment of an earlier version. A deployment that failed its health check is recorded and was never live.

What is live is the newest deployment of its place, found by an index: it costs the same after ten and after ten
thousand. This module reads; `deployments` acts.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from mlops.base.clock import Instant, parse_instant
from mlops.base.environments import Environment, check_environment
from mlops.base.errors import InvalidError, NotFoundError, shown
from mlops.base.formats import FROM_OUTSIDE, NAME, OF_PLACE, PLACE, STATUS
from mlops.base.ledger import Ledger
from mlops.base.records import Record, check_count, ref_of
from mlops.base.view import View

_ABOUT = (
    f"SELECT seq, {{what}} FROM records WHERE {OF_PLACE} {{but}} "
    f"UNION ALL SELECT seq, {{what}} FROM records WHERE {FROM_OUTSIDE} {{but}} ORDER BY seq"
)
"""What happened to a model name in an environment, oldest first."""

_NEWEST = _ABOUT.format(what="record", but=f"AND {STATUS} = 'live'") + " DESC LIMIT 1"
_OWN = f"SELECT seq, record FROM records WHERE {OF_PLACE} ORDER BY seq DESC LIMIT ?"
_ALL = f"SELECT * FROM ({_OWN}) UNION ALL SELECT seq, record FROM records WHERE {FROM_OUTSIDE} ORDER BY seq DESC"
_MOVES = _ABOUT.format(what="json_extract(record, '$.status', '$.action', '$.model', '$.replaced')", but="")


@dataclass(frozen=True)
class Deployment(Record):
    """One decision about what is live in an environment."""

    deployment_id: str
    action: Literal["deploy", "rollback"]
    environment: Environment
    model: Mapping[str, str]
    """``{name, version, sha256}``."""
    at: Instant
    since: Instant | None
    """When it went live; None if it failed."""
    until: Instant | None
    """When the next one of its name went live; None while it is live."""
    deployed_by: str
    reason: str
    status: Literal["live", "failed"]
    gate: Mapping[str, Any] | None
    """The gate's answer; None for a rollback."""
    override: str | None
    """Why staging or statistics were overruled, if they were."""
    replaced: Mapping[str, str] | None
    """The version that was live before under its name; in workspaces of format 1, under whatever name."""
    config: Mapping[str, Any] | None
    """``{effective, rendered, effective_sha256, rendered_sha256, file, problem}``: what runs, and what its config file
    said for the environment at that moment (see `worlds`); None if it is older than that was kept."""

    def held(self, at: Instant) -> bool:
        """Tell whether it was live at an instant."""
        return self.since is not None and self.since <= at and (self.until is None or at < self.until)


@dataclass(frozen=True)
class Move:
    """A deployment at its place in the history: many have the same instant where a simulated date stands still."""

    event: int
    """Number of its event."""
    ended_by: int | None
    """Number of the event that ended it; None while it is live, and for one that never was."""
    deployment: Deployment


@dataclass(frozen=True)
class LiveAnswer(Record):
    """What was live in an environment at an instant, and the whole chain behind it."""

    environment: Environment
    at: Instant
    model: Mapping[str, str] | None
    since: Instant | None
    until: Instant | None
    deployed_by: str | None
    reason: str | None
    data: Mapping[str, Any] | None
    """``{name, version, sha256}`` it learned from."""
    config_sha256: str | None
    run_id: str | None


class Releases:
    """The history of releases of one workspace."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger

    def timeline(self, environment: str, model: str | None = None, newest: int | None = None) -> list[Deployment]:
        """Return the deployments of an environment, or of one model name there, oldest first, failed ones included.

        Parameters
        ----------
        newest : int, optional
            Only so many, the newest ones; no others are read.
        """
        target = check_environment(environment)
        with self._ledger.read() as view:
            return timeline_of(view, target, model, check_count(newest, "newest"))

    def moves(self, environment: str, newest: int | None = None) -> list[Move]:
        """Return the deployments of an environment with the numbers of their events, oldest first.

        Parameters
        ----------
        newest : int, optional
            Of each model name only so many, the newest ones; no others are read.
        """
        target = check_environment(environment)
        with self._ledger.read() as view:
            return _moves(view, target, _names(view, target), check_count(newest, "newest"))

    def earlier(self, environment: str, model: str) -> list[Deployment]:
        """Return what may be rolled back to: when each other version of a name was live there last, newest first.

        Whether one of them may take over today - it can be rejected, or damaged - is said by `Deployments.preview`.
        """
        target = check_environment(environment)
        with self._ledger.read() as view:
            return earlier_of(view, target, model)

    def all_live(self, environment: str) -> list[Deployment]:
        """Return what is live now: one deployment for each model name, oldest first."""
        target = check_environment(environment)
        with self._ledger.read() as view:
            return live_in(view, target)

    def newest_live(self, environment: str) -> Deployment | None:
        """Return what went live last of what is live now, whatever its name; None if nothing is.

        It is the last that was written, as several may go live at one instant of a simulated calendar.
        """
        return next(reversed(self.all_live(environment)), None)

    def live(self, environment: str, model: str | None = None) -> Deployment | None:
        """Return the deployment of a model name that is live now; without a name, of the only one that is.

        Raises
        ------
        InvalidError
            If several names are live and none was given.
        """
        target = check_environment(environment)
        with self._ledger.read() as view:
            check_known(view, model)
            return live_of(view, target, model) if model else only(live_in(view, target), f"are live in {target}", None)

    def live_at(self, time: str, environment: str, zone: str | None = None, model: str | None = None) -> LiveAnswer:
        """Answer what was live at an instant.

        Parameters
        ----------
        time : str
            As `clock.parse_instant` reads it: an offset in it wins, then `zone`, then UTC.
        zone : str, optional
            IANA time zone.
        model : str, optional
            Name of the model; the only one that was live then if not given.

        Returns
        -------
        LiveAnswer
            With `model` None if nothing was live.

        Raises
        ------
        InvalidError
            If the instant has not come yet, or several names were live then and none was given.
        """
        target, at = check_environment(environment), parse_instant(time, zone)
        with self._ledger.read() as view:
            at = view.past(at, zone)
            then = [one for one in timeline_of(view, target, model) if one.held(at)]
            found = only(then, f"were live in {target} at {at}", model)
            return _answer(view, found, at) if found else LiveAnswer.of({"environment": target, "at": at})

    def all_live_at(self, time: str, environment: str, zone: str | None = None) -> list[LiveAnswer]:
        """Answer what was live at an instant: one answer for each model name, oldest first; see `live_at`."""
        target, at = check_environment(environment), parse_instant(time, zone)
        with self._ledger.read() as view:
            at = view.past(at, zone)
            return [_answer(view, one, at) for one in timeline_of(view, target) if one.held(at)]


def timeline_of(
    view: View, environment: Environment, model: str | None = None, newest: int | None = None
) -> list[Deployment]:
    """Return the deployments of an environment, or of one model name there, oldest first; all, or the newest."""
    check_known(view, model)
    names = [model] if model is not None else _names(view, environment)
    found = [one.deployment for one in _moves(view, environment, names, newest)]
    return found if newest is None else found[max(len(found) - newest, 0) :]


def _moves(view: View, environment: Environment, names: Sequence[str], newest: int | None) -> list[Move]:
    moves = [one for name in names for one in _history(view, environment, name, newest)]
    return sorted(moves, key=lambda one: one.event)


def earlier_of(view: View, environment: Environment, model: str) -> list[Deployment]:
    """Return when each version of a name was live last in an environment, newest first; the live one is left out."""
    live, last = live_model(view, environment, model), dict[str, Deployment]()
    for one in reversed(timeline_of(view, environment, model)):
        if one.status == "live" and one.model != live:
            last.setdefault(one.model["version"], one)
    return [*last.values()]


def live_of(view: View, environment: Environment, name: str) -> Deployment | None:
    """Return the deployment of a model name that is live now in an environment."""
    found = _live(view, environment, name)
    return Deployment.of(found[1]) if found else None


def live_since(view: View, environment: Environment, name: str) -> int:
    """Return the number of the event with which a name's live version went live; 0 if nothing is."""
    found = _live(view, environment, name)
    return found[0] if found else 0


def live_model(view: View, environment: Environment, name: str) -> Mapping[str, str] | None:
    """Return name, version and hash of what is live now under a model name in an environment."""
    found = _live(view, environment, name)
    return found[1]["model"] if found else None


def live_in(view: View, environment: Environment) -> list[Deployment]:
    """Return what is live now in an environment: one deployment for each model name, oldest first."""
    found = [_live(view, environment, name) for name in _names(view, environment)]
    return [Deployment.of(record) for _, record in sorted(filter(None, found), key=lambda row: row[0])]


def was_live(view: View, environment: Environment, model: Mapping[str, str]) -> bool:
    """Tell whether a version of a model is or was live in an environment."""
    rows = view.select(
        "deployment",
        f"SELECT record FROM records WHERE {OF_PLACE} AND {STATUS} = 'live' ORDER BY seq DESC",
        (environment, model["name"]),
    )
    return any(json.loads(record)["model"] == model for (record,) in rows)


def the_live(view: View, environment: Environment, model: str | None = None) -> Deployment:
    """Return what is live in an environment under a name; without a name, the only one that is.

    Raises
    ------
    NotFoundError
        If nothing is live there, or not under that name.
    InvalidError
        If several names are live and none was given.
    """
    live = live_in(view, environment)
    if not live:
        raise NotFoundError(
            f"Nothing is live in {environment}.",
            f"Deploy a model: mlops deploy NAME@V --env {environment} --reason TEXT.",
        )
    found = only(live, f"are live in {environment}", model)
    if found is None:
        there = f"{_listed(live)} {'is' if len(live) == 1 else 'are'}"
        raise NotFoundError(
            f"{shown(model)} is not live in {environment}; {there}.", f"Use {live[-1].model['name']}@{environment}."
        )
    return found


def the_watched(view: View, environment: Environment, model: str | None = None) -> str:
    """Return the name under which answers are looked at: the given one, live or not; else the only one that is live."""
    check_known(view, model)
    return model or str(the_live(view, environment).model["name"])


def only(live: Sequence[Deployment], said: str, model: str | None) -> Deployment | None:
    """Return the deployment of a name among those that are live together; without a name, the only one."""
    found = [one for one in live if model in (None, one.model["name"])]
    if len(found) > 1:
        raise InvalidError(
            f"Several models {said}: {_listed(found)}.",
            f"Say which: --model {found[0].model['name']}, or {found[0].model['name']}@{found[0].environment}.",
        )
    return found[0] if found else None


def check_known(view: View, model: str | None) -> None:
    """Refuse a name under which nothing is registered; None is no name."""
    if model is not None and not view.subjects("model", f"{model}@"):
        known = {subject.partition("@")[0] for subject in view.subjects("model")}
        raise NotFoundError(
            f"No model is named {shown(model)}. Registered: {', '.join(sorted(known)) or 'none yet'}.",
            "Register a finished run first: mlops models register RUN --name NAME.",
        )


def release_stack(history: Iterable[Mapping[str, Any]], model: str) -> list[Mapping[str, str]]:
    """Return the versions under the live one of a name, oldest first, as rollbacks see them; the last one is live.

    A deploy puts a version on top. A rollback takes versions off until the one it names is on top; naming one
    that is no longer there puts it on top again.

    Parameters
    ----------
    history : iterable of mapping
        Deployments of one environment, oldest first: ``status``, ``action``, ``model`` and ``replaced`` of each.
    model : str
        Name of the model.
    """
    stack: list[Mapping[str, str]] = []
    for one in history:
        if one["status"] != "live":
            continue
        if one["model"]["name"] != model:
            # In format 1 a rollback could leave a version for one of another name, and for good as well.
            if one["action"] == "rollback" and stack and one["replaced"] == stack[-1]:
                stack.pop()
        elif one["action"] == "rollback" and one["model"] in stack[:-1]:
            stack.pop()
            while stack[-1] != one["model"]:
                stack.pop()
        else:
            stack.append(one["model"])
    return stack


def stack_of(view: View, environment: Environment, name: str) -> list[Mapping[str, str]]:
    """Return the versions under the live one of a name in an environment; see `release_stack`."""
    rows = view.select("deployment", _MOVES, (environment, name) * 2)
    moves = (dict(zip(("status", "action", "model", "replaced"), json.loads(move), strict=True)) for _, move in rows)
    return release_stack(moves, name)


def _history(view: View, environment: Environment, name: str, newest: int | None = None) -> list[Move]:
    """Return what happened to a name in an environment, newest first.

    A deployment ends the earlier one of its own name, and the one that its `replaced` names. New ones replace their own
    name only; those of format 1 replaced whatever was live, and what was live then stays true.
    """
    until, ended_by = None, None
    history = []
    place, most = (environment, name), -1 if newest is None else newest
    for seq, record in view.select("deployment", _ALL, (*place, most, *place)):
        one = json.loads(record)
        is_live = one["status"] == "live"
        if one["model"]["name"] == name:
            deployment = Deployment.of({**one, "until": until if is_live else None})
            history.append(Move(seq, ended_by if is_live else None, deployment))
        if is_live:
            until, ended_by = one["since"], seq
    return history


def _live(view: View, environment: Environment, name: str) -> tuple[int, dict[str, Any]] | None:
    """Return event number and record of what is live under a name; only this one is read."""
    for seq, record in view.select("deployment", _NEWEST, (environment, name) * 2):
        one = json.loads(record)
        if one["model"]["name"] == name:  # else another name took its place, in format 1
            return seq, one
    return None


def _names(view: View, environment: Environment) -> list[str]:
    """Return the model names that were deployed to an environment; from each the index leads to the next."""
    following = (
        f"SELECT {NAME} FROM records WHERE noun = 'deployment' AND {PLACE} = ? AND {NAME} > ? ORDER BY {NAME} LIMIT 1"
    )
    names = [""]
    while row := view.select("deployment", following, (environment, names[-1])).fetchone():
        names.append(row[0])
    return names[1:]


def _listed(live: Sequence[Deployment]) -> str:
    return ", ".join(f"{one.model['name']} {one.model['version']}" for one in live)


def _answer(view: View, found: Deployment, at: Instant) -> LiveAnswer:
    model = view.record("model", ref_of(found.model)) or {}
    run = view.record("run", model["run_id"]) or {}
    return LiveAnswer(
        environment=found.environment,
        at=at,
        model=found.model,
        since=found.since,
        until=found.until,
        deployed_by=found.deployed_by,
        reason=found.reason,
        data=run.get("data"),
        config_sha256=run.get("config_sha256"),
        run_id=run.get("run_id"),
    )
