"""Worlds: which config runs where, and whether that is what the config files say.

A deployment keeps two configs: the effective one of its run, which is what *runs*, and what the run's config file said
for that environment at that moment. A third is asked of the file now. Where they part, somebody edited the file since,
or set a key by hand when the model was trained. A difference is *intended* if its key stands in the overlay of the
environment: there people write down what is to be another one. Any other one is put back, or written into the overlay.

Files are edited with any editor, and no event tells. What is done here is an event, with its reason.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from mlops.base.artifacts import Artifacts
from mlops.base.clock import Instant
from mlops.base.environments import ENVIRONMENTS, Environment, check_environment
from mlops.base.errors import ConfigError, ConflictError, NotFoundError, RefusedError, shown
from mlops.base.ledger import Ledger, writes
from mlops.base.records import Record, check_text, plain, ref_of
from mlops.base.view import View
from mlops.experiments import config_files, configs
from mlops.experiments.config_files import Rendered
from mlops.experiments.runs import Run
from mlops.release import registry
from mlops.release.releases import Deployment, live_in, only, the_live

State = Literal["as_written", "edited", "by_hand", "overlay", "other_overlay", "unknown"]
"""How what runs stands to its file: the same; the file was edited since; set by hand when it was trained; trained
without the overlay of this environment; or with that of another one; or nobody can tell."""

Verdict = Literal["same", "intended", "on_its_way", "not_intended"]
"""Of one key: the same everywhere; an overlay says so; another environment runs it already, or runs another version; or
nobody wrote down that it is to differ."""


@dataclass(frozen=True)
class World(Record):
    """What one environment runs, and what its config file says."""

    environment: Environment
    model: Mapping[str, str]
    """``{name, version, sha256}``."""
    deployment_id: str
    since: Instant
    file: str | None
    """The config file, as its run remembers it; None if it was trained without one."""
    overlay: str | None
    """Name of the file with what differs here; None if there is none."""
    written_at: Instant | None
    """When one of the two was written last, by the clock on the wall."""
    effective_sha256: str | None
    """Hash of what runs."""
    rendered_sha256: str | None
    """Hash of what the file said when it went live."""
    now_sha256: str | None
    """Hash of what it says now."""
    problem: str | None
    """Why nobody can tell what it says now."""


@dataclass(frozen=True)
class Setting(Record):
    """One key of the config in every environment."""

    key: str
    values: Mapping[str, Mapping[str, Any]]
    """By environment ``{running, rendered, now, state, intended, file, written_at}``: intended if an overlay has it."""
    verdict: Verdict
    stray: tuple[str, ...]
    """The environments in which nobody wrote down that it is to differ."""
    why: str
    """Where it differs, in a sentence; empty where it does not."""


@dataclass(frozen=True)
class WhatRunsWhere(Record):
    """The configs of one model name in every environment."""

    model: str | None
    worlds: tuple[World, ...]
    settings: tuple[Setting, ...]
    """Every key, in the order of the config."""

    @property
    def differing(self) -> tuple[Setting, ...]:
        """The keys that differ somehow."""
        return tuple(one for one in self.settings if one.verdict != "same")

    @property
    def unintended(self) -> tuple[Setting, ...]:
        """The keys that differ although no overlay says so."""
        return tuple(one for one in self.settings if one.verdict == "not_intended")


@dataclass(frozen=True)
class Intended(Record):
    """Whether a model version would run in an environment with what its config file says for it."""

    environment: Environment
    model: Mapping[str, str]
    outcome: Literal["pass", "fail", "unknown"]
    differences: tuple[Mapping[str, Any], ...]
    """``{key, running, rendered, now, state, intended, file, written_at}``, as in `Setting.values`."""
    why: str
    step: Literal["put_config_back"] | None
    """What would mend it here."""


@dataclass(frozen=True)
class ConfigEdit(Record):
    """A config file that was written from here: an edit put back, or a difference made an intended one."""

    environment: Environment
    model: str
    action: Literal["put_back", "codify"]
    key: str
    before: Any
    """What the file said for the environment."""
    after: Any
    files: tuple[str, ...]
    """Names of the files that were written."""
    reason: str
    edited_by: str
    at: Instant


def kept(root: Path, run: Run, environment: str) -> dict[str, Any]:
    """Return what a deployment keeps: ``{effective, rendered, effective_sha256, rendered_sha256, file, problem}``.

    `rendered` is None if the run had no file, or if that says nothing valid any more.
    """
    found = config_files.render(root, run.config_file, environment)
    return {
        "effective": configs.without_gate(run.params),
        "rendered": dict(found.params) if found and found.params else None,
        "effective_sha256": configs.sha256_of_params(run.params),
        "rendered_sha256": found.sha256 if found else None,
        "file": run.config_file["path"] if run.config_file else None,
        "problem": found.problem if found else None,
    }


class Worlds:
    """The configs of the environments of one workspace."""

    def __init__(self, ledger: Ledger, artifacts: Artifacts) -> None:
        self._ledger = ledger
        self._artifacts = artifacts

    def read(self, model: str | None = None) -> WhatRunsWhere:
        """Return what runs where; in the past, what a file said at a release, and nothing of what it says now.

        Parameters
        ----------
        model : str, optional
            Name of the model; the only one that is live anywhere if not given.
        """
        with self._ledger.read() as view:
            name, live = _live_everywhere(view, model)
            found = [(one, self._standing(view, one)) for one in live]
            coming = {one.ref: _params(view, one.run_id) for one in registry.coming(view, [one.model for one in live])}
        places: dict[str, _Standing] = {one.environment: now for one, now in found}
        keys = dict.fromkeys(key for now in places.values() for key in now.keys)
        return WhatRunsWhere(
            model=name,
            worlds=tuple(_world(one, now) for one, now in found),
            settings=tuple(_setting(key, places, coming) for key in keys),
        )

    def judge(self, ref: str, environment: str = "production") -> Intended:
        """Tell whether a model version would run in an environment with what its config file says for it now.

        It is a finding, and refuses nothing: who edits a file for the next training has done nothing wrong.
        """
        target = check_environment(environment)
        with self._ledger.read() as view:
            version = registry.find(view, ref)
            run = Run.of(view.record("run", version.run_id) or {})
        return judged(self._artifacts.root, version, run, target)

    @writes
    def put_back(
        self, environment: str, key: str, reason: str = "", *, model: str | None = None, version: str | None = None
    ) -> ConfigEdit:
        """Let the config file say for an environment what it said when the live version went live.

        Parameters
        ----------
        environment : {"development", "staging", "production"}
            Where.
        key : str
            Dotted: ``thresholds.churn``.
        reason : str
            Why; it stays on record.
        model : str, optional
            Name of the model; the only one that is live there if not given. Before its first release there, what is
            live where it was rehearsed counts.
        version : str, optional
            A model version that is to go live there: then the file says what it said when that one was trained.

        Raises
        ------
        ConflictError
            If the file was not edited since.
        RefusedError
            If it has no file, or nobody knows what that said.
        """
        return self._edit("put_back", environment, key, reason, model, version)

    @writes
    def codify(
        self, environment: str, key: str, reason: str = "", *, model: str | None = None, version: str | None = None
    ) -> ConfigEdit:
        """Write a difference into the overlay of its environment: it is meant, and stays where everybody reads it.

        What was set by hand becomes what the overlay says. An edit of the file that all environments share moves into
        the overlay of this one, and runs there once a model that was trained with it is released. See `put_back`.

        Raises
        ------
        ConflictError
            If nothing differs, or it stands in the overlay already.
        RefusedError
            If it has no file, or that is no valid config.
        """
        return self._edit("codify", environment, key, reason, model, version)

    def _standing(self, view: View, live: Deployment, environment: Environment | None = None) -> _Standing:
        run, said = _run(view, live), live.config or {}
        if self._ledger.event is not None:
            return _Standing(run, said)  # what files say belongs to now
        return _Standing(run, said, *_rendered(self._artifacts.root, run, environment or live.environment))

    def _meant(
        self, view: View, environment: Environment, model: str | None, version: str | None
    ) -> tuple[Mapping[str, str], _Standing]:
        """Return which version an edit is about, and how it stands to its file: what is live, or what is to go live."""
        if version is None:
            live = _live_or_rehearsed(view, environment, model)
            return live.model, self._standing(view, live, environment)
        asked = registry.find(view, version)
        run = Run.of(view.record("run", asked.run_id) or {})
        return asked.identity, _Standing(run, {}, *_rendered(self._artifacts.root, run, environment))

    def _edit(
        self,
        action: Literal["put_back", "codify"],
        environment: str,
        key: str,
        reason: str,
        model: str | None,
        version: str | None,
    ) -> ConfigEdit:
        target = check_environment(environment)
        check_text(reason, "reason")
        with self._ledger.write() as tx:
            about, now = self._meant(tx, target, model, version)
            old = config_files.texts(_editable(now, ref_of(about)), target)
            if key not in now.keys:
                raise NotFoundError(f"{shown(key)} is no key of this config.", f"Use one of {', '.join(now.keys)}.")
            change = _put_back if action == "put_back" else _codified
            new = change(now, target, key, old)
            written = {path: text for path, text in new.items() if text != old[path]}
            edit = ConfigEdit(
                environment=target,
                model=about["name"],
                action=action,
                key=key,
                before=now.value(key)["now"],
                after=config_files.merged(new).params.get(key),
                files=tuple(path.name for path in written),
                reason=reason,
                edited_by=tx.actor,
                at=tx.at,
            )
            tx.append(f"config.{action}", f"{target}/{edit.model}", edit.as_dict())
            config_files.write(written)  # the last thing that can fail: then nothing was recorded either
        return edit


class _Standing:
    """How the config of a run stands to its file.

    Parameters
    ----------
    said : mapping
        What its deployment kept; empty if there is none, or it is older than that was kept.
    found, own : Rendered, optional
        What its file says now: for this environment, and for the one that the run was trained for.
    """

    def __init__(
        self, run: Run, said: Mapping[str, Any], found: Rendered | None = None, own: Rendered | None = None
    ) -> None:
        self._memory = run.config_file or {}
        self.file = self._memory.get("path")
        self.found, self._own = found, own
        self.running: Mapping[str, Any] = plain(said.get("effective") or configs.without_gate(run.params))
        # A file that says no threshold says the one of everybody, and that has a label of its own.
        then, now = said.get("rendered"), found.params if found else None
        self.then = plain(configs.labelled_as(then, self.running)) if then is not None else None
        self.now = configs.labelled_as(now, self.running) if now is not None else None

    @property
    def keys(self) -> list[str]:
        return [*dict.fromkeys([*self.running, *(self.now or {})])]

    def state(self, key: str) -> State:
        if self.found is None or self.now is None:
            return "unknown"
        now = self.now.get(key)
        if now == self.running.get(key):
            return "as_written"
        if self.then is not None and self.then.get(key) != now:
            return "edited"
        if key in self._memory.get("by_hand", ()):
            return "by_hand"
        if self._own is not self.found and self._own is not None and self._own.is_intended(key):
            return "other_overlay"
        asked = self.found.is_intended(key) and self._memory.get("environment") is None
        return "overlay" if asked else "edited"

    def before(self, key: str) -> Any:
        """Return what the file said before it was edited: at the release, or where that came later, at the training."""
        if self.then is not None and self.now is not None and self.then.get(key) != self.now.get(key):
            return self.then.get(key, config_files.AWAY)
        return self.running.get(key, config_files.AWAY)

    def value(self, key: str) -> dict[str, Any]:
        """Return one key in one environment; see `Setting.values`."""
        state, origin = self.state(key), self.found.origin(key) if self.found else None
        return {
            "running": self.running.get(key),
            "rendered": self.then.get(key) if self.then else None,
            "now": self.now.get(key) if self.now else None,
            "state": state,
            "intended": state == "other_overlay" or bool(self.found and self.found.is_intended(key)),
            "file": origin.name if origin else None,
            "written_at": config_files.written_at(origin) if origin else None,
        }


def judged(root: Path, version: registry.ModelVersion, run: Run, environment: Environment) -> Intended:
    """Tell whether a version would run with what its config file says for an environment; see `Worlds.judge`."""
    now = _Standing(run, {}, *_rendered(root, run, environment))
    told = {"environment": environment, "model": version.identity, "differences": ()}
    if now.found is None:
        why = "Its config is recorded with its run; it was trained without a file that could say something else."
        return Intended.of({**told, "outcome": "pass", "why": why})
    if now.now is None:
        why = f"Nobody can tell what {now.found.file.name} says for {environment}: {now.found.problem}"
        return Intended.of({**told, "outcome": "unknown", "why": why})
    differ = [{"key": one["key"], **now.value(one["key"])} for one in configs.diff_params(now.running, now.now)]
    wrong = [one for one in differ if one["state"] != "other_overlay"]
    why = " ".join(f"{one['key']}: {_sentence(one, environment)}" for one in differ)
    return Intended.of({
        **told,
        "outcome": "fail" if wrong else "pass",
        "differences": differ,
        "why": why or f"It runs with what {now.found.file.name} says for {environment}.",
        "step": "put_config_back" if any(one["state"] == "edited" for one in wrong) else None,
    })  # fmt: skip


def _live_everywhere(view: View, model: str | None) -> tuple[str | None, list[Deployment]]:
    """Return what is live under a name in each environment; without a name, of the only one."""
    live = [one for place in ENVIRONMENTS for one in live_in(view, place)]
    names = {one.model["name"]: one for one in live}
    if model is None and not names:
        return None, []
    if model is None:
        found = only([*names.values()], "are live", None)
        model = str(found.model["name"]) if found else None
    elif model not in names:
        raise NotFoundError(f"{shown(model)} is live nowhere.", f"Live: {', '.join(names) or 'nothing yet'}.")
    return model, [one for one in live if one.model["name"] == model]


def _live_or_rehearsed(view: View, environment: Environment, model: str | None) -> Deployment:
    """Return what is live in an environment; before the first release there, what is live where it was rehearsed."""
    earlier = ENVIRONMENTS[: ENVIRONMENTS.index(environment) + 1]
    places = [place for place in earlier if any(model in (None, one.model["name"]) for one in live_in(view, place))]
    return the_live(view, places[-1] if places else environment, model)


def _run(view: View, live: Deployment) -> Run:
    model = view.record("model", ref_of(live.model)) or {}
    return Run.of(view.record("run", model["run_id"]) or {})


def _rendered(root: Path, run: Run, environment: str) -> tuple[Rendered | None, Rendered | None]:
    """Return what a run's file says for an environment now, and for the one that the run was trained for."""
    trained_for = (run.config_file or {}).get("environment") or environment
    found = config_files.render(root, run.config_file, environment)
    return found, found if trained_for == environment else config_files.render(root, run.config_file, trained_for)


