"""Schedule: how the machine presses the button every day - the line for cron, the two units for systemd.

It is text, for a person to put in place: this package starts no clock of its own. Both run the very same shell line,
from a directory, a search path and an environment about which nothing is assumed. A batch that is killed goes on
where it was when the line is run again, and two at once do not disturb each other: no lock is needed.

Windows has neither; its Task Scheduler takes `arguments` as they are. That is not tried out here.
"""

from __future__ import annotations

import re
import shlex
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import mlops
from mlops.base.environments import place_of
from mlops.base.errors import InvalidError, shown
from mlops.base.records import Record

_TIME = re.compile(r"([01]\d|2[0-3]):([0-5]\d)")

_SERVICE = """\
[Unit]
Description=Answer {what} with {model}

[Service]
Type=oneshot
ExecStart=/bin/sh -c "{line}"
"""

_TIMER = """\
[Unit]
Description=Every day at {when}: answer {what} with {model}

[Timer]
OnCalendar=*-*-* {when}:00
Persistent=true

[Install]
WantedBy=timers.target
"""


@dataclass(frozen=True)
class Schedule(Record):
    """One batch, every day."""

    command: str
    """The line for a shell: from any directory, in an empty environment."""
    cron: str
    """The line for `crontab -e`."""
    service: str
    """The unit of systemd that runs it; say ``mlops-batch.service``."""
    timer: str
    """The unit that starts that one; ``mlops-batch.timer``."""
    when: str
    """``02:00``, by the clock of the machine."""
    model: str
    """Who is asked."""
    follows: bool
    """Whether that is whoever is live then: a rollback changes who answers tonight. Else it is always this version."""
    log: str
    """Where it says what it did."""
    arguments: tuple[str, ...]
    """The program and its arguments, for whatever else starts it."""

    @property
    def said(self) -> str:
        """What it means, in a sentence."""
        if not self.follows:
            return f"Every day at {self.when} {self.model} answers, whatever is live then."
        return f"Every day at {self.when} whoever is live then answers: a rollback changes who that is tonight."


def daily(arguments: Sequence[str], model: str, data: str, when: str, log: Path, actor: str) -> Schedule:
    """Return how a command of this package is run every day.

    Parameters
    ----------
    arguments : sequence of str
        The command, with paths that are absolute.
    model, data : str
        Who is asked about what.
    when : str
        ``02:00``.
    log : Path
        File to which its output is added.
    actor : str
        Who the history says did it.

    Raises
    ------
    InvalidError
        If the time is none, or a text holds what cannot stand in one line.

    Examples
    --------
    >>> night = daily(["log", "50% of it"], "m@production", "a.csv", "02:30", Path("/a b/log"), "ada")
    >>> night.cron.startswith("30 2 * * * "), night.cron.endswith("log '50\\\\% of it' >> '/a b/log' 2>&1")
    (True, True)
    """
    if not (time := _TIME.fullmatch(when)):
        raise InvalidError(f"{shown(when)} is no time of the day.", "Write hours and minutes: 02:00.")
    program = (sys.executable, "-m", "mlops", *arguments)
    words = [*program, str(log), actor, model, data]
    if broken := next((word for word in words if not word.isprintable()), None):
        raise InvalidError(f"{shown(broken)} cannot stand in a line of cron.", "Name files without line breaks.")
    # A checkout that is not installed is found from its folder alone.
    home = Path(mlops.__file__).resolve().parents[1]
    line = f"cd {shlex.quote(str(home))} && {shlex.join(['env', f'MLOPS_ACTOR={actor}', *program])}"
    line += f" >> {shlex.quote(str(log))} 2>&1"
    named = {"what": _of_unit(data), "model": _of_unit(model), "when": when}
    return Schedule(
        command=line,
        # To cron an unescaped % is the end of the line.
        cron=f"{int(time[2])} {int(time[1])} * * * {line.replace('%', chr(92) + '%')}",
        service=_SERVICE.format(
            **named, line=_of_unit(line).replace("\\", "\\\\").replace('"', '\\"').replace("$", "$$")
        ),
        timer=_TIMER.format(**named),
        when=when,
        model=model,
        follows=place_of(model.partition("@")[2]) is not None,
        log=str(log),
        arguments=program,
    )


def _of_unit(text: str) -> str:
    """Return text as it stands in a unit, where % begins a word of systemd's."""
    return text.replace("%", "%%")
