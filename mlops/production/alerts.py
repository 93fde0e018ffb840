"""Alerts: what a live model's months say that somebody should look at - once, until it is over.

An alert is raised where a *limit* is crossed or where something *changed* beyond luck, and is the same alert as long as
that holds: next month nobody is told again. Who has looked acknowledges it, with a reason; it resolves by itself once
the newest month says otherwise. Each of these is an event, and a JSON line in ``alerts.log`` beside the ledger, for
whatever program watches a log.

Levels follow what is known: *critical* is harm that outcomes have shown, or a fault of the data; *warning*, what may do
harm; *info*, what is worth knowing. Inputs that moved are never critical: drift is not harm.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import takewhile
from typing import Any, Literal

from mlops.base.artifacts import Artifacts, disk_errors
from mlops.base.clock import Instant
from mlops.base.environments import Environment, check_environment
from mlops.base.errors import ConflictError, InvalidError
from mlops.base.ledger import Ledger, writes
from mlops.base.records import Record, canonical_json, check_text, new_id
from mlops.base.view import View
from mlops.models import metrics
from mlops.models.intervals import apart
from mlops.production.drift import LARGE
from mlops.production.monthly import Month, Months
from mlops.production.performance import FEW
from mlops.release.gate_rules import rule_of
from mlops.release.releases import the_watched

Level = Literal["info", "warning", "critical"]
Kind = Literal["limit", "change"]
Code = Literal["data_error", "inputs", "performance", "fall", "estimate"]

LOG = "alerts.log"
"""File of the workspace with a JSON line for each time that an alert was raised, acknowledged or resolved."""

SURE = 2.575829303548901 / 1.959963984540054
"""A fall is told by intervals of 99 %, so much wider than those of 95: a year has twelve chances of bad luck."""


@dataclass(frozen=True)
class Alert(Record):
    """Something that somebody should look at."""

    id: str
    environment: str
    model: str
    level: Level
    kind: Kind
    """limit: something is beyond what may be; change: it is not as it was the month before."""
    code: Code
    what: str
    """What is the case, in a sentence or two."""
    month: str
    """The month that says so: of several that do so one after the other, the first."""
    columns: tuple[str, ...]
    """The inputs that it is about, if it is about some."""
    since: Instant
    """When it was raised."""
    status: Literal["open", "acknowledged", "resolved"]
    reason: str | None
    """What was said when it was acknowledged."""
    acknowledged_by: str | None
    acknowledged_at: Instant | None
    resolved_at: Instant | None


@dataclass(frozen=True)
class Signal:
    """What months say now."""

    level: Level
    kind: Kind
    code: Code
    what: str
    month: str
    columns: tuple[str, ...] = ()

    def is_about(self, alert: Alert) -> bool:
        """Tell whether an alert says the same already; a fall is another one each month."""
        return (self.code, self.columns) == (alert.code, alert.columns) and (
            self.kind == "limit" or self.month == alert.month
        )


class Alerts:
    """The alerts of one workspace."""

    def __init__(self, ledger: Ledger, artifacts: Artifacts) -> None:
        self._ledger = ledger
        self._artifacts = artifacts

    def list(self, environment: str = "production", model: str | None = None) -> list[Alert]:
        """Return all alerts about a live model, newest first, resolved ones included."""
        place = check_environment(environment)
        with self._ledger.read() as view:
            return of(view, place, the_watched(view, place, model))

    @writes
    def update(self, environment: str = "production", model: str | None = None) -> Sequence[Alert]:
        """Raise what is new and resolve what is over; where neither is, nothing is written.

        Returns
        -------
        list of Alert
            Those that are not resolved, newest first.
        """
        place = check_environment(environment)
        with self._ledger.read() as view:
            name, margin = the_watched(view, place, model), rule_of(view, place).margin
        months = Months(self._ledger, self._artifacts, place, name).all
        with self._ledger.write() as tx:
            standing = _standing(of(tx, place, name))
            over, new = judged(months, margin, standing)
            for one in over:
                tx.append("alert.resolve", one.id, {"status": "resolved", "resolved_at": tx.at})
            for signal in new:
                raised = Alert.of({**vars(signal), "id": new_id("a"), "environment": place, "model": name})
                raised = replace(raised, since=tx.at, status="open")
                tx.append("alert.raise", raised.id, raised.as_dict())
        self._log()
        return _standing(self.list(place, name))

    @writes
    def acknowledge(self, alert_id: str, reason: str) -> Alert:
        """Say that somebody has looked at an alert, and what they found.

        Raises
        ------
        NotFoundError
            If no alert goes by that id.
        InvalidError
            If no reason is given.
        ConflictError
            If it is resolved.
        """
        if not check_text(reason, "reason").strip():
            raise InvalidError("An alert that is put away without a reason teaches nobody.", "Say what you found.")
        with self._ledger.write() as tx:
            alert = Alert.of(tx.resolve("alert", alert_id))
            if alert.status == "resolved":
                raise ConflictError(f"{alert.id} was resolved at {alert.resolved_at}.", "There is nothing left to do.")
            said = {"status": "acknowledged", "reason": reason, "acknowledged_by": tx.actor, "acknowledged_at": tx.at}
            alert = Alert.of(tx.append("alert.acknowledge", alert.id, said))
        self._log()
        return alert

    def _log(self) -> None:
        """Add to the log file what is not there yet, also what a killed process did not come to."""
        path = self._artifacts.path(LOG)
        with self._ledger.write() as tx, disk_errors(path, so="The alert is recorded. "):  # nobody else writes there
            rows = tx.happened(["alert.raise", "alert.acknowledge", "alert.resolve"]).fetchall()
            lines = [_line(kind, tx.record("alert", subject) or {}) for _, kind, subject, _ in rows]
            there = path.read_bytes().count(b"\n") if path.exists() else 0
            if lines[there:]:
                with open(path, "ab") as file:
                    file.writelines(lines[there:])


def of(view: View, environment: Environment, model: str) -> list[Alert]:
    """Return all alerts about a model in an environment, newest first."""
    records = [one for one in view.records("alert") if (one["environment"], one["model"]) == (environment, model)]
    return [Alert.of(record) for record in records]


def judged(months: Sequence[Month], margin: float, standing: Sequence[Alert]) -> tuple[list[Alert], list[Signal]]:
    """Tell which alerts are over, and what is to be raised.

    Parameters
    ----------
    months : sequence of Month
        The newest first.
    margin : float
        What a model may lose, as the release check of its environment has it.
    standing : sequence of Alert
        Those that are not resolved.
    """
    said = [*signals(months, margin)]
    drifted = (months[0].inputs or {}).get("drifted", {}) if months else {}
    is_over = {
        one.id: not {*one.columns} & {*drifted} if one.code == "inputs" else not any(s.is_about(one) for s in said)
        for one in standing
    }
    over, kept = ([one for one in standing if is_over[one.id] is so] for so in (True, False))
    new = [one for one in said if not any(one.is_about(alert) for alert in kept)]
    known = {column for one in kept for column in one.columns}
    fresh = [column for column in drifted if column not in known]
    if fresh and not any(one.code == "data_error" for one in said):
        new.append(_moved(months, {column: drifted[column] for column in fresh}))
    return over, new


def signals(months: Sequence[Month], margin: float) -> Iterator[Signal]:
    """Yield what months say now, but for single inputs that moved."""
    for newest in months[:1]:
        if (newest.inputs or {}).get("verdict") == "data_error":
            since = _since(months, lambda one: (one.inputs or {}).get("verdict") == "data_error")
            yield Signal("critical", "limit", "data_error", str((newest.inputs or {})["why"]), since)
        ought, guess = newest.reference, newest.estimate if newest.n >= FEW and not newest.outcomes else None
        if guess and ought is not None and guess.high < ought - margin:
            what = f"By its scores alone the model reaches an AUC of {_number(guess.auc, guess.low, guess.high)}"
            yield Signal("warning", "limit", "estimate", f"{what}; {ought:.3f} at release.", newest.month)
    known = [one for one in months if one.outcomes and not one.outcomes.few and one.outcomes.high is not None]
    limited = bool(known) and _is_lost(known[0], margin)
    if limited:
        since = _since(known, lambda one: _is_lost(one, margin))
        yield Signal("critical", "limit", "performance", _lost(known[0], margin), since)
    # The first month beyond the limit has fallen as well: one cause, one alert.
    if len(known) > 1 and not (limited and not _is_lost(known[1], margin)) and _fell(known[0], known[1], margin):
        now, before = (_reached(one) for one in known[:2])
        what = f"{now} in {known[0].month} after {before} the month before: more than luck."
        yield Signal("warning", "change", "fall", what, known[0].month)


def _is_lost(month: Month, margin: float) -> bool:
    """Tell whether all of a month's interval lies below what ought to be by more than the margin."""
    high = month.outcomes.high if month.outcomes else None
    return month.ought is not None and high is not None and high < month.ought - margin


