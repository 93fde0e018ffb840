"""Copied: what lets a browser copy text, for the components that offer it."""

from pathlib import Path


def script(module: str) -> str:
    """Return the script beside a module; in it ``copied(words)`` copies text, and tells whether the browser did so."""
    return "\n".join(Path(one).with_suffix(".js").read_text("utf-8") for one in (__file__, module))
