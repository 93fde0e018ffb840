"""Divergence: what can make a training come out otherwise, each cause held against what the run recorded.

They are asked in the order in which they flow into a model - data, config, code, packages, seed, platform, threads -
and last whether the files that the run left are still those that it wrote. So the first one that differs is the cause:
what comes after it may differ because of it. What was not recorded is unknown, and no difference.

Data and config are taken *as they lie in the folder*, whatever their hash: who trains again on one changed cell sees
what it changed. No model file is ever loaded here.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, get_args

from mlops.base import provenance
from mlops.base.artifacts import Artifacts
from mlops.base.errors import IntegrityError, StorageError
from mlops.base.ledger import Ledger
from mlops.base.records import Record, plain, ref_of, sha256_of
from mlops.data import outcomes, tables
from mlops.data.datasets import Datasets
from mlops.experiments import configs, software
from mlops.experiments.pins import SEED
from mlops.experiments.runs import Run, Runs
from mlops.training.pipeline import Material, material

Cause = Literal["data", "config", "code", "package", "seed", "platform", "threads", "artifact"]
CAUSES: tuple[Cause, ...] = get_args(Cause)
"""In the order in which they are asked."""

_GROUP: Mapping[str, Cause] = {"platform": "platform", "blas": "platform"}
"""What of the software is a cause of its own; threads are one as well, and the rest are packages."""


@dataclass(frozen=True)
class Check(Record):
    """One cause: what the run recorded, and what is there now."""

    what: Cause
    expected: Any
    """As it was recorded; of several things only those that differ, where any does."""
    observed: Any
    """The same, as it is now; None if it is not there."""
    equal: bool | None
    """None if nothing was recorded that could be compared."""


@dataclass
class Found:
    """What was found out about a run before it is trained again."""

    checks: list[Check] = field(default_factory=list)
    why: dict[Cause, str] = field(default_factory=dict)
    """For each cause that differs, what differs, in one sentence."""
    material: Material | None = None
    """What it can be trained from; None if that is impossible."""
    impossible: str | None = None
    """Why it cannot be trained again, or need not be tried."""

    @property
    def first(self) -> Cause | None:
        """The first cause that differs."""
        return next((check.what for check in self.checks if check.equal is False), None)

    def add(self, what: Cause, expected: Any, observed: Any, why: str) -> None:
        """Add a check; of two mappings only what differs is told, where anything does."""
        if isinstance(expected, Mapping) and isinstance(observed, Mapping):
            differ = [key for key in {**expected, **observed} if expected.get(key) != observed.get(key)]
            if differ:
                expected, observed = ({key: one.get(key) for key in differ} for one in (expected, observed))
        known = expected not in (None, {})
        self.checks.append(Check(what, expected, observed, expected == observed if known else None))
        if self.checks[-1].equal is False:
            self.why[what] = why


class AsTheyLie(Artifacts):
    """The files of a workspace as they are, whatever they should be."""

    def read(self, path: str, sha256: str) -> bytes:
        """Return the bytes of a file, though they may not be the recorded ones."""
        try:
            return self.path(path).read_bytes()
        except OSError as error:
            raise IntegrityError(f"{path} is gone: {error.strerror or error}.", "Restore it from a backup.") from error


def find(ledger: Ledger, artifacts: Artifacts, run: Run) -> Found:
    """Hold everything that a run records against what is there now; see the module."""
    found, lying = Found(), AsTheyLie(artifacts.root)
    _data(found, ledger, lying, run)
    config = _read(found, "config", lambda: configs.load(Runs(ledger, lying).file(run, "config.yaml").decode()))
    _config(found, run, config)
    _code(found, ledger, artifacts, run)
    told = software.differences(run.software, provenance.software())
    _software(found, run, told, "package")
    _seed(found, run, config)
    _software(found, run, told, "platform")
    _software(found, run, told, "threads")
    _artifacts(found, ledger, artifacts, run)
    if found.impossible is None:
        found.material = _read(found, "data", lambda: material(ledger, lying, run))
    return found


def _read(found: Found, what: str, read: Callable[[], Any]) -> Any:
    """Return what can be read; what cannot makes the training impossible."""
    try:
        return read()
    except (StorageError, MemoryError):
        raise  # says something of this moment, nothing of the run
    except Exception as error:  # whatever pyarrow says of a file that is none
        found.impossible = found.impossible or f"The {what} cannot be read: {error}"
        return None


# The checks


def _data(found: Found, ledger: Ledger, lying: Artifacts, run: Run) -> None:
    if not run.data:
        found.impossible = "No data was recorded: the run was logged from elsewhere."
        found.checks.append(Check("data", None, None, False))
        found.why["data"] = found.impossible
        return
    ref = ref_of(run.data)
    expected, observed = {ref: run.data["sha256"]}, {}
    observed[ref] = _read(found, "data", lambda: tables.content_sha256(Datasets(ledger, lying).table(ref)))
    if run.outcomes and run.outcomes["sets"]:
        expected["outcomes"] = run.outcomes["sha256"]
        observed["outcomes"] = _read(found, "outcomes", lambda: outcomes.sha256_of(ledger, lying, run.outcomes or {}))
    named = {ref: f"rows of {ref}", "outcomes": "outcomes"}
    changed = " and the ".join(named[key] for key in expected if expected[key] != observed[key])
    found.add("data", expected, observed, f"The {changed} are not those that the run learned from.")


def _config(found: Found, run: Run, config: configs.Config | None) -> None:
    """Compare effective configs; the seed in them is a cause of its own, and a new default comes with the code."""
    new = {key for key, origin in config.origins.items() if origin == "default"} - {*run.params} if config else set()
    expected, observed = (
        {key: plain(value) for key, value in configs.without_gate(params).items() if key not in (SEED, *new)}
        for params in (run.params, config.params if config else {})
    )
    changes = configs.diff_params(expected, observed)
    if config is None:
        found.add("config", run.config_sha256, None, "Its config is gone, or is none.")
    elif not changes:
        found.add("config", sha256_of(expected), sha256_of(expected), "")
    else:
        first, also = changes[0], f", and {len(changes) - 1} more" if len(changes) > 1 else ""
        why = f"{first['key']} is {_word(first['after'])}, and was {_word(first['before'])}{also}."
        found.add("config", expected, observed, why)


def _code(found: Found, ledger: Ledger, artifacts: Artifacts, run: Run) -> None:
    before, now = run.code.get("source_sha256"), provenance.source_sha256()
    why = ""
    if before != now:
        try:
            why = _what_changed(Runs(ledger, artifacts).source(run.run_id))
        except IntegrityError:
            why = "The code is another one, and the kept source of the one that ran is damaged."
    found.add("code", before, now, why)


def _what_changed(before: Mapping[str, str] | None) -> str:
    """Name the first line that differs between a source and the one that runs now."""
    if before is None:
        return "The code is another one; of the one that ran only the hash is known."
    now = {f"mlops/{name}": text.decode() for name, text in provenance.source().items()}
    changed = [name for name in sorted({**before, **now}) if before.get(name) != now.get(name)]
    also = f", and {len(changed) - 1} more file{'s' * (len(changed) > 2)}" if len(changed) > 1 else ""
    for name in changed[:1]:
        if name not in before or name not in now:
            return f"{name} is {'new' if name in now else 'gone'}{also}."
        lines = before[name].splitlines(), now[name].splitlines()
        same = sum(1 for _ in _shared(*lines))
        return f"{name}, line {same + 1}, is another one{also}."
    return "The kept source is not the one that ran."


def _shared(before: list[str], now: list[str]) -> Iterator[str]:
    """Yield the lines with which both begin."""
    for one, other in zip(before, now, strict=False):
        if one != other:
            return
        yield one


def _seed(found: Found, run: Run, config: configs.Config | None) -> None:
    if run.seed is None:
        found.why["seed"] = "No seed was kept: split and training are different every time."
        found.impossible = found.impossible or found.why["seed"]
        found.checks.append(Check("seed", None, None, False))
    elif config is None:
        found.checks.append(Check("seed", run.seed, None, None))
    else:
        found.add("seed", run.seed, config.seed, f"The seed is {_word(config.seed)}, and was {run.seed}.")


def _software(
    found: Found,
    run: Run,
    told: tuple[software.SoftwareDifference, ...],
    cause: Literal["package", "platform", "threads"],
) -> None:
    known = _part(run.software, cause)
    differ = [one for one in told if _cause_of(one.what) == cause]
    if not differ:
        now = _part(provenance.software(), cause)
        shared = {key: now[key] for key in known if key in now}
        found.checks.append(Check(cause, known, shared, True if known else None))
        return
    first = differ[0]
    also = f", and {len(differ) - 1} more" if len(differ) > 1 else ""
    found.add(
        cause,
        {one.what: one.before for one in differ},
        {one.what: one.after for one in differ},
        f"{first.what} is {_word(first.after)}, and was {_word(first.before)}{also}. {first.why}",
    )


def _word(value: Any) -> Any:
    return "not set" if value is None else value


def _cause_of(what: str) -> Cause:
    return "threads" if what.startswith("threads.") else _GROUP.get(what, "package")


def _part(known: Mapping[str, Any], cause: Cause) -> dict[str, Any]:
    """Return the part of a software record that belongs to a cause, under the names of its differences."""
    packages = {"python": known.get("python"), **known.get("packages", {})}
    threads = {f"threads.{name}": value for name, value in known.get("threads", {}).items()}
    flat = {**packages, **{key: known.get(key) for key in _GROUP}, **threads}
    return {key: value for key, value in flat.items() if value is not None and _cause_of(key) == cause}


def _artifacts(found: Found, ledger: Ledger, artifacts: Artifacts, run: Run) -> None:
    """Look whether the files that the run wrote are still those."""
    with ledger.read() as view:
        payloads = [json.loads(payload) for *_, payload in view.happened(["run.end", "run.log"], run.run_id)]
    named = [one for payload in payloads for one in payload["artifacts"]]
    expected = {one["path"].rpartition("/")[2]: one["sha256"] for one in named}
    observed = {one["path"].rpartition("/")[2]: artifacts.hash(one["path"]) for one in named}
    damaged = ", ".join(name for name in expected if expected[name] != observed[name])
    found.add("artifact", expected, observed, f"Not as the run wrote it: {damaged}.")