def _world(live: Deployment, now: _Standing) -> World:
    said, found = live.config or {}, now.found
    files = [path for path in (found.file, found.overlay) if path] if found else []
    return World(
        environment=live.environment,
        model=live.model,
        deployment_id=live.deployment_id,
        since=str(live.since),
        file=now.file,
        overlay=found.overlay.name if found and found.overlay else None,
        written_at=max(filter(None, map(config_files.written_at, files)), default=None),
        effective_sha256=configs.sha256_of_params(now.running),
        rendered_sha256=said.get("rendered_sha256"),
        now_sha256=found.sha256 if found else None,
        problem=found.problem if found else None,
    )


def _setting(key: str, places: Mapping[str, _Standing], coming: Mapping[str, Mapping[str, Any]]) -> Setting:
    """Hold one key in all environments against what the files say, and against what waits for its release."""
    values = {place: now.value(key) for place, now in places.items()}
    running = [one["running"] for one in values.values()]
    differing = {place: one for place, one in values.items() if one["state"] not in ("as_written", "unknown")}
    waits = {place: who for place, one in differing.items() if (who := _waiting(key, one, running, coming))}
    stray = {place: one for place, one in differing.items() if not one["intended"] and place not in waits}
    verdict: Verdict = "same"
    if differing or _many(running):
        verdict = "intended" if any(one["intended"] for one in values.values()) else "on_its_way"
    if stray:
        verdict = "not_intended"
    said: dict[str, list[str]] = {}
    for place, one in (stray or differing).items():
        said.setdefault(_sentence(one, place, waits.get(place, "")), []).append(place)
    told = [f"{_listed(places)}: {sentence}" for sentence, places in said.items()]
    return Setting(key, values, verdict, tuple(stray), " ".join(told) or _why_apart(verdict, values))


