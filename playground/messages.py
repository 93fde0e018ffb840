"""Messages: what a commit can say about a change, and what each is worth to somebody who reads the log at 2 am."""

from __future__ import annotations

from dataclasses import dataclass

from mlops.base.errors import NotFoundError, shown


@dataclass(frozen=True)
class Message:
    """A message that the change could be committed with, and what it is worth at 2 am."""

    id: str
    first: str
    """Its first line."""
    reply: str
    body: str = ""
    good: bool = False

    @property
    def text(self) -> str:
        """It as a whole."""
        return "\n\n".join(filter(None, (self.first, self.body)))


MESSAGES = (
    Message("update", "Update crontab", "Every second commit updates something. At 2 am you would open them all."),
    Message("fix", "Fix time", "Was it broken? Somebody will look for a fault that never was."),
    Message("what", "Change 6 to 5", "The diff says that already. It cannot say who wanted it, or why."),
    Message(
        "why",
        "Score at 5, not at 6: Lena calls from seven on",
        "What changes, for whom, and who asked: at 2 am you know whether to undo it, and whom to wake.",
        "The day's rows are there by four. Undo it once her calls begin at eight again.",
        good=True,
    ),
)
"""The messages to choose from."""


def named(name: str) -> Message:
    """Return a message by its id.

    Raises
    ------
    NotFoundError
        If there is none.
    """
    for one in MESSAGES:
        if one.id == name:
            return one
    raise NotFoundError(
        f"There is no message {shown(name)}.", f"Choose one of: {', '.join(one.id for one in MESSAGES)}."
    )
