"""Commands of release: gate, deploy, rollback, live-at, timeline."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

import click

from mlops.cli.frame import columns, command, environment, fields, hint, reason, show, verdict, workspace


@command("gate")
@click.argument("model")
@environment
def gate(model: str, environment: str) -> int:
    """Ask whether a model may go live; exit 1 unless it passes. Nothing is deployed.

    \b
    Example:
      mlops gate churn_model@1.1.0 --env production
    """
    report = workspace().gate(model, environment)
    show(report, lambda: f"{report.outcome}\n{_checks(report.checks)}")
    return verdict(report.outcome == "pass")


@command("deploy")
@click.argument("model")
@environment
@reason
@click.option(
    "--override",
    metavar="TEXT",
    help="Overrule staging and statistics, and say why. Integrity, schema and config never.",
)
def deploy(model: str, environment: str, reason: str, override: str | None) -> None:
    """Make a model version live. Production needs the same version live in staging before, and a gate that passes.

    \b
    Examples:
      mlops deploy churn_model@1.1.0 --env staging --reason "rehearsal"
      mlops deploy churn_model@1.1.0 --env production --reason "better on newer data"
    """
    deployment = workspace().deploy(model, environment, reason, override=override)
    show(deployment, f"{_name(deployment.model)} is live in {environment} since {deployment.since}")


@command("rollback")
@environment
@click.option(
    "--to", metavar="VERSION", help="A version that was live here before; the one before the current if not given."
)
@click.option("--reason", help="Why; it stays on record.")
@click.option("--dry-run", is_flag=True, help="Say what would change, and change nothing.")
def rollback(environment: str, to: str | None, reason: str | None, dry_run: bool) -> None:
    """Make an earlier model live again. A second rollback goes one further back.

    \b
    Examples:
      mlops rollback --env production --reason "complaints since 17:00" --dry-run
      mlops rollback --env production --reason "complaints since 17:00"
    """
    ws = workspace()
    if dry_run:
        preview = ws.rollback_preview(environment, to=to)
        document = preview.as_dict()
        summary = {key: document[key] for key in document if key != "checks"}
        show(preview, lambda: f"{fields(summary)}\n{_checks(preview.checks)}")
        return
    if reason is None:
        raise click.UsageError("Missing option '--reason'.", click.get_current_context())
    deployment = ws.rollback(environment, reason, to=to)
    show(deployment, f"{_name(deployment.model)} is live in {environment} since {deployment.since}")


@command("live-at")
@click.argument("time")
@environment
@click.option("--tz", metavar="ZONE", help="Time zone of a time without offset, such as America/New_York.")
def live_at(time: str, environment: str, tz: str | None) -> None:
    """Say which model was live at an instant, and the chain behind it.

    \b
    Example:
      mlops live-at "2024-03-15 14:00" --env production --tz America/New_York
    """
    answer = workspace().live_at(time, environment, tz)
    if tz is None and datetime.fromisoformat(time.strip()).tzinfo is None:
        hint(f"{time!r} has no offset and was read as UTC: {answer.at}. --tz names another time zone.")
    nothing = f"Nothing was live in {environment} at {answer.at}."
    show(answer, lambda: fields(answer.as_dict()) if answer.model else nothing)


@command("timeline")
@environment
def timeline(environment: str) -> None:
    """List every deployment of an environment, oldest first, failed ones included."""
    found = workspace().timeline(environment)
    rows = (
        [d.deployment_id, d.action, _name(d.model), d.status, d.since, d.until, d.deployed_by, d.reason] for d in found
    )
    header = ("deployment", "action", "model", "status", "since", "until", "by", "reason")
    show(found, lambda: columns(rows, header, f"Nothing was ever deployed to {environment}."))


def _name(model: Mapping[str, Any]) -> str:
    return f"{model['name']} v{model['version']}"


def _checks(checks: Iterable[Mapping[str, Any]]) -> str:
    return columns(
        [[check["name"], check["outcome"], check["why"]] for check in checks], ("check", "outcome", "why"), ""
    )


COMMANDS = (gate, deploy, rollback, live_at, timeline)
