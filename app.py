"""Front door of the playground: ``streamlit run app.py``.

The screens start in ``playground/main.py``. A plain script here, beside ``pages/``, would make Streamlit
serve a deep link such as ``/train`` without its header on the first visit (docs/decisions).
"""

import os
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import streamlit as st
from starlette.middleware import Middleware

from mlops.serving.hosts import OwnNames, is_loopback
from mlops.training import workers
from playground.classroom import secret
from playground.dressed import Dressed

HERE = Path(__file__).parent


@asynccontextmanager
async def _told(_: st.App) -> AsyncIterator[None]:
    """Say on the console, where a class is served, by which link its teacher comes in: once the port is known."""
    if room := os.environ.get("MLOPS_WORKSPACES"):
        here, elsewhere = st.get_option("browser.serverAddress"), _reached_by()
        print(f"\n  Teacher's page: {secret.link(Path(room), _address(here))}", flush=True)
        if elsewhere:
            print(f"  At another machine: {secret.link(Path(room), _address(elsewhere))}", flush=True)
    yield


def _reached_by() -> str:
    """Return the name by which other machines reach this server; nothing where it answers this one alone."""
    from playground import seats  # here, for it takes half a second, and is for a class alone

    return "" if is_loopback(str(st.get_option("server.address") or "")) else seats.host()


def _address(host: str) -> str:
    """Return the address of this server under a name, as its settings say it."""
    scheme = "https" if st.get_option("server.sslCertFile") else "http"
    path = str(st.get_option("server.baseUrlPath") or "").strip("/")
    return f"{scheme}://{host}:{st.get_option('server.port')}/{path}".rstrip("/")


app = st.App(
    HERE / "playground" / "main.py",
    lifespan=_told,
    middleware=[
        Middleware(
            OwnNames, names=os.environ.get("MLOPS_HOSTS", "").split(","), bound=lambda: st.get_option("server.address")
        ),
        Middleware(Dressed, css=(HERE / "playground" / "ui" / "style.css").read_text("utf-8")),
    ],
)
workers.pool().warm()  # so that the first click on Train finds a worker that has imported everything


def _prepare() -> None:
    """Build what chapters are copied from: the first one to open a chapter does not wait until March has happened."""
    from playground import course  # here, for it takes half a second, and the server answers at once

    course.prepare_all()


threading.Thread(target=_prepare, name="chapters", daemon=True).start()

if __name__ == "__main__":
    app.run()
