"""Commands of leaving with it: export."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from mlops.base.errors import printable
from mlops.cli.frame import columns, group, hint, show, workspace

if TYPE_CHECKING:
    from mlops.export.project import Project


@group("export")
def export() -> None:
    """Leave with a model, as a project of its own."""


@export.command("project", past="reads")
@click.argument("directory", metavar="DIR", type=click.Path())
@click.option("--model", default="@production", metavar="NAME@VERSION|@ENV", help="Which one [default: @production].")
def export_project(directory: str, model: str) -> None:
    """Write a model and all that it came from as a project.

    DIR is a new or an empty folder. It holds the data, the config, plain scikit-learn code that trains the same model
    again, the run, the model, an API, a batch script, tests, a model card, and a git history. It needs nothing of this
    program: see its README.md.

    \b
    Examples:
      mlops export project churn
      mlops export project churn --model churn_model@1.0.0
      cd churn && python -m venv .venv && .venv/bin/pip install -r requirements.txt && .venv/bin/python -m pytest
    """
    from mlops.export import project

    watched = _progress if sys.stderr.isatty() else None
    written = project.write(workspace(), directory, model, watched)
    if watched:
        watched("")
    if not written.commits:
        hint("git is not installed here, so the project has no history: git init there keeps it from now on.")
    for path in written.left_out:
        hint(f"! {path} is too large for the history, and lies beside it.")
    show(written, lambda: _text(written))


def _text(written: Project) -> str:
    rows = [[one.path, one.what, one.came_from] for one in written.files]
    said = (
        f"{written.model} is in {printable(written.path)}: {len(written.files)} files, {len(written.commits)} commits"
    )
    return f"{said}\n{columns(rows, ('file', 'what', 'came from'))}"


def _progress(part: str) -> None:
    click.echo(f"\r\x1b[K{printable(part, 100)}", err=True, nl=False)
