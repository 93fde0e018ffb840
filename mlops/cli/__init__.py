"""The command line: every function of a workspace as a command, for people and for programs.

Each command opens the workspace, calls one method, and hands the record to `show`, which prints it as one
JSON document (``--json``) or as text. ``--json``, ``--workspace`` and ``--at`` stand anywhere in the line.
Exit codes: 0 done; 1 refused, failed, or a negative verdict; 2 the line itself is wrong.
"""

from __future__ import annotations

import atexit
import gc
import os
import sys
from collections.abc import Sequence
from contextlib import suppress
from typing import NoReturn

import click

from mlops.base.errors import Cancelled, MlopsError, shown
from mlops.base.records import is_text, json_line
from mlops.cli.configs import config
from mlops.cli.data import data, labels
from mlops.cli.experiments import runs
from mlops.cli.export import export
from mlops.cli.further import Root
from mlops.cli.production import alerts, drift, monitor, retrain, retrain_rule, shadow
from mlops.cli.release import deploy, gate, gate_rule, live_at, models, rollback, timeline
from mlops.cli.serving import serve
from mlops.cli.training import sweep, train
from mlops.cli.use import batch_predict, predict, replay
from mlops.cli.workspace import clock, init, lineage, log, verify

COMMANDS = (
    *(init, data, labels, config, train, sweep, runs, models),
    *(gate, gate_rule, deploy, rollback, live_at, timeline, lineage, predict, batch_predict, replay, serve),
    *(shadow, drift, monitor, alerts, retrain, retrain_rule),
    *(export, clock, log, verify),
)
"""Every command, in the order in which a model meets them."""

OBJECTS = 100_000
"""New objects after which Python looks for circles."""


@click.group(cls=Root, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name=None, version="0.1.0", prog_name="mlops")
def cli() -> None:
    """Versions of data, runs, sweeps, models and releases in one folder, each linked to the next.

    \b
    From data to a live model:
      mlops data add sample_data/customers_2023.csv --name customers --target churn --id customer_id
      mlops train --config configs/churn.yaml
      mlops models register RUN --name churn_model
      mlops deploy churn_model@1.0.0 --env staging --reason "rehearsal"
      mlops deploy churn_model@1.0.0 --env production --reason "first release"
      mlops live-at "2024-03-15 14:00" --env production --tz America/New_York
    """


for command in COMMANDS:
    cli.add_command(command)


def main(arguments: Sequence[str] | None = None, root: click.Command = cli, program: str = "mlops") -> NoReturn:
    """Run a line, the one of this process if none is given, and leave with its exit code.

    Parameters
    ----------
    root : click.Command
        All commands; a program on top has others, with the same manners.
    program : str
        What the line begins with.
    """
    if arguments is None:  # a process of its own
        _spare_looks()
    line = sys.argv[1:] if arguments is None else list(arguments)
    for stream in (sys.stdout, sys.stderr):
        # A console or pipe that is not UTF-8 must not turn a name into a crash.
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")
    try:
        _run(root, line, program, "--json" in line)
    except BrokenPipeError:
        sys.stderr.close()
        sys.exit(0)
    except OSError as error:
        if error.filename is not None:
            raise
        # Only what a line prints is written without a name: the disk beneath standard output is full.
        with suppress(OSError, ValueError):  # what is left of it must not be tried again at the end
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        click.echo(f"Error: Standard output takes no more: {error.strerror}. Print to a place with space.", err=True)
        sys.exit(1)


def _spare_looks() -> None:
    """Have Python look for circles among its objects more rarely, and not at the end: almost all are modules, and stay.

    It is a quarter of the time in which a process with the libraries starts and ends. `serve` has it too,
    and lives for months: what circles hold until the next look came to 13 MB more, whatever went through.
    """
    gc.set_threshold(OBJECTS)
    atexit.register(gc.freeze)


def _run(root: click.Command, line: list[str], program: str, as_json: bool) -> NoReturn:
    try:
        if garbled := next((word for word in line if "\0" in word or not is_text(word)), None):
            raise click.UsageError(f"{shown(garbled)} holds NUL, or bytes that are not UTF-8.")
        sys.exit(root.main(line, prog_name=program, standalone_mode=False) or 0)
    except click.exceptions.NoArgsIsHelpError as error:
        click.echo(error.format_message())
        sys.exit(2)
    except click.ClickException as error:
        _fail(MlopsError(" ".join(error.format_message().split()), _help_hint(error)), as_json, "usage")
        sys.exit(2)
    except MlopsError as error:
        _fail(error, as_json, error.code)
        sys.exit(1)
    except (KeyboardInterrupt, click.Abort):  # of what has no word of its own for it
        _fail(Cancelled("It was cancelled.", "What was recorded by then is kept: see mlops log."), as_json, "cancelled")
        sys.exit(1)


def _fail(error: MlopsError, as_json: bool, code: str) -> None:
    if as_json:
        document = error.as_dict()
        document["error"]["code"] = code
        click.echo(json_line(document))
    click.echo(f"Error: {error}", err=True)


def _help_hint(error: click.ClickException) -> str:
    context = getattr(error, "ctx", None)
    return f"See {context.command_path if context else 'mlops'} --help."
