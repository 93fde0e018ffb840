"""The app: the routes of REST, each a question to what stands below.

What is live answers, see `live`; rows go through the `pool`. Bodies are read by `bodies`, and what refuses a request
says so in the document that the command line prints. There is no CORS: a page of somebody else cannot ask.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from fastapi import FastAPI, Request, Response
from fastapi_offline import FastAPIOffline
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect

from mlops.base.errors import InvalidError, MlopsError, StorageError, shown
from mlops.base.records import json_line
from mlops.serving import bodies, openapi
from mlops.serving.bodies import Refused
from mlops.serving.counters import CONTENT_TYPE
from mlops.serving.door import Counted, Guarded, check_token
from mlops.serving.hosts import SAID, OwnNames
from mlops.serving.pool import Full, NothingLive, nothing_live

if TYPE_CHECKING:
    from mlops.release.registry import LoadedModel
    from mlops.serving.counters import Counters
    from mlops.serving.live import Answering, Live
    from mlops.serving.pool import Pool
    from mlops.serving.schema import Columns

RETRY_AFTER = 1
"""Seconds after which to ask again, where nothing can answer now."""

MANY = 50
"""Rows whose answers are written beside the event loop: others wait for that."""

NO_TOKEN = Refused(
    401,
    "token",
    "The request does not bring the token of this server.",
    "Send the header Authorization: Bearer TOKEN, or in a browser the token as the password.",
    # The one that a browser knows comes first: it looks at no other.
    headers={"WWW-Authenticate": 'Basic realm="mlops", Bearer realm="mlops"'},
)
NO_NAME = Refused(403, "host", SAID, "Ask under a name of this machine.")
FAULT = Refused(500, "error", "Something went wrong in here.", "Ask again; the log of the server says what it was.")

_log = logging.getLogger(__name__)


def make_app(
    live: Live,
    pool: Pool,
    counters: Counters,
    *,
    token: str | None = None,
    names: Iterable[str] = (),
    columns: Callable[[LoadedModel], Columns] = lambda model: {},
) -> FastAPI:
    """Return the app that answers with what is live.

    Parameters
    ----------
    live : Live
        Says which version answers.
    pool : Pool
        Answers rows.
    counters : Counters
        Told of each request.
    token : str, optional
        What callers must send, as a bearer or as the password of a browser; without it everybody may ask.
    names : iterable of str
        Names under which the server may be asked, beside those of this machine; see `OwnNames`.
    columns : callable
        Tells what is known of the columns that a model learned from; see `schema.columns`.
    """
    app = FastAPIOffline(
        title=f"mlops serve --env {live.environment}",
        redoc_url=None,
        redirect_slashes=False,
        swagger_ui_parameters={"validatorUrl": None, "tryItOutEnabled": True, "defaultModelExpandDepth": 9},
    )
    # The last one is asked first: whatever refuses a request, it is counted.
    app.add_middleware(Guarded, token=check_token(token), refused=_failed(NO_TOKEN))
    app.add_middleware(OwnNames, names=names, bound=lambda: None, refused=_failed(NO_NAME))
    app.add_middleware(Counted, counters=counters, failed=_failed(FAULT))
    for kind, tell in ((MlopsError, _told), (HTTPException, _of_http), (ClientDisconnect, _gone)):
        app.add_exception_handler(kind, tell)

    async def answered(rows: Sequence[Any], write: Callable[[list[dict[str, Any]]], Any]) -> Response:
        _, said = await pool.answer(rows)

        def written() -> Response:
            return document(write([one.as_dict() for one in said]))

        return written() if len(rows) < MANY else await run_in_threadpool(written)

    @app.post("/predict")
    async def predict(request: Request) -> Response:
        """Answer a row, or a list of rows in its order; question and answer are logged first."""
        body = await bodies.read(request)
        return await answered(bodies.rows(body), lambda said: said if isinstance(body, list) else said[0])

    @app.post("/invocations")
    async def invocations(request: Request) -> Response:
        """Answer rows in the forms of MLflow's scoring server: predictions, in their order, and nothing else."""
        body = await bodies.read(request)
        rows = bodies.invocation(body, _current(live).loaded.signature.names)
        return await answered(rows, lambda said: {"predictions": [one["prediction"] for one in said]})

    @app.get("/model")
    async def model() -> Response:
        """Tell which version answers, since when, what it takes, and why the newest deployment does not, if so."""
        return document(_described(live))

    @app.get("/ready")
    async def ready() -> Response:
        """Tell whether requests are answered, and if it is not by what was deployed last."""
        trouble = live.trouble and "What was deployed last does not answer: /model."  # whoever asks needs no token
        if trouble and live.current is None:
            raise NothingLive(trouble, "Mend that, or deploy another version.")
        _current(live)
        return document({"ready": True, "trouble": trouble})

    @app.get("/live")
    async def alive() -> Response:
        """Tell that the server runs; it waits for nothing."""
        return document({"live": True})

    @app.get("/metrics")
    async def metrics() -> Response:
        """Tell what was counted, as Prometheus reads it."""
        return Response(counters.text(), headers={"content-type": CONTENT_TYPE})

    kept: dict[str | None, dict[str, Any]] = {}

    def documents() -> dict[str, Any]:
        now = live.current
        deployment = now.deployment_id if now else None
        if deployment not in kept:
            said = columns(now.loaded) if now else {}
            found = openapi.of(app.routes, live.environment, now, said, token is not None)
            kept.clear()
            kept[deployment] = found
        return kept.get(deployment) or documents()

    @app.get("/openapi.json", include_in_schema=False)
    def described() -> Response:
        return document(documents())

    app.openapi = documents  # type: ignore[method-assign]
    # Before the route that FastAPI has made, which would read the data of the model on the event loop.
    app.router.routes.insert(0, app.router.routes.pop())
    return app


