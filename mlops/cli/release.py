"""Commands of release: models, gate, gate-rule, deploy, rollback, live-at, timeline."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

import click

from mlops.base.clock import parse_instant
from mlops.cli.frame import (
    columns,
    command,
    environment,
    fields,
    group,
    hint,
    model_name,
    reason,
    say_utc,
    show,
    table,
    workspace,
    wrong_line,
)
from mlops.release.gate_rules import REQUIREMENTS

if TYPE_CHECKING:
    from mlops.release.gate import GateReport
    from mlops.release.registry import ModelVersion
    from mlops.release.releases import Deployment


@group("models")
def models() -> None:
    """Models that have a name and a version."""


@models.command("register")
@click.argument("run")
@click.option("--name", metavar="NAME", required=True, help="Name of the model.")
@click.option("--version", metavar="X.Y.Z", help="Version; the suggested one if not given.")
@click.option("--purpose", default="", help="Model card: what it is for.")
@click.option("--owner", default="", help="Model card: who answers for it.")
@click.option("--limits", default="", help="Model card: what it must not be used for.")
def models_register(run: str, name: str, version: str | None, purpose: str, owner: str, limits: str) -> None:
    """Give a run's model a name and a version.

    The run has finished; the version is never used again. Without --version it is the suggested one: the first number
    goes up with other features, the second with other data or another config, the third with the same ones.

    \b
    Example:
      mlops models register r4f9a --name churn_model
    """
    ws = workspace()
    model = ws.models.register(run, name, version, {"purpose": purpose, "owner": owner, "limits": limits})
    show(model, f"{model.name} v{model.version}  {model.sha256[:12]}  {ws.models.path(model.ref)}")


@models.command("list", past="reads")
def models_list() -> None:
    """List every version of every model, newest first."""
    found = workspace().models.list()
    rows = ([m.name, f"v{m.version}", m.status, m.run_id, m.data_version, _tested(m), m.live_in] for m in found)
    header = ("model", "version", "status", "run", "data", "test", "live in")
    show(found, lambda: columns(rows, header, "No model yet. Register a run: mlops models register RUN --name NAME."))


def _tested(model: ModelVersion) -> Any:
    return model.metrics.get("auc", model.metrics.get("r2"))


@models.command("show", past="reads")
@click.argument("model", metavar="NAME@VERSION|@ENV")
def models_show(model: str) -> None:
    """Show a version of a model.

    \b
    Examples:
      mlops models show churn_model@1.0.0
      mlops models show churn_model@latest
      mlops models show @production
    """
    ws = workspace()
    found = ws.models.get(model)
    show(found, lambda: fields({**found.as_dict(), "file": ws.models.path(found.ref)}))


@models.command("verify", past="timeless")
@click.argument("model", metavar="NAME@VERSION|@ENV")
def models_verify(model: str) -> int:
    """Check a version link by link: files, run, data.

    Exit 1 if one is not what was recorded.

    \b
    Example:
      mlops models verify churn_model@1.0.0
    """
    report = workspace().models.verify(model)
    keys = ("what", "equal", "expected", "observed")
    return show(report, lambda: table(report["checks"], keys), good=report["ok"])


@models.command("card", past="reads")
@click.argument("model", metavar="NAME@VERSION|@ENV")
@click.option("--purpose", help="What it is for.")
@click.option("--owner", help="Who answers for it.")
@click.option("--limits", help="What it must not be used for.")
def models_card(model: str, purpose: str | None, owner: str | None, limits: str | None) -> None:
    """Show the card of a version, or complete it.

    With an option, that field is set and the others stay; it is an event like any other. Metrics are those of the
    test rows.

    \b
    Examples:
      mlops models card churn_model@1.0.0
      mlops models card @champion --owner lena --limits "customers of less than three months"
    """
    ws = workspace()
    said = {"purpose": purpose, "owner": owner, "limits": limits}
    asked = any(text is not None for text in said.values())
    found = ws.models.describe(model, **said) if asked else ws.models.get(model)
    show(found, lambda: _card(found))


def _card(model: ModelVersion) -> str:
    from mlops.release.registry import CARD  # here, for it takes its time

    told = {field: (model.card or {}).get(field) or None for field in CARD}
    title = f"{model.name} v{model.version}{''.join(f'  {alias}' for alias in model.aliases or ())}"
    return f"{title}\n{fields({**told, 'trained on': model.data_version, **model.metrics})}"


@models.command("reject")
@click.argument("model", metavar="NAME@VERSION|@ENV")
@click.option("--reason", required=True, help="Why; it stays on record.")
def models_reject(model: str, reason: str) -> None:
    """Mark a version as one that must not go live.

    \b
    Example:
      mlops models reject churn_model@1.1.0 --reason "trained on the rows with the unit bug"
    """
    found = workspace().models.reject(model, reason)
    show(found, f"{found.name} v{found.version} is rejected.")


SAID = {"fail": "NO", "unknown": "?"}
"""How a lamp that stands in the way begins its line."""

compared_on = click.option(
    "--data",
    metavar="NAME@VERSION",
    help="Production: compare on the labelled rows of this data version [default: the model's own test rows].",
)


@command("gate")
@click.argument("model", metavar="NAME@VERSION|@ENV")
@environment
@compared_on
def gate(model: str, environment: str, data: str | None) -> int:
    """Ask whether a model may go live.

    Exit 1 unless it may; nothing is deployed. Production compares it with the live model, on rows from which neither
    has learned. A line says NO or ? where something stands in the way, and "note" where it is only worth knowing.

    \b
    Examples:
      mlops gate churn_model@1.1.0 --env production
      mlops gate churn_model@1.1.0 --env production --data customers@3
    """
    report = workspace().gate(model, environment, data)
    for one in report.newer_rows:
        hint(f"Enough rows are new to both: --data {one['data']} ({one['rows']:,} rows).")
    return show(report, lambda: _lit(report), good=report.outcome == "pass")


def _lit(report: GateReport) -> str:
    """Return the verdict and its six lamps, a line each."""
    from mlops.release.lamps import lamps

    said = {
        "pass": "it may go live in",
        "fail": "it may not go live in",
        "inconclusive": "nobody can tell yet whether it may go live in",
    }
    lines = [f"{report.outcome}: {_name(report.model)} - {said[report.outcome]} {report.environment}."]
    for lamp in lamps(report):
        word = "yes" if lamp.outcome == "pass" else "note" if not lamp.refuses else SAID[lamp.outcome]
        lines.append(f"{word:<4}  {lamp.id:<7}  {lamp.sentence}")
    return "\n".join(lines)


@command("gate-rule", past="reads")
@environment
@click.option("--require", type=click.Choice(REQUIREMENTS), help="Not worse than the live model, or better.")
@click.option(
    "--margin", type=float, metavar="X", help="What it may lose and still not be worse: 0 to 0.5 of AUC or R2."
)
@click.option("--reason", help="Why; it stays on record.")
def gate_rule(environment: str, require: str | None, margin: float | None, reason: str | None) -> None:
    """Show or set what the gate asks of a model.

    It is what a model must show beside the live one. A config may ask for more, never for less.

    \b
    Examples:
      mlops gate-rule --env production
      mlops gate-rule --env production --margin 0.01 --reason "a point of AUC is 40 customers"
    """
    given = require is not None or margin is not None
    if reason is not None and not given:
        raise wrong_line("Missing option '--require' or '--margin'.")
    rules = workspace().gate_rules
    rule = rules.set(environment, require, margin, reason or "") if given else rules.get(environment)
    if environment != "production":
        hint(f"Only production compares models, so the rule of {environment} decides nothing.")
    show(rule, lambda: fields(rule.as_dict()))


@command("deploy")
@click.argument("model", metavar="NAME@VERSION|@ENV")
@environment
@reason
@click.option(
    "--override",
    metavar="TEXT",
    help="Overrule staging and statistics, and say why. Integrity, schema and config never.",
)
@compared_on
def deploy(model: str, environment: str, reason: str, override: str | None, data: str | None) -> None:
    """Make a model version live.

    Production needs the same version live in staging before, and a gate that passes.

    \b
    Examples:
      mlops deploy churn_model@1.1.0 --env staging --reason "rehearsal"
      mlops deploy churn_model@1.1.0 --env production --reason "better on newer data"
    """
    _show_live(workspace().deploy(model, environment, reason, override=override, data=data))


@command("rollback", past="reads")
@environment
@model_name
@click.option(
    "--to", metavar="VERSION", help="A version that was live here before; the one before the current if not given."
)
@click.option("--reason", help="Why; it stays on record.")
@click.option("--dry-run", is_flag=True, help="Say what would change, and change nothing.")
@click.option(
    "--since", metavar="TIME", help="With --dry-run: count the requests from then on, not just the newest 10,000."
)
def rollback(
    environment: str, model: str | None, to: str | None, reason: str | None, dry_run: bool, since: str | None
) -> None:
    """Make an earlier version live again.

    A second rollback goes one further back. Without --model it is the only model that is live; where several are,
    their names are said.

    \b
    Examples:
      mlops rollback --env production --reason "complaints since 17:00" --dry-run
      mlops rollback --env production --reason "complaints since 17:00"
      mlops rollback --env production --model churn_model --to 1.0.0 --reason "complaints since 17:00"
    """
    ws = workspace()
    if dry_run:
        preview = ws.deployments.preview(environment, model=model, to=to, since=since)
        if since is not None:
            say_utc(since, parse_instant(since))
        document = preview.as_dict()
        summary = {key: document[key] for key in document if key not in ("checks", "answers")}
        show(preview, lambda: f"{fields(summary)}\n{_checks(preview.checks)}")
        return
    if reason is None:
        raise wrong_line("Missing option '--reason'.")
    if since is not None:
        raise wrong_line("--since is for --dry-run.")
    _show_live(ws.rollback(environment, reason, model=model, to=to))


@command("live-at", past="reads", zoned=True)
@click.argument("time")
@environment
@model_name
def live_at(time: str, environment: str, model: str | None, zone: str | None) -> None:
    """Say which model was live at an instant.

    The answer has the chain behind it: data, config, run. Without --model it is the only model that was live then;
    where several were, their names are said. A time that has not come yet is refused.

    \b
    Example:
      mlops live-at "2024-03-15 14:00" --env production --tz America/New_York
    """
    answer = workspace().live_at(time, environment, zone, model)
    if zone is None:
        say_utc(time, answer.at, " --tz names another time zone.")
    nothing = f"Nothing was live in {environment} at {answer.at}."
    show(answer, lambda: fields(answer.as_dict()) if answer.model else nothing)


@command("timeline", past="reads")
@environment
@model_name
def timeline(environment: str, model: str | None) -> None:
    """List the deployments of an environment.

    Oldest first, failed ones included; of all models without --model.

    \b
    Example:
      mlops timeline --env production
    """
    found = workspace().releases.timeline(environment, model)
    entries = [
        {**one.as_dict(), "deployment": one.deployment_id, "model": _name(one.model), "by": one.deployed_by}
        for one in found
    ]
    keys = ("deployment", "action", "model", "status", "since", "until", "by", "reason")
    show(found, lambda: table(entries, keys, f"Nothing was ever deployed to {environment}."))


def _show_live(deployment: Deployment) -> None:
    show(deployment, f"{_name(deployment.model)} is live in {deployment.environment} since {deployment.since}")


def _name(model: Mapping[str, Any]) -> str:
    return f"{model['name']} v{model['version']}"


def _checks(checks: Iterable[Mapping[str, Any]]) -> str:
    return table(checks, ("name", "outcome", "why"))
