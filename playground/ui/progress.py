"""The step strip of a training: each step with its rows, its time, and whether it was kept from before."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from mlops.progress import STEPS

_ICONS = {
    "done": ":green[:material/check_circle:]",
    "running": ":blue[:material/progress_activity:]",
    "failed": ":red[:material/error:]",
    "waiting": ":gray[:material/radio_button_unchecked:]",
}


@contextmanager
def follow(place: Any, says: str) -> Iterator[Callable[[Any], None]]:
    """Yield a function for `on_step` that keeps one line of progress up to date."""
    place.markdown(f"{says} …")

    def on_step(step: Any) -> None:
        done = STEPS.index(step.name) + (step.status == "done") if step.name in STEPS else 0
        rows = f" · {step.rows:,} rows" if step.rows else ""
        place.progress(min(done / len(STEPS), 1.0), text=f"{says}: {step.name}{rows}")

    yield on_step


def steps(done: Mapping[str, Any]) -> str:
    """Return the seven steps as markdown, a line each: icon, name, rows, time or that it was cached.

    Examples
    --------
    >>> steps({"load": {"status": "done", "rows": 9000, "duration_s": 0.012, "cached": False}}).splitlines()[0]
    ':green[:material/check_circle:] load :small[:gray[9,000 rows · 0.01 s]]  '
    """
    return "  \n".join(_line(name, done.get(name)) for name in STEPS)


def _line(name: str, step: Any) -> str:
    known = {} if step is None else dict(step) if isinstance(step, Mapping) else vars(step)
    icon = _ICONS.get(known.get("status", ""), _ICONS["waiting"])
    seconds, facts = known.get("duration_s"), []
    if known.get("rows"):
        facts.append(f"{known['rows']:,} rows")
    if seconds is not None:
        facts.append("cached" if known.get("cached") else f"{seconds:.2f} s")
    return f"{icon} {name} :small[:gray[{' · '.join(facts)}]]" if facts else f"{icon} {name}"
