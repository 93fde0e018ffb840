"""Software: what two records of it differ in, and whether a difference can change a model.

A run records Python, the machine, the packages that compute, and how many threads they may use. Most differences change
nothing, and those that do change the last digit first; which can, and why, is told here in one place.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from mlops.base.records import Record


@dataclass(frozen=True)
class SoftwareDifference(Record):
    """One thing that is another one."""

    what: str
    """``python``, ``platform``, ``blas``, the name of a package, or ``threads`` of which kind: ``threads.fit``."""
    before: str | None
    """None if nothing was said, of threads."""
    after: str | None
    matters: bool
    """Whether it can change what a model answers."""
    why: str
    """Why it can, or cannot."""


MATTERS: Mapping[str, tuple[bool, str]] = {
    "python": (False, "Python runs the code; the numbers are computed by the packages below."),
    "platform": (True, "Another processor or system rounds and adds in another order."),
    "blas": (True, "Other code for sums of products adds in another order: the last digits move."),
    "numpy": (True, "It draws the random numbers and computes every array."),
    "scipy": (True, "It solves for the coefficients of linear models."),
    "scikit-learn": (True, "It is what learns: a release may split, regularise or round otherwise."),
    "pandas": (True, "It brings the rows into the form that a model learns from."),
    "pyarrow": (True, "It reads the rows and their types."),
    "joblib": (False, "It writes the file: the bytes may differ, the model in it does not."),
    "threadpoolctl": (False, "It holds the libraries to one thread, and does so in every release."),
    "click": (False, "It reads command lines."),
    "filelock": (False, "It tells whether a process lives."),
    "pydantic": (False, "It checks the config; what was effective stands in the run."),
    "PyYAML": (False, "It reads the config; what was effective stands in the run."),
    "threads.fit": (True, "Each thread adds up its own part: another number of parts, another last digit."),
}
"""Whether a difference can change what a model answers, and why. Of a package that is not here nobody knows."""

_SAID = (False, "What was said about threads: a fit is held to its own number of them, whatever was said.")
_UNKNOWN = (True, "Nobody has looked at whether it takes part in a training.")


def differences(before: Mapping[str, Any], after: Mapping[str, Any]) -> tuple[SoftwareDifference, ...]:
    """Name what differs between two records of software, what matters first.

    What an older program did not record is unknown, and no difference.

    Examples
    --------
    >>> old = {"python": "3.11.7", "packages": {"numpy": "2.3.0", "joblib": "1.5.2"}}
    >>> new = {"python": "3.11.7", "packages": {"numpy": "2.4.6", "joblib": "1.6.0"}, "blas": "openblas Haswell"}
    >>> [(one.what, one.before, one.after, one.matters) for one in differences(old, new)]
    [('numpy', '2.3.0', '2.4.6', True), ('joblib', '1.5.2', '1.6.0', False)]
    """
    found = [
        SoftwareDifference(what, one, other, *_matters(what))
        for what, one, other in _pairs(before, after)
        if one != other
    ]
    return tuple(sorted(found, key=lambda one: not one.matters))


def _pairs(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[tuple[str, str | None, str | None]]:
    for key in ("python", "platform", "blas"):
        if key in before and key in after:
            yield key, before[key], after[key]
    for part in ("packages", "threads"):
        known = after.get(part, {})
        for name, told in before.get(part, {}).items():
            if name in known:
                what = f"threads.{name}" if part == "threads" else name
                yield what, _text(told), _text(known[name])


def _text(value: Any) -> str | None:
    return None if value is None else str(value)


def _matters(what: str) -> tuple[bool, str]:
    return MATTERS.get(what, _SAID if what.startswith("threads.") else _UNKNOWN)


# Files of other tools


def requirements(known: Mapping[str, Any]) -> str:
    """Return the packages of a record as a requirements file of pip.

    Examples
    --------
    >>> print(requirements({"packages": {"numpy": "2.4.6"}}), end="")
    numpy==2.4.6
    """
    return "".join(f"{name}=={known['packages'][name]}\n" for name in sorted(known["packages"], key=str.lower))


def environment(known: Mapping[str, Any], name: str = "run") -> str:
    """Return Python and the packages of a record as an environment file of conda, which lets pip bring the packages.

    So they are those of the same name in the same package index.

    Examples
    --------
    >>> print(environment({"python": "3.11.7", "packages": {"numpy": "2.4.6"}}), end="")
    name: run
    channels:
      - conda-forge
    dependencies:
      - python=3.11.7
      - pip
      - pip:
          - numpy==2.4.6
    """
    packages = "".join(f"      - {line}\n" for line in requirements(known).splitlines())
    top = f"name: {name}\nchannels:\n  - conda-forge\ndependencies:\n"
    return f"{top}  - python={known['python']}\n  - pip\n  - pip:\n{packages}"
