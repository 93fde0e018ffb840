"""Commands of production: drift, monitor, alerts, retrain, retrain-rule, shadow."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import click

from mlops.cli import files
from mlops.cli.frame import (
    columns,
    command,
    environment,
    fields,
    group,
    hint,
    model_name,
    reason,
    show,
    table,
    workspace,
    wrong_line,
)

if TYPE_CHECKING:
    from mlops.production.alerts import Alert
    from mlops.production.drift import Drift
    from mlops.production.monitoring import Monitoring
    from mlops.production.monthly import Month
    from mlops.production.retraining import Due, Retraining
    from mlops.production.shadow_report import ShadowReport


@command("drift", past="reads")
@click.option("--reference", metavar="NAME@VERSION", help="The known version; else what the model learned from.")
@click.option("--current", required=True, metavar="NAME@VERSION|FILE", help="The inputs of today.")
@click.option("--model", metavar="NAME@VERSION|@ENV", help="Compare what this model looks at, and what it answers.")
@click.option("--before", metavar="NAME@VERSION", help="The month before, to tell what is news.")
@files.reading_options
def drift(reference: str | None, current: str, model: str | None, before: str | None, **said: Any) -> int:
    """Compare the inputs of today with those that are known.

    Faults of the data come first: a column that is renamed, coded otherwise, or in another unit is repaired, not
    learned. Else a column differs if that is beyond chance (p after Benjamini and Hochberg below 0.05) and of a size
    that matters (population stability index from 0.1, a convention). Exit 0 also where it alarms.

    \b
    Examples:
      mlops drift --reference customers@1 --current sample_data/customers_2024-02.csv
      mlops drift --model @production --current customers@4 --before customers@3
    """
    if reference is None and model is None:
        raise wrong_line("Name --reference, or the --model that learned from it.")
    found = workspace().drift(reference, current, model=model, before=before, options=files.read_options(**said))
    return show(found, lambda: _text(found))


def _text(found: Drift) -> str:
    """Lay the verdict out: in words, then each fault with its repair, then each column."""
    faults = [f"  {one['message']} {one['next_step']}" for one in found.schema_errors]
    keys = ("psi", "p_value", "p_adjusted", "n_reference", "n_current", "why")
    shown = {**found.features, **({"(the answers)": found.score} if found.score else {})}
    rows = [(name, *(_value(key, one[key]) for key in keys)) for name, one in shown.items()]
    counted = (
        f"{found.tested} columns of {found.rows_current:,} rows compared with {found.rows_reference:,}: "
        f"{found.raw_alarms} with p < 0.05, {found.alarms} after Benjamini and Hochberg."
    )
    lines = [f"{found.verdict}: {found.why}", *faults, counted]
    return "\n".join([*lines, columns(rows, ("column", "PSI", "p", "adjusted", "n then", "n now", ""))])


def _value(key: str, value: Any) -> Any:
    """Return a number as people read it; a probability that is next to nothing is not none."""
    return "<0.0001" if key in ("p_value", "p_adjusted") and value is not None and value < 1e-4 else value


@command("monitor", past="reads")
@environment
@model_name
def monitor(environment: str, model: str | None) -> None:
    """Tell month by month how a live model does.

    Newest first. Outcomes count from the instant in which they are known; until then there is an estimate from scores
    alone, which is blind where customers begin to leave for other reasons. BEST is the best that anybody could reach,
    where a simulated company said so; else compare with RELEASE.

    \b
    Example:
      mlops monitor --env production
    """
    found = workspace().monitoring.report(environment, model)
    show(found, lambda: _told(found))


def _told(found: Monitoring) -> str:
    rows = [
        (
            one.month,
            one.n,
            _inputs(one),
            f"{one.outcomes.known:,} of {one.outcomes.answers:,}" if one.outcomes else "none yet",
            _interval(one.outcomes.value, one.outcomes) if one.outcomes else None,
            _interval(one.estimate.auc, one.estimate) if one.estimate else None,
            one.best,
            one.reference,
            " ".join(f"v{version['version']}" for version in one.versions),
        )
        for one in found.months
    ]
    header = ("month", "answers", "inputs", "known", "reached", "estimated", "best", "release", "by")
    nothing = f"{found.model} was not asked in {found.environment} yet."
    standing = [f"{one.level}: {one.what} ({one.id}, {one.status})" for one in found.alerts if one.status != "resolved"]
    return "\n".join([columns(rows, header, nothing), *standing])


def _inputs(month: Month) -> str:
    found = month.inputs or {}
    if found.get("few"):
        return "too few"
    said = {"none": "as known", "drift": "drift", "data_error": "DATA ERROR"}.get(str(found.get("verdict")), "-")
    return f"{said}, {found['feature']} {found['psi']:.2f}" if found.get("drifted") else said


def _interval(value: float | None, ends: Any) -> str | None:
    return None if value is None else f"{value:.3f} ({ends.low:.3f} to {ends.high:.3f})"


@group("alerts")
def alerts() -> None:
    """What somebody should look at."""


@alerts.command("update")
@environment
@model_name
def alerts_update(environment: str, model: str | None) -> None:
    """Raise what is new, resolve what is over.

    An alert stands as long as what it says holds, and nobody is told twice. Each event is also a JSON line of
    alerts.log in the workspace. Exit 0 also where it alarms.

    \b
    Example:
      mlops alerts update --env production
    """
    _list(workspace().alerts.update(environment, model), "Nothing to look at.")


@alerts.command("list", past="reads")
@environment
@model_name
def alerts_list(environment: str, model: str | None) -> None:
    """List all alerts, newest first, resolved ones included.

    \b
    Example:
      mlops alerts list --env production
    """
    _list(workspace().alerts.list(environment, model), "No alert was ever raised.")


@alerts.command("acknowledge")
@click.argument("alert_id", metavar="ALERT_ID")
@reason
def alerts_acknowledge(alert_id: str, reason: str) -> None:
    """Say that somebody has looked, and what they found.

    \b
    Example:
      mlops alerts acknowledge a4f9a --reason "the price rise; wait for the outcomes"
    """
    found = workspace().alerts.acknowledge(alert_id, reason)
    show(found, f"{found.id} is acknowledged by {found.acknowledged_by}: {found.what}")


def _list(found: Sequence[Alert], nothing: str) -> None:
    keys = ("id", "level", "status", "month", "what")
    show(found, lambda: table([one.as_dict() for one in found], keys, nothing))


@command("retrain")
@environment
@model_name
@click.option("--months", type=click.IntRange(1), metavar="N", help="The latest N known months [default: by the rule].")
@click.option("--if-due", is_flag=True, help="Only if the rule says so, and not only suggests it.")
@click.option("--reason", default="asked for", help="Why; it stays on record [default: asked for].")
def retrain(environment: str, model: str | None, months: int | None, if_due: bool, reason: str) -> int:
    """Train what is live again on the latest known months.

    They become a version of the data, the config of what is live is trained on it, and the release check compares both
    on the latest month, with rows that neither has seen. What passes goes live; exit 1 if it does not. A month whose
    data have a fault is left out. With --if-due, as cron would call it, exit 0 also where nothing is to be done.

    \b
    Examples:
      mlops retrain --env production --reason "August says that the world moved"
      mlops retrain --env production --if-due
    """
    from mlops.production.retraining import Due

    if if_due and months is not None:
        raise wrong_line("--if-due follows the rule, which says how many months.")
    trainer = workspace().retraining
    if not if_due:
        done = trainer.retrain(environment, model, reason=reason, months=months, on_step=_said)
    elif isinstance(found := trainer.follow(environment, model, _said), Due):
        return show(found, _due(found))
    else:
        done = found
    return show(done, lambda: _retrained(done), good=done.promoted)


def _said(says: str, part: float | None) -> None:
    hint(f"  {says}")


def _retrained(done: Retraining) -> str:
    left_out = [f"{one['data']} was left out: {one['why']}" for one in done.left_out]
    return "\n".join([done.why, f"It learned from {', '.join(reversed(done.months))}.", *left_out])


@command("retrain-rule", past="reads")
@environment
@model_name
@click.option("--when", type=click.Choice(["never", "scheduled", "on_outcomes", "on_drift"]), help="When it is due.")
@click.option("--act", type=click.Choice(["suggest", "retrain"]), help="Only suggest it, or do it.")
@click.option("--months", type=int, metavar="N", help="Learn from the latest N months with known outcomes.")
@click.option("--reason", help="Why; it stays on record.")
def retrain_rule(
    environment: str, model: str | None, when: str | None, act: str | None, months: int | None, reason: str | None
) -> None:
    """Show or set when a live model is retrained.

    scheduled is whenever another month is known; on_outcomes, if outcomes show harm as well; on_drift, if inputs moved:
    then the outcomes of these rows are not known yet. Nothing is retrained by itself unless a rule says so.

    \b
    Examples:
      mlops retrain-rule --env production
      mlops retrain-rule --env production --when on_outcomes --act retrain --reason "harm is what counts"
    """
    trainer = workspace().retraining
    if any(one is not None for one in (when, act, months)):
        trainer.set_rule(environment, model, when=when, act=act, months=months, reason=reason or "")
    elif reason is not None:
        raise wrong_line("Missing option '--when', '--act' or '--months'.")
    rule = trainer.rule(environment, model)
    due = trainer.due(environment, model)
    show({**rule.as_dict(), "due": due.as_dict()}, lambda: f"{fields(rule.as_dict())}\n\n{_due(due)}")


def _due(due: Due) -> str:
    return f"{'Due' if due.due else 'Not due'}: {due.why}"


@command("shadow", past="reads")
@environment
@model_name
@click.option("--start", metavar="NAME@VERSION", help="Let this version answer silently from now on.")
@click.option("--back", is_flag=True, help="With --start: also what was asked before.")
@click.option("--follow", is_flag=True, help="Answer now what it did not answer yet, where no server does.")
@click.option("--stop", is_flag=True, help="Let it answer no more; what it said stays.")
@click.option("--reason", default="", help="With --stop: why; it stays on record.")
def shadow(
    environment: str, model: str | None, start: str | None, back: bool, follow: bool, stop: bool, reason: str
) -> None:
    """Tell what the silent candidate would have answered.

    It answers what the live model was asked, requests and files, after the answer has gone out; callers never see it.
    Told are the rows of which both say the same, the decisions that flip, what scores move by, what both cost in time
    (each row alone, measured alike), and once outcomes are known which of both was right. A server follows by itself:
    mlops serve --shadow. What goes live is asked of the release check.

    \b
    Examples:
      mlops shadow --env production
      mlops shadow --env production --start churn_model@1.2.0 --back --follow
      mlops shadow --env production --stop --reason "it finds fewer"
    """
    if back and not start:
        raise wrong_line("--back goes with --start.")
    if (stop and (start or follow)) or (reason and not stop):
        raise wrong_line("--stop stands alone, and --reason goes with it.")
    shadows = workspace().shadow
    if start:
        shadows.start(start, environment, model, back=back)
    if follow:
        shadows.follow(environment, model, lambda answers: hint(f"  {answers:,} rows"))
    if stop:
        shadows.stop(environment, model, reason=reason)
    found = shadows.report(environment, model)
    show(found, lambda: _shadowed(found))


def _shadowed(found: ShadowReport) -> str:
    live = found.model["version"] if found.model else "none"
    standing = f"ended {found.until}" if found.until else f"answers since {found.since}"
    lines = {
        "live": live,
        "candidate": f"{found.candidate['version']}, {standing}",
        "answered by both": found.n,
        "waiting": found.waiting,
        "cannot answer": found.refused,
        "say the same": found.agree,
        "flipped": ", ".join(
            [str(found.flipped), *(f"{one['n']} {one['from']} -> {one['to']}" for one in found.moves)]
        ),
    }
    if (shift := found.score_shift) is not None:
        lines["score moves by"] = f"{shift['mean']:+.4f} (median {shift['median']:+.4f})"
    if (times := found.latency) is not None:
        both = (f"{who} {times[who]['median'] * 1000:.1f} ms" for who in ("live", "candidate"))
        lines["one row takes"] = f"{', '.join(both)} (median of {times['n']})"
    if (known := found.outcomes) is not None:
        lines["outcomes known"] = f"{known.known:,} of {known.answers:,}, {known.learned:,} left out: learned from"
        for name, one in known.metrics.items():
            ends = f" ({one['low']:+.4f} to {one['high']:+.4f}): {one['verdict']}" if one["low"] is not None else ""
            lines[name] = f"live {one['live']}, candidate {one['candidate']}{ends}"
    refused = [
        f"{one['rows']:,}: {one['field']} should be {one['expected']}, is {one['got']}" for one in found.refusals
    ]
    return "\n".join([fields(lines), *refused, *([found.too_few] if found.too_few else [])])
