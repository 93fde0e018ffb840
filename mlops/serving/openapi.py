"""OpenAPI: the document about the routes, for people who read ``/docs`` and programs that read ``/openapi.json``.

FastAPI lists the routes; what a body and an answer are, the `schema` of the model that answers says.

https://spec.openapis.org/oas/v3.1.1
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from fastapi.openapi.utils import get_openapi

from mlops.base.errors import MlopsError
from mlops.models.signature import misfit
from mlops.release.registry import ModelVersion
from mlops.serving.bodies import MAX_BODY, MAX_ROWS
from mlops.serving.door import OPEN
from mlops.serving.schema import Columns, Schema, components, examples, object_of, ref, sentences

if TYPE_CHECKING:
    from starlette.routing import BaseRoute

    from mlops.serving.live import Answering

ANSWERS: Mapping[str, tuple[str, str]] = {
    "/predict": ("Rows", "Predictions"),
    "/invocations": ("Invocation", "Invoked"),
    "/model": ("", "Model"),
    "/ready": ("", "Ready"),
    "/live": ("", "Live"),
    "/metrics": ("", ""),
}
"""Route -> the schemas of its body and of its answer; where there is none, nothing is sent, and text is answered."""

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

_TEXT: Schema = {"type": "string"}
_ERROR = {**dict.fromkeys(("code", "message", "next_step"), _TEXT), "details": {"type": "array"}}
_FIXED: Mapping[str, Schema] = {
    "Error": object_of({"error": object_of(_ERROR)}),
    "Model": object_of(dict.fromkeys(("name", "version", "sha256", "environment", "deployment_id", "since"), _TEXT)),
    "Ready": object_of({"ready": {"const": True}, "trouble": {"type": ["string", "null"]}}),
    "Live": object_of({"live": {"const": True}}),
}
"""What is the same for every model."""


def of(
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
        See `schema.columns`.
    secured : bool
        Whether callers must send a token.
    """
    version = now.loaded.version if now else None
    title = f"{version.name} in {environment}" if version else f"Nothing is live in {environment}"
    about = "" if version is None else _about(version)
    found = get_openapi(title=title, version=version.version if version else "0", description=about, routes=routes)
    shown = examples(now.loaded) if now else {}
    for route, methods in found["paths"].items():
        body, _ = ANSWERS[route]
        for operation in methods.values():
            operation["operationId"] = route.strip("/")
            operation["summary"] = operation.pop("description")
            operation["tags"] = ["Ask" if body else "What answers"]
            operation["responses"] = _responses(route, secured)
            if body:
                bodies = {name: {"value": value} for name, value in shown.get(route, {}).items()}
                content = {"schema": ref(body), **({"examples": bodies} if bodies else {})}
                operation["requestBody"] = {"required": True, "content": {"application/json": content}}
            if secured and route not in OPEN:
                operation["security"] = [{"bearer": []}, {"basic": []}]
    unknown: dict[str, Schema] = {name: {} for names in ANSWERS.values() for name in names if name}
    found["components"] = {"schemas": {**unknown, **(components(now.loaded, said) if now else {}), **_FIXED}}
    if secured:
        schemes = {scheme: {"type": "http", "scheme": scheme} for scheme in ("bearer", "basic")}
        found["components"]["securitySchemes"] = schemes
    return found


def _responses(route: str, secured: bool) -> Schema:
    body, answer = ANSWERS[route]
    refused = {
        403,
        *([401] if secured and route not in OPEN else []),
        *([400, 408, 413, 415, 422] if body else []),
        *([503] if answer and route != "/live" else []),
    }
    good = {"application/json": {"schema": ref(answer)}} if answer else {"text/plain": {"schema": {"type": "string"}}}
    return {
        "200": {"description": "The answer.", "content": good},
        **{str(status): _failed(status) for status in sorted(refused)},
    }


def _failed(status: int) -> Schema:
    code, why = STATUSES[status]
    details = [misfit(0, "age", "an integer", "old")] if status == 422 else []
    example = MlopsError(why, "What to do now.", details).as_dict()
    example["error"]["code"] = code
    return {"description": why, "content": {"application/json": {"schema": ref("Error"), "example": example}}}


def _about(version: ModelVersion) -> str:
    """Return what a version is for, as far as its card says."""
    card = version.card or {}
    learned = f"{version.ref} predicts {version.target}; it learned from {version.data_version}"
    return sentences(learned, card.get("purpose", ""), card.get("limits", ""))