def _waiting(key: str, one: Mapping[str, Any], running: Sequence[Any], coming: Mapping[str, Mapping[str, Any]]) -> str:
    """Say who has an edited value already: another environment, or a version that waits for its release; or nothing."""
    if one["state"] != "edited":
        return ""
    if one["now"] in running:
        return "another environment runs already"
    ref = next((ref for ref, params in coming.items() if key in params and params[key] == one["now"]), None)
    return f"{ref} was trained with" if ref else ""


def _params(view: View, run_id: str) -> Mapping[str, Any]:
    return plain((view.record("run", run_id) or {}).get("params") or {})


def _listed(places: list[str]) -> str:
    *first, last = places
    return f"{', '.join(first)} and {last}".capitalize() if first else last.capitalize()


def _many(values: Iterable[Any]) -> bool:
    return len({repr(value) for value in values}) > 1


def _why_apart(verdict: Verdict, values: Mapping[str, Mapping[str, Any]]) -> str:
    """Say why environments differ that all run what their files say."""
    if verdict == "intended":
        said = dict.fromkeys(one["file"] for one in values.values() if one["intended"])
        return f"{' and '.join(map(str, said))} {'says' if len(said) == 1 else 'say'} so."
    return "Other versions run there." if verdict == "on_its_way" else ""


