"""Schema: what a model takes and answers, for people who read ``/docs`` and programs that read ``/openapi.json``.

It is drawn from the model's signature, with the labels, units, meanings and ranges of the columns that it learned from.
It only tells: a row is checked by the signature itself, so that what REST takes is what every door takes.

https://spec.openapis.org/oas/v3.1.1 and https://json-schema.org/draft/2020-12
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import pyarrow.compute as pc
from fastapi.openapi.utils import get_openapi

from mlops.base.errors import MlopsError
from mlops.base.records import ref_of
from mlops.data.described import title
from mlops.data.reading import MISSING
from mlops.data.reading.exact import LARGEST
from mlops.models import estimators
from mlops.models.signature import MAX_ID, Signature, misfit
from mlops.release.registry import LoadedModel, ModelVersion
from mlops.serving.bodies import MAX_BODY, MAX_ROWS

if TYPE_CHECKING:
    from starlette.routing import BaseRoute

    from mlops.serving.live import Answering
    from mlops.workspace import Workspace

Columns = Mapping[str, Mapping[str, Any]]
"""``{column: {label, unit, meaning, low, high}}``: what is known of the columns that a model learned from."""

NAMED_LEVELS = 20
"""Levels of a column that are named."""

Schema = dict[str, Any]


def columns(ws: Workspace, model: LoadedModel) -> Columns:
    """Return what is known of the columns that a model learned from; nothing where their data are lost."""
    found: dict[str, dict[str, Any]] = {}
    with suppress(MlopsError):
        version = ws.datasets.get(ref_of(model.metadata["data"]))
        found = {name: dict(said) for name, said in version.described.items()}
        table = ws.datasets.table(version)
        for feature in model.signature.features:
            if feature["type"] in ("integer", "number"):
                seen = pc.min_max(table.column(feature["name"])).as_py()
                found.setdefault(feature["name"], {}).update(low=seen["min"], high=seen["max"])
    return found


def openapi(
    routes: Sequence[BaseRoute], environment: str, now: Answering | None, said: Columns, secured: bool
) -> dict[str, Any]:
    """Return the document of ``/openapi.json``.

    Parameters
    ----------
    routes : sequence of route
        What is answered, with a sentence about each.
    now : Answering or None
        What answers; without it, bodies and answers are not known.
    said : mapping
        See `columns`.
    secured : bool
        Whether callers must send a token.
    """
    version = now.loaded.version if now else None
    title = f"{version.name} in {environment}" if version else f"Nothing is live in {environment}"
    about = "" if version is None else _about(version)
    found = get_openapi(title=title, version=version.version if version else "0", description=about, routes=routes)
    shown = examples(now.loaded) if now else {}
    for route, methods in found["paths"].items():
        for operation in methods.values():
            operation["operationId"] = route.strip("/")
            operation["summary"] = operation.pop("description")
            operation["tags"] = ["Ask" if route in ANSWERS and ANSWERS[route][0] else "What answers"]
            operation["responses"] = _responses(route, secured)
            if route in ANSWERS and ANSWERS[route][0]:
                bodies = {name: {"value": value} for name, value in shown.get(route, {}).items()}
                content = {"schema": _ref(ANSWERS[route][0]), **({"examples": bodies} if bodies else {})}
                operation["requestBody"] = {"required": True, "content": {"application/json": content}}
            if secured and route not in OPEN:
                operation["security"] = [{"bearer": []}, {"basic": []}]
    schemas = (
        components(now.loaded, said) if now else {key: {} for key in ("Rows", "Predictions", "Invocation", "Invoked")}
    )
    found["components"] = {"schemas": {**schemas, **_FIXED}}
    if secured:
        schemes = {scheme: {"type": "http", "scheme": scheme} for scheme in ("bearer", "basic")}
        found["components"]["securitySchemes"] = schemes
    return found


OPEN = ("/live", "/ready")
"""Routes that need no token: probes ask them, and they tell nothing of the model."""

ANSWERS: Mapping[str, tuple[str, str]] = {
    "/predict": ("Rows", "Predictions"),
    "/invocations": ("Invocation", "Invoked"),
    "/model": ("", "Model"),
    "/ready": ("", "Ready"),
    "/live": ("", "Live"),
}
"""Route -> the schemas of its body and of its answer."""

STATUSES: Mapping[int, tuple[str, str]] = {
    400: ("data", "The body is not valid JSON."),
    401: ("token", "The token is missing."),
    403: ("host", "The server is not known under that name."),
    408: ("timeout", "The body did not come."),
    413: ("too_large", f"The body has more than {MAX_BODY:,} bytes or {MAX_ROWS:,} rows."),
    415: ("media_type", "The body is not said to be JSON in UTF-8."),
    422: ("data", "A row cannot be answered; details name every misfit."),
    503: ("nothing_live", "Nothing is live, or too many requests wait."),
}
"""Status -> the code of the error that is answered with it, and why."""


def _responses(route: str, secured: bool) -> Schema:
    body, answer = ANSWERS.get(route, ("", ""))
    refused = {
        *([] if route == "/live" else [403]),
        *([401] if secured and route not in OPEN else []),
        *([400, 408, 413, 415, 422] if body else []),
        *([503] if route in ANSWERS and route != "/live" else []),
    }
    good = {"application/json": {"schema": _ref(answer)}} if answer else {"text/plain": {"schema": {"type": "string"}}}
    return {
        "200": {"description": "The answer.", "content": good},
        **{str(status): _failed(status) for status in sorted(refused)},
    }


def _failed(status: int) -> Schema:
    code, why = STATUSES[status]
    details = [misfit(0, "age", "an integer", "old")] if status == 422 else []
    example = MlopsError(why, "What to do now.", details).as_dict()
    example["error"]["code"] = code
    return {"description": why, "content": {"application/json": {"schema": _ref("Error"), "example": example}}}


def _ref(name: str) -> Schema:
    return {"$ref": f"#/components/schemas/{name}"}


def _about(version: ModelVersion) -> str:
    """Return what a version is for, as far as its card says."""
    card = version.card or {}
    learned = f"{version.ref} predicts {version.target}; it learned from {version.data_version}"
    return _sentences(learned, card.get("purpose", ""), card.get("limits", ""))


def components(model: LoadedModel, said: Columns) -> dict[str, Schema]:
    """Return the schemas of a model's bodies and answers, by name.

    Parameters
    ----------
    said : mapping
        See `columns`.
    """
    learned = model.signature
    limits = iter(estimators.limits(model.pipeline))
    values = {
        one["name"]: _value(one, said, (0, 0) if one["type"] == "text" else next(limits)) for one in learned.features
    }
    row = _ref("Row")
    return {
        "Row": {
            "type": "object",
            "description": "One row: the columns that the model looks at. Others may come along and are not looked at.",
            "properties": {**({learned.id: _id(said, learned.id)} if learned.id else {}), **values},
            "required": list(values),
        },
        "Rows": {"anyOf": [row, _list(row)]},
        "Prediction": _prediction(learned),
        "Predictions": {"anyOf": [_ref("Prediction"), _list(_ref("Prediction"))]},
        "Invocation": _invocation(row, values),
        "Invoked": _object({"predictions": _list(_said(learned))}),
    }


def examples(model: LoadedModel) -> dict[str, dict[str, Any]]:
    """Return bodies that the model answers, from rows that it was never trained on: by route, by name."""
    rows = [dict(example["row"]) for example in model.metadata["examples"]]
    names = model.signature.names
    split = {"columns": names, "data": [[row[name] for name in names] for row in rows]}
    return {
        "/predict": {"one row": rows[0], "several rows": rows},
        "/invocations": {
            "dataframe_split": {"dataframe_split": split},
            "dataframe_records": {"dataframe_records": rows},
            "instances": {"instances": split["data"]},
            "inputs": {"inputs": {name: rows[0][name] for name in names}},
        },
    }


def _value(feature: Mapping[str, Any], said: Columns, limits: tuple[float, float]) -> Schema:
    """Return the schema of the values that one feature takes; `limits` are those of its numbers."""
    name, kind = feature["name"], feature["type"]
    about, schema = said.get(name, {}), dict(_KINDS[kind])
    if kind == "text" and not feature["nullable"]:
        schema["pattern"] = rf"^(?!\s*({'|'.join(map(re.escape, MISSING))})\s*$)"  # no value, as in a file
    if kind == "number":
        schema |= dict(zip(("minimum", "maximum"), limits, strict=True))
    if feature["nullable"]:
        schema["type"] = [schema["type"], "null"]
    called = title(said, name)
    known = ": ".join(one for one in (called if called != name else "", about.get("meaning")) if one)
    told = _sentences(known, _seen(feature, about), "Null where it is not known" if feature["nullable"] else "")
    return {"title": called, "description": told, **schema}


def _sentences(*texts: str) -> str:
    """Return texts as sentences of CommonMark, which descriptions are: what the words of data say is no mark of it."""
    return " ".join(re.sub(r"[\\`*<\[\]]", r"\\\g<0>", f"{text.rstrip('.')}.") for text in texts if text)


_KINDS: Mapping[str, Schema] = {
    "integer": {"type": "integer", "minimum": -(2**63) + 1, "maximum": 2**63 - 1},
    "number": {"type": "number"},
    "boolean": {"type": "boolean"},
    "text": {"type": "string"},
}


def _seen(feature: Mapping[str, Any], about: Mapping[str, Any]) -> str:
    """Say which values the model learned from: others are answered as well, and unknown levels named in a warning."""
    if levels := feature["levels"]:
        more = f", and {len(levels) - NAMED_LEVELS:,} more" if len(levels) > NAMED_LEVELS else ""
        return f"It learned from {', '.join(levels[:NAMED_LEVELS])}{more}"
    return "" if about.get("low") is None else f"It learned from {about['low']:,} to {about['high']:,}"


def _id(said: Columns, name: str) -> Schema:
    return {
        "title": title(said, name),
        "description": "Comes back with the answer.",
        "anyOf": [
            {"type": "string", "maxLength": MAX_ID},
            {"type": "number", "minimum": -LARGEST, "maximum": LARGEST},
            {"type": ["integer", "boolean", "null"]},
        ],
    }


def _list(items: Schema) -> Schema:
    return {"type": "array", "items": items, "minItems": 1}


def _prediction(learned: Signature) -> Schema:
    probability = {"type": "number", "minimum": 0, "maximum": 1}
    scores: dict[str, Schema] = {}
    if learned.task == "binary":
        scores = {f"{learned.target}_probability": probability}
    elif learned.task == "multiclass":
        scores = {"probabilities": _object({str(label): probability for label in learned.labels})}
    fields: dict[str, Schema] = {
        **({learned.id: {"description": "As it was sent; null if it was not."}} if learned.id else {}),
        **({} if learned.id else {"row": {"type": "integer", "description": "Place in the list, from 0."}}),
        **scores,
        "prediction": {"title": learned.target, **_said(learned)},
        "threshold": {**probability, "type": ["number", "null"]},
        "model_version": {"type": "string"},
        "model_sha256": {"type": "string", "pattern": "^[0-9a-f]{64}$"},
        "prediction_id": {"type": "string", "description": "Names it in the log, for a replay."},
        "predicted_at": {"type": "string", "format": "date-time"},
        "warnings": {"type": "array", "items": {"type": "string"}},
    }
    return _object(fields)


def _said(learned: Signature) -> Schema:
    """Return the schema of what is predicted."""
    return {"type": "number"} if learned.task == "regression" else {"enum": list(learned.labels)}


def _object(fields: Mapping[str, Schema]) -> Schema:
    return {"type": "object", "properties": dict(fields), "required": list(fields)}


_TEXT: Schema = {"type": "string"}
_ERROR = {**dict.fromkeys(("code", "message", "next_step"), _TEXT), "details": {"type": "array"}}
_FIXED: Mapping[str, Schema] = {
    "Error": _object({"error": _object(_ERROR)}),
    "Model": _object(dict.fromkeys(("name", "version", "sha256", "environment", "deployment_id", "since"), _TEXT)),
    "Ready": _object({"ready": {"const": True}, "trouble": {"type": ["string", "null"]}}),
    "Live": _object({"live": {"const": True}}),
}
"""What is the same for every model."""


def _invocation(row: Schema, values: Mapping[str, Schema]) -> Schema:
    """Return the schema of the four forms of MLflow; that columns are of the same length can only be said in words."""
    bare = {"type": "array", "prefixItems": [*values.values()], "minItems": len(values), "maxItems": len(values)}
    split = {
        "type": "object",
        "properties": {"columns": {"const": list(values)}, "data": _list(bare), "index": {}},
        "required": ["columns", "data"],
        "additionalProperties": False,
    }
    either = {"anyOf": [_list({"anyOf": [row, bare]}), row]}
    forms = {"dataframe_split": split, "dataframe_records": _list(row), "instances": either, "inputs": either}
    return {
        "description": "One of the four forms of MLflow's scoring server. instances and inputs take rows, or an object "
        "with the value of each column, or with a list of the values of each column, all of the same length.",
        "oneOf": [
            {
                "type": "object",
                "properties": {form: schema, "params": {"type": ["object", "null"], "maxProperties": 0}},
                "required": [form],
                "additionalProperties": False,
            }
            for form, schema in forms.items()
        ],
    }
