"""Checks of going back: what was live when, an answer given again, a model that can be trusted, a history kept."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from decimal import Decimal
from itertools import pairwise
from typing import Any

from mlops import Workspace
from mlops.base.clock import parse_instant
from mlops.base.events import EVENT_FIELDS, GENESIS, digest
from mlops.base.records import canonical_json, ref_of
from mlops.release.releases import release_stack
from playground.course.checks.noted import answered
from playground.course.verdict import Baseline, Verdict, Where, check, events_since
from playground.words import moment, short

SEARCHED = 10_000
"""Newest logged requests among which one is looked for."""


@check
def told_what_was_live(
    ws: Workspace, baseline: Baseline, stop: str, question: str, time: str, tz: str, environment: str
) -> Verdict:
    """Tell whether the answer to "what was live then?" is what the history says."""
    expected = f"the version that was live in {environment} at {time} in {tz}"
    why = "One version was live then. A time needs its zone; staging and a failed deployment serve no customer."
    where = Where("release", "Release, the list of events")
    said = answered(ws, stop, question)
    live = ws.live_at(time, environment, tz)
    if not said:
        return Verdict(False, "no answer yet", expected, why, where)
    if live.model is not None and said == live.model["version"]:
        seen = f"your answer v{said}, live {moment(live.since)} to {moment(live.until) or 'now'}"
        return Verdict(True, seen, expected, why, where)
    return Verdict(False, f"your answer v{said}, which was not live then", expected, why, where)


@check
def replayed(ws: Workspace, baseline: Baseline, stop: str, question: str, customer: str, time: str, tz: str) -> Verdict:
    """Tell whether a logged answer was given again and read off to the last digit."""
    at = parse_instant(time, tz)
    expected = f"the probability that a replay gives for {customer} as asked at {time} in {tz}, to the last digit"
    why = "An old answer can only be explained by the very model that gave it."
    found = next((one for one in ws.predictions.list(SEARCHED) if one["id"] == customer and one["at"] == at), None)
    if found is None:
        seen = f"no request about {customer} of {moment(at)} is in the log"
        return Verdict(False, seen, expected, why, Where("predict", "Predict, logged answers"))
    where = Where("predict", "Predict, replay", {"replay": found["prediction_id"]}, found["prediction_id"])
    said = answered(ws, stop, question)
    if not said:
        return Verdict(False, "no answer yet", expected, why, where)
    again = ws.predictions.replay(found["prediction_id"])
    if not again.equal:
        return Verdict(False, f"{short(found['prediction_id'])} was not answered as it was then", expected, why, where)
    number = _number(said)
    if number == _score(again.recomputed):
        return Verdict(True, f"{said}, by {ref_of(again.model)}, as it was logged", expected, why, where)
    near = number is not None and abs(number - _score(again.recomputed)) < 0.01
    missing = "That is rounded; every digit counts." if near else "That is another answer, perhaps of another time."
    return Verdict(False, f"your answer {said}", expected, f"{missing} {why}", where)


def _number(text: str) -> float | None:
    """Read a number to the last digit; it may have a decimal comma, and be in percent."""
    said = text.replace(",", ".").strip()
    with suppress(ArithmeticError, ValueError):
        number = Decimal(said.removesuffix("%").strip())
        return float(number.scaleb(-2) if said.endswith("%") else number)
    return None


def _score(answer: Any) -> float:
    return float(next(value for key, value in answer.items() if key.endswith("_probability")))


@check
def known_good_live(ws: Workspace, baseline: Baseline, environment: str, model: str) -> Verdict:
    """Tell whether what serves now was trusted before the bad release, or passed the release check since.

    Trusted are the versions that a rollback can reach: live before, and not left by a rollback since. The release check
    compares with what is live, and beside a bad model another one of the same data looks fine.
    """
    expected = f"in {environment} a version that served well before, or one of other data that passed the release check"
    why = "Customers first: going back takes a minute, finding the cause may take a day."
    new = {event["subject"]: event["seq"] for event in events_since(ws, baseline) if _is_deployment(event)}
    timeline = ws.releases.timeline(environment, model)
    before = [one.as_dict() for one in timeline if one.deployment_id not in new]
    *trusted, bad = release_stack(before, model)
    live = ws.releases.live(environment, model)
    if live is None:
        return Verdict(False, f"nothing is live in {environment}", expected, why, Where("release", "Release"))
    back = {"view": "Roll back"}
    where = Where("release", "Release, Roll back", back, live.deployment_id, new.get(live.deployment_id))
    seen = f"v{live.model['version']} is live since {moment(live.since)}"
    if live.model == bad:
        return Verdict(False, f"{seen}: the one the complaints are about", expected, why, where)
    checked = live.deployment_id in new and live.gate and live.gate["outcome"] == "pass" and live.override is None
    learned, data = _learned_from(ws, live.model), _learned_from(ws, bad)
    if live.model in trusted or (checked and learned["sha256"] != data["sha256"]):
        return Verdict(True, seen, expected, why, where)
    if checked:
        left = f"{seen}: it learned from {ref_of(learned)}, as the one did that the complaints are about"
        return Verdict(False, left, expected, why, where)
    left = f"{seen}: it was left by a rollback, or never served" if live.action == "rollback" else f"{seen}, unchecked"
    return Verdict(False, left, expected, why, where)


def _learned_from(ws: Workspace, model: Mapping[str, str]) -> Mapping[str, Any]:
    return ws.runs.get(ws.models.get(ref_of(model)).run_id).data


def _is_deployment(event: dict[str, Any]) -> bool:
    return bool(event["kind"].startswith("deployment."))


@check
def history_kept(ws: Workspace, baseline: Baseline, environment: str, model: str) -> Verdict:
    """Tell whether all that had happened before still stands as it was, and the releases as their events say."""
    expected = f"the first {baseline.event} events as they were, and every release on record"
    why = "Only a history that is never rewritten can answer what was live. A rollback adds to it."
    events = ws.log()
    if (broken := _broken(events)) is not None:
        seen = f"event {broken['seq']} ({broken['kind']}) is not what its hash says"
        return Verdict(
            False, seen, expected, why, Where("release", "Release, history", {}, broken["subject"], broken["seq"])
        )
    then = next((event for event in events if event["seq"] == baseline.event), None)
    if baseline.event and (then is None or then["sha256"] != baseline.head_sha256):
        seen = f"event {baseline.event} is {'gone' if then is None else 'another one than when this stop began'}"
        return Verdict(False, seen, expected, why, Where("release", "Release, history", {}, None, baseline.event))
    told = {one.deployment_id: (one.model, one.status) for one in ws.releases.timeline(environment, model)}
    if (other := _told_otherwise(events, told, (environment, model))) is not None:
        seen = f"the release of event {other['seq']} is not on the list as it happened"
        where = Where("release", "Release, history", {}, other["subject"], other["seq"])
        return Verdict(False, seen, expected, why, where)
    seen = f"{len(events)} events, each proving the one before, and {len(told)} releases to {environment}"
    return Verdict(True, seen, expected, why, Where("release", "Release, history"))


def _told_otherwise(
    events: list[dict[str, Any]], told: dict[str, Any], place: tuple[str, str]
) -> dict[str, Any] | None:
    """Return the first release to a place that the list tells otherwise than its event does."""
    for event in filter(_is_deployment, events):
        changes = event["payload"]["changes"]
        here = (changes["environment"], changes["model"]["name"]) == place
        if here and told.get(event["subject"]) != (changes["model"], changes["status"]):
            return event
    return None


def _broken(events: list[dict[str, Any]]) -> dict[str, Any] | None:
    """Return the first event that does not prove the one before it."""
    names = EVENT_FIELDS.split(", ")[:-1]
    for before, event in pairwise([{"sha256": GENESIS, "seq": 0}, *events]):
        fields = tuple(canonical_json(event[name]) if name == "payload" else event[name] for name in names)
        linked = event["prev_sha256"] == before["sha256"] and event["seq"] == before["seq"] + 1
        if not linked or digest(fields) != event["sha256"]:
            return event
    return None