def _fell(now: Month, before: Month, margin: float) -> bool:
    """Tell whether a model lost more than a month before, beyond luck and by more than the margin."""
    ends = []
    for month in (before, now):
        found, ought = month.outcomes, month.ought
        if found is None or found.value is None or found.low is None or found.high is None or ought is None:
            return False
        to_low, to_high = found.low - found.value, found.high - found.value
        ends.append((found.value - ought, *(found.value - ought + SURE * to for to in (to_low, to_high))))
    return ends[1][0] < ends[0][0] - margin and apart(*ends)[1] < 0


def _lost(month: Month, margin: float) -> str:
    ought = f"{month.reference:.3f} at release" if month.best is None else f"{month.best:.3f} was the best achievable"
    return f"{_reached(month)} in {month.month}; {ought}. It lost more than {margin:g}, beyond luck."


def _reached(month: Month) -> str:
    found = month.outcomes
    return f"{metrics.title(found.metric)} {_number(found.value, found.low, found.high)}" if found else ""


def _number(value: float | None, low: float | None, high: float | None) -> str:
    return f"{value:.3f} ({low:.3f} to {high:.3f})"


def _moved(months: Sequence[Month], fresh: Mapping[str, float]) -> Signal:
    level: Level = "warning" if max(fresh.values()) >= LARGE else "info"
    named = ", ".join(f"{name} (PSI {psi:.2f})" for name, psi in fresh.items())
    what = f"Inputs moved: {named}. Drift is not harm: whether it hurts, only outcomes tell."
    since = _since(months, lambda one: bool({*fresh} & {*(one.inputs or {}).get("drifted", {})}))
    return Signal(level, "limit", "inputs", what, since, tuple(fresh))


def _since(months: Sequence[Month], holds: Callable[[Month], bool]) -> str:
    """Return the first of the newest months in all of which something holds."""
    return [*takewhile(holds, months)][-1].month


def _standing(alerts: Sequence[Alert]) -> list[Alert]:
    return [one for one in alerts if one.status != "resolved"]


def _line(kind: str, alert: Mapping[str, Any]) -> bytes:
    """Return what the log says of an event: when, what happened, and the alert as it was raised."""
    happened = kind.partition(".")[2]
    at = {"raise": "since", "acknowledge": "acknowledged_at", "resolve": "resolved_at"}[happened]
    facts = {name: alert[name] for name in ("id", "environment", "model", "level", "kind", "code", "month", "what")}
    why = {"reason": alert["reason"], "by": alert["acknowledged_by"]} if happened == "acknowledge" else {}
    return canonical_json({"at": alert[at], "event": happened, **facts, **why}).encode() + b"\n"
