"""Further commands: groups of a program on top, found without importing anything above this package.

A distribution names them as entry points of the group ``mlops.commands``; in a checkout where nothing is installed, the
names in ``pyproject.toml`` count. They are imported when they are asked for, or listed, so that no other command waits
for them. A group that cannot be imported is absent, and the rest works.
"""

from __future__ import annotations

import tomllib
from functools import cache
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path

import click

from mlops.cli.frame import Group

GROUP = "mlops.commands"
"""The group of entry points that become commands."""

CHECKOUT = Path(__file__).resolve().parents[2] / "pyproject.toml"


@cache
def named() -> dict[str, EntryPoint]:
    """Return the further commands by name: those of what is installed, and those of this checkout."""
    here = {name: EntryPoint(name, value, GROUP) for name, value in _of_checkout(CHECKOUT).items()}
    return {**here, **{one.name: one for one in entry_points(group=GROUP)}}


def _of_checkout(file: Path) -> dict[str, str]:
    try:
        project = tomllib.loads(file.read_text(encoding="utf-8")).get("project", {})
    except (OSError, ValueError):
        return {}
    return dict(project.get("entry-points", {}).get(GROUP, {}))


@cache
def load(name: str) -> click.Command | None:
    """Return a further command; None if there is none of this name, or it cannot be imported here."""
    if name not in named():
        return None
    try:
        found = named()[name].load()
    except Exception:  # whatever is wrong with it up there, it must not take the other commands along
        return None
    return found if isinstance(found, click.Command) else None


class Root(Group):
    """The group of all commands: those of this package, then the further ones."""

    def list_commands(self, context: click.Context) -> list[str]:
        """Return the names of all commands that are there."""
        own = super().list_commands(context)
        return [*own, *(name for name in named() if name not in own and load(name) is not None)]

    def get_command(self, context: click.Context, name: str) -> click.Command | None:
        """Return the command of a name; the package's own comes first."""
        return super().get_command(context, name) or load(name)