def document(value: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """Return an answer: the JSON that the command line prints."""
    return Response(json_line(value), status, headers, "application/json")


def _current(live: Live) -> Answering:
    """Return what answers now."""
    if (now := live.current) is None:
        raise nothing_live(live)
    return now


def _described(live: Live) -> dict[str, Any]:
    """Return what answers: the version as it was registered, and how it came to answer."""
    now = _current(live)
    version = now.loaded.version.as_dict()
    for changing in ("status", "live_in", "aliases", "reproduced"):  # the ledger tells, this is what was loaded
        del version[changing]
    return {
        **version,
        "environment": live.environment,
        "deployment_id": now.deployment_id,
        "since": now.since,
        "trouble": live.trouble,
        "signature": now.loaded.signature.as_dict(),
    }


def _failed(error: MlopsError) -> Response:
    """Return the answer to a request that was refused, or could not be answered."""
    if isinstance(error, Refused):
        return document(error.as_dict(), error.status, error.headers)
    if isinstance(error, Full | NothingLive | StorageError):
        return document(error.as_dict(), 503, {"Retry-After": str(RETRY_AFTER)})
    if isinstance(error, InvalidError):
        return document(error.as_dict(), 422)
    _log.error("%s", error)
    return document(error.as_dict(), 500)


async def _told(_: Request, error: Exception) -> Response:
    assert isinstance(error, MlopsError)  # that is what it is registered for
    return _failed(error)


async def _of_http(request: Request, error: Exception) -> Response:
    """Say what the router found: no such route, or not with that method."""
    status = getattr(error, "status_code", 500)
    asked = f"{request.method} {shown(request.url.path)}"
    code, rule = {404: ("not_found", "is nothing that is answered"), 405: ("method", "is not answered")}.get(
        status, ("http", "cannot be answered")
    )
    refused = Refused(status, code, f"{asked} {rule}.", "See /docs.", headers=getattr(error, "headers", None))
    return _failed(refused)


async def _gone(_: Request, __: Exception) -> Response:
    """Answer whoever hung up while sending, and does not hear it."""
    return _failed(Refused(400, "gone", "The body ended early.", "Send all of it."))
