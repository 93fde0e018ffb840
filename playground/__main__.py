"""The commands of the playground: ``python -m playground``. They do from a shell what its screens do."""

from __future__ import annotations

import inspect
import os
from pathlib import Path

import click

from mlops import Workspace
from mlops.base.outputs import MARKER
from mlops.cli import main
from mlops.cli.frame import COUNT, Group, command, hint, line_says, show, workspace
from playground import company, stories
from playground.calendar import month_told
from playground.course.people import RUN_THE_CHAIN

_files = click.option(
    "--files", type=click.Path(path_type=Path, exists=True, file_okay=False), default=company.FILES, metavar="DIR",
    help="Where customers_YYYY-MM.csv and outcomes_YYYY-MM.csv lie [default: sample_data].",
)  # fmt: skip


@click.group(cls=Group, context_settings={"help_option_names": ["-h", "--help"]})
def playground() -> None:
    """Let the simulated company go on: customers come, production answers them, outcomes become known.

    \b
    Examples:
      python -m playground play 12
      python -m playground next-month
      python -m playground load march_15
      python -m mlops monitor --env production
    """


@command("next-month")
@_files
def next_month(files: Path) -> None:
    """Let the next month happen, as cron would: 0 6 1 * *.

    \b
    Examples:
      python -m playground next-month
      python -m playground next-month --workspace /tmp/try --json
    """
    month = company.next_month(workspace(), _tell, files)
    show(month, lambda: _told(month))


@command("play")
@click.argument("months", type=COUNT, required=False)
@click.option("--until-surprise", is_flag=True, help="Stop after a month that brought something unexpected.")
@_files
def play(months: int | None, until_surprise: bool, files: Path) -> None:
    """Let several months happen.

    Without a number it plays on to the end of 2024. In an empty or missing folder it begins with the sample and the
    chain, down to a live model.

    \b
    Examples:
      python -m playground play 12
      python -m playground play --until-surprise
      python -m playground play --workspace /tmp/a-year --json
    """
    ws = _begun()
    played = company.play(ws, months, until_surprise, lambda month: hint(_told(month)), _tell, files)
    live = [f"{one.model['name']} v{one.model['version']}" for one in ws.releases.all_live("production")]
    over = "" if company.to_come(ws) else f"\n{company.NO_MORE}"
    show(played, lambda: f"It is {ws.now()[:10]} in {ws.path}; live: {', '.join(live)}.{over}")


@command("load", past="timeless")
@click.argument("story", type=click.Choice([*stories.STORIES]), metavar="STORY")
def load(story: str) -> None:
    """Begin from a story of the course.

    What is in the folder is kept beside it.

    \b
    Stories:
      {stories}

    \b
    Examples:
      python -m playground load march_15
      python -m playground load first_release --workspace /tmp/try
    """
    path = Path(line_says("folder") or os.environ.get("MLOPS_WORKSPACE") or "workspace").absolute()
    aside = stories.load(path, story, hint)
    ws = Workspace.open(path, create=False)
    document = {"path": str(path), "story": story, "kept": str(aside) if aside else None, **ws.clock()}
    kept = f"\nWhat was there is kept: {aside}" if aside else ""
    show(document, lambda: f"{stories.story(story).title}, in {path}.{kept}")


def _begun() -> Workspace:
    """Open the workspace of the line; begin the story where there is none yet, or go on where that was interrupted."""
    folder = Path(line_says("folder") or os.environ.get("MLOPS_WORKSPACE") or "workspace")
    ws = workspace(create=not (folder / MARKER).exists())
    if all(event["actor"] == RUN_THE_CHAIN for event in ws.log()):
        company.begin(ws, hint)
    return ws


def _tell(says: str, part: float) -> None:
    if part < 1:
        hint(says)


def _told(month: company.Month) -> str:
    lines = [f"{month_told(month.month)}"]
    lines += [f"  {step.result} ({step.seconds:.1f} s)" for step in month.steps]
    return "\n".join([*lines, *([f"  {month.surprise}"] if month.surprise else [])])


_named = (f"{name:<15} {one.title}" for name, one in stories.STORIES.items())
load.help = inspect.cleandoc(load.help or "").replace("{stories}", "\n  ".join(_named))
for one in (next_month, play, load):
    playground.add_command(one)

if __name__ == "__main__":
    main(root=playground, program="python -m playground")
