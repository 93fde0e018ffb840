"""Registry: models that have a name and a version.

Registering gives a finished run's model a name and a version that is never used again. The file in
``models/`` is the run's file under another name - the same bytes, never dumped again - with a JSON of its
facts beside it. What can change later, such as where it is live, is only in answers.

A name stands for one question: one target, one task. The version says what changed since the one before: the first
number, features; the second, data or config; the third, nothing - the same config again. That is our convention;
semantic versioning says nothing of models.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

from mlops.base.artifacts import Artifacts
from mlops.base.clock import Instant
from mlops.base.environments import ALIASES, ENVIRONMENTS, place_of
from mlops.base.errors import ConflictError, IntegrityError, InvalidError, NotFoundError, RefusedError, shown
from mlops.base.ledger import Ledger, writes
from mlops.base.records import (
    Record,
    check_name,
    check_text,
    choose_version,
    is_name,
    readable_json,
    ref_of,
    suggest_name,
)
from mlops.base.tasks import Task
from mlops.base.view import View
from mlops.experiments.runs import Run, Runs
from mlops.models.signature import Signature
from mlops.release.releases import check_known, live_in, live_model, the_live

CARD = ("purpose", "owner", "limits")
"""What a card says: what the model is for, who answers for it, where it must not be used."""

_VERSION = re.compile(r"(0|[1-9]\d{0,8})\.(0|[1-9]\d{0,8})\.(0|[1-9]\d{0,8})")


@dataclass(frozen=True)
class ModelVersion(Record):
    """One immutable version of a named model."""

    name: str
    version: str
    """Semantic, without v: ``1.2.0``; never reused."""
    run_id: str
    trained_at: Instant
    data_version: str
    """The dataset version it learned from: ``customers@1``."""
    git_commit: str | None
    metrics: Mapping[str, float | None]
    """On the run's test rows."""
    features: tuple[str, ...]
    threshold: float | None
    target: str
    task: Task
    sha256: str
    """Hash of the joblib file."""
    card: Mapping[str, str]
    """``purpose``, ``owner`` and ``limits``, in words."""
    status: Literal["candidate", "rejected"]
    live_in: tuple[str, ...]
    """Environments in which it is live now."""
    reproduced: Mapping[str, Any] | None
    """What came out when its run was last trained again; see `Run`."""
    aliases: tuple[str, ...] | None
    """What the field calls it for that: ``champion`` in production, ``challenger`` in staging."""

    @property
    def ref(self) -> str:
        """The version as people write it: ``churn_model@1.2.0``."""
        return f"{self.name}@{self.version}"

    @property
    def identity(self) -> dict[str, str]:
        """Name, version and hash: what deployments record."""
        return {"name": self.name, "version": self.version, "sha256": self.sha256}

    @property
    def unsaid(self) -> tuple[str, ...]:
        """The fields of its card that nobody has filled in."""
        return tuple(field for field in CARD if not (self.card or {}).get(field, "").strip())

    @property
    def path(self) -> str:
        """Where the joblib file lies, below the workspace."""
        return f"models/{self.name}/{self.name}_v{self.version}.joblib"

    @property
    def metadata_path(self) -> str:
        """Where the JSON beside it lies."""
        return f"models/{self.name}/{self.name}_v{self.version}.json"


@dataclass(frozen=True)
class LoadedModel:
    """A model version in memory, ready to score."""

    version: ModelVersion
    metadata: Mapping[str, Any]
    """The JSON beside the joblib file."""
    pipeline: Any
    """The fitted scikit-learn pipeline, from checked bytes."""

    @cached_property
    def signature(self) -> Signature:
        """What the model takes and answers."""
        return Signature.of(self.metadata["signature"])

    @property
    def threshold(self) -> float:
        """Probability from which a row counts as positive."""
        return 0.5 if self.version.threshold is None else self.version.threshold

    @property
    def told(self) -> dict[str, Any]:
        """How an answer names it: ``model_version`` and ``model_sha256``."""
        return {"model_version": self.version.version, "model_sha256": self.version.sha256}


