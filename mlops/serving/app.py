"""App: the routes, thin."""

from __future__ import annotations

import time
from collections.abc import Sequence

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from mlops.base.errors import MlopsError
from mlops.serving.counters import CONTENT_TYPE, Counters
from mlops.serving.live import Live
from mlops.serving.pool import Full, NothingLive, Pool


def make_app(
    live: Live, pool: Pool, counters: Counters, *, token: str | None = None, names: Sequence[str] = ()
) -> Starlette:
    """Return the app that answers for a live version."""

    async def predict(request: Request) -> Response:
        began, body = time.perf_counter(), await request.json()
        try:
            _, said = await pool.answer(body if isinstance(body, list) else [body])
            answers = [one.as_dict() for one in said]
            response = JSONResponse(answers if isinstance(body, list) else answers[0])
        except MlopsError as error:
            unavailable = isinstance(error, Full | NothingLive | OSError)
            response = JSONResponse(
                error.as_dict(), 503 if unavailable else 422, {"Retry-After": "1"} if unavailable else None
            )
        counters.request("/predict", response.status_code, time.perf_counter() - began)
        return response

    async def ready(request: Request) -> Response:
        state = {"ready": live.current is not None, "trouble": live.trouble}
        return JSONResponse(
            {**state, **(live.current.loaded.told if live.current else {})}, 200 if live.current else 503
        )

    async def metrics(request: Request) -> Response:
        return Response(counters.text(), headers={"content-type": CONTENT_TYPE})

    async def alive(request: Request) -> Response:
        return JSONResponse({"live": True})

    return Starlette(routes=[
        Route("/predict", predict, methods=["POST"]), Route("/ready", ready), Route("/model", ready),
        Route("/metrics", metrics), Route("/live", alive),
    ])  # fmt: skip
