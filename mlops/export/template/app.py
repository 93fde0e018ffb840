"""API: answers over HTTP.

uvicorn app:app --port 5000
"""

import json
import os
from typing import Annotated, Any

import pandas as pd
from fastapi import Body, HTTPException, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from fastapi_offline import FastAPIOffline

from src.config import load_project
from src.predict import answer, load_model

MODEL = load_model(os.environ.get("MODEL") or load_project()["model"])
NAMES = [feature["name"] for feature in MODEL.signature["features"]]
EXAMPLES = [example["row"] for example in MODEL.about.get("examples", [])]
MAX_ROWS = 10_000

# Its documents, /docs, work without a network.
app = FastAPIOffline(title=MODEL.about["name"], version=MODEL.about["version"])


@app.get("/live")
def live() -> dict:
    """Tell that the process answers: what the health check of a container asks."""
    return {"status": "ok", "model_version": MODEL.about["version"]}


@app.get("/model")
def model() -> dict:
    """Return what the model is, takes and answers."""
    return {key: MODEL.about[key] for key in ("name", "version", "data_version", "threshold", "metrics", "signature")}


@app.post("/predict")
def predict(rows: Annotated[dict[str, Any] | list[dict[str, Any]], Body(examples=EXAMPLES)]) -> Any:
    """Answer one row, or a list of rows, as batch_predict.py does: to the last digit."""
    asked = rows if isinstance(rows, list) else [rows]
    if not 0 < len(asked) <= MAX_ROWS:
        raise HTTPException(422, f"Send 1 to {MAX_ROWS:,} rows.")
    for at, row in enumerate(asked):
        check(at, row)
    answers, rejected = answer(MODEL, pd.DataFrame(asked))
    if len(rejected):
        raise HTTPException(422, rejected.to_dict("records"))
    answered = answers.astype(object).where(answers.notna(), None).to_dict("records")
    return answered if isinstance(rows, list) else answered[0]


def check(at: int, row: dict[str, Any]) -> None:
    """Refuse a row without a feature, and one with what JSON cannot hold: NaN, infinity, half a character."""
    if missing := [name for name in NAMES if name not in row]:
        raise HTTPException(422, [{"row": at, "field": name, "got": "missing"} for name in missing])
    try:
        json.dumps(row, allow_nan=False, ensure_ascii=False).encode()
    except ValueError as error:
        raise HTTPException(422, [{"row": at, "got": "a value that JSON does not have"}]) from error


@app.exception_handler(RequestValidationError)
def refused(_: Request, error: RequestValidationError) -> JSONResponse:
    """Say what is wrong with a body without sending it back: it may hold what JSON cannot."""
    return JSONResponse({"detail": [{"field": list(one["loc"]), "got": one["msg"]} for one in error.errors()]}, 422)
