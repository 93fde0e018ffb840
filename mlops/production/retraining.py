"""Retraining: when a live model should learn again, and how that goes.

Outcomes come late, so what can be learned today is a *window*: the latest months whose outcomes are known. A retraining
joins them as a version, trains the config of what is live on it, and asks the release check on the latest month, with
the rows that neither model has seen; only what passes is promoted. Each step is on record, whoever began it.

A *rule* says when that is due, and whether it is then only suggested. Drift is not harm, and when inputs move, the
outcomes of these rows are not known yet; harm is what outcomes show.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal, get_args

from mlops.base.artifacts import Artifacts
from mlops.base.clock import Instant
from mlops.base.environments import Environment, check_environment
from mlops.base.errors import ConflictError, InvalidError, shown
from mlops.base.ledger import Ledger, writes
from mlops.base.records import Record, check_text, new_id, ref_of
from mlops.base.view import View
from mlops.data.datasets import Datasets
from mlops.experiments.progress import STEPS, Step
from mlops.experiments.runs import Run, Runs
from mlops.production import alerts, windows
from mlops.production.windows import Window
from mlops.release.deployments import Deployments
from mlops.release.gate import GateReport
from mlops.release.registry import LoadedModel, Models, ModelVersion
from mlops.release.releases import Deployment, the_live
from mlops.training import orders, pipeline

When = Literal["never", "scheduled", "on_outcomes", "on_drift"]
Act = Literal["suggest", "retrain"]

SIGNS: dict[str, tuple[str, ...]] = {"on_outcomes": ("performance", "fall"), "on_drift": ("inputs",)}
"""Which alerts make a retraining due."""

MONTHS, MOST_MONTHS = 2, 24
"""Months of a window if nobody says, and at most. After a change of law each older month teaches the old law; one month
alone is noise. Measured on the sample in the decision record 50."""

ALLOWED: dict[str, Sequence[Any]] = {
    "when": get_args(When), "act": get_args(Act), "months": range(1, MOST_MONTHS + 1),
}  # fmt: skip
"""What each part of a rule may be."""

NEVER = "The rule is never to retrain by itself."

Told = Callable[[str, float | None], None]
"""Called with what is being done, and which part of it all is over by then."""


@dataclass(frozen=True)
class RetrainRule(Record):
    """When a model is retrained, and by whom."""

    environment: Environment
    model: str
    when: When
    """never; scheduled: whenever the outcomes of another month are known; on_outcomes: if they show harm as well;
    on_drift: if inputs moved instead."""
    act: Act
    """suggest: a person decides; retrain: whoever lets time pass does it."""
    months: int
    """How many of the latest months with known outcomes it learns from."""
    reason: str | None
    """Why somebody set it; None for the rule that every model begins with."""
    set_by: str | None
    at: Instant | None


@dataclass(frozen=True)
class Due(Record):
    """Whether a retraining is due by the rule, now."""

    environment: Environment
    model: str
    due: bool
    why: str
    months: tuple[str, ...]
    """The versions that it would learn from, newest first."""


@dataclass(frozen=True)
class Retraining(Record):
    """One retraining, and what came of it."""

    retraining_id: str
    environment: Environment
    model: str
    at: Instant
    by: str
    reason: str
    before: str
    """The version that was live: ``churn_model@1.0.0``."""
    window: str
    """The version of the data that it learned from."""
    months: tuple[str, ...]
    """The versions that were joined to it, newest first."""
    left_out: tuple[Any, ...]
    """``{data, why}`` of months whose data have a fault."""
    run_id: str
    candidate: str
    """The version that was registered."""
    checked_on: str
    """The latest month: the check compared on its rows that neither had seen."""
    gate: Any
    """The answer of the release check; see `GateReport`."""
    staged: bool
    promoted: bool
    why: str
    """What came of it, in a sentence."""


class Retrainer:
    """The retraining of the live models of one workspace."""

    def __init__(self, ledger: Ledger, artifacts: Artifacts) -> None:
        self._ledger = ledger
        self._artifacts = artifacts

    def rule(self, environment: str = "production", model: str | None = None) -> RetrainRule:
        """Return the rule of a live model that is in force; without a name, of the only one."""
        place = check_environment(environment)
        with self._ledger.read() as view:
            return _rule(view, place, the_live(view, place, model).model["name"])

    @writes
    def set_rule(
        self,
        environment: str = "production",
        model: str | None = None,
        *,
        when: str | None = None,
        act: str | None = None,
        months: int | None = None,
        reason: str = "",
    ) -> RetrainRule:
        """Set the rule of a live model; a part that is not given stays as it is.

        Parameters
        ----------
        when : {"never", "scheduled", "on_outcomes", "on_drift"}, optional
            When a retraining is due.
        act : {"suggest", "retrain"}, optional
            Whether it is then only suggested.
        months : int, optional
            How many of the latest known months it learns from.
        reason : str
            Why; it stays on record.
        """
        place, said = check_environment(environment), {"when": when, "act": act, "months": months}
        for word, value in said.items():
            if value is not None and value not in ALLOWED[word]:
                known = f"1 to {MOST_MONTHS}" if word == "months" else ", ".join(map(str, ALLOWED[word]))
                raise InvalidError(f"{shown(value)} cannot be `{word}` of a rule.", f"Use {known}.")
        if all(value is None for value in said.values()):
            raise InvalidError("A reason alone sets no rule.", "Say when, what is done then, or how many months.")
        check_text(reason, "reason")
        with self._ledger.write() as tx:
            name = the_live(tx, place, model).model["name"]
            changes = {word: value for word, value in said.items() if value is not None}
            changes |= {"environment": place, "model": name, "reason": reason, "set_by": tx.actor, "at": tx.at}
            tx.append("retrain_rule.set", f"{place}/{name}", changes)
            return _rule(tx, place, name)

    def due(self, environment: str = "production", model: str | None = None) -> Due:
        """Say whether a retraining is due by the rule, and why."""
        place = check_environment(environment)
        with self._ledger.read() as view:
            live = the_live(view, place, model)
            rule = _rule(view, place, live.model["name"])
            raised = [one for one in alerts.of(view, place, rule.model) if one.status != "resolved"]
        window = self._window(ref_of(live.model), rule.months)[1]
        signs = [one for one in raised if one.code in SIGNS.get(rule.when, ())]
        due, why = self._judged(rule, window, signs[0].what if signs else None)
        return Due(place, rule.model, due, why, window.versions)

    def _judged(self, rule: RetrainRule, window: Window, sign: str | None) -> tuple[bool, str]:
        if not window.new:
            return False, "It has learned from all months whose outcomes are known."
        known = f"The outcomes of {', '.join(reversed(window.new))} are known, and it has not learned from them."
        last = next(iter(self.list(rule.environment, rule.model)), None)
        if rule.when == "never":
            return False, f"{known} {NEVER}"
        if rule.when in SIGNS and sign is None:
            quiet = {"on_outcomes": "No outcomes show harm", "on_drift": "No input has moved"}
            return False, f"{known} {quiet[rule.when]}."
        if last is not None and last.months == window.versions and not last.promoted:
            return False, f"A retraining on these months was tried: {last.why}"
        return True, f"{sign} {known}" if sign else known

    def list(self, environment: str | None = None, model: str | None = None) -> list[Retraining]:
        """Return the retrainings there were, newest first: all, or those of an environment or a model."""
        with self._ledger.read() as view:
            found = [Retraining.of(record) for record in view.records("retraining")]
        return [one for one in found if environment in (None, one.environment) and model in (None, one.model)]

    @writes
    def follow(
        self, environment: str = "production", model: str | None = None, on_step: Told | None = None
    ) -> Retraining | Due:
        """Do what the rule says: retrain if that is due and not only suggested.

        Returns
        -------
        Retraining or Due
            What came of it; else whether it is due.
        """
        rule = self.rule(environment, model)
        if rule.when == "never":
            return Due(rule.environment, rule.model, False, NEVER, ())
        due = self.due(environment, model)
        if not due.due or rule.act == "suggest":
            return due
        return self.retrain(environment, model, reason=due.why, on_step=on_step)

    @writes
    def retrain(
        self,
        environment: str = "production",
        model: str | None = None,
        *,
        reason: str,
        months: int | None = None,
        on_step: Told | None = None,
    ) -> Retraining:
        """Train what is live again on the latest months whose outcomes are known, and promote it if it passes.

        One that was interrupted on the same months goes on where it stopped.

        Parameters
        ----------
        model : str, optional
            Name of the model; the only one that is live if not given.
        reason : str
            Why; it stays on record.
        months : int, optional
            How many of the latest known months; as many as the rule says if not given.
        on_step : callable, optional
            Called with what is being done and which part of it is over. What it raises ends it; what is recorded stays.

        Raises
        ------
        ConflictError
            If it has learned from all that is known already; nothing is recorded then.
        """
        place, say = check_environment(environment), on_step or (lambda says, part: None)
        check_text(reason, "reason")
        with self._ledger.read() as view:
            live = the_live(view, place, model)
            rule = _rule(view, place, live.model["name"])
        before, window = self._window(ref_of(live.model), months or rule.months)
        if not window.new:
            raise ConflictError(
                f"{before.version.ref} has learned from all months whose outcomes are known: "
                f"{', '.join(window.versions) or 'there are none'}.",
                "Wait until the outcomes of another month are known.",
            )
        say("Rows with known outcomes are joined", 0.0)
        name = window.check_on.partition("@")[0]
        why = f"to learn from again: {', '.join(reversed(window.versions))}"
        data = Datasets(self._ledger, self._artifacts).join(window.versions, name, message=why)
        run = self._trained(before, data.ref, reason, say)
        say("The release check looks at the latest month", 0.8)
        candidate = self._candidate(run, before)
        report, staged, promoted = self._released(candidate, live, window.check_on, reason)
        with self._ledger.write() as tx:
            done = Retraining(
                retraining_id=new_id("t"),
                environment=place,
                model=candidate.name,
                at=tx.at,
                by=tx.actor,
                reason=reason,
                before=before.version.ref,
                window=data.ref,
                months=window.versions,
                left_out=window.left_out,
                run_id=run.run_id,
                candidate=candidate.ref,
                checked_on=window.check_on,
                gate=report.as_dict(),
                staged=staged,
                promoted=promoted,
                why=_told(candidate, data.ref, report, promoted),
            )
            tx.append("retraining.end", done.retraining_id, done.as_dict())
        return done

    def _window(self, ref: str, months: int) -> tuple[LoadedModel, Window]:
        """Return a live model, and what it could learn from next."""
        live = Models(self._ledger, self._artifacts).load(ref)
        learned = Datasets(self._ledger, self._artifacts).get(live.version.data_version)
        return live, windows.of(self._ledger, self._artifacts, learned, live.signature, months)

    def _trained(self, live: LoadedModel, data: str, reason: str, say: Told) -> Run:
        """Train the config of what is live on other data, unless a retraining that was interrupted came so far."""
        runs, datasets = Runs(self._ledger, self._artifacts), Datasets(self._ledger, self._artifacts)
        params, ended = runs.get(live.version.run_id).params, {one.run_id for one in self.list()}
        for run in runs.list(f"status = 'finished' and tags.retrains = '{live.version.version}'"):
            if (ref_of(run.data), run.params) == (data, params) and run.run_id not in ended:
                return run
        config = runs.text(live.version.run_id, "config.yaml")
        order = orders.take(datasets, config, {}, data, note=reason, tags={"retrains": live.version.version})

        def on_step(step: Step) -> None:
            if step.status == "running":
                say(f"It learns: {step.name}", 0.1 + 0.7 * STEPS.index(step.name) / len(STEPS))

        return pipeline.train(self._ledger, self._artifacts, order, on_step)

    def _candidate(self, run: Run, live: LoadedModel) -> ModelVersion:
        """Register a run, unless that was done already."""
        models, name = Models(self._ledger, self._artifacts), live.version.name
        for one in models.list():
            if (one.run_id, one.name, one.status) == (run.run_id, name, "candidate"):
                return one
        return models.register(run, name, card=live.version.card)

    def _released(
        self, candidate: ModelVersion, live: Deployment, data: str, reason: str
    ) -> tuple[GateReport, bool, bool]:
        """Rehearse a candidate, ask the release check, and promote it if that passes."""
        deployments, place = Deployments(self._ledger, self._artifacts), live.environment
        if (staged := place == "production") and "staging" not in candidate.live_in:
            deployments.deploy(candidate.ref, "staging", reason)
        report = deployments.gate(candidate.ref, place, data if staged else None)
        if promoted := report.outcome == "pass":
            checked = data if staged else None
            deployments.deploy(candidate.ref, place, reason, data=checked, expected=live.deployment_id)
        return report, staged, promoted


def _rule(view: View, place: Environment, model: str) -> RetrainRule:
    """Return the rule of a model; one that nobody has set is to suggest nothing but what a person asks for."""
    known = view.record("retrain_rule", f"{place}/{model}") or {}
    return RetrainRule.of(
        {"when": "never", "act": "suggest", "months": MONTHS, **known, "environment": place, "model": model}
    )


def _told(candidate: ModelVersion, window: str, report: GateReport, promoted: bool) -> str:
    if promoted:
        return f"{candidate.ref} learned from {window}, passed the release check, and is live in {report.environment}."
    standing = next((one for one in report.checks if one["outcome"] == report.outcome), {"why": ""})
    return f"{candidate.ref} learned from {window}; the release check says {report.outcome}: {standing['why']}"
