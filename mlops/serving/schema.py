"""Schema: what a model takes and answers, as JSON Schema.

It is drawn from the model's signature, with the labels, units, meanings and ranges of the columns that it learned from.
It only tells: a row is checked by the signature itself, so that what REST takes is what every door takes.

https://json-schema.org/draft/2020-12
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import pyarrow.compute as pc

from mlops.base.errors import MlopsError
from mlops.base.records import ref_of
from mlops.data.described import title
from mlops.data.reading import MISSING
from mlops.data.reading.exact import LARGEST
from mlops.models import estimators
from mlops.models.signature import MAX_ID, Signature
from mlops.release.registry import LoadedModel

if TYPE_CHECKING:
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
    row = ref("Row")
    return {
        "Row": {
            "type": "object",
            "description": "One row: the columns that the model looks at. Others may come along and are not looked at.",
            "properties": {**({learned.id: _id(said, learned.id)} if learned.id else {}), **values},
            "required": list(values),
        },
        "Rows": {"anyOf": [row, _list(row)]},
        "Prediction": _prediction(learned),
        "Predictions": {"anyOf": [ref("Prediction"), _list(ref("Prediction"))]},
        "Invocation": _invocation(row, values),
        "Invoked": object_of({"predictions": _list(_said(learned))}),
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


def ref(name: str) -> Schema:
    """Return what stands for a schema of that name."""
    return {"$ref": f"#/components/schemas/{name}"}


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
    told = sentences(known, _seen(feature, about), "Null where it is not known" if feature["nullable"] else "")
    return {"title": called, "description": told, **schema}


def sentences(*texts: str) -> str:
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
        scores = {"probabilities": object_of({str(label): probability for label in learned.labels})}
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
    return object_of(fields)


def _said(learned: Signature) -> Schema:
    """Return the schema of what is predicted."""
    return {"type": "number"} if learned.task == "regression" else {"enum": list(learned.labels)}


def object_of(fields: Mapping[str, Schema]) -> Schema:
    """Return the schema of an object that has all of these fields."""
    return {"type": "object", "properties": dict(fields), "required": list(fields)}


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
