"""What every command shares: its options, the workspace - as it is or as it was - and how a record is printed."""

from __future__ import annotations

import functools
import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Literal

import click

from mlops.base.environments import ENVIRONMENTS
from mlops.base.errors import InvalidError, PastError, printable, printable_lines, shown
from mlops.base.records import check_count, json_line, plain
from mlops.workspace import Workspace

MAX_CELL, MAX_FIELD = 200, 2000
"""How long a cell of a table and a field of a record are where people read them; JSON has them whole."""


Past = Literal["reads", "writes", "timeless"]
"""What a command is in the past: it reads, and so takes ``--at``; it writes, and is refused there; or there is no past
of what it does, and ``--at`` is a mistake in the line."""

EVENT = "event:"
"""How ``--at`` begins where it names an event by its number, and not a time."""


def line_says(option: str) -> Any:
    """Return what the line says for a shared option, before or after the command."""
    return click.get_current_context().meta.get(option)


def _remember(context: click.Context, parameter: click.Parameter, value: Any) -> None:
    if value:
        context.meta[str(parameter.name)] = value  # all parts of a line share it


def _read_time(context: click.Context, parameter: click.Parameter, value: Any) -> Any:
    """Remember a time or a zone wherever it stands; an empty one is no word less."""
    if value is not None:
        context.meta[str(parameter.name)] = value
    return context.meta.get(str(parameter.name))


class _OfThePast(click.Option):
    """An option that help shows where it is taken."""

    def get_help_record(self, ctx: click.Context) -> tuple[str, str] | None:
        return super().get_help_record(ctx) if _reads(ctx.command) else None


def _reads(command: click.Command) -> bool:
    """Tell whether a command, or one of a group, takes a past."""
    if isinstance(command, Group):
        return any(map(_reads, command.commands.values()))
    return getattr(command, "past", None) == "reads"


def _shared() -> list[click.Option]:
    return [
        click.Option(
            ["--workspace", "folder"],
            metavar="DIR",
            expose_value=False,
            callback=_remember,
            help="Workspace folder [default: $MLOPS_WORKSPACE, then ./workspace].",
        ),
        click.Option(
            ["--json", "as_json"], is_flag=True, expose_value=False, callback=_remember, help="Print one JSON document."
        ),
        _OfThePast(
            ["--at", "at"],
            metavar="TIME",
            expose_value=False,
            callback=_read_time,
            help="As the workspace was known at that time, or after an event: event:12.",
        ),
    ]


def _zone(taken: bool) -> click.Option:
    """Return the option of the zone in which times are meant, for a command that has times of its own, or has none."""
    return (click.Option if taken else _OfThePast)(
        ["--tz", "zone"],
        metavar="ZONE",
        expose_value=taken,
        callback=_read_time,
        help="Time zone of a time without offset, such as America/New_York.",
    )


