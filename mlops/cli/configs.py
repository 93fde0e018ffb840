"""Commands of configs: what one says, and which one runs where."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from mlops.base.environments import ENVIRONMENTS
from mlops.cli.frame import columns, environment, group, model_name, show, table, workspace

if TYPE_CHECKING:
    from mlops.release.worlds import ConfigEdit, WhatRunsWhere

WORDS = {"same": "same everywhere", "intended": "meant", "on_its_way": "on its way", "not_intended": "NOT MEANT"}
"""What the verdict on a key is called."""


@group("config")
def config() -> None:
    """Configs: check, complete, compare."""


@config.command("check", past="timeless")
@click.argument("file", type=click.Path(path_type=Path))
def config_check(file: Path) -> int:
    """Check a config, and say where it is wrong and why.

    Exit 1 if it is not valid.

    \b
    Example:
      mlops config check configs/churn.yaml
    """
    from mlops.experiments import configs

    report = configs.check(file)
    keys = ("line", "field", "message", "suggestion")
    return show(report, lambda: table(report["problems"], keys, "valid"), good=report["valid"])


@config.command("render", past="timeless")
@click.argument("file", type=click.Path(path_type=Path))
@environment
def config_render(file: Path, environment: str) -> None:
    """Print the effective config of an environment.

    That is the file, its overlay for the environment, and the defaults, merged.

    \b
    Example:
      mlops config render configs/churn.yaml --env production
    """
    from mlops.experiments import configs

    effective = configs.load(file, environment)
    document = {
        "environment": environment,
        "config": effective.as_dict(),
        "params": effective.params,
        "config_sha256": effective.sha256,
        "origins": dict(effective.origins),
    }
    show(document, effective.yaml().rstrip)


@config.command("diff", past="timeless")
@click.argument("before", type=click.Path(path_type=Path))
@click.argument("after", type=click.Path(path_type=Path))
def config_diff(before: Path, after: Path) -> None:
    """Name every key whose effective value differs.

    \b
    Example:
      mlops config diff configs/churn.yaml configs/other.yaml
    """
    from mlops.experiments import configs

    changes = configs.diff(configs.load(before), configs.load(after))
    show(changes, lambda: table(changes, ("key", "before", "after"), "No effective value differs."))


@config.command("where", past="timeless")
@model_name
def config_where(model: str | None) -> int:
    """Say which config runs where, and whether its file says so.

    Every key that differs, between what runs and what the config file says for that environment now, or between
    environments. A difference is meant if its key stands in an overlay. Exit 1 if one is not.

    \b
    Example:
      mlops config where
    """
    found = workspace().worlds.read(model)
    return show(found, lambda: _where(found), good=not found.unintended)


@config.command("put-back")
@click.argument("key")
@environment
@model_name
@click.option("--reason", default="", help="Why; it stays on record.")
def config_put_back(key: str, environment: str, model: str | None, reason: str) -> None:
    """Let a config file say again what it said at the release.

    That is the release of what is live in the environment. One line of the file changes; comments stay.

    \b
    Example:
      mlops config put-back thresholds.churn --env production --reason "nobody knows who changed it"
    """
    _show_edit(workspace().worlds.put_back(environment, key, reason, model=model))


@config.command("codify")
@click.argument("key")
@environment
@model_name
@click.option("--reason", default="", help="Why; it stays on record.")
def config_codify(key: str, environment: str, model: str | None, reason: str) -> None:
    """Write a difference into an overlay: it is meant.

    What was set by hand becomes what the overlay says. An edit of the common file moves into the overlay, and runs
    there once a model that was trained with it is released.

    \b
    Example:
      mlops config codify thresholds.churn --env production --reason "fewer calls in summer"
    """
    _show_edit(workspace().worlds.codify(environment, key, reason, model=model))


def _where(found: WhatRunsWhere) -> str:
    places = [one.environment for one in found.worlds]
    rows = [
        [one.key, *(_told(one.values[place]) for place in places), WORDS[one.verdict], one.why]
        for one in found.differing
    ]
    top = [f"{one.environment}: {one.model['name']} v{one.model['version']}, {_source(one)}" for one in found.worlds]
    nothing = f"Nothing is live in {', '.join(ENVIRONMENTS)}." if not places else "Nothing differs."
    return "\n".join([*top, columns(rows, ("key", *places, "verdict", "why"), nothing)])


def _told(value: Mapping[str, Any]) -> str:
    if value["state"] in ("as_written", "unknown"):
        return str(value["running"])
    return f"{value['running']} (file: {value['now']})"


def _source(world: Any) -> str:
    return str(world.problem or world.file or "trained without a config file")


def _show_edit(edit: ConfigEdit) -> None:
    show(edit, f"{', '.join(edit.files)}: {edit.key} is {edit.after} in {edit.environment}, and was {edit.before}.")
