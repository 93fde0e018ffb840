"""Commands of the registry: models."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from mlops.cli.frame import columns, fields, group, show, table, workspace

if TYPE_CHECKING:
    from mlops.release.registry import ModelVersion


@group("models")
def models() -> None:
    """Models that have a name and a version."""


@models.command("register")
@click.argument("run")
@click.option("--name", required=True, help="Name of the model.")
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


@models.command("list")
def models_list() -> None:
    """List every version of every model, newest first."""
    found = workspace().models.list()
    rows = ([m.name, f"v{m.version}", m.status, m.run_id, m.data_version, _tested(m), m.live_in] for m in found)
    header = ("model", "version", "status", "run", "data", "test", "live in")
    show(found, lambda: columns(rows, header, "No model yet. Register a run: mlops models register RUN --name NAME."))


def _tested(model: ModelVersion) -> Any:
    return model.metrics.get("auc", model.metrics.get("r2"))


@models.command("show")
@click.argument("model")
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


@models.command("verify")
@click.argument("model")
def models_verify(model: str) -> int:
    """Check a version link by link: files, run, data.

    Exit 1 if one is not what was recorded.
    """
    report = workspace().models.verify(model)
    keys = ("what", "equal", "expected", "observed")
    return show(report, lambda: table(report["checks"], keys), good=report["ok"])


@models.command("reject")
@click.argument("model")
@click.option("--reason", required=True, help="Why; it stays on record.")
def models_reject(model: str, reason: str) -> None:
    """Mark a version as one that must not go live."""
    found = workspace().models.reject(model, reason)
    show(found, f"{found.name} v{found.version} is rejected.")