class Models:
    """The model versions of one workspace."""

    def __init__(self, ledger: Ledger, artifacts: Artifacts) -> None:
        self._ledger = ledger
        self._artifacts = artifacts
        self._runs = Runs(ledger, artifacts)

    @writes
    def register(
        self, run: Run | str, name: str, version: str | None = None, card: Mapping[str, str] | None = None
    ) -> ModelVersion:
        """Give a finished run's model a name and a version that is never reused.

        Parameters
        ----------
        run : Run or str
            The run or its id.
        name : str
            Name of the model.
        version : str, optional
            Semantic version, with or without v; the suggested one if not given.
        card : mapping, optional
            ``purpose``, ``owner``, ``limits``.

        Raises
        ------
        RefusedError
            If the run has no model of this workspace, or the name stands for another target or task.
        ConflictError
            If the version is taken.
        """
        check_name(name, "model")
        with self._ledger.session() as ledger:
            return Models(ledger, self._artifacts)._register(
                run if isinstance(run, str) else run.run_id, name, version, card
            )

    def _register(self, run_id: str, name: str, version: str | None, card: Mapping[str, str] | None) -> ModelVersion:
        run = self._runs.get(run_id)
        if run.status != "finished" or run.model_sha256 is None:
            raise RefusedError(_without_model(run), "Register a finished training: mlops runs list.")
        wanted = _semantic(version) if version is not None else None
        described = dict.fromkeys(CARD, "") | _said(card or {})
        document = self._runs.document(run.run_id)
        signature = Signature.of(document["signature"])
        if self._artifacts.hash(run.file("model.joblib")) != run.model_sha256:
            raise IntegrityError(
                f"The model of run {run.run_id} is not the file that was trained.", "Run mlops verify."
            )
        model = self._artifacts.existing(run.file("model.joblib"), run.model_sha256)
        with self._artifacts.stage() as stage, self._ledger.write() as tx:
            taken = _versions(tx, name)
            latest = tx.record("model", f"{name}@{taken[-1]}") if taken else None
            _check_question(name, latest, signature)
            suggested = _suggest(tx, latest, run, signature)
            chosen = wanted or suggested
            if chosen in taken:
                raise ConflictError(
                    f"{name} {chosen} exists, and a version is never reused.", f"Use {suggested} or leave it out."
                )
            registered = ModelVersion(
                name=name,
                version=chosen,
                run_id=run.run_id,
                trained_at=str(run.ended_at),
                data_version=ref_of(run.data),
                git_commit=run.code.get("git_commit"),
                metrics=run.metrics.get("test", {}),
                features=tuple(signature.names),
                threshold=run.threshold,
                target=signature.target,
                task=signature.task,
                sha256=run.model_sha256,
                card=described,
                status="candidate",
                live_in=(),
                reproduced=run.reproduced,
                aliases=(),
            )
            told = {key: value for key, value in registered.as_dict().items() if key not in ("reproduced", "aliases")}
            facts = {key: value for key, value in told.items() if key not in ("status", "live_in")}
            facts |= {
                key: document[key] for key in ("signature", "examples", "data", "config_sha256", "software", "seed")
            }
            metadata = stage.write("model.json", readable_json(facts))
            files = {registered.path: model, registered.metadata_path: metadata}
            tx.append("model.register", registered.ref, told, files)
        return registered

    def get(self, ref: str | ModelVersion) -> ModelVersion:
        """Return the version that a reference means.

        ``churn_model@1.2.0``, ``churn_model@v1.2.0``, ``churn_model@latest`` (highest version), ``churn_model``
        (the same), ``churn_model@production`` (the version of it that is live there), ``@production`` (the only one).
        ``@champion`` is what is live in production, ``@challenger`` what is live in staging. Of a version, what is
        known of it now.
        """
        with self._ledger.read() as view:
            return asked_for(self._artifacts, view, ref)

    def metadata(self, ref: str | ModelVersion) -> dict[str, Any]:
        """Return the JSON beside a version's joblib file."""
        with self._ledger.read() as view:
            path = (find(view, ref) if isinstance(ref, str) else ref).metadata_path
            return dict(json.loads(self._artifacts.read(path, view.artifact(path))))

    def path(self, ref: str) -> Path:
        """Return where a version's joblib file lies on this machine."""
        return self._artifacts.path(self.get(ref).path)

    def load(self, ref: str | ModelVersion) -> LoadedModel:
        """Load a model version whose files are as the ledger says; see `scoring.load`.

        A joblib file can run code when it is loaded; only files that this workspace's own trainings wrote
        are ever loaded.
        """
        from mlops.models import scoring

        with self._ledger.read() as view:
            version = asked_for(self._artifacts, view, ref) if isinstance(ref, str) else ref
            facts, model = view.artifact(version.metadata_path), view.artifact(version.path)
        metadata = json.loads(self._artifacts.read(version.metadata_path, facts))
        return LoadedModel(version, metadata, scoring.load(self._artifacts, version.path, model, version.ref))

    @writes
    def describe(
        self,
        ref: str | ModelVersion,
        *,
        purpose: str | None = None,
        owner: str | None = None,
        limits: str | None = None,
    ) -> ModelVersion:
        """Complete or correct the card of a version; a field that is not given stays as it is.

        The JSON beside the joblib file holds what was known when it was registered, and stays.

        Parameters
        ----------
        purpose, owner, limits : str, optional
            What it is for, who answers for it, what it must not be used for.
        """
        said = _said({"purpose": purpose, "owner": owner, "limits": limits})
        if not said:
            raise InvalidError("A card is not completed by nothing.", "Say purpose, owner or limits.")
        with self._ledger.write() as tx:
            version = find(tx, ref)
            card = dict.fromkeys(CARD, "") | dict(version.card or {}) | said
            tx.append("model.describe", version.ref, {"card": card})
            return find(tx, version.ref)

    @writes
    def reject(self, ref: str | ModelVersion, reason: str) -> ModelVersion:
        """Mark a version as one that must not be deployed or rolled back to; it stays on record."""
        if not check_text(reason, "reason").strip():
            raise InvalidError("A rejection without a reason cannot be explained later.", "Say why: --reason TEXT.")
        with self._ledger.write() as tx:
            version = find(tx, ref)
            if version.live_in:
                raise RefusedError(
                    f"{version.ref} is live in {', '.join(version.live_in)}.", "Roll back first, then reject it."
                )
            tx.append("model.reject", version.ref, {"status": "rejected", "reject_reason": reason})
            return find(tx, version.ref)

    def why_rejected(self, ref: str) -> str | None:
        """Return why a version was rejected; None if it was not."""
        with self._ledger.read() as view:
            record = view.record("model", find(view, ref).ref) or {}
        return record.get("reject_reason")

    def verify(self, ref: str | ModelVersion) -> dict[str, Any]:
        """Check that a version is what it says it is, link by link.

        Returns
        -------
        dict
            ``ok``, ``model``, and ``checks``: ``{what, expected, observed, equal}`` for files, run and data.
        """
        from mlops.data.versions import DatasetVersion

        with self._ledger.read() as view:
            version = asked_for(self._artifacts, view, ref) if isinstance(ref, str) else ref
            run = view.record("run", version.run_id) or {}
            data = DatasetVersion.of(view.record("dataset", version.data_version) or {})
            expected_metadata, expected_snapshot = view.artifact(version.metadata_path), view.artifact(data.path)
        pairs = [
            ("model file", version.sha256, self._artifacts.hash(version.path)),
            ("metadata file", expected_metadata, self._artifacts.hash(version.metadata_path)),
            ("model of the run", version.sha256, run.get("model_sha256")),
            ("data of the run", run.get("data", {}).get("sha256"), data.sha256),
            ("data file", expected_snapshot, self._artifacts.hash(data.path)),
        ]
        checks = [{"what": what, "expected": want, "observed": got, "equal": want == got} for what, want, got in pairs]
        return {"ok": all(check["equal"] for check in checks), "model": version.identity, "checks": checks}

    def list(self) -> list[ModelVersion]:
        """Return all versions of all models, newest first."""
        with self._ledger.read() as view:
            live = {place: [one.model for one in live_in(view, place)] for place in ENVIRONMENTS}
            records = view.records("model")
            proven = _reproduced(view, [record["run_id"] for record in records])
        where = [[place for place in ENVIRONMENTS if _identity(record) in live[place]] for record in records]
        return [
            _with_places(record, places, proven.get(record["run_id"]))
            for record, places in zip(records, where, strict=True)
        ]