def _sentence(one: Mapping[str, Any], environment: str, waits: str = "") -> str:
    """Say how what runs stands to its file, of one key; and if it waits for its release, who has it already."""
    runs, says = ("no value" if one[name] is None else shown(one[name]) for name in ("running", "now"))
    file = one["file"]
    if waits:
        return f"{runs} runs; {file} says {says}, which {waits}."
    if one["state"] == "other_overlay":
        return f"{runs} runs, of the overlay it was trained with; for {environment} {file} says {says}."
    if one["intended"]:
        return f"{runs} runs; {file} asks for {says}, which runs once a model that was trained with it is released."
    if one["state"] == "by_hand":
        return f"{runs} runs, set by hand when it was trained; {file} says {says}."
    return f"{runs} runs; {file} was edited since and says {says}."


def _editable(now: _Standing, who: str) -> Path:
    """Return the config file of a version, if it can be edited."""
    if now.found is None:
        raise RefusedError(f"{who} was trained without a config file.", "Train from a file, and release that.")
    if now.found.problem:
        raise RefusedError(f"{now.found.file.name} says nothing valid: {now.found.problem}", "Mend the file first.")
    return now.found.file


def _put_back(now: _Standing, environment: str, key: str, old: Mapping[Path, str]) -> dict[Path, str]:
    """Return the texts of the files that say again what they said: the smallest edit that does."""
    base, overlay = old
    if now.state(key) != "edited":
        raise ConflictError(
            f"Nobody edited {key} since the model was trained: there is nothing to put back.",
            f"Release a model that was trained from the file, or write it into the overlay of {environment}.",
        )
    said = now.before(key)
    here = now.found is not None and key in now.found.in_overlay
    for path, value in [(overlay, config_files.AWAY), (overlay, said), (base, said)][0 if here else 2 :]:
        new = {**old, path: config_files.with_value(old[path], key, value)}
        with suppress(ConfigError):
            if config_files.merged(new).params.get(key) == (None if said is config_files.AWAY else said):
                return new
    raise RefusedError(f"{key} cannot be put back by itself.", f"Edit {base.name} by hand.")


def _codified(now: _Standing, environment: str, key: str, old: Mapping[Path, str]) -> dict[Path, str]:
    """Return the texts of the files once the overlay says what is meant."""
    base, overlay = old
    value = now.value(key)
    if value["state"] == "as_written":
        raise ConflictError(f"{shown(key)} runs as {base.name} says: nothing differs.", "There is nothing to do.")
    if now.found and now.found.is_intended(key):
        raise ConflictError(f"{key} stands in {overlay.name} already.", "Train with it, and release that.")
    begun = old[overlay] or f"# {environment.title()}: what differs there, and only that.\n"
    if value["state"] != "edited":
        return {base: old[base], overlay: config_files.with_value(begun, key, value["running"])}
    return {
        base: config_files.with_value(old[base], key, now.before(key)),
        overlay: config_files.with_value(begun, key, value["now"]),
    }
