"""Commands of serving: serve."""

from __future__ import annotations

import os
import sys
from functools import partial

import click

from mlops.base.errors import RefusedError, shown
from mlops.base.records import json_line, ref_of
from mlops.cli.frame import command, environment, hint, line_says, workspace


@command("serve")
@environment
@click.option("--model", metavar="NAME", help="Name of the model, where several are live; it is kept.")
@click.option("--host", default="127.0.0.1", show_default=True, help="Name or address to listen on.")
@click.option("--port", default=5000, show_default=True, type=click.IntRange(0, 65535), help="Port; 0: a free one.")
@click.option("--shadow", metavar="NAME@VERSION", help="Let this version answer silently as well; see mlops shadow.")
@click.option("--until-eof", is_flag=True, hidden=True, help="End with standard input as well.")
def serve(environment: str, model: str | None, host: str, port: int, shadow: str | None, until_eof: bool) -> None:
    """Answer over HTTP with what is live, until it is ended.

    A deployment or a rollback, by whatever program, answers within a second and drops no request. A version that cannot
    be loaded never takes the place of one that answers. MLOPS_TOKEN is the token that callers must send; other
    machines can ask only where there is one. MLOPS_HOSTS are further names under which it may be asked. With --shadow a
    candidate answers the same requests in a process beside, after their answers have gone out, and nobody hears it.

    \b
    Examples:
      mlops serve --env production
      mlops serve --env production --shadow churn_model@1.2.0
      curl http://127.0.0.1:5000/predict -H "Content-Type: application/json" -d '{"customer_id": "C-1", ...}'
    """
    from mlops.serving import schema, server
    from mlops.serving.app import make_app
    from mlops.serving.counters import Counters
    from mlops.serving.follower import Follower
    from mlops.serving.hosts import is_loopback
    from mlops.serving.live import Live
    from mlops.serving.pool import Pool

    token = os.environ.get("MLOPS_TOKEN") or None
    if token is None and not is_loopback(host):
        raise RefusedError(
            f"Other machines would reach {shown(host)}, and anybody there could ask.",
            "Set MLOPS_TOKEN to a secret that callers send, or listen on 127.0.0.1.",
        )
    ws, counters = workspace(), Counters()
    live = Live(ws, environment, model)
    live.on_swap.append(lambda now: hint(f"{now.loaded.version.ref} answers, live since {now.since}."))
    live.on_trouble.append(lambda trouble: hint(f"! {trouble}" if trouble else "The trouble is over."))
    counters.watch(live)
    listener = server.listen(host, port)
    silent = ws.shadow.start(shadow, environment, live.model) if shadow else None
    follower = Follower(ws, silent, hint) if silent else None
    if silent:
        hint(f"{ref_of(silent.candidate)} answers silently since {silent.since}: mlops shadow tells what it says.")
    names = (host, *os.environ.get("MLOPS_HOSTS", "").split(","))
    app = make_app(
        live,
        Pool(live, ws.predictions, counters),
        counters,
        token=token,
        names=names,
        columns=partial(schema.columns, ws),
    )

    def ready() -> None:
        url, answers = server.address(listener), live.current and live.current.loaded.told
        said = {"url": url, "environment": environment, "model": live.model, **(answers or {"model_version": None})}
        said["shadow"] = ref_of(silent.candidate) if silent else None
        click.echo(json_line(said) if line_says("as_json") else f"Answering for {environment} at {url}/docs")
        sys.stdout.flush()
        if not answers and not live.trouble:
            hint(f"Nothing is live in {environment} yet: requests are answered once something is.")

    live.start()
    if follower:
        follower.start()
    try:
        server.run(app, listener, ready, until_eof)
    finally:
        live.stop()
        if follower:
            follower.stop()
