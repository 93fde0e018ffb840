"""Pins: the five things that fix a run - data, code, software, config, seed - and where two runs first differ.

With all five pinned and equal, two runs give the same bytes. So a pin is what decides the bytes, never a name: the
content of the data with the roles and outcomes it was read with, the source that ran, the packages and the machine, the
effective config without its seed, the seed. What nobody recorded is *not pinned* and promises nothing, not even beside
another one that is not.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, get_args

from mlops.base.records import Record, ref_of, sha256_of
from mlops.experiments.configs import without_gate

PinName = Literal["data", "code", "software", "config", "seed"]
NAMES: tuple[PinName, ...] = get_args(PinName)
"""The pins in the order in which they flow into a run, as the chain draws them."""

FIELDS = ("data", "roles", "outcomes", "code", "software", "config_sha256", "params", "seed")
"""What is read of a run for its pins."""

SEED = "training.random_state"


@dataclass(frozen=True)
class Pin(Record):
    """One of the five, as it was when a run was made."""

    name: PinName
    sha256: str | None
    """Equal where it gives equal bytes; None if it is not pinned."""
    told: str
    """What people call it - ``customers@2``, a commit, the number of the seed - or why it is not pinned."""


def pins(run: Mapping[str, Any] | Any) -> tuple[Pin, ...]:
    """Return the five pins of a run.

    Parameters
    ----------
    run : Run or mapping
        A run, or the fields of one that `FIELDS` names.

    Examples
    --------
    >>> logged = dict.fromkeys(FIELDS) | {"seed": 42}
    >>> [(pin.name, pin.told) for pin in pins(logged) if pin.sha256]
    [('seed', '42')]
    """
    known = run if isinstance(run, Mapping) else vars(run)
    data, code, software = (known[name] or {} for name in ("data", "code", "software"))
    return (
        _data(data, known["roles"], known["outcomes"]),
        _pin("code", code.get("source_sha256"), _commit(code), "no source was recorded"),
        _pin("software", software, _packages(software), "no packages were recorded"),
        _config(known["config_sha256"], known["params"] or {}),
        _pin("seed", known["seed"], str(known["seed"]), "no seed was kept, so it cannot be repeated"),
    )


def lettered(runs: Sequence[Sequence[Pin]]) -> list[tuple[str, ...]]:
    """Return a letter for each pin of several runs, in the order in which each value appears; none is not pinned.

    Examples
    --------
    >>> seeds = [dict.fromkeys(FIELDS) | {"seed": seed} for seed in (42, 7, 42, None)]
    >>> [letters[-1] for letters in lettered([pins(run) for run in seeds])]
    ['A', 'B', 'A', '']
    """
    seen: list[dict[str, str]] = [{} for _ in NAMES]
    return [
        tuple(
            known.setdefault(pin.sha256, _letter(len(known))) if pin.sha256 else ""
            for known, pin in zip(seen, run, strict=True)
        )
        for run in runs
    ]


def first_divergence(first: Sequence[Pin], second: Sequence[Pin]) -> PinName | None:
    """Return the first pin that does not promise the same to both runs; None if all five do.

    Examples
    --------
    >>> one, other = (pins(dict.fromkeys(FIELDS) | {"seed": seed}) for seed in (42, 7))
    >>> first_divergence(one, one), first_divergence(one[4:], other[4:])
    ('data', 'seed')
    """
    for one, other in zip(first, second, strict=True):
        if one.sha256 is None or one.sha256 != other.sha256:
            return one.name
    return None


def _pin(name: PinName, value: Any, told: str, missing: str) -> Pin:
    return Pin(name, None, missing) if value in (None, {}, "") else Pin(name, _digest(value), told)


def _digest(value: Any) -> str:
    return value if isinstance(value, str) else sha256_of(value)


def _data(data: Mapping[str, Any], roles: Mapping[str, Any] | None, outcomes: Mapping[str, Any] | None) -> Pin:
    """Return the pin of what was learned from: a content is something else with other roles or other outcomes."""
    if not data or roles is None:
        return Pin("data", None, "no data was recorded" if not data else "its roles were not recorded")
    known = outcomes["sha256"] if outcomes and outcomes["sets"] else None
    return Pin("data", sha256_of([data["sha256"], dict(roles), known]), ref_of(data))


def _config(sha256: str | None, params: Mapping[str, Any]) -> Pin:
    """Return the pin of the effective config; the seed in it is a pin of its own, so it moves that one alone."""
    kept = {key: value for key, value in without_gate(params).items() if key != SEED}
    return _pin("config", kept if sha256 else None, str(params.get("model.type")), "no effective config was recorded")


def _commit(code: Mapping[str, Any]) -> str:
    commit = str(code.get("git_commit") or "")[:7]
    return f"{commit}{' with changes' if code.get('dirty') else ''}" if commit else "no commit"


def _packages(software: Mapping[str, Any]) -> str:
    return f"Python {software.get('python')}, {len(software.get('packages') or {})} packages"


def _letter(number: int) -> str:
    """Return A to Z, then AA, AB: as the columns of a spreadsheet."""
    return ("" if number < 26 else _letter(number // 26 - 1)) + chr(ord("A") + number % 26)
