"""What is live, what was live, and how a model gets there and back."""

from mlops.release.deployments import Deployments
from playground import ui
from playground.ui.release import asked, audit, decision, release, rollback, worlds

ui.header("Release", "release")
models, runs = ui.models(), ui.trained_runs()

if not models and not runs:
    ui.empty("A model comes from a finished run.", "train", "Train one")
else:
    asked.history()
    decision.asked()
    release.live_cards()
    parts = {
        "Promote": lambda: release.promote(models, runs),
        "Roll back": rollback.roll_back,
        "What runs where": worlds.what_runs_where,
        "Audit log": audit.audit_log,
    }
    ui.tabs(parts, key="view", bind="query-params")

ui.under_the_hood("release", Deployments.deploy)