def find(view: View, ref: str | ModelVersion) -> ModelVersion:
    """Return the model version that a reference means (see `Models.get`); of a version, what is known of it now."""
    ref = _text_of(ref)
    name, _, wanted = ref.partition("@")
    if (place := place_of(wanted)) is not None:
        model = the_live(view, place, name or None).model
        name, wanted = model["name"], model["version"]
    if not name:
        raise NotFoundError(f"{shown(ref)} names no model.", "Write NAME@VERSION, NAME@latest or @production.")
    check_known(view, name)
    number = choose_version(name, wanted, _versions(view, name))
    return _answered(view, view.record("model", f"{name}@{number}") or {})


def _text_of(ref: str | ModelVersion) -> str:
    if not isinstance(ref, str | ModelVersion):
        raise InvalidError(f"{shown(ref)} names no model.", "Write NAME@VERSION, NAME@latest or @production.")
    return ref if isinstance(ref, str) else ref.ref


def asked_for(artifacts: Artifacts, view: View, ref: str | ModelVersion) -> ModelVersion:
    """Return the version that a person asks for, as `find` does; of a file that was put there by hand, say what it is.

    Raises
    ------
    NotFoundError
        If there is no such version. A joblib file in its place makes none: nobody knows what it came from.
    """
    try:
        return find(view, ref)
    except NotFoundError as error:
        name, _, number = _text_of(ref).partition("@")
        number = number.removeprefix("v")
        file = f"models/{name}/{name}_v{number}.joblib"
        named = is_name(name) and _VERSION.fullmatch(number)
        if named and artifacts.path(file).exists() and not view.today.is_named(file):  # a later version has its file
            raise NotFoundError(
                f"{file} lies there, but no run of this workspace made it: without data, config and code behind it, a "
                "file is never deployed.",
                "Train its model here, and register the run: mlops models register RUN --name NAME.",
            ) from error
        raise


