"""Commands of the workspace itself: init, clock, lineage, log, verify."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import click

from mlops.cli.frame import COUNT, MAX_CELL, cell, command, group, hint, show, table, workspace

if TYPE_CHECKING:
    from mlops.release.lineage import Lineage, Node


@command("init")
@click.option("--sample", is_flag=True, help="Also add the sample customers, and set the calendar to December 2023.")
def init(sample: bool) -> None:
    """Make a workspace.

    \b
    Examples:
      mlops init
      mlops init --sample --workspace /tmp/try
    """
    ws = workspace(create=True)
    dataset = None
    if sample:
        from mlops.sample import add

        dataset = add(ws).ref
        hint("Next: mlops train --config configs/churn.yaml")
    document = {"path": str(ws.path), "id": ws.id, "dataset": dataset, **ws.clock()}
    show(document, f"Workspace {ws.path}" + (f" with {dataset}" if dataset else ""))


@group("clock")
def clock() -> None:
    """Show or set the workspace's date."""


@clock.command("show", past="reads")
def clock_show() -> None:
    """Show the workspace's time, and whether it is simulated."""
    _show_clock(workspace().clock())


@clock.command("set", zoned=True)
@click.argument("time")
def clock_set(time: str, zone: str | None) -> None:
    """Set a simulated date; it stands still until it is set again. "wall" returns to wall time.

    \b
    Examples:
      mlops clock set 2024-03-15T14:00:00Z
      mlops clock set "2024-03-15 14:00" --tz America/New_York
      mlops clock set wall
    """
    _show_clock(workspace().set_clock(None if time == "wall" else time, zone))


def _show_clock(state: Mapping[str, Any]) -> None:
    show(state, f"{state['now']} ({'simulated' if state['simulated'] else 'wall time'})")


@command("log", past="reads")
@click.option("--since", type=COUNT, default="0", metavar="SEQ", help="Only events after this number.")
def log(since: int) -> None:
    """Print the history, oldest event first.

    \b
    Example:
      mlops log --since 12
    """
    events = workspace().log(since)
    show(events, lambda: table(events, ("seq", "at", "actor", "kind", "subject"), "Nothing has happened yet."))


@command("lineage", past="reads")
@click.argument("ref")
def lineage(ref: str) -> None:
    """Say what something came from, and what came from it.

    REF is a data version, a model version, NAME@production, or the beginning of the id of a run, deployment,
    prediction, scored file or set of outcomes. "This data version was wrong: what did it touch?" is what it led to.

    \b
    Examples:
      mlops lineage customers@1
      mlops lineage churn_model@production
      mlops lineage r4f9a1 --json
    """
    found = workspace().lineage(ref)
    show(found, lambda: _drawn(found))


def _drawn(found: Lineage) -> str:
    start = found.nodes[0]
    lines = [f"{start.kind} {start.ref}: {start.about}"]
    for title, up in (("Came from", True), (f"Led to {found.said}", False)):
        lines += ["", title, *(_branch(depth, node) for depth, node, again in found.tree(up) if not again)]
    return "\n".join(lines)


def _branch(depth: int, node: Node) -> str:
    ref = node.ref[:12] if node.kind in ("code", "software", "config") else node.ref
    what = "answers" if node.kind == "predictions" else f"{node.kind} {ref}"
    return f"{'  ' * (depth + 1)}{what}: {cell(node.about, MAX_CELL)}"


@command("verify", past="timeless")
def verify() -> int:
    """Recompute the history and the hash of every file.

    Exit 1 if anything differs from what is recorded, or is there and unknown.

    \b
    Example:
      mlops verify --json
    """
    report = workspace().verify()
    summary = f"{report['events']} events and {report['artifacts']} files are as recorded. Head {report['head_sha256']}"
    if left := report["leftovers"]:
        hint(f"Left by a killed process, and cleared by the next one that writes: {', '.join(left[:5])}.")
    keys = ("what", "where", "expected", "observed")
    return show(report, lambda: table(report["problems"], keys, summary), good=report["ok"])