class Command(click.Command):
    """A command with the shared options.

    Parameters
    ----------
    past : {"reads", "writes", "timeless"}
        What it is in the past; whoever says nothing writes.
    zoned : bool
        Whether it has times of its own, and takes the zone in which they are meant as its parameter `zone`.
    """

    def __init__(self, *args: Any, past: Past = "writes", zoned: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.past, self.zoned = past, zoned
        self.params += [*_shared(), _zone(zoned)]

    def invoke(self, ctx: click.Context) -> Any:
        """Carry the command out, unless there is no past of it and the line names one."""
        if not isinstance(self, click.Group):
            self._check_past(ctx)
        return super().invoke(ctx)

    def _check_past(self, context: click.Context) -> None:
        at, zone = line_says("at"), line_says("zone")
        if at is None:
            if zone is not None and not self.zoned:
                raise click.UsageError("--tz is the zone of a time; name one with --at.", context)
        elif self.past == "timeless":
            raise click.UsageError(f"{context.command_path} is not about a time: --at does not go with it.", context)
        elif self.past == "writes":
            raise PastError(
                f"This is the past ({shown(at)}), and the past records nothing: no {context.command_path}.",
                "Back to today to do that: leave out --at.",
            )


class Group(Command, click.Group):
    """A group with the shared options, whose commands have them too."""

    command_class = Command

    def list_commands(self, context: click.Context) -> list[str]:
        """Return the commands in the order in which people need them."""
        return list(self.commands)


def command(name: str, **kind: Any) -> Callable[[Callable[..., Any]], click.Command]:
    """Make a top-level command; see `Command` for its kinds."""
    return click.command(name, cls=Command, **kind)


def group(name: str) -> Callable[[Callable[..., Any]], Group]:
    """Make a top-level group of commands."""
    return click.group(name, cls=Group)


def options(*given: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """Return one decorator that gives a command several options, in this order."""
    return lambda command: functools.reduce(lambda made, option: option(made), reversed(given), command)


class Parsed(click.ParamType[Any]):
    """A value that a function of ours reads; what it refuses is a mistake in the line."""

    def __init__(self, name: str, read: Callable[[str], Any]) -> None:
        self.name = name
        self._read = read

    def convert(self, value: Any, parameter: click.Parameter | None, context: click.Context | None) -> Any:
        """Read the text of the line."""
        try:
            return self._read(value)
        except InvalidError as error:
            self.fail(str(error), parameter, context)


def whole(text: str) -> int:
    """Read a whole number."""
    try:
        return int(text)
    except ValueError as error:
        raise InvalidError(f"{shown(text)} is no whole number.", "Give a number.") from error


COUNT = Parsed("number", lambda text: check_count(whole(text), "number"))
"""How many, or after which one; as far as a ledger can count."""

environment = click.option(
    "--env", "environment", required=True, type=click.Choice(ENVIRONMENTS), help="The environment."
)
model_name = click.option("--model", metavar="NAME", help="Name of the model, where several are live.")
reason = click.option("--reason", required=True, help="Why; it stays on record.")


def workspace(create: bool = False) -> Workspace:
    """Open the workspace that the line, MLOPS_WORKSPACE or ./workspace names.

    With `create` a missing one is made, and goes again if the command fails before anything was recorded. Where the
    line names a past, it is the workspace as it was then.
    """
    folder = line_says("folder") or os.environ.get("MLOPS_WORKSPACE") or "workspace"
    if create:
        return click.get_current_context().with_resource(Workspace.begin(folder))
    ws, at, zone = Workspace.open(folder, create=False), line_says("at"), line_says("zone")
    if at is None:
        return ws
    if at.startswith(EVENT):
        return ws.at(event=whole(at.removeprefix(EVENT)))
    past = ws.at(at, zone)
    if zone is None:
        say_utc(at, past.now(), " --tz names another time zone.")
    return past


def say_utc(time: str, at: str, also: str = "") -> None:
    """Say that a time without offset was read as UTC."""
    if datetime.fromisoformat(time.strip()).tzinfo is None:
        hint(f"{shown(time)} has no offset and was read as UTC: {at}.{also}")


def wrong_line(message: str) -> click.UsageError:
    """Return the error of a line that cannot be carried out as it stands."""
    return click.UsageError(message, click.get_current_context())


def show(document: Any, text: str | Callable[[], str], good: bool = True) -> int:
    """Print a document, as JSON if asked for, else as text.

    Returns
    -------
    int
        The exit code: 1 if it is a verdict that is not `good`.
    """
    if line_says("as_json"):
        click.echo(json_line(plain(document)))
    else:
        click.echo(printable_lines(text if isinstance(text, str) else text()))
    return 0 if good else 1


def hint(text: str) -> None:
    """Say something on the side; never part of the answer."""
    click.echo(printable_lines(text), err=True)


def table(entries: Iterable[Mapping[str, Any]], keys: Sequence[str], empty: str = "") -> str:
    """Lay the same keys of several entries out in columns that are called like them."""
    return columns(([entry[key] for key in keys] for entry in entries), keys, empty)


def columns(rows: Iterable[Iterable[Any]], header: Iterable[str], empty: str = "") -> str:
    """Lay rows out in columns; `empty` is said if there are none."""
    cells = [[cell(value, MAX_CELL) for value in row] for row in rows]
    if not cells:
        return empty
    lines = [[name.upper() if name.replace(" ", "").isalpha() else name for name in header], *cells]
    widths = [max(len(line[position]) for line in lines) for position in range(len(lines[0]))]
    return "\n".join(
        "  ".join(text.ljust(width) for text, width in zip(line, widths, strict=True)).rstrip() for line in lines
    )


def fields(values: Mapping[str, Any]) -> str:
    """Lay names and values out in two columns."""
    rows = [(printable(name, MAX_CELL), cell(value)) for name, value in values.items()]
    width = max((len(name) for name, _ in rows), default=0)
    return "\n".join(f"{name.ljust(width)}  {value}".rstrip() for name, value in rows)


def cell(value: Any, limit: int = MAX_FIELD) -> str:
    """Return a value as a person reads it, on one line of at most so many characters."""
    if value is None:
        return "-"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:.4f}"
    if isinstance(value, list | tuple):
        return printable(", ".join(cell(item, limit) for item in value), limit) or "-"
    if isinstance(value, Mapping):
        return printable(", ".join(f"{key}={cell(item, limit)}" for key, item in value.items()), limit) or "-"
    return printable(" ".join(str(value).split()), limit) or "-"