def _answered(view: View, record: Mapping[str, Any]) -> ModelVersion:
    """Return a version with what can change: where it is live, and whether its run was proven."""
    live = {place: live_model(view, place, record["name"]) for place in ENVIRONMENTS}
    proven = (view.record("run", record["run_id"]) or {}).get("reproduced")
    return _with_places(record, [place for place in ENVIRONMENTS if live[place] == _identity(record)], proven)


def _with_places(record: Mapping[str, Any], places: Sequence[str], proven: Mapping[str, Any] | None) -> ModelVersion:
    aliases = [alias for alias, place in ALIASES.items() if place in places]
    return ModelVersion.of({**record, "live_in": places, "aliases": aliases, "reproduced": proven})


def _reproduced(view: View, run_ids: Sequence[str]) -> dict[str, Any]:
    """Return what came out of each of some runs when it was last trained again, if it ever was."""
    rows = view.select(
        "run",
        "SELECT subject, json_extract(record, '$.reproduced') FROM records "
        "WHERE noun = 'run' AND subject IN (SELECT value FROM json_each(?))",
        (json.dumps([*run_ids]),),
    )
    return {run_id: json.loads(told) for run_id, told in rows if told}


def _said(card: Mapping[str, str | None]) -> dict[str, str]:
    """Return the fields of a card that somebody filled in, if they are fields of one."""
    if unknown := set(card) - set(CARD):
        raise InvalidError(f"{shown(sorted(unknown)[0])} is no field of a card.", "Use purpose, owner and limits.")
    return {field: check_text(text, field) for field, text in card.items() if text is not None}


def _without_model(run: Run) -> str:
    """Say why a run has nothing that can be registered."""
    if run.status == "finished" and not run.data:
        why = "it was logged from elsewhere, without data and config, so it has no lineage, and what has none is never"
        return f"Run {run.run_id} is finished and has no model of ours: {why} deployed."
    return f"Run {run.run_id} is {run.status} and has no model."


def coming(view: View, live: Sequence[Mapping[str, str]]) -> list[ModelVersion]:
    """Return the versions that may be released after those that are live, by their numbers; no rejected ones."""
    newest = {
        one["name"]: max(_parts(other["version"]) for other in live if other["name"] == one["name"]) for one in live
    }
    later = [f"{name}@{one}" for name in newest for one in _versions(view, name) if _parts(one) > newest[name]]
    return [found for found in (find(view, ref) for ref in later) if found.status != "rejected"]


def _versions(view: View, name: str) -> list[str]:
    """Return all versions of a name, the highest last."""
    return sorted((ref.rpartition("@")[2] for ref in view.subjects("model", f"{name}@")), key=_parts)


def _identity(record: Mapping[str, Any]) -> dict[str, Any]:
    return {key: record[key] for key in ("name", "version", "sha256")}


def _check_question(name: str, latest: Mapping[str, Any] | None, signature: Signature) -> None:
    """Refuse a model of another target or task than the latest version of its name."""
    if latest and (latest["target"], latest["task"]) != (signature.target, signature.task):
        raise RefusedError(
            f"{shown(name)} stands for {latest['target']} ({latest['task']}), and this run predicts {signature.target} "
            f"({signature.task}): a name stands for one target and one task.",
            f"Register it under another name, such as {suggest_name(f'{signature.target}_model')}.",
        )


def _semantic(version: str) -> str:
    number = version.removeprefix("v")
    if not _VERSION.fullmatch(number):
        raise InvalidError(f"{shown(version)} is not a semantic version.", "Write three numbers, such as 1.2.0.")
    return number


def _parts(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split("."))


def _suggest(view: View, latest: Mapping[str, Any] | None, run: Run, signature: Signature) -> str:
    """Suggest the next version by what changed since the latest one."""
    from mlops.experiments.configs import sha256_of_params

    if latest is None:
        return "1.0.0"
    before = Run.of(view.record("run", latest["run_id"]) or {})
    major, minor, patch = _parts(latest["version"])
    if list(latest["features"]) != signature.names:
        return f"{major + 1}.0.0"
    learned = [(one.data["sha256"], sha256_of_params(one.params)) for one in (before, run)]
    if learned[0] != learned[1] or before.roles not in (None, run.roles):  # of format 1, a run recorded none
        return f"{major}.{minor + 1}.0"
    return f"{major}.{minor}.{patch + 1}"
